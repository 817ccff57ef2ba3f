//! `heaplab schema`: JSON Schemas, generated from the types.

use heaplab_report::Report;
use heaplab_report::explain::Explanations;

use crate::args::SchemaKind;
use crate::failure::Failure;
use crate::output::Terminal;
use crate::{Exit, suite};

pub(super) fn run(kind: SchemaKind, terminal: &Terminal) -> Result<Exit, Failure> {
    let schema = match kind {
        SchemaKind::Report => Report::schema(),
        SchemaKind::Suite => suite::schema(),
        SchemaKind::Explain => Explanations::schema(),
    };
    terminal.answer(&format!("{schema:#}\n"))?;
    Ok(Exit::Done)
}
