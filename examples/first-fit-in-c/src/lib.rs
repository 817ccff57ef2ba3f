//! First fit, written in C: the declaration by which it takes part in heaplab.

use heaplab_core::Policy;

heaplab_foreign::foreign! {
    /// The lowest hole that can hold the block, found by C.
    pub struct FirstFitInC = extern "C" first_fit_in_c {
        description: "the lowest hole that fits, in C",
        source: "Knuth, The Art of Computer Programming 1, section 2.5, 1968",
        policy: Some(Policy::FirstFit),
        ignores_spare_capacity: true,
    }
}
