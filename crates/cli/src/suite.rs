//! Suite files: which traces to run, and how.

mod definition;
mod embedded;
mod expect;
mod locate;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use heaplab_harness::TraceInput;
use heaplab_trace::generate::{Generator, GeneratorError};
use heaplab_trace::hlt::EmbeddedHlt;
use heaplab_trace::{OperationSource, TraceBuilder};
use toml::Spanned;

pub(crate) use definition::{Definition, HeapText, RunSection, TraceDefinition, schema};
pub(crate) use expect::Part as ClaimedPart;
use locate::Text;

use crate::args::SourceArgs;
use crate::failure::Failure;
use crate::input;

/// A suite whose definition has been understood; its traces are not opened yet.
#[derive(Debug)]
pub(crate) struct Suite {
    /// The file, as it was given.
    file: String,
    text: String,
    /// Where the traces are; `None` inside the program.
    folder: Option<PathBuf>,
    pub(crate) definition: Definition,
}

impl Suite {
    /// The suite that is part of the program.
    pub(crate) fn embedded() -> Result<Self, Failure> {
        Self::parse("the default suite".to_owned(), embedded::DEFINITION.to_owned(), None)
    }

    /// Reads a suite file.
    ///
    /// # Errors
    ///
    /// Exit 3, with file, line and what was expected, for whatever is wrong with it.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::input(format!("{file}: cannot be read: {error}")))?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self::parse(file, text, Some(folder))
    }

    fn parse(file: String, text: String, folder: Option<PathBuf>) -> Result<Self, Failure> {
        let definition = Definition::parse(Text { file: &file, text: &text })?;
        Ok(Self { file, text, folder, definition })
    }

    /// How the report names the suite.
    pub(crate) fn identity(&self) -> heaplab_report::Suite {
        heaplab_report::Suite {
            name: self.definition.name.clone(),
            hash: blake3::hash(self.text.as_bytes()).to_hex().to_string(),
        }
    }

    /// The names of its traces, in order.
    pub(crate) fn trace_names(&self) -> Vec<&str> {
        self.definition.trace.iter().map(|trace| trace.as_ref().name.as_str()).collect()
    }

    /// Opens or makes the trace of that name, if it has one, as [`Suite::open`] does.
    pub(crate) fn open_named(&self, name: &str) -> Option<Result<TraceInput, Failure>> {
        let definition = self.definition.trace.iter().find(|trace| trace.as_ref().name == name)?;
        Some(self.open(definition))
    }

    /// Opens or makes a trace and checks its hash.
    ///
    /// # Errors
    ///
    /// Exit 3 when it cannot be read or made, or is not the one that the suite means.
    pub(crate) fn open(&self, trace: &Spanned<TraceDefinition>) -> Result<TraceInput, Failure> {
        let definition = trace.as_ref();
        let source: Arc<dyn OperationSource> = match (&definition.file, &definition.generate) {
            (Some(file), _) => self.open_file(file.as_ref())?,
            (None, Some(parameters)) => Arc::new(self.generate(trace, parameters)?),
            (None, None) => unreachable!("a trace without a source is refused when it is parsed"),
        };
        if let Some(expected) = &definition.blake3 {
            let found = &source.summary().hash;
            if found != expected.as_ref() {
                let message = format!("the trace '{}' has the hash {found}", definition.name);
                return Err(self
                    .text()
                    .failure(expected.span().start, &message)
                    .help("results stay comparable only while the trace is the same"));
            }
        }
        Ok(TraceInput {
            name: definition.name.clone(),
            source,
            question: definition.question.clone(),
        })
    }

    fn text(&self) -> Text<'_> {
        Text { file: &self.file, text: &self.text }
    }

    fn open_file(&self, file: &str) -> Result<Arc<dyn OperationSource>, Failure> {
        if let Some(folder) = &self.folder {
            return Ok(input::open_file(&folder.join(file), &SourceArgs::default())?.source);
        }
        let bytes = embedded::FILES.iter().find(|(name, _)| *name == file).map(|(_, bytes)| *bytes);
        let bytes = bytes.ok_or_else(|| {
            Failure::input(format!("the default suite: {file} is not part of the program"))
        })?;
        let trace = EmbeddedHlt::new(file, bytes).map_err(|error| input::trace_failure(&error))?;
        Ok(Arc::new(trace))
    }

    fn generate(
        &self,
        trace: &Spanned<TraceDefinition>,
        parameters: &definition::Generate,
    ) -> Result<heaplab_trace::Trace, Failure> {
        let start = trace.span().start;
        let kind = parameters.get("kind").map(Spanned::as_ref).and_then(toml::Value::as_str);
        let kind = kind.unwrap_or_default();
        let mut given: Vec<(&str, String)> = Vec::new();
        for (name, value) in parameters.iter().filter(|(name, _)| *name != "kind") {
            given.push((name, value_text(value.as_ref())));
        }
        let given: Vec<_> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let generator = Generator::parse(kind, &given).map_err(|error| {
            let at = match &error {
                GeneratorError::UnknownKind { .. } => parameters.get("kind"),
                GeneratorError::UnknownParameter { found, .. } => parameters.get(found.as_str()),
                GeneratorError::BadValue { parameter, .. } => parameters.get(*parameter),
                _ => None,
            };
            let at = at.map_or(start, |value| value.span().start);
            self.text().failure(at, &error.to_string())
        })?;
        let mut builder = TraceBuilder::new(generator.trace_info());
        generator.run(&mut builder).map_err(|error| {
            self.text().failure(start, &format!("the trace cannot be made: {error}"))
        })?;
        Ok(builder.finish())
    }
}

/// A parameter's value as a generator reads it; what no generator reads keeps its kind's name.
fn value_text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(value) => value.to_string(),
        other => other.type_str().to_owned(),
    }
}

#[cfg(test)]
mod tests;
