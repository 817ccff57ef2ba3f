//! The control: one strategy takes part twice, and what its two listings differ by is noise.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use heaplab_report::{Control, ControlCell, stats};

use super::Run;
use super::throughput::to_f64;
use super::timing::Turn;

impl Run<'_> {
    /// Second listings: those of the first strategy that is timed on the most traces, wherever it is timed.
    ///
    /// Where no strategy is timed, a peer is listed twice.
    pub(super) fn controls(&self, timed: &[Turn]) -> Vec<Turn> {
        let mut traces: BTreeMap<(Reverse<bool>, usize), Vec<usize>> = BTreeMap::new();
        for &turn in timed {
            let cell = &self.cells[turn.cell];
            if !self.is_floor(cell) {
                let key = (Reverse(self.is_strategy(turn)), cell.contestant);
                let traces = traces.entry(key).or_default();
                if !traces.contains(&cell.trace) {
                    traces.push(cell.trace);
                }
            }
        }
        // The keys ascend: strategies before peers, in the order of the registry.
        let best = traces.iter().min_by_key(|((rank, _), traces)| (*rank, Reverse(traces.len())));
        let Some((&(_, contestant), _)) = best else { return Vec::new() };
        timed
            .iter()
            .filter(|turn| self.cells[turn.cell].contestant == contestant)
            .map(|&turn| Turn { is_control: true, ..turn })
            .collect()
    }

    /// The second listings with their samples; `None` where nothing was listed twice.
    pub(super) fn control(&self) -> Option<Control> {
        let mut strategy = None;
        let mut cells = Vec::new();
        for cell in &self.cells {
            for timing in cell.timings.iter().filter(|timing| !timing.control_ns.is_empty()) {
                strategy = Some(self.contestants[cell.contestant].name);
                cells.push(ControlCell {
                    trace: self.workloads[cell.trace].name.clone(),
                    heap: cell.heap.to_string(),
                    mode: timing.mode,
                    samples_ns: timing.control_ns.clone(),
                });
            }
        }
        Some(Control { strategy: strategy?.into(), cells })
    }

    /// How far two listings of one strategy are apart, see [`stats::noise_floor`].
    pub(super) fn noise_floor(&self) -> Option<f64> {
        let timings = self.cells.iter().flat_map(|cell| &cell.timings);
        let pairs = timings
            .filter(|timing| !timing.control_ns.is_empty())
            .map(|timing| (to_f64(&timing.samples_ns), to_f64(&timing.control_ns)));
        stats::noise_floor(pairs)
    }
}
