//! Judged by the kit: random, hostile and long sequences of operations, failures shrunk and drawn.

use heaplab_stretch_fit::StretchFit;

heaplab_conformance::conformance!(StretchFit);
