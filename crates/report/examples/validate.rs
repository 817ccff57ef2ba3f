//! Checks a report against the schema and for contradictions: `validate FILE`.
//!
//! Exits with 1 and says why if it finds fault.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

use std::process::ExitCode;

use heaplab_report::Report;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: validate FILE");
        return ExitCode::from(2);
    };
    match faults(&path) {
        Ok(faults) if faults.is_empty() => {
            println!("{path}: valid");
            ExitCode::SUCCESS
        }
        Ok(faults) => {
            for fault in faults {
                eprintln!("{path}: {fault}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn faults(path: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let validator = jsonschema::validator_for(&Report::schema())?;
    let mut faults: Vec<String> =
        validator.iter_errors(&json).map(|error| error.to_string()).collect();
    let report = heaplab_report::read(std::path::Path::new(path))?;
    faults.extend(report.check());
    if report.content_id() != report.id {
        faults.push("its id is not the hash of its content".to_owned());
    }
    Ok(faults)
}
