//! The page: a report as one HTML file that needs nothing else.
//!
//! Whoever opens the file reads the answer first, in words, then which strategy suits which workload, then why.
//! It asks nothing of any network, reads well with scripts off, and carries the report itself, so that every command
//! that reads a report reads the page too.
//!
//! - [`render`]: the reports as a page. Pure: it knows no clock, no file and no strategy.
//! - [`render_comparison`]: two reports side by side, as a page of its own.
//! - A section is one file below `section`, made from a view of the report by one function, and one line in the list there.
//! - Charts are drawn by plotters, which one module knows; their colors are classes, so that one drawing serves light, dark and print.
//! - [`map`]: heap maps as pictures.
//! - What moves is a script of our own, allowed by its hash in the page's content security policy. Names from reports are
//!   strangers' text: everything is escaped, and nothing from a report reaches a script or a style.
//!
//! ```
//! use heaplab_page::{Options, render};
//! use heaplab_report::Report;
//!
//! let page = render(&[Report::default()], &Options::default());
//! assert!(page.starts_with("<!DOCTYPE html>"));
//! ```

#![forbid(unsafe_code)]

mod bands;
mod chart;
mod figure;
mod frame;
pub mod map;
mod section;
mod text;
mod versus;
mod view;

pub use frame::{Options, render};
pub use versus::{Compared, render_comparison};
