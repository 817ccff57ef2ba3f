//! The judge of allocation strategies.
//!
//! A strategy that implements [`heaplab_core::Strategy`] is performed against everything that the contract promises:
//! blocks do not overlap, are in range and aligned; holes coalesce; contents survive relocations; usage figures are
//! true; refused requests change nothing; stale and foreign handles are refused. If the strategy declares a
//! [`heaplab_core::Policy`], every placement and every relocation must also be the one that an [`Oracle`] computes.
//! This crate shares no code with what it judges: it rests on `heaplab-core` alone.
//!
//! # For the author of a strategy
//!
//! One line in `tests/conformance.rs` generates the tests; see [`conformance!`]. Hand-made cases are pictures:
//!
//! ```
//! # mod simple { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/teeth/simple.rs")); }
//! # type MyFit = simple::Simple<{ simple::flaw::NONE }>;
//! use heaplab_conformance::drawn::{Step, check};
//!
//! check::<MyFit>("XX--X--", Step::Allocate(2), "XXAAX--");
//! ```
//!
//! # For those with operations of their own
//!
//! Fuzzers and replayers call [`judge()`] with a list of operations, or drive a [`Judge`] step by step. What it finds
//! is a value: a [`Finding`] with a typed [`Fault`].
//!
//! ```
//! # mod simple { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/teeth/simple.rs")); }
//! # type MyFit = simple::Simple<{ simple::flaw::NONE }>;
//! # type LastFit = simple::Simple<{ simple::flaw::WRONG_TIE }>;
//! use heaplab_conformance::{Config, Fault, Op, judge};
//! use heaplab_core::{Granule, Request};
//!
//! let byte = Op::Allocate(Request::new(1));
//! let operations = [byte, byte, byte, byte, byte, Op::Free(1), Op::Free(2), byte];
//! let config = Config::new().with_granule(Granule::BYTE);
//! judge::<MyFit>(&operations, 7, &config)?;
//!
//! // It calls itself first fit, but takes the last hole.
//! let finding = judge::<LastFit>(&operations, 7, &config).unwrap_err();
//! assert!(matches!(*finding.fault, Fault::WrongPlacement { .. }));
//! assert_eq!((finding.before.as_str(), finding.after.as_str()), ("X-X-X--", "X-XXX--"));
//! # Ok::<(), heaplab_conformance::Finding>(())
//! ```
//!
//! [`Checked`] wraps an allocator that is used elsewhere, and walks it after every operation.
//!
//! # How it looks
//!
//! | part | what it knows |
//! |---|---|
//! | [`Oracle`] | where each exact policy places, and what it relocates; a sorted vector, nothing cached |
//! | [`check_walk`] | what a walk must look like, and the usage figures that follow from it |
//! | [`Judge`] | what the callers were told: handles, blocks, contents, refusals; runs oracle and twin beside |
//! | [`kit`] | the sequences: random and shrinking, long, hostile, exhausting |
//! | [`drawn`] | pictures |
//! | [`adversary`] | the programs of the literature that ask the worst of a strategy |
//!
//! **Cost.** Each step of a [`Judge`] is linear in the number of blocks, some are quadratic in the relocations.

#![forbid(unsafe_code)]

pub mod adversary;
mod case;
mod checked;
mod differential;
pub mod drawn;
mod finding;
mod fuzz;
mod judge;
pub mod kit;
mod macros;
mod operation;
mod oracle;
mod random;
mod shrink;
mod walk;
mod witness;

pub use case::Case;
pub use checked::Checked;
pub use differential::{differential, differential_with};
pub use finding::{Fault, Finding};
pub use fuzz::{fuzz, fuzz_case};
/// Re-exported, as the macro needs it.
pub use heaplab_core::Config;
pub use judge::{Judge, judge};
pub use operation::Op;
pub use oracle::{Effect, Oracle, Relocation};
pub use walk::check_walk;
