//! Judged against the oracle.

use heaplab_best_fit::{BestFit, BestFitLifo};

heaplab_conformance::conformance!(best_fit: BestFit);
heaplab_conformance::conformance!(best_fit_lifo: BestFitLifo);
