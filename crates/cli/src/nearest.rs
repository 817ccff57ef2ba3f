//! Names that are not known, and the known ones that are most like them.

use crate::failure::Failure;

/// Below this likeness a suggestion would be a guess.
const MIN_LIKENESS: f64 = 0.7;

/// The known name that is most like `name`, if one is like it at all.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // "bestfit" and "best_fit" both mean "best-fit".
    let normal = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
    };
    let wanted = normal(name);
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&normal(candidate), &wanted), candidate))
        .filter(|&(likeness, _)| likeness >= MIN_LIKENESS)
        // The first of equals, so that the order of the registry decides.
        .fold(None, |best: Option<(f64, &str)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        })
        .map(|(_, candidate)| candidate)
}

/// The error for a name that is not known: the nearest one, all of them, and the command that lists them.
pub(crate) fn unknown(kind: &str, name: &str, known: &[&str], list: &str) -> Failure {
    let mut message = format!("no {kind} '{name}'");
    if let Some(nearest) = nearest(name, known.iter().copied()) {
        message.push_str(&format!("; did you mean '{nearest}'?"));
    }
    let failure = Failure::usage(message);
    let failure = if known.is_empty() {
        failure.detail("none is known")
    } else {
        failure.detail(format!("known: {}", known.join(", ")))
    };
    failure.help(format!("{list} says what each one is"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["first-fit", "best-fit", "free-list", "compaction"];

    #[test]
    fn punctuation_and_typing_errors_do_not_hide_a_name() {
        for (typed, meant) in [
            ("bestfit", Some("best-fit")),
            ("best_fit", Some("best-fit")),
            ("frist-fit", Some("first-fit")),
            ("compact", Some("compaction")),
            ("zzz", None),
        ] {
            assert_eq!(nearest(typed, KNOWN), meant, "{typed}");
        }
    }

    #[test]
    fn the_error_lists_what_there_is() {
        let failure = unknown("strategy", "bestfit", &KNOWN, "heaplab list strategies");
        assert_eq!(
            failure.text(),
            "no strategy 'bestfit'; did you mean 'best-fit'?\n  known: first-fit, best-fit, free-list, compaction\n  help: heaplab list strategies says what each one is"
        );
    }
}
