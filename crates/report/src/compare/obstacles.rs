//! Why times cannot be compared.

use std::fmt;

use crate::model::{Environment, Known, Report, Tool};
use crate::view::Selection;

use super::matching::renamed_traces;

/// A reason for which two times say nothing about each other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// Measured on two machines, or on one that was changed in between.
    Machine {
        /// The old one, in words.
        old: String,
        /// The new one, in words.
        new: String,
    },
    /// Built in two ways.
    Build {
        /// What differs: `profile`, `rustc`, `target`, …
        what: &'static str,
        /// In the old report.
        old: String,
        /// In the new one.
        new: String,
    },
    /// Traces of one name that hold other operations.
    Traces {
        /// Their names.
        names: Vec<String>,
    },
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine { old, new } if old == new => {
                write!(f, "other machines, though both are {old}")
            }
            Self::Machine { old, new } => write!(f, "other machines: {old}; {new}"),
            Self::Build { what, old, new } => write!(f, "other builds: {what} {old}; {new}"),
            Self::Traces { names } => {
                write!(f, "other operations under the same names: {}", names.join(", "))
            }
        }
    }
}

/// All reasons for which the times of two reports cannot be compared; none where one has no times.
///
/// What only one of the reports says about its build is no reason: it may have been the same.
pub fn obstacles(old: &Report, new: &Report, selection: &Selection) -> Vec<Obstacle> {
    let is_timed = |report: &Report| {
        let mut cells = report.cells.iter().filter(|cell| selection.has_cell(cell));
        cells.any(|cell| cell.time.is_some())
    };
    if !is_timed(old) || !is_timed(new) {
        return Vec::new();
    }
    let mut found = Vec::new();
    if old.environment.id != new.environment.id {
        found.push(Obstacle::Machine {
            old: machine(&old.environment),
            new: machine(&new.environment),
        });
    }
    for ((what, old), (_, new)) in build(&old.tool).into_iter().zip(build(&new.tool)) {
        if let (Some(old), Some(new)) = (old, new)
            && old != new
        {
            found.push(Obstacle::Build { what, old, new });
        }
    }
    let names: Vec<String> =
        renamed_traces(old, new, selection).map(|trace| trace.name.clone()).collect();
    if !names.is_empty() {
        found.push(Obstacle::Traces { names });
    }
    found
}

/// What of a build changes times, whatever the code does.
pub(crate) fn build(tool: &Tool) -> [(&'static str, Option<String>); 7] {
    [
        ("profile", tool.profile.clone()),
        ("opt-level", tool.opt_level.clone()),
        ("lto", tool.lto.clone()),
        ("codegen-units", tool.codegen_units.map(|units| units.to_string())),
        ("rustc", tool.rustc.clone()),
        ("target", tool.target.clone()),
        ("target-cpu", tool.target_cpu.clone()),
    ]
}

/// What is known of the machine, in words: `AMD EPYC, 2 cores, Linux 6.1`.
pub fn machine(environment: &Environment) -> String {
    let mut words = Vec::new();
    if let Known::Value(model) = &environment.cpu.model {
        words.push(model.clone());
    }
    if let Known::Value(cores) = &environment.cpu.logical_cores {
        words.push(format!("{cores} {}", if *cores == 1 { "core" } else { "cores" }));
    }
    match (&environment.os, &environment.kernel) {
        (Known::Value(os), Known::Value(kernel)) => words.push(format!("{os} {kernel}")),
        (Known::Value(os), _) => words.push(os.clone()),
        _ => {}
    }
    if words.is_empty() { "a machine not described".into() } else { words.join(", ") }
}
