//! Heap maps as pictures: addresses across, operations down.
//!
//! [`png()`] paints a map's rows, one pixel a column, and [`figure`] sets maps side by side into an SVG with axes and a
//! legend, for documents. The page's own section shows the same pixels, and its player draws them anew from the report
//! that the page carries.

use heaplab_report::HeapMap;
use heaplab_report::map::MapError;

mod figure;
mod paint;
#[cfg(test)]
mod tests;

pub use figure::{Figure, figure};
pub(crate) use paint::age_color;
pub use paint::{ColorBy, png};

/// The player, by the parts that it is written in; it has a scope of its own.
pub(crate) const PLAYER: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("../assets/player/data.js"),
    include_str!("../assets/player/paint.js"),
    include_str!("../assets/player/player.js"),
    "start();\n})();\n"
);

/// Why a map has no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The map holds something that no map can have.
    #[error("the map of {strategy} on {trace}: {source}")]
    Map {
        /// Its strategy.
        strategy: String,
        /// Its trace.
        trace: String,
        /// What is wrong with it.
        source: MapError,
    },
    /// The picture could not be encoded.
    #[error("cannot encode a picture: {0}")]
    Png(#[from] png::EncodingError),
}

impl PictureError {
    fn of(map: &HeapMap, source: MapError) -> Self {
        Self::Map { strategy: map.strategy.clone(), trace: map.trace.clone(), source }
    }
}
