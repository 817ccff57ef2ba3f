//! Why a generator's description was not understood.

use super::{GeneratorInfo, generators};

/// Why a generator's description was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GeneratorError {
    /// There is no such kind.
    #[error("unknown generator \"{found}\"{}; known are {}", suggest(nearest), known.join(", "))]
    UnknownKind {
        /// The name that was given.
        found: String,
        /// The known name that resembles it.
        nearest: Option<&'static str>,
        /// All known names.
        known: Vec<&'static str>,
    },
    /// The kind has no such parameter.
    #[error(
        "generator {kind} has no parameter \"{found}\"{}; it has {}",
        suggest(nearest),
        known.join(", ")
    )]
    UnknownParameter {
        /// The kind.
        kind: &'static str,
        /// The name that was given.
        found: String,
        /// The known name that resembles it.
        nearest: Option<&'static str>,
        /// All names of the kind's parameters.
        known: Vec<&'static str>,
    },
    /// A parameter does not accept the value.
    #[error("generator {kind}: {parameter} is \"{found}\", expected {expected}")]
    BadValue {
        /// The kind.
        kind: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// The value that was given.
        found: String,
        /// What it accepts.
        expected: String,
    },
}

impl GeneratorError {
    pub(super) fn unknown_kind(found: &str) -> Self {
        let known: Vec<_> = generators().iter().map(|info| info.kind).collect();
        let nearest = nearest(found, &known);
        Self::UnknownKind { found: found.to_owned(), nearest, known }
    }

    pub(super) fn unknown_parameter(info: &'static GeneratorInfo, found: &str) -> Self {
        let known: Vec<_> = info.parameters.iter().map(|parameter| parameter.name).collect();
        let nearest = nearest(found, &known);
        Self::UnknownParameter { kind: info.kind, found: found.to_owned(), nearest, known }
    }
}

/// The known name with the fewest edits to `found`, unless that changes more than a third of it.
fn nearest(found: &str, known: &[&'static str]) -> Option<&'static str> {
    let distance = |name: &&str| strsim::damerau_levenshtein(found, name);
    known
        .iter()
        .copied()
        .min_by_key(distance)
        .filter(|name| distance(name) <= name.len().max(3) / 3)
}

fn suggest(nearest: &Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |name| format!(", did you mean \"{name}\"?"))
}
