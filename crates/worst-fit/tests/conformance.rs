//! Judged against the oracle.

use heaplab_worst_fit::WorstFit;

heaplab_conformance::conformance!(WorstFit);
