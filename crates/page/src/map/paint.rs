//! A map's rows as an indexed PNG.

use heaplab_report::map::layers;
use heaplab_report::{HeapMap, MapLayer, MapRows};

use super::PictureError;

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// Young to old, or small to large: falls in lightness and goes from orange to blue, so that nobody needs to tell red from
/// green. The player has the same colors.
pub(super) const RAMP: [Rgb; 5] =
    [[240, 160, 48], [212, 178, 62], [118, 176, 98], [47, 146, 152], [62, 98, 176]];

/// Threads and call sites: the colors of Okabe and Ito.
pub(super) const NAMED: [Rgb; 8] = [
    [0, 114, 178],
    [230, 159, 0],
    [0, 158, 115],
    [204, 121, 167],
    [86, 180, 233],
    [213, 94, 0],
    [180, 168, 40],
    [128, 128, 128],
];

/// Shades of the ramp in a picture.
const SHADES: u8 = 16;
/// A column is drawn in one of so many strengths by how much of it is live.
const STRENGTHS: u8 = 3;
/// Entries of the palette in front of the blocks'.
const HOLE: u8 = 0;
const WILDERNESS: u8 = 1;
const FIRST_BLOCK: u8 = 2;
/// The wilderness is a veil over the ground; holes are the ground itself.
const VEIL: [u8; 4] = [128, 132, 140, 90];

/// What the color of a block tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ColorBy {
    /// How many operations ago it was allocated.
    #[default]
    Age,
    /// Its length.
    Size,
    /// The thread that allocated it.
    Thread,
    /// The call site that allocated it.
    Site,
}

/// The place on the ramp, from 0 to 1, of so many operations in a trace that ends with `last`.
pub(super) fn age_part(age: u64, last: u64) -> f64 {
    // Exact up to 2^53, and a picture needs far less.
    #[expect(clippy::cast_precision_loss, reason = "a shade needs few digits")]
    let [age, last] = [age, last].map(|it| it as f64);
    ((1.0 + age).log2() / (2.0 + last).log2()).clamp(0.0, 1.0)
}

/// The color at a place on the ramp, from 0 to 1.
pub(super) fn ramp(part: f64) -> Rgb {
    let mut rest = part.clamp(0.0, 1.0) * 4.0;
    for pair in RAMP.windows(2) {
        if rest <= 1.0 {
            return mix(pair[0], pair[1], rest);
        }
        rest -= 1.0;
    }
    RAMP[4]
}

/// The same as a style sheet writes it.
pub(crate) fn age_color(part: f64) -> String {
    let [red, green, blue] = ramp(part);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn mix(one: Rgb, other: Rgb, part: f64) -> Rgb {
    let channel = |at: usize| {
        let (from, to) = (f64::from(one[at]), f64::from(other[at]));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it lies between two bytes"
        )]
        let value = (from + (to - from) * part).round() as u8;
        value
    };
    [channel(0), channel(1), channel(2)]
}

/// The map's rows as an indexed PNG, one pixel a column; holes are transparent, what lies behind the last block is veiled.
///
/// # Errors
///
/// [`PictureError::Map`] for a map that was not made by a replay, [`PictureError::Png`] when encoding fails.
pub fn png(map: &HeapMap, by: ColorBy) -> Result<Vec<u8>, PictureError> {
    let pixels = pixels(map, by)?;
    let rows = u32::try_from(map.rows.operation_index.len()).unwrap_or(u32::MAX);
    let (palette, alphas) = palette(by);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, map.rows.columns, rows);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_trns(alphas);
    encoder.set_compression(png::Compression::High);
    // Most of a heap stays as it was from row to row.
    encoder.set_filter(png::Filter::Up);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// Colors and their opacities: the hole, the wilderness, then each color in each strength.
fn palette(by: ColorBy) -> (Vec<u8>, Vec<u8>) {
    let colors: Vec<Rgb> = match by {
        ColorBy::Age | ColorBy::Size => {
            (0..SHADES).map(|shade| ramp(f64::from(shade) / f64::from(SHADES - 1))).collect()
        }
        ColorBy::Thread | ColorBy::Site => [[128; 3]].into_iter().chain(NAMED).collect(),
    };
    let [red, green, blue, veil] = VEIL;
    let (mut palette, mut alphas) = (vec![255, 255, 255, red, green, blue], vec![0, veil]);
    for color in colors {
        for strength in 1..=STRENGTHS {
            palette.extend(color);
            let alpha = 70 + 185 * u16::from(strength) / u16::from(STRENGTHS);
            alphas.push(u8::try_from(alpha).unwrap_or(u8::MAX));
        }
    }
    (palette, alphas)
}

fn pixels(map: &HeapMap, by: ColorBy) -> Result<Vec<u8>, PictureError> {
    let layers = layers(map).map_err(|source| PictureError::of(map, source))?;
    let layer = |kind| map.layer(&layers, kind);
    let fill = layer(MapLayer::Fill).unwrap_or_default();
    let values = layer(match by {
        ColorBy::Age => MapLayer::Born,
        ColorBy::Size => MapLayer::Size,
        ColorBy::Thread => MapLayer::Thread,
        ColorBy::Site => MapLayer::Site,
    });
    let columns = map.rows.columns as usize;
    let sizes = values.iter().flat_map(|it| it.iter()).copied().filter(|it| *it > 0);
    let (smallest, largest) = (sizes.clone().min().unwrap_or(1), sizes.max().unwrap_or(1));
    let operations = &map.rows.operation_index;
    let color = |row: usize, value: u8| match by {
        ColorBy::Age => {
            let born = operations[usize::from(value).saturating_sub(1).min(row)];
            shade(age_part(operations[row] - born, map.to_operation))
        }
        ColorBy::Size => {
            let range = f64::from(largest - smallest).max(1.0);
            shade(f64::from(value.saturating_sub(smallest)) / range)
        }
        ColorBy::Thread | ColorBy::Site => value.min(u8::try_from(NAMED.len()).unwrap_or(u8::MAX)),
    };
    let mut pixels = Vec::with_capacity(fill.len());
    for (at, &fill) in fill.iter().enumerate() {
        let (row, column) = (at / columns, at % columns);
        let starts = u128::from(map.extent_bytes) * (column as u128) / (columns as u128);
        pixels.push(match fill {
            0 if starts < u128::from(map.rows.end_bytes[row]) => HOLE,
            0 => WILDERNESS,
            _ => {
                let strength =
                    (u16::from(fill) * u16::from(STRENGTHS)).div_ceil(MapRows::FULL.into());
                // What is not quite full is never drawn as if it were.
                let strength = strength.min(u16::from(STRENGTHS) - u16::from(fill < MapRows::FULL));
                let strength = u8::try_from(strength.max(1)).unwrap_or(STRENGTHS);
                let value = values.map_or(0, |values| values[at]);
                FIRST_BLOCK + color(row, value) * STRENGTHS + strength - 1
            }
        });
    }
    Ok(pixels)
}

/// The nearest of the palette's shades.
fn shade(part: f64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of shades"
    )]
    let shade = (part.clamp(0.0, 1.0) * f64::from(SHADES - 1)).round() as u8;
    shade
}
