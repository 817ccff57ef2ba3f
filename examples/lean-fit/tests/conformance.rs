//! Judged by the kit: random, hostile and long sequences of operations, failures shrunk and drawn.

use lean_fit::LeanFit;

heaplab_conformance::conformance!(LeanFit);
