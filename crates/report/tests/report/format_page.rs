//! `docs/REPORT_FORMAT.md`: its tables are made from the schema and the metrics.

use std::fmt::Write;

use heaplab_report::{Report, metrics};
use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/REPORT_FORMAT.md");

#[test]
fn tables_of_the_format_page_are_up_to_date() {
    let page = std::fs::read_to_string(FILE).unwrap();
    let fresh = replace(&page, "fields", &fields());
    let fresh = replace(&fresh, "metrics", &metric_table());
    if std::env::var_os("HEAPLAB_UPDATE").is_some() {
        std::fs::write(FILE, &fresh).unwrap();
    }
    let page = std::fs::read_to_string(FILE).unwrap();
    assert!(
        page == fresh,
        "{FILE} is out of date; refresh it with: HEAPLAB_UPDATE=1 cargo test -p heaplab-report"
    );
}

fn replace(page: &str, name: &str, table: &str) -> String {
    let (start, end) = (format!("<!-- generated: {name} -->\n"), format!("<!-- end: {name} -->"));
    let from = page.find(&start).expect("the page has a place for the table") + start.len();
    let to = page.find(&end).expect("the place has an end");
    format!("{}\n{table}\n{}", &page[..from], &page[to..])
}

fn metric_table() -> String {
    let mut text = String::from(
        "| name | unit | better | exact | what it is |\n| --- | --- | --- | --- | --- |\n",
    );
    for it in metrics() {
        let exact = if it.exact { "yes" } else { "no" };
        let better = it.better.as_str();
        writeln!(text, "| `{}` | {} | {better} | {exact} | {} |", it.name, it.unit, it.description)
            .unwrap();
    }
    text
}

fn fields() -> String {
    let schema = Report::schema();
    let mut text = String::new();
    section(&schema, &schema, "The report", &mut text);
    for (list, name) in [
        ("suite", "Suite"),
        ("merged_from[]", "MergedReport"),
        ("warnings[]", "Warning"),
        ("tool", "Tool"),
        ("environment", "Environment"),
        ("environment.cpu", "Cpu"),
        ("environment.cpu.caches[]", "Cache"),
        ("environment.memory", "MemoryInfo"),
        ("environment.container_limits", "ContainerLimits"),
        ("environment.clock", "Clock"),
        ("measurement", "Measurement"),
        ("measurement.control", "Control"),
        ("measurement.control.cells[]", "ControlCell"),
        ("measurement.bootstrap", "Bootstrap"),
        ("metrics[]", "Metric"),
        ("traces[]", "TraceEntry"),
        ("traces[].source", "TraceSource"),
        ("traces[].operations", "OperationCounts"),
        ("traces[].bounds", "Bounds"),
        ("strategies[]", "StrategyEntry"),
        ("cells[]", "Cell"),
        ("cells[].heap", "HeapSpec"),
        ("cells[].outcome", "Outcome"),
        ("cells[].space", "Space"),
        ("cells[].space.hole_histogram[]", "HoleClass"),
        ("cells[].space.fragmentation", "Fragmentation"),
        ("cells[].space.at_peak, cells[].space.mean", "HeapShape"),
        ("cells[].space.at_peak.for_256_bytes", "SizeShape"),
        ("cells[].space.at_peak.hole_histogram[]", "ShapeClass"),
        ("cells[].relocations", "Relocations"),
        ("cells[].time", "Time"),
        ("cells[].latency", "Latency"),
        ("cells[].counters", "Counters"),
        ("cells[].series", "Series"),
        ("cells[].trends[]", "Trend"),
        ("cells[].trends[].bands[]", "Band"),
        ("curves[]", "Curve"),
        ("curves[].points[]", "CurvePoint"),
        ("expectations[]", "Expectation"),
        ("expectations[].broken[]", "BrokenClaim"),
        ("maps[]", "HeapMap"),
        ("maps[].high_water", "MapPoint"),
        ("maps[].failure", "MapFailure"),
        ("maps[].rows", "MapRows"),
        ("maps[].steps", "MapSteps"),
    ] {
        section(&schema, &schema["$defs"][name], &format!("`{list}`"), &mut text);
    }
    text.trim_start().to_owned()
}

fn section(root: &Value, schema: &Value, title: &str, text: &mut String) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    write!(text, "\n### {title}\n\n| field | type | may be absent | what it is |\n| --- | --- | --- | --- |\n").unwrap();
    let mut fields: Vec<_> =
        schema["properties"].as_object().expect("a type with fields").iter().collect();
    // The map's own order depends on features that other crates switch on.
    fields.sort_by_key(|(name, _)| name.as_str());
    for (name, field) in fields {
        let absent = if required.contains(&Value::from(name.as_str())) { "" } else { "yes" };
        let description = one_line(field["description"].as_str().unwrap_or_default());
        writeln!(text, "| `{name}` | {} | {absent} | {description} |", kind(root, field)).unwrap();
    }
}

/// References between types mean nothing outside the source.
fn one_line(description: &str) -> String {
    description.replace('\n', " ").replace("[`", "`").replace("`]", "`").replace('|', "\\|")
}

fn kind(root: &Value, field: &Value) -> String {
    if let Some(target) = field["$ref"].as_str() {
        if target.ends_with("/Uint") {
            return "integer".into();
        }
        return kind(root, root.pointer(target.trim_start_matches('#')).expect("a known type"));
    }
    for choices in [&field["anyOf"], &field["oneOf"]] {
        if let Some(choices) = choices.as_array() {
            let mut names: Vec<String> = choices.iter().map(|choice| kind(root, choice)).collect();
            names.dedup();
            return names.join(", ");
        }
    }
    if let Some(word) = field["const"].as_str() {
        return format!("`{word}`");
    }
    if let Some(words) = field["enum"].as_array() {
        let words: Vec<String> =
            words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    match field["type"].as_str() {
        Some("array") => format!("list of {}", kind(root, &field["items"])),
        Some(name) => name.into(),
        None => "any".into(),
    }
}
