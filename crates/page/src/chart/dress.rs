//! Classes in the place of colors that stand for them.

use std::fmt::Write as _;

use super::{BAND, LINE, PART, SHADE, extras};
use crate::view::Look;

/// The inner part of a drawing by plotters, its colors as classes and without what style decides.
pub(super) fn dress(drawing: &str) -> String {
    let mut out = String::with_capacity(drawing.len());
    let inner = drawing.split_once("<svg").and_then(|(_, rest)| rest.split_once('>'));
    let inner = inner.map_or("", |(_, inner)| inner).trim_end();
    let inner = inner.strip_suffix("</svg>").unwrap_or(inner);
    for piece in inner.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        let start = out.len();
        out.push('<');
        element(tag, &mut out);
        // plotters draws the grid twice; what has no class is the one that nobody asked for.
        if tag.starts_with("line ") && !out[start..].contains(" class=") {
            out.truncate(start);
            continue;
        }
        out.push('>');
        out.push_str(text.trim());
    }
    out
}

/// One tag: name, the attributes that stay, and the class.
fn element(tag: &str, out: &mut String) {
    let (tag, close) = tag.strip_suffix('/').map_or((tag, ""), |tag| (tag, "/"));
    let Some((name, attributes)) = tag.trim().split_once(' ') else {
        out.push_str(tag.trim());
        return;
    };
    out.push_str(name);
    let mut classes: Vec<String> = Vec::new();
    let mut rest = attributes;
    while let Some((key, value, behind)) = attribute(rest) {
        rest = behind;
        match key {
            // Decided by style: one font everywhere, nothing see-through but bands.
            "opacity" | "font-family" | "font-size" => {}
            "stroke-width" | "fill" if value == "1" || value == "none" => {}
            "fill" | "stroke" => {
                if let Some(class) = class_of(value) {
                    classes.push(class);
                    classes.push(if key == "fill" { "f" } else { "s" }.to_owned());
                }
            }
            "points" => {
                let _ = write!(out, " points=\"{}\"", value.trim_end());
            }
            _ => {
                let _ = write!(out, " {key}=\"{value}\"");
            }
        }
    }
    classes.sort();
    classes.dedup();
    if !classes.is_empty() {
        let _ = write!(out, " class=\"{}\"", classes.join(" "));
    }
    out.push_str(close);
}

/// The next attribute: key, value, and what stands behind it.
fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (key, rest) = text.split_once("=\"")?;
    let (value, rest) = rest.split_once('"')?;
    Some((key.trim(), value, rest))
}

fn class_of(color: &str) -> Option<String> {
    let number = u32::from_str_radix(color.strip_prefix('#')?, 16).ok()?;
    let [_, kind, high, low] = number.to_be_bytes();
    let index = usize::from(u16::from_be_bytes([high, low]));
    match kind {
        LINE => Some(Look::unpack(index).classes()),
        BAND => Some(format!("{} band", Look::unpack(index).classes())),
        PART => Some(["grid", "axis", "rule", "ring"].get(index)?.to_string()),
        SHADE => Some(extras::SHADES.get(index)?.to_string()),
        _ => None,
    }
}
