//! The claims of a suite: known to be about something before a run, held against its report after it.

use heaplab_core::{Registry, StrategyList};
use heaplab_harness::{HeapSize, Plan, floor};
use heaplab_report::Report;
use heaplab_report::expect::{self, Claim};

use crate::args::RunArgs;
use crate::failure::Failure;
use crate::output::Terminal;
use crate::suite::{ClaimedPart, Suite};

/// The claims that this run can keep.
///
/// # Errors
///
/// Exit 3, with file and line, for a claim that no run of the suite could keep.
pub(super) fn of<L: StrategyList>(
    registry: &Registry<L>,
    suite: Option<&Suite>,
    args: &RunArgs,
    plan: &Plan,
    terminal: &Terminal,
) -> Result<Vec<Claim>, Failure> {
    let Some(suite) = suite else { return Ok(Vec::new()) };
    let entries = crate::command::contestants(registry);
    let floors = floor::registry().entries();
    let known: Vec<&str> = entries.iter().map(|entry| entry.name).collect();
    let floors = floors.iter().map(|entry| entry.name);
    let strategies: Vec<&str> = plan.strategies.iter().map(String::as_str).chain(floors).collect();
    let traces: Vec<&str> = plan.traces.iter().map(|trace| trace.name.as_str()).collect();
    let mut heaps = plan.heaps.clone();
    heaps.push(HeapSize::Unlimited);
    let (claims, left_out) = suite.claims(&ClaimedPart {
        known_strategies: &known,
        strategies: &strategies,
        traces: &traces,
        heaps: &heaps,
        is_narrowed: [
            !args.filter.strategies.is_empty(),
            !args.filter.traces.is_empty(),
            args.heap.is_some() || args.timed.is_some() || args.curve,
        ],
    })?;
    if left_out > 0 {
        let claims =
            if left_out == 1 { "claim of the suite is" } else { "claims of the suite are" };
        terminal.note(&format!("{left_out} {claims} not asked, about what is not in this run"));
    }
    Ok(claims)
}

/// Notes in the report which claims it keeps; an interrupted run has not shown either.
///
/// # Errors
///
/// Exit 3 for a pattern that is none, which the suite's own check finds before.
pub(super) fn hold(claims: &[Claim], report: &mut Report) -> Result<(), Failure> {
    if claims.is_empty() || !report.complete {
        return Ok(());
    }
    report.expectations =
        expect::check(report, claims).map_err(|error| Failure::input(error.to_string()))?;
    report.seal();
    Ok(())
}

/// Whether a claim is broken. Who asked for quiet sees no headline, and is told here.
pub(super) fn are_broken(report: &Report, terminal: &Terminal) -> bool {
    let broken = expect::broken(report);
    if terminal.quiet {
        broken.iter().for_each(|sentence| terminal.warn(sentence));
    }
    !broken.is_empty()
}
