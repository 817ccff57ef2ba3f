//! Claims about a run: what a suite expects of its figures, and which cells do not keep it.

use globset::{Glob, GlobMatcher};

use crate::figures::Figures;
use crate::model::{BrokenClaim, Cell, Expectation, Report, Status, StrategyKind};
use crate::number::significant;
use crate::view::BadPattern;

/// Cells that a sentence names before it only counts the rest.
const NAMED: usize = 3;

/// What a claim is about, and within which limits it has to be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Claim {
    /// Glob over the strategies; peers and floors by their whole names alone.
    pub strategy: String,
    /// Glob over the traces.
    pub trace: String,
    /// The heap as asked for; all where there is none.
    pub heap: Option<String>,
    /// A name that [`is_metric`] knows.
    pub metric: String,
    /// The least that it may be.
    pub min: Option<f64>,
    /// The most that it may be.
    pub max: Option<f64>,
}

/// Where a figure is found in a cell.
struct Place {
    path: String,
    /// Whether it is taken over the trace's peak of live bytes.
    is_ratio: bool,
}

/// Every name that a claim may be about: the metrics of a report, and ratios to peak live in the place of bytes.
pub fn metric_names() -> Vec<String> {
    let metrics = crate::metrics();
    let bytes = metrics.iter().filter_map(|metric| metric.name.strip_suffix("_bytes"));
    let ratios = bytes.map(|stem| format!("{stem}_ratio")).collect::<Vec<_>>();
    metrics.into_iter().map(|metric| metric.name).chain(ratios).collect()
}

/// Whether a claim may be about that name: one of [`metric_names`], or the end of exactly one of them.
///
/// ```
/// use heaplab_report::expect::is_metric;
/// assert!(is_metric("space.high_water_bytes") && is_metric("min_heap_ratio") && !is_metric("heap"));
/// ```
pub fn is_metric(name: &str) -> bool {
    place(name).is_some()
}

fn place(name: &str) -> Option<Place> {
    let end = format!(".{name}");
    let known = metric_names();
    let whole = known.iter().find(|known| *known == name);
    let mut ends = known.iter().filter(|known| known.ends_with(&end));
    let found = match (whole, ends.next(), ends.next()) {
        (Some(whole), ..) => whole,
        (None, Some(one), None) => one,
        _ => return None,
    };
    if crate::metrics().iter().any(|metric| metric.name == *found) {
        return Some(Place { path: found.clone(), is_ratio: false });
    }
    let stem = found.strip_suffix("_ratio")?;
    Some(Place { path: format!("{stem}_bytes"), is_ratio: true })
}

/// Holds the claims against a report.
///
/// A cell that did not complete keeps no claim about its heap; where a claim names no heap, it is not asked.
/// A claim that no cell has a figure for is broken, too: nothing shows that it is kept.
///
/// # Errors
/// [`BadPattern`] for a strategy or a trace that is no glob.
pub fn check(report: &Report, claims: &[Claim]) -> Result<Vec<Expectation>, BadPattern> {
    claims.iter().map(|claim| held(report, claim)).collect()
}

fn held(report: &Report, claim: &Claim) -> Result<Expectation, BadPattern> {
    let (strategies, traces) = (glob(&claim.strategy)?, glob(&claim.trace)?);
    let place = place(&claim.metric);
    let is_meant = |cell: &&Cell| {
        let kind = report.strategy(&cell.strategy).map(|entry| entry.kind);
        let is_ours = kind == Some(StrategyKind::Strategy);
        (cell.strategy == claim.strategy || (is_ours && strategies.is_match(&cell.strategy)))
            && traces.is_match(&cell.trace)
            && claim.heap.as_ref().is_none_or(|heap| *heap == cell.heap.spec)
    };
    let (mut cells, mut broken) = (0, Vec::new());
    for cell in report.cells.iter().filter(is_meant) {
        if cell.outcome.status != Status::Ok {
            if claim.heap.is_some() {
                cells += 1;
                broken.push(BrokenClaim { cell: cell.id.clone(), value: None });
            }
            continue;
        }
        let Some(value) = place.as_ref().and_then(|place| value(report, cell, place)) else {
            continue;
        };
        cells += 1;
        let is_within =
            claim.min.is_none_or(|min| value >= min) && claim.max.is_none_or(|max| value <= max);
        if !is_within {
            broken.push(BrokenClaim { cell: cell.id.clone(), value: Some(value) });
        }
    }
    Ok(Expectation {
        strategy: claim.strategy.clone(),
        trace: claim.trace.clone(),
        heap: claim.heap.clone(),
        metric: claim.metric.clone(),
        min: claim.min,
        max: claim.max,
        is_kept: cells > 0 && broken.is_empty(),
        cells,
        broken,
    })
}

