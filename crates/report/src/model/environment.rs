//! Where it was measured: the machine and the build.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Known;
use super::big_uint::{self, Uint};

/// The build of heaplab that measured.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Version of heaplab.
    pub version: String,
    /// Commit it was built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// Whether the checkout differed from that commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_dirty: Option<bool>,
    /// Version of the compiler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rustc: Option<String>,
    /// Cargo profile: `release`, `dev`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Optimization level: `0` to `3`, `s`, `z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_level: Option<String>,
    /// Link-time optimization: `off`, `thin`, `fat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lto: Option<String>,
    /// Codegen units of the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codegen_units: Option<u32>,
    /// Target triple.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Target CPU the code was generated for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_cpu: Option<String>,
    /// Cargo features that were on, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

/// The machine and its state; what could not be found out is `"unknown"`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Environment {
    /// Hash of what stays the same on one machine, made by [`Environment::stable_id`]; times compare only where it is equal.
    pub id: String,
    /// Operating system and its version.
    pub os: Known<String>,
    /// Version of the kernel.
    pub kernel: Known<String>,
    /// Architecture of the processor: `x86_64`, `aarch64`.
    pub arch: Known<String>,
    /// The C library and its version.
    pub libc: Known<String>,
    /// The processor.
    pub cpu: Cpu,
    /// The memory.
    pub memory: MemoryInfo,
    /// Number of NUMA nodes.
    pub numa_nodes: Known<u32>,
    /// Whether it is a virtual machine.
    pub virtualised: Known<bool>,
    /// What the container may use.
    pub container_limits: ContainerLimits,
    /// Logical CPUs that the process may run on, ascending.
    pub affinity: Known<Vec<u32>>,
    /// Whether address space layout is randomized.
    pub aslr: Known<bool>,
    /// The clock that timed.
    pub clock: Clock,
    /// Load average of the last minute before the run.
    pub load_before: Known<f64>,
    /// Load average of the last minute after the run.
    pub load_after: Known<f64>,
    /// Whether the processor was throttled during the run.
    pub throttled: Known<bool>,
    /// Whether hardware counters could be read.
    pub perf_counters: Known<bool>,
    /// Name of the machine; only where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// The processor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Cpu {
    /// Maker, as the processor names it.
    pub vendor: Known<String>,
    /// Model, as the processor names it.
    pub model: Known<String>,
    /// Physical cores.
    pub physical_cores: Known<u32>,
    /// Logical cores.
    pub logical_cores: Known<u32>,
    /// Whether several logical cores share a physical one.
    pub smt: Known<bool>,
    /// Caches, nearest first.
    pub caches: Known<Vec<Cache>>,
    /// Base frequency in Hz.
    #[serde(with = "big_uint")]
    #[schemars(with = "Known<Uint>")]
    pub base_hz: Known<u64>,
    /// Highest frequency in Hz.
    #[serde(with = "big_uint")]
    #[schemars(with = "Known<Uint>")]
    pub max_hz: Known<u64>,
    /// Frequency governor.
    pub governor: Known<String>,
    /// Whether turbo frequencies were allowed.
    pub turbo: Known<bool>,
}

/// One cache of the processor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Cache {
    /// Level, from 1.
    pub level: u32,
    /// `data`, `instruction` or `unified`.
    pub kind: String,
    /// Size in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Uint")]
    pub bytes: u64,
    /// Length of a line in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_bytes: Option<u32>,
}

/// The memory of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MemoryInfo {
    /// Size in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Known<Uint>")]
    pub total_bytes: Known<u64>,
    /// Size of a page in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Known<Uint>")]
    pub page_bytes: Known<u64>,
    /// Transparent huge pages: `always`, `madvise`, `never`.
    pub thp: Known<String>,
    /// Overcommit policy of the kernel.
    pub overcommit: Known<String>,
    /// Size of the swap space in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Known<Uint>")]
    pub swap_bytes: Known<u64>,
}

/// What the process may use; the machine's own figures where nothing limits it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ContainerLimits {
    /// Processor time, in cores.
    pub cpus: Known<f64>,
    /// Memory in bytes.
    #[serde(with = "big_uint")]
    #[schemars(with = "Known<Uint>")]
    pub memory_bytes: Known<u64>,
}

/// The clock that timed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Clock {
    /// Name of the kernel's clock source.
    pub source: Known<String>,
    /// Smallest step seen, in ns.
    pub resolution_ns: Known<f64>,
    /// Cost of one reading, in ns.
    pub cost_ns: Known<f64>,
}
