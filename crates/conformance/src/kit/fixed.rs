//! Sequences that are always the same: the edges of sizes, alignments, capacities and configurations.

use heaplab_core::{Config, ConfigError, Request, Strategy};

use super::{Verdict, fail, granules, judge_fixed};
use crate::{Case, Fault, Op};

/// Fills heaps to the last granule, frees in different orders, and allocates the whole capacity in one piece.
///
/// # Errors
///
/// The [`Failure`](super::Failure).
pub fn exhaustion_and_recovery<S: Strategy>(config: &Config) -> Verdict {
    const BLOCKS: usize = 48;
    let orders: [fn(usize) -> usize; 4] = [
        |_| 0,
        |left| left - 1,
        |left| left / 2,
        // Every second block, then the rest: the index counts what is left.
        |left| if left > BLOCKS / 2 { BLOCKS - left } else { 0 },
    ];
    for granule in granules() {
        for (order, index_of) in orders.into_iter().enumerate() {
            let one = Request::new(granule.bytes());
            let mut operations = vec![Op::Allocate(one); BLOCKS + 1];
            operations.push(Op::Resize(order, Request::new(granule.bytes() + 1)));
            operations.extend((1..=BLOCKS).rev().map(|left| Op::Free(index_of(left))));
            let whole = Request::new(granule.bytes() * BLOCKS as u64);
            operations.extend([Op::Allocate(whole), Op::Allocate(one), Op::Resize(0, one)]);
            operations.extend([Op::Allocate(one), Op::Resize(0, whole), Op::Stale(3)]);
            let capacity_bytes = granule.bytes() * BLOCKS as u64;
            judge_fixed::<S>(Case { capacity_bytes, granule, operations }, config)?;
        }
    }
    Ok(())
}

/// Sizes and alignments that no heap can serve, or only just, in heaps of one granule and more.
///
/// # Errors
///
/// The [`Failure`](super::Failure).
pub fn hostile_requests<S: Strategy>(config: &Config) -> Verdict {
    for granule in granules() {
        let g = granule.bytes();
        for capacity_bytes in [g, 2 * g, 3 * g, 100 * g, 1 << 36, u64::MAX] {
            let top = i64::MAX.unsigned_abs();
            let around_granule = [0, 1, g - 1, g, g + 1];
            let around_capacity =
                [capacity_bytes - 1, capacity_bytes, capacity_bytes.saturating_add(1)];
            let around_top = [top, top + 1, u64::MAX - g, u64::MAX - 1, u64::MAX];
            let beyond = capacity_bytes.checked_next_power_of_two().unwrap_or(1 << 63);
            let aligns = [1, g, 2 * g, 4_096, beyond, 1 << 63, 0, 3, u64::MAX];
            let mut operations = vec![Op::Allocate(Request::new(1)); 2];
            for size in around_granule.into_iter().chain(around_capacity).chain(around_top) {
                for request in aligns.map(|align| Request::aligned(size, align)) {
                    operations.extend([Op::Allocate(request), Op::Resize(0, request)]);
                    operations.extend([Op::Resize(1, request), Op::Free(2)]);
                }
                operations.push(Op::Free(0));
            }
            judge_fixed::<S>(Case { capacity_bytes, granule, operations }, config)?;
        }
    }
    Ok(())
}

/// Heaps smaller than a granule, parameters that are unknown or out of range; and that a capacity is rounded down.
///
/// # Errors
///
/// The [`Failure`](super::Failure).
pub fn wrong_configurations<S: Strategy>(config: &Config) -> Verdict {
    for granule in granules() {
        let config = config.clone().with_granule(granule);
        let g = granule.bytes();
        for capacity_bytes in [0, g / 2] {
            let expected = ConfigError::CapacityTooSmall { capacity_bytes, granule_bytes: g };
            refuse::<S>(capacity_bytes, &config, |error| *error == expected, "a tiny capacity")?;
        }
        let unknown = config.clone().with_parameter("no-such-parameter", 1);
        let is_unknown = |error: &ConfigError| matches!(error, ConfigError::UnknownParameter { name } if name == "no-such-parameter");
        refuse::<S>(g, &unknown, is_unknown, "an unknown parameter")?;
        for parameter in S::CAPABILITIES.parameters {
            let below = parameter.min.checked_sub(1);
            let above = parameter.max.checked_add(1);
            for value in below.into_iter().chain(above) {
                let wrong = config.clone().with_parameter(parameter.name, value);
                let is_range =
                    |error: &ConfigError| matches!(error, ConfigError::ParameterOutOfRange { .. });
                refuse::<S>(g, &wrong, is_range, "a parameter out of range")?;
            }
        }
        let made = match S::new(4 * g - 1, &config) {
            Ok(made) => made,
            Err(error) => {
                let fault = Fault::WrongConfiguration(format!("cannot be made: {error}"));
                return fail(fault, 4 * g - 1, granule);
            }
        };
        let expected = granule.floor(4 * g - 1);
        if made.capacity_bytes() != expected || made.granule() != granule {
            let (capacity, found) = (made.capacity_bytes(), made.granule().bytes());
            let text =
                format!("capacity is {capacity} and granule {found}, expected {expected} and {g}");
            return fail(Fault::WrongConfiguration(text), 4 * g - 1, granule);
        }
    }
    Ok(())
}

fn refuse<S: Strategy>(
    capacity_bytes: u64,
    config: &Config,
    is_right: impl Fn(&ConfigError) -> bool,
    what: &str,
) -> Verdict {
    let text = match S::new(capacity_bytes, config) {
        Ok(_) => format!("{what} was accepted"),
        Err(error) if is_right(&error) => return Ok(()),
        Err(error) => format!("{what} gave the wrong error: {error}"),
    };
    fail(Fault::WrongConfiguration(text), capacity_bytes, config.granule)
}

/// What listings and reports need is there, and the defaults are allowed values.
///
/// # Errors
///
/// The [`Failure`](super::Failure).
pub fn capabilities_are_declared<S: Strategy>(config: &Config) -> Verdict {
    let declared = S::CAPABILITIES;
    let texts = [
        ("description", declared.description),
        ("source", declared.source),
        ("package", declared.package),
        ("version", declared.version),
    ];
    let empty = texts.into_iter().find(|(_, text)| text.trim().is_empty() || text.contains('\n'));
    let mut complaint = empty.map(|(name, _)| format!("{name} must be one line of text"));
    for (index, parameter) in declared.parameters.iter().enumerate() {
        let name = parameter.name;
        if !(parameter.min..=parameter.max).contains(&parameter.default) {
            complaint = Some(format!("the default of '{name}' is out of its range"));
        }
        if name.is_empty() || parameter.unit.is_empty() || parameter.description.is_empty() {
            complaint = Some(format!("parameter '{name}' lacks a name, a unit or a description"));
        }
        if declared.parameters[..index].iter().any(|other| other.name == name) {
            complaint = Some(format!("parameter '{name}' is declared twice"));
        }
    }
    match complaint {
        None => Ok(()),
        Some(text) => fail(Fault::WrongCapabilities(text), 0, config.granule),
    }
}
