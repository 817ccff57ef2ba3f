//! Judged against the oracle.

use heaplab_best_fit::BestFit;

heaplab_conformance::conformance!(BestFit);
