//! The default suite, embedded: its definition, and its recorded traces under the names that the definition uses.
//!
//! ```
//! assert!(heaplab_suites::DEFINITION.contains("name = \"default\""));
//! assert!(heaplab_suites::FILES.iter().any(|(name, bytes)| *name == "gcc.hlt" && !bytes.is_empty()));
//! ```

#![no_std]
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/default_suite.rs"));
