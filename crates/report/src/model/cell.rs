//! One cell: what one strategy made of one trace in one heap.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::big_uint::{self, Uint};
use super::shape::{HeapShape, Trend};

/// One trace × strategy × heap size.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// Unique in the report: `strategy/trace/heap`, as [`Cell::id_of`] makes it.
    pub id: String,
    /// Name of the trace, one of `traces[].name`.
    pub trace: String,
    /// Name of the strategy, one of `strategies[].name`.
    pub strategy: String,
    /// The heap that was given.
    pub heap: HeapSpec,
    /// Smallest unit of size and address, in bytes; a power of two.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub granule_bytes: u64,
    /// Threads that replayed the trace at once.
    pub threads: u32,
    /// Whether bytes stood behind the heap; the two are never mixed in one table.
    #[serde(default)]
    pub mode: Mode,
    /// How the replay ended.
    pub outcome: Outcome,
    /// Whether the contents of every block were verified, here or in a cell with equal placements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// What the space pass measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<Space>,
    /// What was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relocations: Option<Relocations>,
    /// What the throughput pass measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// What the latency pass measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// Hardware counters over one replay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counters: Option<Counters>,
    /// The heap over the course of the trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<Series>,
    /// Measures of fragmentation over the course of the trace, over operations and over allocated bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trends: Vec<Trend>,
    /// Hash over every placement in order; equal hashes mean equal placements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement_hash: Option<String>,
}

impl Cell {
    /// The id of a cell: `strategy/trace/heap`, with `/payload` behind it for a payload cell.
    ///
    /// ```
    /// use heaplab_report::{Cell, Mode};
    /// assert_eq!(Cell::id_of("best-fit", "jq", "1.25x", Mode::Placement), "best-fit/jq/1.25x");
    /// ```
    pub fn id_of(strategy: &str, trace: &str, heap: &str, mode: Mode) -> String {
        let suffix = match mode {
            Mode::Placement => "",
            Mode::Payload => "/payload",
        };
        format!("{strategy}/{trace}/{heap}{suffix}")
    }
}

/// Whether a replay only placed blocks or also kept bytes in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// No bytes behind the heap: nobody copies.
    #[default]
    Placement,
    /// A real buffer behind the heap: every relocation copies.
    Payload,
}

/// The size of a heap, and how it was asked for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct HeapSpec {
    /// Capacity in bytes; for `unlimited`, the capacity that stood for no limit.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub bytes: u64,
    /// Multiple of the trace's peak live bytes; absent where the heap was not given as a multiple.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// As asked for: `1.25x`, `64MiB`, `unlimited`.
    pub spec: String,
}

impl HeapSpec {
    /// The word for a heap without a limit.
    pub const UNLIMITED: &str = "unlimited";

    /// Whether this heap has no limit.
    pub fn is_unlimited(&self) -> bool {
        self.spec == Self::UNLIMITED
    }
}

/// The ways in which a replay ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The whole trace was replayed.
    #[default]
    Ok,
    /// A request was refused: out of memory.
    Oom,
    /// The cell's share of time ran out.
    Timeout,
    /// The strategy broke its contract: an overlap, lost bytes, a wrong placement.
    Invalid,
    /// The strategy panicked or its process died.
    Crashed,
}

impl Status {
    /// The word as it stands in files and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Oom => "oom",
            Self::Timeout => "timeout",
            Self::Invalid => "invalid",
            Self::Crashed => "crashed",
        }
    }
}

/// How a replay ended, and for a failure the heap at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The way it ended.
    pub status: Status,
    /// Index of the operation that failed, from 0.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub operation: Option<u64>,
    /// Bytes that the failed operation asked for, rounded to the granule.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub requested_bytes: Option<u64>,
    /// Free bytes at that moment: all holes and the wilderness.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub free_bytes: Option<u64>,
    /// Length of the largest hole at that moment, in bytes.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub largest_hole_bytes: Option<u64>,
    /// Free bytes behind the last block at that moment.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub wilderness_bytes: Option<u64>,
    /// Number of holes at that moment, the wilderness not among them.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub holes: Option<u64>,
    /// What went wrong, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What a strategy made of the space; each value absent where the contestant cannot know it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Space {
    /// Highest end of a block ever, in bytes from the heap's start.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub high_water_bytes: Option<u64>,
    /// Smallest heap in which this strategy completes this trace, in bytes.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub min_heap_bytes: Option<u64>,
    /// Most bytes of bookkeeping in use at once, outside the heap.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub metadata_bytes: Option<u64>,
    /// Most bytes of bookkeeping reserved at once, outside the heap.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub metadata_reserved_bytes: Option<u64>,
    /// External fragmentation, by the four measures of Johnstone and Wilson.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragmentation: Option<Fragmentation>,
    /// Internal fragmentation at peak live: rounded over requested live bytes, minus one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_ratio: Option<f64>,
    /// Number of holes when the replay ended.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub holes: Option<u64>,
    /// Length of the largest hole when the replay ended, in bytes.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub largest_hole_bytes: Option<u64>,
    /// Holes by length when the replay ended, shortest class first; empty classes left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hole_histogram: Vec<HoleClass>,
    /// How far the resident memory of a process grew that did nothing but replay the trace with every byte of every block
    /// written, in bytes: blocks, bookkeeping and what is kept back. Only for allocators that know no heap.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub resident_bytes: Option<u64>,
    /// Pages of 4 KiB that a live block ever covered, wholly or in part.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub touched_pages: Option<u64>,
    /// The free space at the peak: after the earliest operation of most live bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_peak: Option<HeapShape>,
    /// The free space on average: the mean over all operations that completed of the state after each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<HeapShape>,
}

