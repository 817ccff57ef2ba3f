//! Judged against the oracle.

use heaplab_free_list::{FreeList, FreeListLifo};

heaplab_conformance::conformance!(free_list: FreeList);
heaplab_conformance::conformance!(free_list_lifo: FreeListLifo);
