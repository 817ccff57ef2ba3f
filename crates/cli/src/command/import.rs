//! `heaplab import`: another tool's file becomes an `.hlt` file.

use heaplab_trace::TraceInfo;
use heaplab_trace::hlt::HltFileWriter;

use super::inspect::Description;
use crate::args::ImportArgs;
use crate::failure::Failure;
use crate::lines::keep_input;
use crate::output::Terminal;
use crate::{Exit, input};

pub(super) fn run(args: &ImportArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let options = input::import_options(&args.source)?;
    if input::is_hlt(&args.file, &options)? {
        return Err(Failure::usage(format!(
            "{}: is a trace of heaplab already",
            args.file.display()
        ))
        .help(format!("heaplab inspect {} describes it", args.file.display())));
    }
    keep_input(&args.output, [&args.file], "the file to import")?;
    let name = args.name.clone().unwrap_or_else(|| input::name_of(&args.file));
    let mut writer = HltFileWriter::create(&args.output, TraceInfo::named(name))
        .map_err(|error| input::write_failure(&error))?;
    let remarks =
        input::import(&args.file, &options, &mut writer, |info, source| info.source = source)?;
    let info = writer.info_mut().clone();
    let summary = writer.finish().map_err(|error| input::write_failure(&error))?;
    for remark in remarks {
        terminal.warn(&format!("{}: {remark}", args.file.display()));
    }
    let description = Description { info: &info, summary: &summary, rounded_peak: None };
    terminal.answer(&description.render(terminal))?;
    terminal.next(&format!("heaplab run {}", args.output.display()));
    Ok(Exit::Done)
}