fn glob(pattern: &str) -> Result<GlobMatcher, BadPattern> {
    Glob::new(pattern).map(|glob| glob.compile_matcher()).map_err(|error| BadPattern {
        pattern: pattern.to_owned(),
        reason: error.kind().to_string(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a ratio to a limit that somebody wrote down")]
fn value(report: &Report, cell: &Cell, place: &Place) -> Option<f64> {
    let value = Figures::of(cell).get(&place.path)?.to_f64();
    if !place.is_ratio {
        return Some(value);
    }
    Some(value / report.trace(&cell.trace)?.peak_live_bytes.max(1) as f64)
}

/// A sentence for each claim that the report does not keep.
pub fn broken(report: &Report) -> Vec<String> {
    let broken = report.expectations.iter().filter(|claim| !claim.is_kept);
    broken
        .map(|claim| format!("Claim broken: {}: {}", claimed(claim), why(report, claim)))
        .collect()
}

/// How many claims are kept, in a sentence; none where nothing is claimed.
pub fn kept(report: &Report) -> Option<String> {
    let all = report.expectations.len();
    let kept = report.expectations.iter().filter(|claim| claim.is_kept).count();
    match (all, kept) {
        (0, _) => None,
        (1, 1) => Some("Claims: the one of the suite is kept.".into()),
        (all, kept) if all == kept => Some(format!("Claims: all {all} of the suite are kept.")),
        (all, kept) => Some(format!("Claims: {kept} of {all} of the suite are kept.")),
    }
}

/// `min_heap_ratio of compaction on * is at most 1`.
fn claimed(claim: &Expectation) -> String {
    let heap = claim.heap.as_ref().map_or_else(String::new, |heap| format!(" in {heap}"));
    let limits = match (claim.min, claim.max) {
        (Some(min), Some(max)) if (max - min).abs() < f64::EPSILON => format!("{max}"),
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "anything".into(),
    };
    format!("{} of {} on {}{heap} is {limits}", claim.metric, claim.strategy, claim.trace)
}

fn why(report: &Report, claim: &Expectation) -> String {
    if claim.cells == 0 {
        return "no completed cell that it is about has such a figure".into();
    }
    let one = |it: &BrokenClaim| match it.value {
        Some(value) => format!("{} has {}", it.cell, shown(claim, value)),
        None => {
            let status = report.cell(&it.cell).map_or("gone", |cell| cell.outcome.status.as_str());
            format!("{} is {status}", it.cell)
        }
    };
    let mut words: Vec<String> = claim.broken.iter().take(NAMED).map(one).collect();
    if claim.broken.len() > NAMED {
        words.push(format!("{} more", claim.broken.len() - NAMED));
    }
    format!("{} ({} of {} cells)", words.join(", "), claim.broken.len(), claim.cells)
}

/// Three digits, or as many as tell the value from the limits that it breaks.
fn shown(claim: &Expectation, value: f64) -> String {
    let text = significant(value);
    let is_telling =
        [claim.min, claim.max].into_iter().flatten().all(|limit| significant(limit) != text);
    if is_telling { text } else { value.to_string() }
}
