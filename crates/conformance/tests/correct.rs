//! The judge has nothing to say against a correct allocator, and the macro finds nothing in it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "teeth/simple.rs"]
mod simple;

use heaplab_conformance::{Config, conformance};
use simple::{Simple, flaw};

conformance!(first_fit: Simple<{ flaw::NONE }>);
conformance!(first_fit_unnamed: Simple<{ flaw::NONE }, false, false>);
conformance!(compaction: Simple<{ flaw::NONE }, true>, config = Config::new());
conformance!(compaction_unnamed: Simple<{ flaw::NONE }, true, false>);
