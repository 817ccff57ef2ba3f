//! The default suite, part of the program.

pub(super) use heaplab_suites::{DEFINITION, FILES};
