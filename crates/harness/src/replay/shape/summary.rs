//! The measures as they stand in a report.

use heaplab_report::{HeapShape, ShapeClass, SizeShape, Trend};

use super::pages::Pages;
use super::state::{
    BEYOND_LARGEST, EXTERNAL, FRAGMENTATION, INTERNAL, LIVE_PAGES, METADATA, NAMES, ROOT_SQUARE,
    SERVED, UNUSABLE, VALUES,
};
use super::{Peak, Shapes};

/// Digits of a ratio in the report.
const DIGITS: i32 = 6;

/// What [`Shapes::finish`] hands over.
#[derive(Debug)]
pub(in crate::replay) struct Finished {
    /// The average over all operations after which any byte was live, of used over live bytes, minus one.
    pub(in crate::replay) mean_external_ratio: Option<f64>,
    pub(in crate::replay) at_peak: Option<HeapShape>,
    pub(in crate::replay) mean: Option<HeapShape>,
    pub(in crate::replay) touched_pages: Option<u64>,
    pub(in crate::replay) trends: Vec<Trend>,
}

impl Shapes {
    /// The figures at the peak, on average, and over the trace, and the pages touched.
    pub(in crate::replay) fn finish(&mut self) -> Finished {
        self.leave_peak();
        self.measure();
        if let Some(holes) = &mut self.holes {
            holes.set_time(self.operations);
        }
        let at_peak = self.peak.take().map(|peak| self.shape_at(&peak));
        let mean = (self.operations > 0).then(|| self.mean());
        let knows = self.known();
        let names = std::array::from_fn(|at| knows[at].then_some(NAMES[at]));
        Finished {
            mean_external_ratio: self.mean_external_ratio(),
            at_peak,
            mean,
            touched_pages: self.pages.as_ref().and_then(Pages::count),
            trends: self.bands.finish(names),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a mean needs no more digits than a double has")]
    fn mean_external_ratio(&self) -> Option<f64> {
        (self.ends_known && self.counts.live_count > 0)
            .then(|| self.sums[EXTERNAL] / self.counts.live_count as f64)
    }

    fn known(&self) -> [bool; VALUES] {
        let mut known = [self.holes.is_some(); VALUES];
        known[EXTERNAL] = self.ends_known;
        known[INTERNAL] = true;
        known[METADATA] = self.metadata_bytes.is_some();
        known
    }

    #[expect(clippy::cast_precision_loss, reason = "the same type holds averages")]
    fn shape_at(&self, peak: &Peak) -> HeapShape {
        let known = self.holes.is_some();
        let Peak { state, metadata_bytes, classes } = peak;
        let values = state.measure(*metadata_bytes);
        let value = |at: usize| round_to(DIGITS, values[at]);
        let size = |at: usize| {
            known.then(|| SizeShape {
                unusable_index: value(UNUSABLE + at),
                fragmentation_index: Some(value(FRAGMENTATION + at)),
                unserved_ratio: None,
            })
        };
        HeapShape {
            internal_ratio: Some(value(INTERNAL)),
            holes: known.then_some(state.holes as f64),
            hole_bytes: known.then_some(state.hole_bytes as f64),
            largest_hole_bytes: known.then_some(state.largest_hole_bytes as f64),
            beyond_largest_ratio: known.then(|| value(BEYOND_LARGEST)),
            root_square_ratio: known.then(|| value(ROOT_SQUARE)),
            for_256_bytes: size(0),
            for_4096_bytes: size(1),
            for_65536_bytes: size(2),
            live_pages: known.then_some(values[LIVE_PAGES]),
            metadata_bytes: self.metadata_bytes.map(|_| values[METADATA]),
            hole_histogram: if known { classes.histogram() } else { Vec::new() },
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a mean needs no more digits than a double has")]
    fn mean(&self) -> HeapShape {
        let known = self.holes.is_some();
        let operations = self.operations as f64;
        let mean = |at: usize| round_to(DIGITS, self.sums[at] / operations);
        let mean_of = |sum: u128| known.then(|| round_to(DIGITS, sum as f64 / operations));
        let size = |at: usize| {
            let unserved = self.counts.unserved[at];
            let served = (self.operations - unserved) as f64;
            // Without holes nothing is served and the index is 0.
            let index = (self.sums[FRAGMENTATION + at] - SERVED * served) / unserved as f64;
            known.then(|| SizeShape {
                unusable_index: mean(UNUSABLE + at),
                fragmentation_index: (unserved > 0).then(|| round_to(DIGITS, index)),
                unserved_ratio: Some(round_to(DIGITS, unserved as f64 / operations)),
            })
        };
        let internal = self.sums[INTERNAL] / self.counts.requested_count as f64;
        HeapShape {
            internal_ratio: (self.counts.requested_count > 0).then(|| round_to(DIGITS, internal)),
            holes: mean_of(self.counts.holes),
            hole_bytes: mean_of(self.counts.hole_bytes),
            largest_hole_bytes: mean_of(self.counts.largest_hole_bytes),
            beyond_largest_ratio: known.then(|| mean(BEYOND_LARGEST)),
            root_square_ratio: known.then(|| mean(ROOT_SQUARE)),
            for_256_bytes: size(0),
            for_4096_bytes: size(1),
            for_65536_bytes: size(2),
            live_pages: known.then(|| mean(LIVE_PAGES)),
            metadata_bytes: self.metadata_bytes.map(|_| mean(METADATA)),
            hole_histogram: self.holes.as_ref().map_or_else(Vec::new, |holes| {
                let mut classes = holes.mean_histogram();
                classes.iter_mut().for_each(round_class);
                classes
            }),
        }
    }
}

fn round_class(class: &mut ShapeClass) {
    class.holes = round_to(DIGITS, class.holes);
    class.bytes = round_to(DIGITS, class.bytes);
}

/// So many significant digits.
pub(super) fn round_to(digits: i32, value: f64) -> f64 {
    // Through text, since scaling by powers of ten leaves digits behind.
    let places = usize::try_from(digits - 1).unwrap_or(0);
    format!("{value:.places$e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::round_to;

    #[test]
    fn numbers_are_rounded_to_significant_digits() {
        for (digits, value, expected) in [
            (3, 0.001_234_56, 0.001_23),
            (3, 123_456.0, 123_000.0),
            (6, 2.0 / 3.0, 0.666_667),
            (3, -1.0, -1.0),
            (3, 0.0, 0.0),
        ] {
            assert_eq!(round_to(digits, value).to_string(), f64::to_string(&expected));
        }
    }
}
