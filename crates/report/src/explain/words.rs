//! Explanations in words: the reason first, then the heap as it was, then what would have helped.

use super::{ExplainedTrace, Explanation, Explanations, OperationKind, PinClass, PinGroup};
use crate::number;
use crate::table::{Format, Style, clean, wrap};

use super::drawing::Drawing;

mod reason;
mod remedies;
mod tables;
#[cfg(test)]
mod tests;

/// Lines of prose are no longer than this, however wide the terminal is.
const MAX_WIDTH: usize = 100;

/// Stands for a space at which no line is broken, until lines are.
const FIRM: &str = "\u{a0}";

impl Explanations {
    /// The explanations for people: [`Format::Md`] as Markdown, any other format as text for a terminal.
    pub fn render(&self, format: Format, style: Style) -> String {
        let texts: Vec<String> =
            self.explanations.iter().map(|one| one.render(&self.trace, format, style)).collect();
        texts.join("\n\n")
    }
}

impl Explanation {
    fn render(&self, trace: &ExplainedTrace, format: Format, style: Style) -> String {
        let mut text = Text { out: String::new(), format, style };
        text.paragraph(&reason::reason(self, trace));
        text.paragraph(&self.situation(trace));
        text.drawing(self);
        text.table(&tables::holes(&self.picture));
        text.paragraph(&self.pinning());
        text.table(&tables::pins(&self.picture.pins));
        text.list("What would have helped:", &remedies::remedies(self));
        text.table(&tables::others(self));
        text.out.truncate(text.out.trim_end().len());
        text.out.push('\n');
        text.out
    }

    /// The operation and the heap at that moment.
    fn situation(&self, trace: &ExplainedTrace) -> String {
        let (moment, picture) = (&self.moment, &self.picture);
        let mut text = format!("Operation {} ", count(moment.operation));
        let size = moment.requested_bytes.map(|bytes| {
            let rounded = moment.rounded_bytes.filter(|&rounded| rounded != bytes);
            let rounded = rounded.map(|rounded| format!(", rounded to {}", count(rounded)));
            let align = moment.align_bytes.filter(|&align| align > self.granule_bytes);
            let align = align.map(|align| format!(", at a multiple of {}", count(align)));
            format!("{}{}{}", amount(bytes), rounded.unwrap_or_default(), align.unwrap_or_default())
        });
        let size = size.unwrap_or_default();
        let slot = moment.slot;
        text += &match (moment.kind, moment.old_bytes) {
            (OperationKind::Allocate, _) => format!("allocates slot {slot}: {size}"),
            (OperationKind::Resize, Some(old)) => {
                format!("resizes slot {slot} from {} to {size}", count(old))
            }
            (OperationKind::Resize, None) => format!("resizes slot {slot} to {size}"),
            (OperationKind::Free, _) => format!("frees slot {slot}"),
        };
        let mut origin = Vec::new();
        origin.extend(moment.thread.map(|thread| format!("thread {thread}")));
        origin.extend(moment.time_ns.map(|time| format!("{} s after the start", seconds(time))));
        origin.extend(moment.call_site.as_deref().map(|site| format!("at {}", clean(site, 60))));
        if !origin.is_empty() {
            text += &format!(" ({})", origin.join(", "));
        }
        let tense = if moment.is_after { "After it," } else { "Before it," };
        text += &format!(
            ". {tense} {} of {} {} live",
            blocks(picture.live_blocks),
            amount(picture.live_bytes),
            if picture.live_blocks == 1 { "is" } else { "are" },
        );
        if picture.peak_live_bytes > picture.live_bytes {
            text += &format!(" (at most {} so far)", count(picture.peak_live_bytes));
        }
        text += &match picture.holes {
            0 => ", there is no hole".to_owned(),
            1 => format!(", one hole has {}", amount(picture.hole_bytes)),
            holes => format!(
                ", {} holes have {}, the largest {}",
                count(holes),
                amount(picture.hole_bytes),
                count(picture.largest_hole_bytes)
            ),
        };
        if let Some(bytes) = picture.wilderness_bytes {
            text += &format!(", and the wilderness behind the last block has {}", amount(bytes));
        }
        text += ".";
        let is_limited = !self.heap.is_unlimited();
        if is_limited && self.heap.bytes < trace.peak_live_bytes {
            text += &format!(
                " The whole trace has {} live at its peak, more than this heap: no strategy can complete it here.",
                amount(trace.peak_live_bytes)
            );
        }
        text
    }

    /// Which blocks keep free space apart.
    fn pinning(&self) -> String {
        let pins = &self.picture.pins;
        let telling = &pins.telling;
        if pins.places == 0 {
            return String::new();
        }
        let keep = if telling.blocks == 1 { "keeps" } else { "keep" };
        let (where_, part) = if pins.places == telling.places {
            (places(pins.places), "")
        } else {
            let all = places(pins.places);
            (format!("{} of {all}", count(telling.places)), ", half of what all of them do")
        };
        let mut text = format!(
            "What pins free space: {} of {} ({} of what is live), at {where_} between two free pieces, {keep} {} \
             apart{part}.",
            blocks(telling.blocks),
            amount(telling.bytes),
            share(telling.bytes, self.picture.live_bytes),
            amount(telling.keeps_apart_bytes)
        );
        let live = self.picture.live_blocks;
        let mut groups = Vec::new();
        groups.extend(class(&pins.by_size, telling.blocks, live, "bytes long"));
        groups.extend(class(&pins.by_age, telling.blocks, live, "operations old"));
        groups.extend(group(&pins.by_thread, telling.blocks, live, "thread "));
        groups.extend(group(&pins.by_call_site, telling.blocks, live, ""));
        if telling.blocks > 1 && !groups.is_empty() {
            text += &format!(" Of these blocks, {}.", groups.join("; "));
        }
        text
    }
}

