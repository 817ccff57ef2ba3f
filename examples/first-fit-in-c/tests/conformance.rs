//! Judged like any other strategy: its placements are those of first fit, to the byte.

use first_fit_in_c::FirstFitInC;

heaplab_conformance::conformance!(FirstFitInC);
