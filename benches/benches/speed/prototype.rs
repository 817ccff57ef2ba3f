//! Figures of a throw-away prototype that tried structures for each policy, in ns per operation.
//!
//! They are from another day of a shared machine, so a ratio to them says little by itself; the ratio of ratios to a peer
//! that was measured beside both says more. Where the prototype had two structures of equal worth, the better figure of
//! each trace is the one to beat.

pub(crate) const TRACES: [&str; 7] = ["s3", "s1", "s2", "s4", "s4b", "s5", "s6"];

/// The peer beside which both were measured, in the same version.
pub(crate) const PEER: &str = "offset-allocator";

const PEER_NS: [f64; 7] = [23.8, 27.7, 133.0, 10.9, 23.9, 22.6, 4.3];

pub(crate) struct Structure {
    /// The strategy with the same policy.
    pub(crate) contestant: &'static str,
    pub(crate) name: &'static str,
    /// By trace.
    pub(crate) ns_per_operation: [f64; 7],
}

pub(crate) const STRUCTURES: [Structure; 4] = [
    Structure {
        contestant: "best-fit",
        name: "exact bins, bitmap, pairing heap",
        ns_per_operation: [27.2, 37.7, 110.0, 16.8, 27.2, 26.6, 19.1],
    },
    Structure {
        contestant: "best-fit-lifo",
        name: "exact bins, bitmap, lists",
        ns_per_operation: [17.9, 20.1, 72.0, 12.4, 22.3, 9.2, 4.6],
    },
    Structure {
        contestant: "first-fit",
        name: "bins, tree of least addresses",
        ns_per_operation: [52.1, 80.8, 220.0, 28.2, 51.8, 38.3, 53.4],
    },
    Structure {
        contestant: "free-list",
        name: "two-level segregated fit",
        ns_per_operation: [17.8, 26.3, 49.0, 8.4, 18.1, 16.2, 4.7],
    },
];

pub(crate) fn peer_ns(trace: &str) -> Option<f64> {
    TRACES.iter().zip(PEER_NS).find(|(name, _)| **name == trace).map(|(_, ns)| ns)
}
