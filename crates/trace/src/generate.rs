//! Generators: traces made from a seed, the same one for ever.
//!
//! The stream of random bits is `ChaCha8`; how numbers are drawn from it is part of this crate, uses
//! integers alone, and is pinned by tests.
//! So kind, parameters and seed name a trace as well as its hash does.
//! A generator pushes into a [`Sink`] and holds the live blocks, never the trace.
//!
//! ```
//! use heaplab_trace::TraceBuilder;
//! use heaplab_trace::generate::Generator;
//!
//! let generator = Generator::parse("log-uniform", &[("operations", "1000"), ("live", "50")])?;
//! let mut builder = TraceBuilder::new(generator.trace_info());
//! generator.run(&mut builder)?;
//! assert_eq!(builder.finish().operations().len(), 1000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod churn;
mod emitter;
mod error;
mod holes;
mod kinds;
mod parameters;
mod phases;
mod programs;
mod random;

#[cfg(test)]
mod tests;

pub use error::GeneratorError;
pub use parameters::{GeneratorInfo, ParameterInfo};
pub use random::Random;

use crate::{OperationError, Sink, Source, SourceKind, TraceInfo};
use emitter::{Emitter, Stop};
use parameters::Values;

/// All kinds of generators, with their parameters.
#[must_use]
pub const fn generators() -> &'static [GeneratorInfo] {
    kinds::KINDS
}

/// A kind of generator with a value for each of its parameters.
#[derive(Clone, Debug)]
pub struct Generator {
    values: Values,
}

impl Generator {
    /// Looks up a kind and sets parameters by name; the others keep their defaults.
    ///
    /// Values are decimal; `_` may group digits, and `KiB`, `MiB` or `GiB` (or `K`, `M`, `G`) multiply
    /// by a power of 1024.
    ///
    /// # Errors
    ///
    /// [`GeneratorError`] names the known kinds or parameters and suggests the nearest, or states the
    /// values that a parameter accepts.
    pub fn parse(kind: &str, parameters: &[(&str, &str)]) -> Result<Self, GeneratorError> {
        let info = generators()
            .iter()
            .find(|info| info.kind == kind)
            .ok_or_else(|| GeneratorError::unknown_kind(kind))?;
        let mut values = Values::defaults(info);
        for (name, value) in parameters {
            values.set(name, value)?;
        }
        values.check()?;
        Ok(Self { values })
    }

    /// The kind.
    #[must_use]
    pub const fn info(&self) -> &'static GeneratorInfo {
        self.values.info()
    }

    /// Every parameter with its value, in the order of [`GeneratorInfo::parameters`].
    pub fn parameters(&self) -> impl Iterator<Item = (&'static ParameterInfo, u64)> + '_ {
        self.values.iter()
    }

    /// Name and provenance of the trace: the kind, and every parameter with its value.
    #[must_use]
    pub fn trace_info(&self) -> TraceInfo {
        let kind = self.info().kind;
        let parameters: Vec<_> =
            self.parameters().map(|(info, value)| format!("{}={value}", info.name)).collect();
        let source = Source {
            kind: SourceKind::Generated,
            format: Some(kind.to_owned()),
            program: Some(format!("{kind} {}", parameters.join(" "))),
            lacks: ["time", "thread", "call site"].map(str::to_owned).to_vec(),
            ..Source::default()
        };
        TraceInfo { source, ..TraceInfo::named(kind) }
    }

    /// Pushes the whole trace into `sink`.
    ///
    /// # Errors
    ///
    /// Whatever the sink returns.
    pub fn run(&self, sink: &mut dyn Sink) -> Result<(), OperationError> {
        let values = &self.values;
        let mut emitter = Emitter::new(sink, values.get("operations"));
        let mut random = Random::new(values.get("seed"));
        match (self.info().run)(values, &mut random, &mut emitter) {
            Ok(()) | Err(Stop::Done) => Ok(()),
            Err(Stop::Refused(error)) => Err(error),
        }
    }
}
