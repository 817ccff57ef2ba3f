//! Judged by the kit; good fit promises no exact policy, so its placements are its own.

use heaplab_conformance::Config;
use heaplab_good_fit::{HalfFit, Tlsf};

heaplab_conformance::conformance!(tlsf: Tlsf);
heaplab_conformance::conformance!(tlsf_of_two_lists: Tlsf, config = Config::new().with_parameter("sli", 1));
heaplab_conformance::conformance!(tlsf_of_most_lists: Tlsf, config = Config::new().with_parameter("sli", 6));
heaplab_conformance::conformance!(half_fit: HalfFit);
