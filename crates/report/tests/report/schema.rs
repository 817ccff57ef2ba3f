//! The committed schema: up to date, and true of a full report.

use std::path::Path;

use heaplab_report::Report;
use serde_json::Value;

use crate::example;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/report-v1.schema.json");

fn errors(report: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&Report::schema()).unwrap();
    validator
        .iter_errors(report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn committed_schema_is_that_of_the_types() {
    let expected = format!("{:#}\n", Report::schema());
    if std::env::var_os("HEAPLAB_UPDATE").is_some() {
        std::fs::create_dir_all(Path::new(FILE).parent().unwrap()).unwrap();
        std::fs::write(FILE, &expected).unwrap();
    }
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    // Compared as values: the order of keys depends on features that other crates switch on.
    let committed: Value = serde_json::from_str(&committed).unwrap_or_default();
    assert!(
        committed == Report::schema(),
        "{FILE} is out of date; refresh it with: HEAPLAB_UPDATE=1 cargo test -p heaplab-report"
    );
}

#[test]
fn a_full_report_obeys_the_schema() {
    let report = serde_json::to_value(example::report()).unwrap();
    assert_eq!(errors(&report), Vec::<String>::new());
    let empty = serde_json::to_value(Report::default()).unwrap();
    assert_eq!(errors(&empty), Vec::<String>::new());
}

#[test]
fn the_schema_refuses_what_the_format_forbids() {
    for (path, wrong) in [
        ("/schema", Value::from("heaplab.report/2")),
        ("/duration_ns", Value::from(-1)),
        ("/duration_ns", Value::from(u64::MAX)),
        ("/cells/1/time/ci_ns", Value::Null),
        ("/cells/1/outcome/status", Value::from("fine")),
        ("/environment/cpu/smt", Value::from("perhaps")),
    ] {
        let mut report = serde_json::to_value(example::report()).unwrap();
        *report.pointer_mut(path).unwrap() = wrong;
        assert_ne!(errors(&report), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn every_field_of_the_schema_is_described() {
    fn visit(schema: &Value, path: &str, bare: &mut Vec<String>) {
        if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
            for (name, field) in fields {
                if field.get("description").is_none() {
                    bare.push(format!("{path}.{name}"));
                }
            }
        }
    }
    let schema = Report::schema();
    let mut bare = Vec::new();
    visit(&schema, "report", &mut bare);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        visit(definition, name, &mut bare);
    }
    assert_eq!(bare, Vec::<String>::new());
}
