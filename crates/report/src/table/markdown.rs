//! A table in GitHub's Markdown.

use super::{Column, Table, clean};

/// Longest name or cell, in columns; nobody reads further.
const LONGEST: usize = 200;

/// Longest line of prose, in columns.
const LONGEST_PROSE: usize = 2000;

pub(super) fn render(table: &Table) -> String {
    let mut text = String::new();
    if !table.title.is_empty() {
        text.push_str(&format!("### {}\n\n", escape(&table.title, LONGEST)));
    }
    if !table.subtitle.is_empty() {
        text.push_str(&format!("{}\n\n", escape(&table.subtitle, LONGEST_PROSE)));
    }
    let heads: Vec<String> = table.columns.iter().map(head).collect();
    text.push_str(&format!("| {} |\n|", heads.join(" | ")));
    for column in &table.columns {
        text.push_str(if column.is_number { " ---: |" } else { " :--- |" });
    }
    text.push('\n');
    for block in &table.blocks {
        if let Some(label) = block.label.as_ref().filter(|_| !block.rows.is_empty()) {
            let empty = " |".repeat(table.columns.len().saturating_sub(1));
            text.push_str(&format!("| **{}** |{empty}\n", escape(label, LONGEST)));
        }
        for row in &block.rows {
            let cells: Vec<String> = row.iter().map(|entry| escape(&entry.text, LONGEST)).collect();
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }
    for note in &table.footnotes {
        text.push_str(&format!("\n{}\n", escape(note, LONGEST_PROSE)));
    }
    text
}

fn head(column: &Column) -> String {
    let heading = escape(&column.heading, LONGEST);
    if column.unit.is_empty() {
        heading
    } else {
        format!("{heading} ({})", escape(&column.unit, LONGEST))
    }
}

/// One line in which nothing is markup, elided beyond `width` columns.
fn escape(text: &str, width: usize) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in clean(text, width).chars() {
        if matches!(
            char,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#' | '$' | '!'
        ) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}
