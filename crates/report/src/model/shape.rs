//! The shape of a heap's free space: at the peak, on average, and over the course of a trace.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::big_uint::{self, Uint};

/// The free space of a heap, at one operation or averaged over all; each value absent where it is not known.
///
/// Free are the bytes in holes; the wilderness is not among them, since its length says how large a heap was given and
/// nothing about a strategy. Without holes every measure over them is 0. Formulas and sources: docs/FRAGMENTATION.md.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct HeapShape {
    /// Internal fragmentation: rounded over requested live bytes, minus one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_ratio: Option<f64>,
    /// Number of holes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holes: Option<f64>,
    /// Bytes in holes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hole_bytes: Option<f64>,
    /// Length of the largest hole, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_hole_bytes: Option<f64>,
    /// Share of the free bytes that lie outside the largest hole: 1 - largest / free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond_largest_ratio: Option<f64>,
    /// 1 - sqrt(sum of the squared hole lengths) / free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_square_ratio: Option<f64>,
    /// What the holes can do for a request of 256 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_256_bytes: Option<SizeShape>,
    /// What the holes can do for a request of 4096 bytes, a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_4096_bytes: Option<SizeShape>,
    /// What the holes can do for a request of 65536 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_65536_bytes: Option<SizeShape>,
    /// Pages of 4 KiB that a live block covers, wholly or in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_pages: Option<f64>,
    /// Bytes of bookkeeping in use, outside the heap, as last asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_bytes: Option<f64>,
    /// Holes by length, shortest class first; empty classes left out. Kept in the cells that keep a series.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hole_histogram: Vec<ShapeClass>,
}

impl HeapShape {
    /// The sizes in bytes that the `for_…_bytes` ask about.
    pub const SIZES_BYTES: [u64; 3] = [256, 4096, 65_536];

    /// Length of a page in bytes.
    pub const PAGE_BYTES: u64 = 4096;

    /// What is known for each of [`HeapShape::SIZES_BYTES`], in that order.
    pub const fn sizes(&self) -> [Option<SizeShape>; 3] {
        [self.for_256_bytes, self.for_4096_bytes, self.for_65536_bytes]
    }
}

/// What the holes can do for a request of one size.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct SizeShape {
    /// Unusable free space index (Gorman): share of the free bytes in holes shorter than the size.
    pub unusable_index: f64,
    /// Fragmentation index of Linux (extfrag): -1 where a hole would serve the size, else 1 - (1 + free / size) / holes:
    /// towards 0 for want of free bytes, towards 1 because they are scattered. On average: over the operations at which
    /// no hole would serve it, and absent where one always would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragmentation_index: Option<f64>,
    /// Share of the operations after which no hole would serve the size; only on average.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unserved_ratio: Option<f64>,
}

/// The holes of one class of lengths; fractions where they are averages.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ShapeClass {
    /// Shortest length of the class, in bytes; the class ends below twice that.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub from_bytes: u64,
    /// Number of holes in the class.
    pub holes: f64,
    /// Their lengths together, in bytes.
    pub bytes: f64,
}

/// Measures over the course of a trace, as bands: the lowest and the highest value in each part of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Trend {
    /// What the parts are counted in: `operation`, or `allocated_bytes`, the rounded lengths of all allocations and the
    /// growth of all resizes so far.
    pub x: String,
    /// Length of a part in that unit, a power of two; part number i begins at i times this.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub part: u64,
    /// Number of parts, at most 256, so that no measure has more than 512 points; every list of every band is that long.
    pub parts: u32,
    /// The measures, in the order of `metrics`.
    pub bands: Vec<Band>,
}

impl Trend {
    /// Most parts that a trend may have.
    pub const MAX_PARTS: u32 = 256;
}

/// One measure in each part of a trace; both lists hold states that really occurred, rounded to three digits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Band {
    /// Name of the measure: the place of its field below `space.at_peak`, as in `for_4096_bytes.unusable_index`; or
    /// `external_ratio`, used over rounded live bytes, minus one.
    pub name: String,
    /// Lowest value in each part.
    pub low: Vec<f64>,
    /// Highest value in each part.
    pub high: Vec<f64>,
}
