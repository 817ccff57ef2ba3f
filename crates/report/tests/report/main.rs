//! The report as its users meet it: in a file, under its schema, and as tables and sentences.
#![cfg(test)]

mod example;
mod files;
mod format_page;
mod schema;
mod views;
