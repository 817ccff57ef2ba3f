//! Judged against the oracle.

use heaplab_next_fit::NextFit;

heaplab_conformance::conformance!(NextFit);
