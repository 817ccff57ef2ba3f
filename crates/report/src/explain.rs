//! Explanations: why a strategy failed on a trace, or where it wasted most.
//!
//! As with reports, absent means not known, integers from 2^53 on are strings, and units end the keys. Nothing is
//! measured in time, so the same trace, strategy and heap give the same explanation; only what was given up because it
//! took too long is missing then.

mod drawing;
mod model;
mod picture;
mod remedies;
mod words;

pub use model::{
    Cause, ExplainedTrace, Explanation, Explanations, Moment, OperationKind, SCHEMA, Waste, WasteAt,
};
pub use picture::{Map, Picture, Pin, PinBlock, PinClass, PinGroup, PinSum, Pins};
pub use remedies::{Clearing, Compaction, LargerHeap, Other, Remedies};