/// The holes of one class of lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct HoleClass {
    /// Shortest length of the class, in bytes; the class ends below twice that.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub from_bytes: u64,
    /// Number of holes in the class.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub holes: u64,
    /// Their lengths together, in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub bytes: u64,
}

/// The four measures of Johnstone and Wilson, each (used - live) / live over rounded live bytes.
///
/// Used is the end of the last block at that operation. Ties go to the earliest operation.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Fragmentation {
    /// Averaged over all operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jw1: Option<f64>,
    /// At the operation of most live bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jw2: Option<f64>,
    /// Most used against the live bytes of the same operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jw3: Option<f64>,
    /// Most used against most live bytes, whenever each occurred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jw4: Option<f64>,
}

/// What was moved during one replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Relocations {
    /// Blocks whose offset changed, once for each time they moved.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub blocks: u64,
    /// Their lengths before the move, summed, in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub bytes: u64,
    /// Those bytes of `bytes` that compaction moved; the rest are moving resizes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub compaction_bytes: u64,
    /// Number of operations during which compaction moved something.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub compactions: Option<u64>,
}

/// What the throughput pass measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Time {
    /// Duration of each round's replay of all `operations`, in ns, in the order of measurement.
    #[serde(with = "big_uint")]
    #[schemars(with = "Vec<Uint>")]
    pub samples_ns: Vec<u64>,
    /// How many of the samples each process took, in their order and in that of `merged_from`; absent where one took
    /// all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub process_rounds: Vec<u32>,
    /// Operations that each sample covers.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub operations: u64,
    /// Median over the rounds, in ns per operation.
    pub median_ns_per_operation: f64,
    /// Lower and upper end of the median's interval, in ns per operation; absent below 6 rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci_ns: Option<[f64; 2]>,
}

/// What the latency pass measured; the clock's own cost is subtracted from every value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// All values in ns: an HdrHistogram in its V2 encoding, as base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<String>,
    /// Median, in ns.
    pub p50_ns: f64,
    /// 90th percentile, in ns.
    pub p90_ns: f64,
    /// 99th percentile, in ns.
    pub p99_ns: f64,
    /// 99.9th percentile, in ns.
    pub p999_ns: f64,
    /// 99.99th percentile, in ns; absent where the trace has too few operations for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p9999_ns: Option<f64>,
    /// Longest operation, in ns.
    pub max_ns: f64,
}

/// Hardware counters over one replay of the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counters {
    /// Instructions retired in user mode.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub instructions: Option<u64>,
    /// Core cycles in user mode.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub cycles: Option<u64>,
    /// Misses of the last-level cache.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub cache_misses: Option<u64>,
    /// Mispredicted branches.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub branch_misses: Option<u64>,
    /// Page faults, minor and major.
    #[serde(default, with = "big_uint", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Uint>")]
    pub page_faults: Option<u64>,
}

/// The heap over the course of the trace, thinned to at most 512 points.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// What the points are counted in: `operation`.
    pub x: String,
    /// Number of points, at most 512; every list below that is not empty is that long.
    pub points: u32,
    /// Operation index of each point, from 0, ascending; the state is that after the operation.
    #[serde(with = "big_uint")]
    #[schemars(with = "Vec<Uint>")]
    pub operation_index: Vec<u64>,
    /// Rounded live bytes at each point.
    #[serde(default, with = "big_uint", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Uint>")]
    pub live_bytes: Vec<u64>,
    /// End of the last block at each point, in bytes from the heap's start.
    #[serde(default, with = "big_uint", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Uint>")]
    pub reserved_bytes: Vec<u64>,
    /// Number of holes at each point.
    #[serde(default, with = "big_uint", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Uint>")]
    pub holes: Vec<u64>,
}

impl Series {
    /// Most points that a series may have.
    pub const MAX_POINTS: u32 = 512;
}
