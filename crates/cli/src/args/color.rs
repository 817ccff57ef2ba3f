//! Color: a wish of the arguments that is needed before they are understood.

use std::ffi::OsString;

use anstream::ColorChoice;

/// The wish for color, known before the arguments are understood: help and errors are colored too.
pub(crate) fn color_wish(arguments: &[OsString]) -> ColorChoice {
    let mut words =
        arguments.iter().map(|word| word.to_string_lossy()).take_while(|word| word != "--");
    let mut wish = None;
    while let Some(word) = words.next() {
        if word == "--color" {
            wish = words.next().map(std::borrow::Cow::into_owned);
        } else if let Some(value) = word.strip_prefix("--color=") {
            wish = Some(value.to_owned());
        }
    }
    match wish.as_deref() {
        Some("always") => ColorChoice::AlwaysAnsi,
        Some("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}

/// The same wish for the parser's own texts.
pub(crate) fn clap_color() -> clap::ColorChoice {
    match ColorChoice::global() {
        ColorChoice::Always | ColorChoice::AlwaysAnsi => clap::ColorChoice::Always,
        ColorChoice::Never => clap::ColorChoice::Never,
        ColorChoice::Auto => clap::ColorChoice::Auto,
    }
}
