use insta::assert_snapshot;

use super::{Block, Column, Entry, Format, Role, Style, Table, clean};

fn column(heading: &str, unit: &str, is_number: bool) -> Column {
    Column {
        key: heading.replace(' ', "_"),
        heading: heading.into(),
        unit: unit.into(),
        is_number,
        ..Column::default()
    }
}

fn table(name: &str) -> Table {
    let row = |name: &str, ns: f64| {
        vec![
            Entry::word(name),
            Entry::figure(Some(ns), |ns| format!("{ns} ±1")),
            Entry::figure(None::<u64>, |_| String::new()),
        ]
    };
    let mut first = column("strategy", "", false);
    first.role = Role::Name;
    Table {
        title: name.into(),
        subtitle: "4 operations".into(),
        columns: vec![first, column("time", "ns", true), column("holes", "", true)],
        blocks: vec![
            Block { label: None, rows: vec![row(name, 41.0), row("first-fit", 7.5)] },
            Block { label: Some("floors".into()), rows: vec![row("null", 3.0)] },
        ],
        footnotes: vec!["± half an interval".into()],
    }
}

#[test]
fn terminal_puts_a_rule_above_a_labelled_block() {
    assert_snapshot!(table("best-fit").render(Format::Table, Style::default()), @"
    best-fit   4 operations

    strategy     time  holes
                   ns
    best-fit    41 ±1      –
    first-fit  7.5 ±1      –
    ─ floors ───────────────
    null         3 ±1      –

      ± half an interval
    ");
}

#[test]
fn ascii_uses_no_other_characters() {
    let text = table("mañana").render(Format::Table, Style { ascii: true, ..Style::default() });
    assert!(text.is_ascii(), "{text}");
    assert_snapshot!(text, @"
    ma?ana   4 operations

    strategy      time  holes
                    ns
    ma?ana      41 +-1      -
    first-fit  7.5 +-1      -
    - floors ----------------
    null         3 +-1      -

      +- half an interval
    ");
}

#[test]
fn markdown_escapes_what_would_be_markup() {
    assert_snapshot!(table("<script>|*_\n`").render(Format::Md, Style::default()), @r#"
    ### \<script\>\|\*\_ \`

    4 operations

    | strategy | time (ns) | holes |
    | :--- | ---: | ---: |
    | \<script\>\|\*\_ \` | 41 ±1 | – |
    | first-fit | 7.5 ±1 | – |
    | **floors** | | |
    | null | 3 ±1 | – |

    ± half an interval
    "#);
}

#[test]
fn csv_quotes_and_leaves_absent_fields_empty() {
    assert_snapshot!(table("a,\"b\"").render(Format::Csv, Style::default()), @r#"
    strategy,time,holes
    "a,""b""",41.0,
    first-fit,7.5,
    null,3.0,
    "#);
}

#[test]
fn json_leaves_absent_fields_out() {
    assert_snapshot!(table("x").render(Format::Json, Style::default()), @r#"
    [
    {"strategy":"x","time":41.0},
    {"strategy":"first-fit","time":7.5},
    {"strategy":"null","time":3.0}
    ]
    "#);
}

#[test]
fn a_narrow_terminal_folds_and_repeats_the_names() {
    let style = Style { width: 20, ascii: false };
    assert_snapshot!(table("best-fit").render(Format::Table, style), @"
    best-fit   4
    operations

    strategy     time
                   ns
    best-fit    41 ±1
    first-fit  7.5 ±1
    ─ floors ────────
    null         3 ±1

    strategy   holes
    best-fit       –
    first-fit      –
    ─ floors ───────
    null           –

      ± half an interval
    ");
}

#[test]
fn a_very_long_name_stays_within_the_width() {
    let name = format!("start{}end", "x".repeat(10_000));
    let text = table(&name).render(Format::Table, Style::default());
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.contains("start") && text.contains("xend"), "{text}");
    let lines = table(&name).render(Format::Md, Style::default());
    assert!(lines.lines().all(|line| line.len() < 600), "{lines}");
}

#[test]
fn escape_sequences_do_not_reach_the_terminal() {
    let text = table("\u{1b}[2Jevil\u{202e}\r\n").render(Format::Table, Style::default());
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']), "{text:?}");
}

#[test]
fn eliding_counts_columns_and_not_characters() {
    assert_eq!(clean("abcdefghij", 7), "abcd…ij");
    assert_eq!(clean("日本語日本語", 7), "日本…語");
    assert_eq!(clean("short", 7), "short");
    assert_eq!(clean("", 0), "");
}

#[test]
fn formats_have_names() {
    assert_eq!("md".parse(), Ok(Format::Md));
    let error = "html".parse::<Format>().unwrap_err().to_string();
    assert_eq!(error, "no format 'html'; expected one of: table, json, csv, md");
}
