//! Maps side by side in one SVG.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use heaplab_report::map::layers;
use heaplab_report::{HeapMap, MapLayer, number};
use maud::{Markup, html};

use super::paint::{NAMED, Rgb, age_part, png, ramp};
use super::{ColorBy, PictureError};

const WIDTH: usize = 380;
const GAP: usize = 92;
const LEFT: usize = 84;
const TOP: usize = 74;
/// A map of so few places is drawn block by block, with seams.
const PLACES_DRAWN: usize = 1_024;
const LINE: usize = 24;

/// Light, then dark.
const STYLE: &str = "\
.g{fill:#f6f7f9}.h{fill:#fff}.t{fill:#1d2330}.m{fill:#596273}.r{fill:#b83a00}.f{fill:none;stroke:#8a93a3}\
.w{fill:#d3d6dc}.k{stroke:#1d2330}.x{stroke:#c03c00}.s{stroke:#f6f7f9}\
text{font:13px system-ui,sans-serif}.b{font-weight:600}image{image-rendering:pixelated}\
@media(prefers-color-scheme:dark){.g{fill:#14171d}.h{fill:#07080a}.t{fill:#e8ebf1}.m{fill:#a3acbb}.r{fill:#ff8a5c}\
.f{stroke:#5c6576}.w{fill:#343841}.k{stroke:#e8ebf1}.x{stroke:#ff7a48}.s{stroke:#14171d}}";

/// What a figure shows.
#[derive(Clone, Debug)]
pub struct Figure<'a> {
    /// What it is about, in one line; also for those who cannot see it.
    pub title: &'a str,
    /// The maps, left to right.
    pub maps: &'a [HeapMap],
    /// What the colors tell.
    pub by: ColorBy,
    /// Height of each map.
    pub height: usize,
}

/// Sets maps side by side: addresses across, operations down, with high-water marks, compactions and refusals.
///
/// The SVG needs nothing but itself, follows the reader's light or dark theme, and is the same for the same maps.
///
/// # Errors
///
/// See [`png()`].
pub fn figure(figure: &Figure<'_>) -> Result<String, PictureError> {
    let count = figure.maps.len();
    let width = LEFT + count * WIDTH + count.saturating_sub(1) * GAP + 24;
    let height = TOP + figure.height + 112;
    let extent = figure.maps.iter().map(|map| map.extent_bytes).max().unwrap_or(1);
    let panels = (figure.maps.iter().enumerate())
        .map(|(at, map)| panel(map, figure, extent, LEFT + at * (WIDTH + GAP)))
        .collect::<Result<Vec<_>, _>>()?;
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) }
            width=(width) height=(height) role="img" aria-label=(figure.title) {
            title { (figure.title) }
            style { (maud::PreEscaped(STYLE)) }
            rect.g width=(width) height=(height) rx="8" {}
            text.t.b x="18" y="26" { (figure.title) }
            text.m transform={ "rotate(-90 18 " (TOP + figure.height / 2) ")" } x="18"
                y=(TOP + figure.height / 2) text-anchor="middle" { "operations ↓" }
            @for panel in panels { (panel) }
            (legend(figure, TOP + figure.height + 88))
        }
    };
    Ok(svg.into_string() + "\n")
}

/// One map; all of a figure have the same bytes across.
fn panel(
    map: &HeapMap,
    figure: &Figure<'_>,
    extent: u64,
    x: usize,
) -> Result<Markup, PictureError> {
    let count = map.rows.operation_index.len();
    let is_drawn = count * (map.rows.columns as usize) <= PLACES_DRAWN;
    // Rows of drawn blocks are equally high in all maps, so that they are read side by side.
    let most = figure.maps.iter().map(|map| map.rows.operation_index.len()).max().unwrap_or(1);
    let height = if is_drawn { figure.height / most * count } else { figure.height };
    let (top, bottom, below) = (TOP, TOP + height, TOP + figure.height);
    let own_width = scaled(map.extent_bytes, extent);
    let at_row = |row: usize| top + height * row / count.max(1);
    let mark = map.high_water.map(|it| (it, x + scaled(it.bytes, extent)));
    let last = map.rows.operation_index.last().copied().unwrap_or(0);
    let first = map.rows.operation_index.first().copied().unwrap_or(0);
    let outcome = outcome(map);
    Ok(html! {
        text.t.b x=(x) y=(top - 16) { (map.strategy) }
        @if let Some((_, at)) = mark {
            line.k x1=(at) x2=(at) y1=(top - 6) y2=(bottom + 6) stroke-dasharray="3 3" {}
        }
        rect.w x=(x) y=(top) width=(WIDTH) height=(height) {}
        rect.h x=(x) y=(top) width=(own_width) height=(height) {}
        @if is_drawn {
            (blocks(map, own_width, height / count.max(1), x)?)
        } @else {
            image x=(x) y=(top) width=(own_width) height=(height) preserveAspectRatio="none"
                href={ "data:image/png;base64," (STANDARD.encode(png(map, figure.by)?)) } {}
        }
        @if let Some((_, at)) = mark {
            line.k x1=(at) x2=(at) y1=(top) y2=(bottom) stroke-dasharray="3 3" stroke-opacity="0.7" {}
        }
        rect.f x=(x) y=(top) width=(WIDTH) height=(height) {}
        @for row in &map.rows.compacted_rows {
            path.t d={ "M" (x - 8) " " (at_row(*row as usize) - 4) "l7 4l-7 4z" } {}
        }
        @if map.failure.is_some() {
            line.x x1=(x) x2=(x + WIDTH) y1=(bottom) y2=(bottom) stroke-width="3" {}
        }
        text.m x=(x - 12) y=(top + 12) text-anchor="end" { (number::exact(first)) }
        text.m x=(x - 12) y=(bottom - 2) text-anchor="end" { (number::exact(last)) }
        text.m x=(x) y=(below + 18) { "0" }
        text.m x=(x + WIDTH) y=(below + 18) text-anchor="end" { (number::bytes(extent)) }
        @if let Some((point, at)) = mark.filter(|(it, _)| it.bytes < extent / 5 * 4) {
            text.m x=(at) y=(below + 18) text-anchor="middle" { (number::bytes(point.bytes)) }
        }
        text.t.r[map.failure.is_some()] x=(x) y=(below + 40) { (outcome) }
        @if let Some(more) = holes(map) { text.r x=(x) y=(below + 58) { (more) } }
    })
}

