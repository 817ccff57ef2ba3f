//! What a report says of the run that the harness cannot know.

use heaplab_report::{Report, Suite, Tool, Warning};

/// Adds the command line, the suite and the build.
pub(in crate::command) fn complete(report: &mut Report, suite: Option<Suite>, is_timed: bool) {
    report.command = command_line();
    report.suite = suite;
    report.tool = tool();
    if is_timed && cfg!(debug_assertions) {
        report.warnings.push(Warning {
            code: "debug_build".into(),
            text: "measured with an unoptimized build: times say nothing".into(),
            cells: Vec::new(),
        });
    }
}

/// The arguments, with the home folder replaced: whose it was is nobody's business.
pub(in crate::command) fn command_line() -> Vec<String> {
    let home = std::env::home_dir().map(|home| home.display().to_string());
    let home = home.filter(|home| home.len() > 1);
    std::env::args_os()
        .enumerate()
        .map(|(index, argument)| {
            let argument = argument.to_string_lossy().into_owned();
            // Where the program lies is nobody's business either.
            if index == 0 {
                return "heaplab".to_owned();
            }
            match &home {
                Some(home) => argument.replace(home.as_str(), "~"),
                None => argument,
            }
        })
        .collect()
}

fn tool() -> Tool {
    let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Tool {
        version: env!("CARGO_PKG_VERSION").into(),
        rustc: known(env!("HEAPLAB_RUSTC")),
        profile: known(env!("HEAPLAB_PROFILE")),
        opt_level: known(env!("HEAPLAB_OPT_LEVEL")),
        target: known(env!("HEAPLAB_TARGET")),
        target_cpu: known(env!("HEAPLAB_TARGET_CPU")),
        ..Tool::default()
    }
}
