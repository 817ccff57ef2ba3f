//! Space against time: which contestants in which heaps nothing else beats.
//!
//! A cell is a point: the bytes that it takes (its heap and the bookkeeping beside it) and the time of an operation.
//! Times count whole only in [`Mode::Payload`], where whoever moves a block pays for the copy.

use crate::model::{Cell, Mode, Report, Status, StrategyKind};

/// A cell as a point in space and time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// Capacity of its heap and the most bookkeeping in use outside of it, in bytes.
    ///
    /// Where a contestant does not tell its bookkeeping, the heap alone: it keeps it inside.
    pub total_bytes: u64,
    /// Median time of an operation, in ns.
    pub ns_per_operation: f64,
    /// Id of a cell that dominates this one; `None` for one of the set that nothing dominates.
    pub dominated_by: Option<&'a str>,
}

/// The points of one trace, measured in one way, by rising bytes and then rising time.
///
/// Left out are floors, cells that failed or have no time, and heaps without limit. Cells of several granules or
/// numbers of threads are separate curves: hand in one granule and one number of threads.
pub fn curve<'a>(report: &'a Report, trace: &str, mode: Mode) -> Vec<Point<'a>> {
    points(report, report.cells.iter().filter(|cell| cell.trace == trace && cell.mode == mode))
}

/// As [`curve`], of any cells that may be compared.
///
/// One cell dominates another when it takes no more bytes and, beyond the run's noise floor, no more time, and is
/// better in one of the two: fewer bytes, or less time by more than the noise floor. Since times that differ by
/// noise count as equal, a chain of dominated cells could end in one that is clearly faster than its beginning;
/// therefore only a cell that is itself undominated excludes others. So every point that is left out is dominated by
/// one of the set, and no point of the set by another of it. O(n²).
pub fn points<'a>(report: &'a Report, cells: impl IntoIterator<Item = &'a Cell>) -> Vec<Point<'a>> {
    let noise = report.measurement.noise_floor_ratio.unwrap_or(0.0);
    let is_floor = |cell: &Cell| {
        report.strategy(&cell.strategy).is_some_and(|entry| entry.kind == StrategyKind::Floor)
    };
    let point = |cell: &'a Cell| {
        let time = cell.time.as_ref().filter(|_| cell.outcome.status == Status::Ok)?;
        (!cell.heap.is_unlimited() && !is_floor(cell)).then(|| Point {
            cell,
            total_bytes: cell.heap.bytes.saturating_add(metadata_bytes(cell)),
            ns_per_operation: time.median_ns_per_operation,
            dominated_by: None,
        })
    };
    let mut points: Vec<Point<'a>> = cells.into_iter().filter_map(point).collect();
    // What dominates a point stands before it: it takes fewer bytes, or as many and less time.
    points.sort_by(|a, b| {
        (a.total_bytes.cmp(&b.total_bytes))
            .then(a.ns_per_operation.total_cmp(&b.ns_per_operation))
            .then_with(|| a.cell.id.cmp(&b.cell.id))
    });
    for index in 0..points.len() {
        let (before, from_here) = points.split_at_mut(index);
        let point = &mut from_here[0];
        let dominating = before
            .iter()
            .find(|other| other.dominated_by.is_none() && dominates(other, point, noise));
        point.dominated_by = dominating.map(|other| other.cell.id.as_str());
    }
    points
}

fn dominates(one: &Point<'_>, other: &Point<'_>, noise: f64) -> bool {
    let is_no_slower = one.ns_per_operation <= other.ns_per_operation * (1.0 + noise);
    let is_faster = one.ns_per_operation * (1.0 + noise) < other.ns_per_operation;
    is_no_slower
        && one.total_bytes <= other.total_bytes
        && (one.total_bytes < other.total_bytes || is_faster)
}

/// The most bookkeeping in use outside the heap; 0 where it is not told.
fn metadata_bytes(cell: &Cell) -> u64 {
    cell.space.as_ref().and_then(|space| space.metadata_bytes).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HeapSpec, Space, StrategyEntry, Time};

    /// `(strategy, heap, metadata, ns)`; a strategy whose name begins with `floor` is one.
    fn report(noise: f64, cells: &[(&str, u64, Option<u64>, f64)]) -> Report {
        let mut report = Report::default();
        report.measurement.noise_floor_ratio = Some(noise);
        for &(name, bytes, metadata_bytes, ns) in cells {
            let kind =
                if name.starts_with("floor") { StrategyKind::Floor } else { StrategyKind::Peer };
            report.strategies.push(StrategyEntry {
                name: name.into(),
                kind,
                ..StrategyEntry::default()
            });
            report.cells.push(Cell {
                id: format!("{name}/{bytes}"),
                trace: "t".into(),
                strategy: name.into(),
                heap: HeapSpec { bytes, ratio: None, spec: bytes.to_string() },
                mode: Mode::Payload,
                space: Some(Space { metadata_bytes, ..Space::default() }),
                time: Some(Time { median_ns_per_operation: ns, ..Time::default() }),
                ..Cell::default()
            });
        }
        report
    }

    fn dominated(report: &Report) -> Vec<(&str, Option<&str>)> {
        let points = curve(report, "t", Mode::Payload);
        points.into_iter().map(|it| (it.cell.id.as_str(), it.dominated_by)).collect()
    }

    #[test]
    fn less_space_and_less_time_leave_nothing_else() {
        let report = report(
            0.0,
            &[
                ("slow", 100, None, 90.0),
                ("quick", 200, None, 10.0),
                ("between", 150, None, 40.0),
                ("worse", 150, None, 41.0),
                ("far", 300, None, 10.0),
                ("floor", 1, None, 1.0),
            ],
        );
        assert_eq!(
            dominated(&report),
            [
                ("slow/100", None),
                ("between/150", None),
                ("worse/150", Some("between/150")),
                ("quick/200", None),
                ("far/300", Some("quick/200")),
            ]
        );
    }

    #[test]
    fn bookkeeping_counts_as_space() {
        let report = report(0.0, &[("beside", 100, Some(60), 20.0), ("inside", 130, None, 20.0)]);
        assert_eq!(dominated(&report), [("inside/130", None), ("beside/100", Some("inside/130"))]);
    }

    #[test]
    fn what_is_within_the_noise_is_no_difference() {
        // As small and as quick as each other: both stay. A little quicker, but larger: goes.
        let same = report(0.05, &[("a", 100, None, 10.0), ("b", 100, None, 10.4)]);
        assert_eq!(dominated(&same), [("a/100", None), ("b/100", None)]);
        let larger = report(0.05, &[("a", 100, None, 10.4), ("b", 101, None, 10.0)]);
        assert_eq!(dominated(&larger), [("a/100", None), ("b/101", Some("a/100"))]);
    }

    #[test]
    fn a_chain_of_small_steps_does_not_hide_the_fastest() {
        let report =
            report(0.05, &[("a", 100, None, 10.8), ("b", 110, None, 10.4), ("c", 120, None, 10.0)]);
        // `b` would dominate `c`, but is itself dominated; `a` is clearly slower than `c`.
        assert_eq!(
            dominated(&report),
            [("a/100", None), ("b/110", Some("a/100")), ("c/120", None)]
        );
    }

    #[test]
    fn failed_and_unlimited_cells_are_no_points() {
        let mut report = report(0.0, &[("a", 100, None, 10.0), ("b", 90, None, 9.0)]);
        report.cells[1].outcome.status = Status::Timeout;
        assert_eq!(dominated(&report).len(), 1);
        report.cells[0].heap.spec = HeapSpec::UNLIMITED.into();
        assert!(dominated(&report).is_empty());
    }
}
