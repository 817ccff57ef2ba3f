//! What a reader should know before trusting the figures.

use heaplab_report::{Environment, Warning};

use crate::progress::Progress;

/// Warnings by code, each once, with the cells that they concern.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    warnings: Vec<Warning>,
}

impl Warnings {
    pub(super) fn add(&mut self, code: &str, text: &str, cells: Vec<String>) {
        match self.warnings.iter_mut().find(|warning| warning.code == code) {
            Some(warning) => warning.cells.extend(cells),
            None => self.warnings.push(Warning { code: code.into(), text: text.into(), cells }),
        }
    }

    /// A strategy did not come back.
    pub(super) fn hung(&mut self, id: &str, progress: &dyn Progress) {
        let text = "a strategy did not return from an operation; its thread was left behind, and disturbs all times";
        self.add("hung", text, vec![id.into()]);
        progress.warn(&format!("{id}: the strategy does not return from an operation"));
    }

    pub(super) fn unverified(&mut self, id: &str) {
        let text =
            "contents were not verified, for want of time or memory; such cells are not timed";
        self.add("unverified", text, vec![id.into()]);
    }

    /// What the machine does to times.
    pub(super) fn about(&mut self, environment: &Environment) {
        let cpu = &environment.cpu;
        let scales = cpu.governor.value().is_some_and(|governor| governor != "performance")
            || cpu.turbo.value().is_some_and(|&turbo| turbo);
        if scales {
            let text = "the processor changes its frequency; compare times within one round only";
            self.add("frequency_scaling", text, Vec::new());
        }
        if environment.throttled.value() == Some(&true) {
            self.add("throttled", "the processor was throttled during the run", Vec::new());
        }
        let cores = cpu.logical_cores.value().copied().map(f64::from);
        if let (Some(&load), Some(cores)) = (environment.load_before.value(), cores)
            && load > cores / 2.0
        {
            self.add("load", "other programs were busy when the run began", Vec::new());
        }
        if cfg!(debug_assertions) {
            let text = "this is no release build; its times say nothing";
            self.add("debug_build", text, Vec::new());
        }
    }

    pub(super) fn finish(self) -> Vec<Warning> {
        self.warnings
    }
}
