//! An allocator's figures on their way from one process to another.

use heaplab_core::Usage;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The fields of [`Usage`], which knows of no format.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Usage")]
struct Fields {
    live_bytes: u64,
    live_blocks: u64,
    high_water_bytes: Option<u64>,
    end_bytes: Option<u64>,
    holes: Option<u64>,
    largest_hole_bytes: Option<u64>,
    wilderness_bytes: Option<u64>,
    metadata_used_bytes: Option<u64>,
    metadata_reserved_bytes: Option<u64>,
    compactions: u64,
    compaction_relocated_bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Wrapped(#[serde(with = "Fields")] Usage);

pub(super) fn serialize<S: Serializer>(usage: &Option<Usage>, to: S) -> Result<S::Ok, S::Error> {
    usage.map(Wrapped).serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Usage>, D::Error> {
    Ok(Option::<Wrapped>::deserialize(from)?.map(|Wrapped(usage)| usage))
}
