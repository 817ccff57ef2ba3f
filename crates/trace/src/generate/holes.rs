//! Many holes low in the heap, and what that does to the requests that follow.

use super::churn::steady;
use super::emitter::{Emitter, Stop};
use super::parameters::Values;
use super::random::{Random, Sizes};

/// Tiny holes, all alike, then a few live blocks in steady turnover.
///
/// A linear search from the bottom passes all of them at every request that is larger.
pub(super) fn adversary(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let hole = values.get("hole_size");
    for slot in fence(values.get("holes"), |_| (hole, hole), emitter)? {
        emitter.free(slot)?;
    }
    let sizes = Sizes::log_uniform(values.get("min_size"), values.get("max_size"));
    steady(values.get("live"), &sizes, random, emitter)
}

/// Holes whose lengths rise with their address, then a few live blocks in steady turnover.
pub(super) fn rising(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let (least, most) = (values.get("min_hole_size"), values.get("max_hole_size"));
    let (holes, last) = (values.get("holes"), values.get("holes").saturating_sub(1).max(1));
    let length = |index| {
        let rise = u128::from(most - least) * u128::from(index) / u128::from(last);
        // At most `most - least`.
        least + u64::try_from(rise).unwrap_or(0)
    };
    for slot in fence(holes, |index| (length(index), least), emitter)? {
        emitter.free(slot)?;
    }
    let sizes = Sizes::log_uniform(values.get("min_size"), values.get("max_size"));
    steady(values.get("live"), &sizes, random, emitter)
}

/// Holes made in random order, then filled one by one.
pub(super) fn refill(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let (holes, size) = (values.get("holes"), values.get("hole_size"));
    let mut later_holes = fence(holes, |_| (size, size), emitter)?;
    random.shuffle(&mut later_holes);
    for slot in later_holes {
        emitter.free(slot)?;
    }
    for _ in 0..holes {
        emitter.allocate(size)?;
    }
    Ok(())
}

/// Allocates pairs of blocks, of the sizes that `pair` gives for an index, and returns the first of
/// each pair; once these are freed, the second ones keep the holes apart.
fn fence(
    pairs: u64,
    pair: impl Fn(u64) -> (u64, u64),
    emitter: &mut Emitter<'_>,
) -> Result<Vec<u32>, Stop> {
    let mut first_ones = Vec::new();
    for (first, second) in (0..pairs).map(pair) {
        first_ones.push(emitter.allocate(first)?);
        emitter.allocate(second)?;
    }
    Ok(first_ones)
}
