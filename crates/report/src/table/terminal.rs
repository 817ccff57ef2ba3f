//! A table for a terminal: no borders, two spaces between columns, never wider than asked for.

use comfy_table::{CellAlignment, ContentArrangement, presets};
use unicode_width::UnicodeWidthStr;

use super::text::{ascii, clean};
use super::{Column, Entry, Role, Style, Table};

const GAP: usize = 2;

/// What is kept for the names beside a column of sentences.
const SENTENCE_INDENT: usize = 26;

/// What is shown, laid out nowhere yet.
struct Texts {
    /// Heading and unit of each column.
    heads: Vec<[String; 2]>,
    /// By block, row, column.
    blocks: Vec<Vec<Vec<String>>>,
}

impl Texts {
    fn of(table: &Table, style: Style) -> Self {
        let longest = longest_name(style);
        let heads = table
            .columns
            .iter()
            .map(|column| [&column.heading, &column.unit].map(|text| show(text, longest, style)))
            .collect();
        let entry = |(entry, column): (&Entry, &Column)| {
            if column.role == Role::Sentences {
                let text = show(&entry.text, usize::MAX, style);
                wrap(&text, style.width.saturating_sub(SENTENCE_INDENT), "").join("\n")
            } else {
                show(&entry.text, longest, style)
            }
        };
        let row = |row: &Vec<Entry>| row.iter().zip(&table.columns).map(entry).collect();
        let blocks =
            table.blocks.iter().map(|block| block.rows.iter().map(row).collect()).collect();
        Self { heads, blocks }
    }

    /// Columns of the terminal that each column of the table takes.
    fn widths(&self) -> Vec<usize> {
        let body = |index: usize| {
            let rows = self.blocks.iter().flatten();
            rows.filter_map(move |row| row.get(index)).flat_map(|text| text.lines())
        };
        self.heads
            .iter()
            .enumerate()
            .map(|(index, head)| {
                let texts = head.iter().map(String::as_str).chain(body(index));
                texts.map(UnicodeWidthStr::width).max().unwrap_or(0)
            })
            .collect()
    }
}

fn longest_name(style: Style) -> usize {
    (style.width / 3).max(20)
}

fn show(text: &str, width: usize, style: Style) -> String {
    let text = clean(text, width);
    if style.ascii { ascii(&text) } else { text }
}

pub(super) fn render(table: &Table, style: Style) -> String {
    let texts = Texts::of(table, style);
    let widths = texts.widths();
    let (parts, left_out) = arrange(&table.columns, &widths, style.width);

    let mut lines = Vec::new();
    if !table.title.is_empty() {
        let gap = if table.subtitle.is_empty() { "" } else { "   " };
        let subtitle = show(&table.subtitle, usize::MAX, style);
        let title = show(&table.title, longest_name(style), style);
        lines.extend(wrap(&format!("{title}{gap}{subtitle}"), style.width, ""));
        lines.push(String::new());
    }
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            lines.push(String::new());
        }
        lines.extend(part_lines(table, part, &texts, style));
    }
    let mut footnotes = table.footnotes.clone();
    if !left_out.is_empty() {
        footnotes.push(format!("left out for want of width: {}", left_out.join(", ")));
    }
    if !footnotes.is_empty() {
        lines.push(String::new());
    }
    for note in &footnotes {
        lines.extend(wrap(&show(note, usize::MAX, style), style.width, "  "));
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Which columns stand beside each other: spare ones are left out first, then the rest is folded.
fn arrange(columns: &[Column], widths: &[usize], width: usize) -> (Vec<Vec<usize>>, Vec<String>) {
    let total = |kept: &[usize]| {
        kept.iter().map(|&index| widths[index] + GAP).sum::<usize>() - GAP.min(kept.len() * GAP)
    };
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let mut left_out = Vec::new();
    while total(&kept) > width
        && let Some(position) = kept.iter().rposition(|&index| columns[index].role == Role::Spare)
    {
        left_out.insert(0, columns[kept.remove(position)].heading.clone());
    }
    let (names, rest): (Vec<usize>, Vec<usize>) =
        kept.iter().partition(|&&index| columns[index].role == Role::Name);
    if total(&kept) <= width || rest.is_empty() {
        return (vec![kept], left_out);
    }
    let mut parts = vec![names.clone()];
    for index in rest {
        let part = parts.last_mut().map(|part| {
            part.push(index);
            (total(part), part.len())
        });
        if let Some((wide, len)) = part
            && wide > width
            && len > names.len() + 1
        {
            parts.last_mut().map(Vec::pop);
            parts.push([names.as_slice(), &[index]].concat());
        }
    }
    (parts, left_out)
}

fn part_lines(table: &Table, part: &[usize], texts: &Texts, style: Style) -> Vec<String> {
    let Texts { heads, blocks } = texts;
    let mut grid = comfy_table::Table::new();
    grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let has_head = part.iter().any(|&index| !heads[index][0].is_empty());
    let has_unit = part.iter().any(|&index| !heads[index][1].is_empty());
    for (present, line) in [(has_head, 0), (has_unit, 1)] {
        if present {
            grid.add_row(part.iter().map(|&index| heads[index][line].as_str()));
        }
    }
    for row in blocks.iter().flatten() {
        grid.add_row(part.iter().map(|&index| row.get(index).map_or("", String::as_str)));
    }
    for (position, &index) in part.iter().enumerate() {
        if let Some(column) = grid.column_mut(position) {
            column.set_padding((0, 2));
            if table.columns[index].is_number {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let mut grid = grid.lines();
    let mut lines: Vec<String> =
        grid.by_ref().take(usize::from(has_head) + usize::from(has_unit)).collect();
    let body: Vec<String> = grid.collect();
    let wide = lines.iter().chain(&body).map(|line| line.trim_end().width()).max().unwrap_or(0);
    let mut body = body.into_iter();
    for (block, rows) in table.blocks.iter().zip(blocks) {
        if rows.is_empty() {
            continue;
        }
        if let Some(label) = &block.label {
            lines.push(rule(label, wide.min(style.width), style.ascii));
        }
        let height = |row: &Vec<String>| {
            row.iter().map(|text| text.lines().count().max(1)).max().unwrap_or(1)
        };
        lines.extend(body.by_ref().take(rows.iter().map(height).sum()));
    }
    lines
}

fn rule(label: &str, width: usize, plain: bool) -> String {
    let mut line = format!("─ {} ", clean(label, width));
    let missing = width.saturating_sub(line.width());
    line.extend(std::iter::repeat_n('─', missing));
    if plain { ascii(&line) } else { line }
}

/// Breaks at spaces; a longer word stands on a line of its own, whole.
pub(crate) fn wrap(text: &str, width: usize, indent: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::from(indent);
    let mut is_empty = true;
    for word in text.split(' ') {
        if !is_empty && line.width() + 1 + word.width() > width {
            lines.push(std::mem::replace(&mut line, indent.into()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}