/// Where an offset lies on a panel's width.
fn scaled(offset: u64, extent: u64) -> usize {
    let at = u128::from(offset) * (WIDTH as u128) / u128::from(extent.max(1));
    usize::try_from(at).unwrap_or(WIDTH)
}

fn outcome(map: &HeapMap) -> String {
    if let Some(it) = &map.failure {
        let asked = number::bytes(it.requested_bytes);
        return format!("refused at operation {}: {asked} asked for", number::exact(it.operation));
    }
    let mark = map.high_water.map_or(0, |it| it.bytes);
    let mut text = format!("completed; high-water mark {}", number::bytes(mark));
    if map.compactions > 0 {
        let moved = number::bytes(map.relocated_bytes);
        text.push_str(&format!("; {moved} moved"));
    }
    text
}

fn holes(map: &HeapMap) -> Option<String> {
    let it = map.failure.as_ref()?;
    let (free, largest) = (number::bytes(it.free_bytes), number::bytes(it.largest_hole_bytes));
    Some(format!("{free} free in {} holes, the largest {largest}", number::exact(it.holes)))
}

/// Each row's blocks as rectangles with seams between them.
fn blocks(map: &HeapMap, width: usize, high: usize, x: usize) -> Result<Markup, PictureError> {
    let layers = layers(map).map_err(|source| PictureError::of(map, source))?;
    let fill = map.layer(&layers, MapLayer::Fill).unwrap_or_default();
    let born = map.layer(&layers, MapLayer::Born).unwrap_or_default();
    let operations = &map.rows.operation_index;
    let columns = map.rows.columns as usize;
    let wide = width / columns.max(1);
    let class = |at: usize| {
        let (row, column) = (at / columns, at % columns);
        let starts = u128::from(map.extent_bytes) * (column as u128) / (columns as u128);
        if starts < u128::from(map.rows.end_bytes[row]) { "h s" } else { "w s" }
    };
    let color = |at: usize| {
        let row = at / columns;
        let since = operations[usize::from(born[at]).saturating_sub(1).min(row)];
        hex(ramp(age_part(operations[row] - since, map.to_operation)))
    };
    Ok(html! {
        @for at in 0..fill.len() {
            @let (left, above) = (x + (at % columns) * wide, TOP + (at / columns) * high);
            @if fill[at] == 0 {
                rect class=(class(at)) x=(left) y=(above) width=(wide) height=(high) {}
            } @else {
                rect.s x=(left) y=(above) width=(wide) height=(high) fill=(color(at)) {}
            }
        }
    })
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn legend(figure: &Figure<'_>, y: usize) -> Markup {
    let Some(map) = figure.maps.first() else { return html! {} };
    let mut entries: Vec<(String, String)> = match figure.by {
        ColorBy::Age => vec![
            (hex(ramp(0.0)), "new block".into()),
            (hex(ramp(0.5)), String::new()),
            (hex(ramp(1.0)), "old block".into()),
        ],
        ColorBy::Size => vec![
            (hex(ramp(0.0)), "small block".into()),
            (hex(ramp(0.5)), String::new()),
            (hex(ramp(1.0)), "large block".into()),
        ],
        ColorBy::Thread => names(&map.threads, "thread "),
        ColorBy::Site => names(&map.sites, ""),
    };
    entries.push(("h".into(), "hole".into()));
    entries.push(("w".into(), "behind the last block".into()));
    let mut x = LEFT;
    let placed: Vec<(usize, String, String)> = entries
        .into_iter()
        .map(|(color, name)| {
            let at = x;
            x += if name.is_empty() { 14 } else { LINE + 14 + name.chars().count() * 7 };
            (at, color, name)
        })
        .collect();
    html! {
        @for (at, color, name) in placed {
            @if color.starts_with('#') {
                rect x=(at) y=(y - 11) width="14" height="14" fill=(color) {}
            } @else {
                rect class=(color) x=(at) y=(y - 11) width="14" height="14" {}
                rect.f x=(at) y=(y - 11) width="14" height="14" {}
            }
            @if !name.is_empty() { text.m x=(at + 20) y=(y) { (name) } }
        }
        line.k x1=(x + 4) x2=(x + 4) y1=(y - 12) y2=(y + 4) stroke-dasharray="3 3" {}
        text.m x=(x + 12) y=(y) { "high-water mark" }
        @if figure.maps.iter().any(|map| !map.rows.compacted_rows.is_empty()) {
            path.t d={ "M" (x + 140) " " (y - 9) "l7 4l-7 4z" } {}
            text.m x=(x + 152) y=(y) { "after a compaction" }
        }
    }
}

fn names(names: &[String], before: &str) -> Vec<(String, String)> {
    let color = |at: usize| hex(NAMED[at % NAMED.len()]);
    names.iter().enumerate().map(|(at, name)| (color(at), format!("{before}{name}"))).collect()
}
