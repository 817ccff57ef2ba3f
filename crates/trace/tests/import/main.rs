//! Importers: what each format means, the exact messages for what is malformed, and no panic on any
//! bytes.

mod formats;
mod hostile;
mod malformed;
mod measured;
#[cfg(test)]
mod support;
mod valgrind;
