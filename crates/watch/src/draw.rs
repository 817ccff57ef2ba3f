//! A frame: what the show looks like now.

mod pane;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};

use crate::controls::{Colors, Controls};
use crate::plain::clean;
use crate::screen::Look;
use crate::show::Show;
use crate::stage::Spot;
use crate::{figures, to_u64, to_usize};

/// Panes stand side by side as long as each is as wide as this.
const PANE_COLUMNS: u16 = 38;

/// What is remembered from frame to frame.
pub(crate) struct Scene {
    look: Look,
    /// The live blocks of each stage, as they were looked at last.
    spots: Vec<Vec<Spot>>,
    /// Operations done at that look: no look is taken twice, so that what moved stays visible while nothing happens.
    looked_at: Option<u64>,
}

impl Scene {
    pub(crate) const fn new(look: Look) -> Self {
        Self { look, spots: Vec::new(), looked_at: None }
    }

    /// Looks at every stage, if anything has happened since.
    pub(crate) fn update(&mut self, show: &mut Show<'_, '_>) {
        if self.looked_at == Some(show.done()) {
            return;
        }
        self.spots.resize_with(show.stages.len(), Vec::new);
        for (stage, spots) in show.stages.iter_mut().zip(&mut self.spots) {
            stage.look(spots);
        }
        self.looked_at = Some(show.done());
    }

    fn style(&self, color: Color) -> Style {
        if self.look.color { Style::new().fg(color) } else { Style::new() }
    }
}

/// Writes text and cuts it at the right edge.
fn put(buffer: &mut Buffer, area: Rect, row: u16, text: &str, style: Style) {
    if row < area.height {
        let (x, y) = (area.x, area.y + row);
        buffer.set_stringn(x, y, text, usize::from(area.width), style);
    }
}

/// Draws a whole frame.
pub(crate) fn draw(
    area: Rect,
    buffer: &mut Buffer,
    show: &Show<'_, '_>,
    controls: &Controls,
    scene: &mut Scene,
) {
    if area.is_empty() {
        return;
    }
    put(buffer, area, 0, &headline(show, area.width), Style::new().add_modifier(Modifier::BOLD));
    let footer = Rect { y: area.bottom() - 1, height: 1, ..area };
    if area.height > 1 {
        let mut text = status(show, controls);
        let hint = "  space arrows g / + - c ? q";
        if text.len() + hint.len() <= usize::from(area.width) {
            text.push_str(hint);
        }
        put(buffer, footer, 0, &text, scene.style(Color::Cyan));
        progress(buffer, footer, show);
    }
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    if controls.help {
        help(buffer, body, controls, scene);
        return;
    }
    let (panes, hidden) = layout(body, show.stages.len());
    for (pane, (stage, spots)) in panes.iter().zip(show.stages.iter().zip(&scene.spots)) {
        pane::draw(buffer, *pane, &**stage, spots, (show.done(), controls.colors), scene);
    }
    if hidden > 0 && body.height > 0 {
        let text = format!("and {hidden} more: enlarge the terminal");
        put(buffer, body, body.height - 1, &text, scene.style(Color::DarkGray));
    }
}

/// Trace and operation, the operation first where there is little room.
fn headline(show: &Show<'_, '_>, width: u16) -> String {
    let operation = figures::operation(show.last());
    let total = figures::grouped(show.total());
    let place = match show.done().checked_sub(1) {
        Some(index) => format!("{} of {total}", figures::grouped(index)),
        None => format!("0 of {total}"),
    };
    if width < 60 {
        return format!("{place} {operation}");
    }
    format!("{}   operation {place}: {operation}", clean(show.name()))
}

fn status(show: &Show<'_, '_>, controls: &Controls) -> String {
    if let Some(typed) = &controls.typed {
        return format!("go to operation: {typed}_");
    }
    if controls.goal.is_some() {
        let share = figures::percent(show.done(), show.total());
        return format!("replaying, {share}; any key stops");
    }
    let state = match (controls.playing, show.is_over()) {
        (true, _) => "playing",
        (false, true) => "the end",
        (false, false) => "paused",
    };
    let colors = match controls.colors {
        Colors::Size => "size",
        Colors::Age => "age",
    };
    format!("{state}  {} ops/s  color: {colors}", figures::grouped(controls.speed()))
}

/// How far the show is, as an underline of the last row.
fn progress(buffer: &mut Buffer, footer: Rect, show: &Show<'_, '_>) {
    let width =
        u128::from(footer.width) * u128::from(show.done()) / u128::from(show.total().max(1));
    let width = u16::try_from(width).unwrap_or(footer.width).min(footer.width);
    let done = Rect { width, ..footer };
    buffer.set_style(done, Style::new().add_modifier(Modifier::REVERSED));
}

fn help(buffer: &mut Buffer, area: Rect, controls: &Controls, scene: &Scene) {
    let signs = if scene.look.ascii {
        "X x : all, half, less live   - hole   ~ wilderness"
    } else {
        "█ ▓ ░ all, half, less live   - hole   ~ wilderness"
    };
    let colors = match controls.colors {
        Colors::Size => "Colors tell sizes: blue small, to red large.",
        Colors::Age => "Colors tell ages: red just made, to blue old.",
    };
    let lines = [
        "space      play, pause",
        "left right one operation back, on; shift: ten",
        "PgUp PgDn  a twentieth of the trace; Home, End",
        "g N Enter  go to operation N",
        "/          to the next failure or compaction",
        "+ -        faster, slower",
        "c          colors by size or by age",
        "? q        this help; leave",
        "",
        signs,
        "<  moved since the frame before",
        "!  a hole too small for the refused request",
        colors,
        "The chart: live bytes, and above them what lies in holes.",
    ];
    for (row, line) in (0..area.height).zip(lines) {
        put(buffer, area, row, line, Style::new());
    }
}

/// Where each stage is drawn, and how many have no room.
fn layout(body: Rect, stages: usize) -> (Vec<Rect>, usize) {
    /// Title, figures and a row of the map.
    const LEAST_ROWS: u16 = 3;
    let count = u16::try_from(stages).unwrap_or(u16::MAX).max(1);
    let beside = (body.width / PANE_COLUMNS).clamp(1, count);
    let rows = count.div_ceil(beside);
    let shown_rows = rows.min((body.height / LEAST_ROWS).max(1));
    let hidden = count.saturating_sub(shown_rows * beside);
    // A line says that some are missing.
    let usable = body.height - u16::from(hidden > 0 && body.height > LEAST_ROWS);
    let height = usable / shown_rows;
    let width = body.width / beside;
    let panes = (0..count.min(shown_rows * beside)).map(|index| {
        let (column, row) = (index % beside, index / beside);
        let Position { x, y } = body.as_position();
        // One column between neighbors.
        let gap = u16::from(column + 1 < beside);
        Rect { x: x + column * width, y: y + row * height, width: width - gap, height }
    });
    (panes.collect(), usize::from(hidden))
}

/// A length in columns or rows of the area.
fn scaled(part: u64, whole: u64, steps: usize) -> usize {
    to_usize(
        u64::try_from(u128::from(part) * u128::from(to_u64(steps)) / u128::from(whole.max(1)))
            .unwrap_or(u64::MAX),
    )
}