/// A class that is telling, in words.
fn class(classes: &[PinClass], pinning: u64, live: u64, what: &str) -> Option<String> {
    let lead = |class: &PinClass| lead(class.blocks, pinning, class.live_blocks, live);
    let most = classes.iter().rev().filter_map(|class| Some((lead(class)?, class)));
    let (_, most) = most.max_by_key(|(lead, _)| *lead)?;
    let range = if most.from == most.to {
        count(most.from)
    } else {
        format!("{} to {}", count(most.from), count(most.to))
    };
    Some(format!(
        "{} are {range} {what} (of all live blocks {})",
        share(most.blocks, pinning),
        share(most.live_blocks, live)
    ))
}

/// An origin that is telling, in words.
fn group(groups: &[PinGroup], pinning: u64, live: u64, what: &str) -> Option<String> {
    let lead = |group: &PinGroup| lead(group.blocks, pinning, group.live_blocks, live);
    let named = groups.iter().rev().filter(|group| group.name.is_some());
    let (_, most) = named.filter_map(|group| Some((lead(group)?, group))).max_by_key(|it| it.0)?;
    Some(format!(
        "{} come from {what}{} (of all live blocks {})",
        share(most.blocks, pinning),
        clean(most.name.as_deref().unwrap_or_default(), 60),
        share(most.live_blocks, live)
    ))
}

/// By how many percent of pinning blocks a class exceeds its part of live blocks; `None` where that says little.
fn lead(pinning_of: u64, pinning: u64, live_of: u64, live: u64) -> Option<u128> {
    let percent = |part: u64, whole: u64| (u128::from(part) * 100).checked_div(whole.into());
    let lead = percent(pinning_of, pinning)?.checked_sub(percent(live_of, live)?)?;
    (lead >= 10).then_some(lead)
}

/// Paragraphs, drawings and tables, one below the other.
struct Text {
    out: String,
    format: Format,
    style: Style,
}

impl Text {
    fn paragraph(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let lines = match self.format {
            Format::Md => vec![text.to_owned()],
            _ => wrap(text, self.style.width.min(MAX_WIDTH), ""),
        };
        self.out += &(lines.join("\n").replace(FIRM, " ") + "\n\n");
    }

    fn list(&mut self, heading: &str, items: &[String]) {
        self.out += &format!("{heading}\n\n");
        for item in items {
            let lines = match self.format {
                Format::Md => vec![format!("    {item}")],
                _ => wrap(item, self.style.width.min(MAX_WIDTH), "    "),
            };
            let text = lines.join("\n").replace(FIRM, " ");
            self.out += &format!("  - {}\n", text.trim_start());
        }
        self.out.push('\n');
    }

    fn drawing(&mut self, explanation: &Explanation) {
        let picture = &explanation.picture;
        let drawing = Drawing::new(
            &picture.map,
            picture.used_bytes,
            explanation.granule_bytes,
            explanation.remedies.clearing.as_ref(),
            self.style.ascii,
        );
        if drawing.heap.is_empty() {
            return;
        }
        let marks = match drawing.marks.as_str() {
            "" => String::new(),
            marks => format!("  {marks}\n"),
        };
        let text = format!("  {}\n{marks}  {}\n", drawing.heap, drawing.legend);
        self.out += &match self.format {
            Format::Md => format!("```text\n{text}```\n\n"),
            _ => text + "\n",
        };
    }

    fn table(&mut self, table: &crate::table::Table) {
        if table.blocks.iter().all(|block| block.rows.is_empty()) {
            return;
        }
        let format = if self.format == Format::Md { Format::Md } else { Format::Table };
        let text = table.render(format, self.style);
        self.out += &(text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n\n");
    }
}

/// A number whose digits are not torn apart.
fn count(count: u64) -> String {
    number::exact(count).replace(' ', FIRM)
}

/// So many bytes, exactly: what is compared must not be rounded to the same.
fn amount(bytes: u64) -> String {
    let unit = if bytes == 1 { "byte" } else { "bytes" };
    format!("{}{FIRM}{unit}", count(bytes))
}

fn blocks(blocks: u64) -> String {
    format!("{}{FIRM}{}", count(blocks), if blocks == 1 { "block" } else { "blocks" })
}

fn places(places: u64) -> String {
    format!("{}{FIRM}{}", count(places), if places == 1 { "place" } else { "places" })
}

/// A part in whole percent, with words where that says nothing.
fn share(part: u64, whole: u64) -> String {
    let percent = u128::from(part) * 100;
    match percent.checked_div(u128::from(whole)) {
        None => "none".into(),
        Some(_) if part >= whole => "all".into(),
        Some(0) if part > 0 => format!("under 1{FIRM}%"),
        Some(percent) => format!("{percent}{FIRM}%"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn seconds(ns: u64) -> String {
    number::significant(ns as f64 / 1e9).replace(' ', FIRM)
}
