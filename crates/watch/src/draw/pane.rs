//! One strategy: its name, figures, chart and map.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::{Scene, put, scaled};
use crate::cells::{Cell, Fill, cells, extent_bytes};
use crate::controls::Colors;
use crate::stage::{Refusal, Spot, Stage};
use crate::{figures, to_usize};

/// From small or old to large or new: blue to red, told apart by people who see colors differently too.
const RAMP: [u8; 8] = [25, 32, 74, 79, 185, 214, 208, 160];
/// A granule of a tiny heap may be as wide as this.
const WIDEST: u64 = 4;

/// Draws a strategy after `now.0` operations, in the colors of `now.1`.
pub(super) fn draw(
    buffer: &mut Buffer,
    area: Rect,
    stage: &dyn Stage,
    spots: &[Spot],
    now: (u64, Colors),
    scene: &Scene,
) {
    if area.is_empty() {
        return;
    }
    let mut top = title(buffer, area, stage, scene);
    top += numbers(buffer, Rect { y: area.y + top, height: area.height - top, ..area }, stage);
    let rest = area.height.saturating_sub(top);
    let chart_rows = match rest {
        0..=5 => 0,
        6..=11 => 2,
        12..=19 => 4,
        _ => 6,
    };
    let map_area = Rect { y: area.y + top, height: rest - chart_rows, ..area };
    map(buffer, map_area, stage, spots, now, scene);
    let chart_area = Rect { y: map_area.bottom(), height: chart_rows, ..area };
    chart(buffer, chart_area, stage, scene);
}

/// Name and heap; below, where it failed, why. Returns the rows used.
fn title(buffer: &mut Buffer, area: Rect, stage: &dyn Stage, scene: &Scene) -> u16 {
    let capacity = stage.capacity_bytes();
    let heap = if extent_bytes(capacity, 0, 1) == capacity {
        figures::bytes(capacity)
    } else {
        "unlimited".into()
    };
    let title = format!("{} ({heap})", stage.name());
    let style = Style::new().add_modifier(Modifier::BOLD);
    put(buffer, area, 0, &title, style);
    let Some(refusal) = stage.refusal() else { return 1 };
    let words = figures::refusal(refusal, stage.usage().holes);
    let style = scene.style(Color::Red).add_modifier(Modifier::BOLD);
    let mut rows = 1;
    let most = if area.height > 8 { 4 } else { 1 };
    for line in wrapped(&words, usize::from(area.width)).into_iter().take(most) {
        if rows + 1 >= area.height {
            break;
        }
        put(buffer, area, rows, &line, style);
        rows += 1;
    }
    rows
}

/// Figures as far as there is room for them and for the map. Returns the rows used.
fn numbers(buffer: &mut Buffer, area: Rect, stage: &dyn Stage) -> u16 {
    let most = match area.height {
        0..=1 => 0,
        2..=6 => 1,
        7..=9 => 2,
        _ => 3,
    };
    let entries: Vec<_> = figures::figures(stage)
        .into_iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    let mut lines = vec![String::new()];
    for entry in entries {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            *line = entry;
        } else if line.len() + 2 + entry.len() <= usize::from(area.width) {
            line.push_str("  ");
            line.push_str(&entry);
        } else {
            lines.push(entry);
        }
    }
    let mut rows = 0;
    for line in lines.iter().take(most) {
        put(buffer, area, rows, line, Style::new());
        rows += 1;
    }
    rows
}

fn map(
    buffer: &mut Buffer,
    area: Rect,
    stage: &dyn Stage,
    spots: &[Spot],
    now: (u64, Colors),
    scene: &Scene,
) {
    if area.is_empty() {
        return;
    }
    let granule = stage.granule_bytes();
    let capacity = stage.capacity_bytes();
    let high = if extent_bytes(capacity, 0, granule) == capacity {
        0
    } else {
        stage.usage().high_water_bytes.unwrap_or(0)
    };
    let extent = extent_bytes(capacity, high, granule);
    let granules = extent.div_ceil(granule);
    let widening = (u64::from(area.width) / granules.max(1)).clamp(1, WIDEST);
    let width = to_usize(u64::from(area.width) / widening);
    let cells = cells(spots, extent, granule, width * usize::from(area.height));
    for (row, line) in (area.y..area.bottom()).zip(cells.chunks(width)) {
        let mut columns = area.x..area.right();
        for cell in line {
            let (sign, style) = appearance(cell, stage.refusal(), now, scene);
            for column in columns.by_ref().take(to_usize(widening)) {
                if let Some(target) = buffer.cell_mut((column, row)) {
                    target.set_symbol(sign).set_style(style);
                }
            }
        }
    }
}

fn appearance(
    cell: &Cell,
    refusal: Option<&Refusal>,
    now: (u64, Colors),
    scene: &Scene,
) -> (&'static str, Style) {
    let fill = cell.fill();
    if fill == Fill::Hole && refusal.is_some() {
        return ("!", scene.style(Color::Red).add_modifier(Modifier::BOLD));
    }
    let sign = match (fill, scene.look.ascii) {
        (Fill::Full | Fill::Most | Fill::Some, _) if cell.moved => "<",
        (Fill::Full, true) => "X",
        (Fill::Most, true) => "x",
        (Fill::Some, true) => ":",
        (Fill::Full, false) => "█",
        (Fill::Most, false) => "▓",
        (Fill::Some, false) => "░",
        (Fill::Hole, _) => "-",
        (Fill::Wilderness, _) => "~",
    };
    let Some(spot) = cell.main else { return (sign, scene.style(Color::DarkGray)) };
    if cell.moved {
        return (sign, scene.style(Color::White).add_modifier(Modifier::REVERSED));
    }
    (sign, scene.style(Color::Indexed(shade(&spot, now))))
}

/// Sizes from 16 bytes to 256 KiB and ages from 4 to 65,536 operations are told apart by factors of four.
fn shade(spot: &Spot, now: (u64, Colors)) -> u8 {
    let steps = |value: u64, first: u32| (value.max(1).ilog2().saturating_sub(first) / 2).min(7);
    let step = match now.1 {
        Colors::Size => steps(spot.len, 4),
        Colors::Age => 7 - steps(now.0.saturating_sub(spot.birth), 2),
    };
    RAMP[step as usize]
}

/// Live bytes as far as they reach, and above them what is used but not live.
fn chart(buffer: &mut Buffer, area: Rect, stage: &dyn Stage, scene: &Scene) {
    const EIGHTHS: [&str; 8] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇"];
    let columns = stage.history().columns(usize::from(area.width));
    let top = columns.iter().map(|point| point.end_bytes.max(point.live_bytes)).max().unwrap_or(0);
    let steps = usize::from(area.height) * 8;
    for (column, point) in (area.x..area.right()).zip(&columns) {
        let live = scaled(point.live_bytes, top, steps);
        let used = scaled(point.end_bytes, top, steps);
        for (above, row) in (area.y..area.bottom()).rev().enumerate() {
            let floor = above * 8;
            let (sign, color) = if live >= floor + 8 || (scene.look.ascii && live >= floor + 4) {
                (if scene.look.ascii { "#" } else { "█" }, Color::Blue)
            } else if live > floor && !scene.look.ascii {
                (EIGHTHS[live - floor], Color::Blue)
            } else if used >= floor + 4 {
                (if scene.look.ascii { "." } else { "░" }, Color::Yellow)
            } else {
                continue;
            };
            if let Some(target) = buffer.cell_mut((column, row)) {
                target.set_symbol(sign).set_style(scene.style(color));
            }
        }
    }
}

/// Words in lines that are no longer than `width`, where no word is.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}
