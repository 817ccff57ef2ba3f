//! Judged by the kit. Holes are unknown here, so it holds them to what a user of the blocks can see.

use heaplab_conformance::Config;
use heaplab_size_classes::{Buddy, Segregated};

heaplab_conformance::conformance!(buddy: Buddy);
heaplab_conformance::conformance!(segregated: Segregated);
heaplab_conformance::conformance!(
    segregated_in_small_pages: Segregated,
    config = Config::new().with_parameter("page", 256)
);
