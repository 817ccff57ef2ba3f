//! Which names take part: globs over the names there are.

use globset::{Glob, GlobMatcher};

use crate::failure::Failure;
use crate::nearest;

/// What the names of a filter stand for, for messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    /// One of them: `strategy`.
    pub(crate) kind: &'a str,
    /// All there are.
    pub(crate) known: &'a [&'a str],
    /// The command that lists them.
    pub(crate) list: &'a str,
}

/// The positions of the names that one of the globs matches, in the names' order; all without a glob.
///
/// # Errors
///
/// Wrong usage for a glob that is none, and for one that matches nothing.
pub(crate) fn select(globs: &[String], names: Names<'_>) -> Result<Vec<usize>, Failure> {
    let matchers = globs.iter().map(|glob| compile(glob)).collect::<Result<Vec<_>, _>>()?;
    for (glob, matcher) in globs.iter().zip(&matchers) {
        if !names.known.iter().any(|name| matcher.is_match(name)) {
            return Err(nearest::unknown(names.kind, glob, names.known, names.list));
        }
    }
    let is_wanted = |name: &str| matchers.is_empty() || matchers.iter().any(|m| m.is_match(name));
    Ok((0..names.known.len()).filter(|&index| is_wanted(names.known[index])).collect())
}

fn compile(glob: &str) -> Result<GlobMatcher, Failure> {
    Glob::new(glob).map(|glob| glob.compile_matcher()).map_err(|error| {
        Failure::usage(format!("'{glob}' is no pattern: {}", error.kind()))
            .help("* stands for any characters, ? for one, [ab] for one of them, {a,b} for either")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["best-fit", "compaction", "compaction-fit", "first-fit"];

    fn choose(globs: &[&str]) -> Result<Vec<usize>, String> {
        let globs: Vec<_> = globs.iter().map(ToString::to_string).collect();
        let names = Names { kind: "strategy", known: &KNOWN, list: "heaplab list strategies" };
        select(&globs, names).map_err(|failure| failure.text())
    }

    #[test]
    fn names_keep_their_order() {
        assert_eq!(choose(&[]), Ok(vec![0, 1, 2, 3]));
        assert_eq!(choose(&["first-fit", "compaction*"]), Ok(vec![1, 2, 3]));
        assert_eq!(choose(&["*-fit", "*"]), Ok(vec![0, 1, 2, 3]));
    }

    #[test]
    fn a_glob_without_a_match_is_wrong_usage() {
        let error = choose(&["best-fit", "worst*"]).unwrap_err();
        assert!(error.starts_with("no strategy 'worst*'"), "{error}");
        assert!(choose(&["["]).unwrap_err().starts_with("'[' is no pattern: "));
    }
}
