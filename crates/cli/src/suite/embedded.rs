//! The default suite, part of the program; `build.rs` lists its files.

include!(concat!(env!("OUT_DIR"), "/default_suite.rs"));
