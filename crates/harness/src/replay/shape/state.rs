//! The heap after an operation, and every measure of it.

#![expect(clippy::cast_precision_loss, reason = "a ratio needs no more digits than a double has")]

use heaplab_report::HeapShape;

/// What is followed, at its place in the lists of values.
pub(super) const EXTERNAL: usize = 0;
pub(super) const INTERNAL: usize = 1;
pub(super) const BEYOND_LARGEST: usize = 2;
pub(super) const ROOT_SQUARE: usize = 3;
/// The first of three each, by size.
pub(super) const UNUSABLE: usize = 4;
pub(super) const FRAGMENTATION: usize = 7;
pub(super) const LIVE_PAGES: usize = 10;
pub(super) const METADATA: usize = 11;
pub(super) const VALUES: usize = 12;

/// The values by name, in the order above.
pub(super) const NAMES: [&str; VALUES] = [
    "external_ratio",
    "internal_ratio",
    "beyond_largest_ratio",
    "root_square_ratio",
    "for_256_bytes.unusable_index",
    "for_4096_bytes.unusable_index",
    "for_65536_bytes.unusable_index",
    "for_256_bytes.fragmentation_index",
    "for_4096_bytes.fragmentation_index",
    "for_65536_bytes.fragmentation_index",
    "live_pages",
    "metadata_bytes",
];

/// What the fragmentation index says of a size that a hole would serve.
pub(super) const SERVED: f64 = -1.0;

const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

/// Whole numbers, from which each measure follows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    pub(super) live_bytes: u64,
    pub(super) live_requested_bytes: u64,
    /// The end of the last block, or the live bytes where the contestant does not tell it.
    pub(super) end_bytes: u64,
    pub(super) holes: u64,
    pub(super) hole_bytes: u64,
    pub(super) largest_hole_bytes: u64,
    /// Sum of the squares of the holes' lengths.
    pub(super) squares: u128,
    /// Bytes in holes of at least each of [`HeapShape::SIZES_BYTES`].
    pub(super) usable_bytes: [u64; 3],
    pub(super) live_pages: u64,
}

impl State {
    /// All measures, with the bytes of bookkeeping as given.
    #[inline]
    pub(super) fn measure(&self, metadata_bytes: f64) -> [f64; VALUES] {
        // Nothing is more than these. Turning a number into a double is one instruction if that may have a sign.
        if i64::try_from(self.end_bytes | self.live_bytes).is_ok() {
            self.measure_by(|number| number.cast_signed() as f64, metadata_bytes)
        } else {
            self.measure_by(|number| number as f64, metadata_bytes)
        }
    }

    #[inline]
    fn measure_by(&self, double: impl Fn(u64) -> f64, metadata_bytes: f64) -> [f64; VALUES] {
        let mut values = [0.0; VALUES];
        let live = double(self.live_bytes);
        let wholes = [double(self.end_bytes), live];
        let parts = [live, double(self.live_requested_bytes)];
        // Side by side, so that one instruction divides both.
        let over = |at: usize| {
            let (whole, part): (f64, f64) = (wholes[at], parts[at]);
            let more = if part > 0.0 { whole - part } else { 0.0 };
            more / if part > 0.0 { part } else { 1.0 }
        };
        [values[EXTERNAL], values[INTERNAL]] = [over(0), over(1)];
        values[LIVE_PAGES] = double(self.live_pages);
        values[METADATA] = metadata_bytes;
        if self.holes == 0 {
            return values;
        }
        let free = double(self.hole_bytes);
        // With a single hole the root may differ from the sum by rounding.
        let root = if self.holes == 1 {
            free
        } else {
            // Turning two words into a double is a call.
            let high = (self.squares >> 64) as u64;
            #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
            let low = self.squares as u64;
            (high as f64 * TWO_TO_64 + low as f64).sqrt()
        };
        // A division costs several products, and their last bit is far behind the digits of a report.
        let share = 1.0 / free;
        values[BEYOND_LARGEST] = double(self.hole_bytes - self.largest_hole_bytes) * share;
        values[ROOT_SQUARE] = (free - root) * share;
        for (at, &usable) in self.usable_bytes.iter().enumerate() {
            values[UNUSABLE + at] = double(self.hole_bytes - usable) * share;
            values[FRAGMENTATION + at] = if usable > 0 {
                SERVED
            } else {
                let size = double(HeapShape::SIZES_BYTES[at]);
                1.0 - (1.0 + free / size) / double(self.holes)
            };
        }
        values
    }
}

/// Sums over states, of whole numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// States in which any byte was live, and was asked for.
    pub(super) live_count: u64,
    pub(super) requested_count: u64,
    /// States in which no hole would serve a size.
    pub(super) unserved: [u64; 3],
    pub(super) holes: u128,
    pub(super) hole_bytes: u128,
    pub(super) largest_hole_bytes: u128,
}

impl Counts {
    #[inline]
    pub(super) fn add(&mut self, state: &State) {
        self.live_count += u64::from(state.live_bytes > 0);
        self.requested_count += u64::from(state.live_requested_bytes > 0);
        for (unserved, usable) in self.unserved.iter_mut().zip(state.usable_bytes) {
            *unserved += u64::from(usable == 0);
        }
        self.holes += u128::from(state.holes);
        self.hole_bytes += u128::from(state.hole_bytes);
        self.largest_hole_bytes += u128::from(state.largest_hole_bytes);
    }
}
