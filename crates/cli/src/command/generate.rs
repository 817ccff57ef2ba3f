//! `heaplab generate`: a trace from a seed.

use heaplab_trace::generate::{Generator, GeneratorError, generators};
use heaplab_trace::hlt::HltFileWriter;

use super::inspect::Description;
use crate::args::GenerateArgs;
use crate::failure::Failure;
use crate::output::Terminal;
use crate::{Exit, input, nearest};

pub(super) fn run(args: &GenerateArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut given: Vec<(&str, String)> = Vec::new();
    given.extend(args.operations.map(|operations| ("operations", operations.to_string())));
    given.extend(args.seed.map(|seed| ("seed", seed.to_string())));
    given.extend(args.set.iter().map(|(key, value)| (key.as_str(), value.clone())));
    for (option, is_given) in
        [("operations", args.operations.is_some()), ("seed", args.seed.is_some())]
    {
        if is_given && args.set.iter().any(|(key, _)| key == option) {
            return Err(Failure::usage(format!("--{option} and --set {option}=… are both given")));
        }
    }
    let given: Vec<_> = given.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let generator = Generator::parse(&args.kind, &given).map_err(|error| failure(&error))?;
    let mut info = generator.trace_info();
    info.name = args.name.clone().unwrap_or_else(|| input::name_of(&args.output));
    let mut writer = HltFileWriter::create(&args.output, info.clone())
        .map_err(|error| input::write_failure(&error))?;
    generator.run(&mut writer).map_err(|error| {
        Failure::output(format!("{}: cannot be written: {error}", args.output.display()))
    })?;
    let summary = writer.finish().map_err(|error| input::write_failure(&error))?;
    let description = Description { info: &info, summary: &summary, rounded_peak: None };
    terminal.answer(&description.render(terminal))?;
    terminal.next(&format!("heaplab run {}", args.output.display()));
    Ok(Exit::Done)
}

fn failure(error: &GeneratorError) -> Failure {
    match error {
        GeneratorError::UnknownKind { found, .. } => {
            let known: Vec<_> = generators().iter().map(|info| info.kind).collect();
            nearest::unknown("generator", found, &known, "heaplab list generators")
        }
        GeneratorError::UnknownParameter { kind, found, known, .. } => {
            let what = format!("parameter of {kind}");
            nearest::unknown(&what, found, known, "heaplab list generators")
        }
        other => Failure::usage(other.to_string())
            .help("heaplab list generators says what each parameter accepts"),
    }
}
