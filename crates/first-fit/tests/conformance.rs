//! Judged against the oracle.

use heaplab_first_fit::FirstFit;

heaplab_conformance::conformance!(FirstFit);
