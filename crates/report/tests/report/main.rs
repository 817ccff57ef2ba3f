//! The report as its users meet it: in a file, under its schema, and as tables and sentences.
#![cfg(test)]

mod comparisons;
mod confirmed;
mod example;
mod expectations;
mod files;
mod format_page;
mod headlines;
mod joined;
mod schema;
mod timed;
mod views;
