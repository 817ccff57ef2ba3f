#![doc = include_str!("../README.md")]
//!
//! # Where unsafe code is, and what it rests on
//!
//! `abi` calls the functions of a [`Table`], and nothing else does. That these calls are sound is promised by whoever
//! writes `unsafe impl Foreign`, in one place. All that comes back is checked before it is used: a slot that was never
//! given out, or a block outside of the heap, leads nowhere and to no undefined behavior here.
//! A panic of a memory, by which a harness ends a replay whose time is up, is held back until the foreign function has
//! returned, since it must not unwind through foreign frames.

mod abi;
mod slots;
mod strategy;
mod table;

pub use strategy::{Foreign, ForeignHeap};
pub use table::{ABI, DONE, Figures, HOLE, MemoryTable, NO_ROOM, NO_TABLES, Table, UNKNOWN, Visit};

/// Declares a strategy whose functions are a constant of the given name in a linked library.
///
/// ```ignore
/// heaplab_foreign::foreign! {
///     /// First fit, in C.
///     pub struct FirstFitInC = extern "C" first_fit_in_c {
///         description: "the lowest hole that fits, in C",
///         policy: Some(Policy::FirstFit),
///     }
/// }
/// ```
///
/// What stands between the braces are fields of [`Capabilities`](heaplab_core::Capabilities); `package` and `version` are
/// those of the calling crate, and `may_abort` is true unless it is set.
#[macro_export]
macro_rules! foreign {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident = extern "C" $table:ident {
            $($field:ident : $value:expr),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility type $name = $crate::ForeignHeap<$table::Declared>;

        #[doc(hidden)]
        $visibility mod $table {
            #[allow(unused_imports, clippy::wildcard_imports, reason = "for the values of the fields")]
            use super::*;

            /// What is declared of the strategy.
            #[derive(Debug)]
            pub enum Declared {}

            mod linked {
                unsafe extern "C" {
                    pub(super) static $table: $crate::Table;
                }
            }

            // SAFETY: The caller of the macro links a library whose functions keep to heaplab_strategy.h.
            unsafe impl $crate::Foreign for Declared {
                const CAPABILITIES: $crate::Capabilities = $crate::Capabilities {
                    $($field: $value,)*
                    ..$crate::Capabilities {
                        package: env!("CARGO_PKG_NAME"),
                        version: env!("CARGO_PKG_VERSION"),
                        may_abort: true,
                        ..$crate::Capabilities::DEFAULT
                    }
                };

                fn table() -> &'static $crate::Table {
                    // SAFETY: The constant is linked in and never written to.
                    unsafe { &linked::$table }
                }
            }
        }
    };
}

/// Re-exported, as the macro needs it.
pub use heaplab_core::Capabilities;
