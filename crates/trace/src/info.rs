//! What is known of a trace beyond its operations.

use serde::{Deserialize, Serialize};

/// Name and provenance of a trace; none of it takes part in the trace's hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TraceInfo {
    /// Name for people, such as the file's stem.
    pub name: String,
    /// Where the operations come from.
    pub source: Source,
    /// Call sites, by the index that [`Origin::site`](crate::Origin::site) holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
}

impl TraceInfo {
    /// An info that holds nothing but a name.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// Where a trace's operations come from, and what got lost on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Source {
    /// How the operations came to be.
    pub kind: SourceKind,
    /// Format of the imported file (`"rep"`, `"aosp"`), or the generator's kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The recorded program and its version, or the generator's parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// What the source does not know: `"alignment"`, `"time"`, `"thread"`, `"call site"`, `"resize"`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// Frees of null that were dropped, for they are no operations.
    pub dropped_null_frees: u64,
    /// Remarks for people: what was repaired, assumed or is surprising.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How the operations of a trace came to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceKind {
    /// A running program was observed by heaplab.
    Recorded,
    /// Another tool's file was read.
    Imported,
    /// A generator made them from a seed.
    Generated,
    /// Not stated, or a word that this version does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

impl SourceKind {
    /// The word that stands for the kind in files and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Imported => "imported",
            Self::Generated => "generated",
            Self::Unknown => "unknown",
        }
    }
}
