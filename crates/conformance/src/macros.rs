//! The macro that judges a strategy.

/// Generates the tests that every strategy must pass.
///
/// In the strategy's `tests/conformance.rs`:
///
/// ```text
/// heaplab_conformance::conformance!(FirstFit);
/// heaplab_conformance::conformance!(Budgeted, config = Config::new().with_parameter("c", 4));
/// heaplab_conformance::conformance!(budgeted_tightly: Budgeted, config = tight());
/// ```
///
/// The tests stand in a module called `conformance`, or as given before the colon. A failing property prints the
/// shortest list of operations that fails, and the heap before and after the last of them. `PROPTEST_CASES` sets the
/// number of cases and `PROPTEST_RNG_SEED` another seed than the fixed one.
#[macro_export]
macro_rules! conformance {
    ($name:ident : $strategy:ty $(,)?) => {
        $crate::conformance!($name: $strategy, config = $crate::Config::new());
    };
    ($name:ident : $strategy:ty, config = $config:expr $(,)?) => {
        mod $name {
            #[allow(unused_imports, clippy::wildcard_imports, reason = "for the type and the configuration")]
            use super::*;

            type Judged = $strategy;

            $crate::conformance!(@tests Judged, $config,
                random_operations_obey_the_contract: random_operations,
                aligned_operations_obey_the_contract: aligned_operations,
                heaps_of_any_size_obey_the_contract: huge_heaps,
                long_runs_agree_with_the_oracle: long_runs,
                exhausted_heaps_recover_whole: exhaustion_and_recovery,
                hostile_requests_are_refused: hostile_requests,
                wrong_configurations_are_errors: wrong_configurations,
                foreign_handles_are_refused: foreign_handles,
                thousands_of_stale_handles_are_refused: stale_handles,
                equal_operations_give_equal_placements: determinism,
                capabilities_are_declared: capabilities_are_declared,
            );
        }
    };
    ($strategy:ty $(, config = $config:expr)? $(,)?) => {
        $crate::conformance!(conformance: $strategy $(, config = $config)?);
    };
    (@tests $strategy:ident, $config:expr, $($name:ident : $function:ident,)+) => {$(
        #[test]
        fn $name() {
            let config: $crate::Config = $config;
            if let Err(failure) = $crate::kit::$function::<$strategy>(&config) {
                panic!("{failure}");
            }
        }
    )+};
}
