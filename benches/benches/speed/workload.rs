//! The traces that are replayed.

use std::fs;
use std::path::{Path, PathBuf};

use heaplab_benches::{generated_with, recorded};
use heaplab_trace::import::{ImportOptions, import_file};
use heaplab_trace::{Trace, TraceBuilder, TraceInfo, peak_live_bytes};

const HEAP_GRANULE_BYTES: u64 = 16;

/// Shorter traces of real programs are left out: their caches never fill.
const LEAST_OPERATIONS: usize = 5_000;

/// A trace, and what of it is timed.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) name: String,
    pub(crate) trace: Trace,
    /// Operations in front that are performed, but not timed.
    pub(crate) lead_operations: u64,
    pub(crate) peak_live_bytes: u64,
}

impl Workload {
    fn new(name: String, trace: Trace, lead_operations: u64) -> Result<Self, String> {
        let peak = peak_live_bytes(&trace, HEAP_GRANULE_BYTES);
        let peak_live_bytes = peak.map_err(|error| error.to_string())?;
        Ok(Self { name, trace, lead_operations, peak_live_bytes })
    }

    /// How many operations are timed.
    pub(crate) fn timed_operations(&self) -> u64 {
        (self.trace.operations().len() as u64).saturating_sub(self.lead_operations)
    }
}

/// A generated workload: a preset, perhaps with another number of live blocks.
struct Preset {
    name: &'static str,
    kind: &'static str,
    live: Option<&'static str>,
    /// The setup, and turnover until the heap has its length.
    lead_operations: u64,
    timed_operations: u64,
}

const fn preset(name: &'static str, lead_operations: u64, timed_operations: u64) -> Preset {
    Preset { name, kind: name, live: None, lead_operations, timed_operations }
}

/// The sizes of `s3` among as many blocks as `s2` has.
pub(crate) const SMALL_AND_MANY: &str = "s3-200k";

/// Sizes and live blocks of `s1`, allocations and frees in random order instead of in turn.
pub(crate) const RANDOM_ORDER: &str = "s1-walk";

/// Those in a group take turns, since they are compared with one another: behind their leads `s3` and `s4b` ask for the
/// same blocks.
const GROUPS: [&[Preset]; 7] = [
    &[preset("s1", 60_000, 500_000)],
    &[Preset {
        name: RANDOM_ORDER,
        kind: "random-walk",
        live: None,
        lead_operations: 60_000,
        timed_operations: 500_000,
    }],
    &[preset("s2", 600_000, 400_000)],
    &[
        preset("s3", 3_000, 500_000),
        preset("s4", 303_000, 500_000),
        preset("s4b", 303_000, 500_000),
    ],
    &[Preset {
        name: SMALL_AND_MANY,
        kind: "s3",
        live: Some("200000"),
        lead_operations: 600_000,
        timed_operations: 400_000,
    }],
    &[preset("s5", 303_000, 500_000)],
    &[preset("s6", 297_000, 99_000)],
];

/// The named generated workloads, in groups.
pub(crate) fn generated() -> impl Iterator<Item = Result<Vec<Workload>, String>> {
    GROUPS.iter().map(|group| group.iter().map(make).collect())
}

/// One of them.
pub(crate) fn generated_one(name: &str) -> Result<Workload, String> {
    let found = GROUPS.iter().copied().flatten().find(|preset| preset.name == name);
    make(found.ok_or_else(|| format!("no generated workload is called {name}"))?)
}

fn make(preset: &Preset) -> Result<Workload, String> {
    let operations = (preset.lead_operations + preset.timed_operations).to_string();
    let mut parameters = vec![("operations", &*operations)];
    parameters.extend(preset.live.map(|live| ("live", live)));
    let trace = generated_with(preset.kind, &parameters);
    Workload::new(preset.name.into(), trace, preset.lead_operations)
}

/// The recorded traces of the suite, and those of real programs in folders.
pub(crate) fn real(folders: &[PathBuf]) -> Result<Vec<Workload>, String> {
    let mut traces = recorded();
    for folder in folders {
        import_all(folder, &mut traces)?;
    }
    traces.retain(|trace| trace.operations().len() >= LEAST_OPERATIONS);
    traces.into_iter().map(|trace| Workload::new(trace.info().name.clone(), trace, 0)).collect()
}

/// Imports every file below a folder; what is no trace is named and left out.
fn import_all(folder: &Path, traces: &mut Vec<Trace>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            import_all(&path, traces)?;
            continue;
        }
        let mut builder = TraceBuilder::new(TraceInfo::default());
        match import_file(&path, &ImportOptions::default(), &mut builder) {
            Ok(_) => {
                builder.info_mut().name =
                    path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                traces.push(builder.finish());
            }
            Err(error) => eprintln!("left out: {error}"),
        }
    }
    Ok(())
}
