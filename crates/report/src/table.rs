//! A table as a value, and its four renderings.
//!
//! A view decides what stands in a table; here it becomes text for a terminal, Markdown, CSV or JSON.
//! Names come from strangers' files: whatever they hold, no rendering is broken by them.

use std::str::FromStr;

use serde_json::{Map, Value};

mod markdown;
mod terminal;
mod text;

pub(crate) use terminal::wrap;
pub(crate) use text::clean;

/// A table, ready to be rendered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Heading above the table; empty for none.
    pub title: String,
    /// Line beside the heading.
    pub subtitle: String,
    /// The columns, left to right.
    pub columns: Vec<Column>,
    /// The rows, in groups.
    pub blocks: Vec<Block>,
    /// What the columns mean, below the table.
    pub footnotes: Vec<String>,
}

/// One column of a [`Table`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    /// Name for scripts: the key in JSON, the head in CSV.
    pub key: String,
    /// Head for people.
    pub heading: String,
    /// Unit, below the head; empty for none.
    pub unit: String,
    /// Numbers stand at the right, words at the left.
    pub is_number: bool,
    /// What it is for, which decides what becomes of it where the width does not suffice.
    pub role: Role,
}

/// What a [`Column`] is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Role {
    /// Names the row: repeated when a wide table is folded.
    Name,
    /// Holds a figure: shown always, if need be in another fold.
    #[default]
    Figure,
    /// May be left out where the width does not suffice; a footnote says so.
    Spare,
    /// Holds sentences: broken into lines instead of being elided. For the last column.
    Sentences,
}

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// Words in the rule above the rows; none for the first block.
    pub label: Option<String>,
    /// The rows; each as long as there are columns.
    pub rows: Vec<Vec<Entry>>,
}

/// One entry of a row: what people read and what scripts read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry {
    /// For people; `–` where nothing was measured.
    pub text: String,
    /// For scripts; `null` where nothing was measured.
    pub value: Value,
}

impl Entry {
    /// What was not measured, or does not apply.
    pub fn absent() -> Self {
        Self { text: "–".into(), value: Value::Null }
    }

    /// A word, the same for people and scripts.
    pub fn word(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { value: Value::String(text.clone()), text }
    }

    /// A figure with its text; absent where there is none.
    pub fn figure<T: Copy + Into<Value>>(value: Option<T>, show: impl FnOnce(T) -> String) -> Self {
        value.map_or_else(Self::absent, |value| Self { text: show(value), value: value.into() })
    }
}

/// The renderings of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Format {
    /// For a terminal.
    #[default]
    Table,
    /// An array of objects, one a row.
    Json,
    /// Comma-separated values with a head line.
    Csv,
    /// A table in GitHub's Markdown.
    Md,
}

impl Format {
    /// All of them, with their names.
    pub const ALL: [(&str, Self); 4] =
        [("table", Self::Table), ("json", Self::Json), ("csv", Self::Csv), ("md", Self::Md)];
}

/// The word names no [`Format`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no format '{0}'; expected one of: table, json, csv, md")]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == word)
            .map(|&(_, format)| format)
            .ok_or_else(|| UnknownFormat(word.into()))
    }
}

/// How text for a terminal is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// ASCII alone, for a locale that is not UTF-8.
    pub ascii: bool,
}

impl Default for Style {
    /// 100 columns, all of Unicode.
    fn default() -> Self {
        Self { width: 100, ascii: false }
    }
}

impl Table {
    /// The table in that format; ends with a newline.
    ///
    /// [`Style`] counts only for [`Format::Table`].
    pub fn render(&self, format: Format, style: Style) -> String {
        match format {
            Format::Table => terminal::render(self, style),
            Format::Json => self.to_json(),
            Format::Csv => self.to_csv(),
            Format::Md => markdown::render(self),
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[Entry]> {
        self.blocks.iter().flat_map(|block| block.rows.iter().map(Vec::as_slice))
    }

    /// One object a line; what was not measured is absent there too.
    fn to_json(&self) -> String {
        let lines: Vec<String> = self
            .rows()
            .map(|row| {
                let fields: Map<String, Value> = self
                    .columns
                    .iter()
                    .zip(row)
                    .filter(|(_, entry)| !entry.value.is_null())
                    .map(|(column, entry)| (column.key.clone(), entry.value.clone()))
                    .collect();
                Value::Object(fields).to_string()
            })
            .collect();
        if lines.is_empty() { "[]\n".into() } else { format!("[\n{}\n]\n", lines.join(",\n")) }
    }

    #[expect(clippy::expect_used, reason = "a buffer in memory takes every record")]
    fn to_csv(&self) -> String {
        // The widest row has as many fields as the head; shorter ones are the view's mistake.
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer
            .write_record(self.columns.iter().map(|column| &column.key))
            .expect("a buffer takes a record");
        for row in self.rows() {
            let fields = row.iter().map(|entry| match &entry.value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            writer.write_record(fields).expect("a buffer takes a record");
        }
        let bytes = writer.into_inner().expect("a buffer can be flushed");
        String::from_utf8(bytes).expect("records of text are text")
    }
}

#[cfg(test)]
mod tests;
