//! The bytes that stand for operations, and for the parts of one.
//!
//! A tag below [`SIZE_TAGS`] is an allocation in the slot that comes next by itself.
//! After the tags that name a slot, a second tag below [`SIZE_TAGS`] gives size and alignment.

/// Tags below this point into the chunk's dictionary of sizes and alignments.
pub(super) const DICTIONARY_ENTRIES: u8 = 152;

/// Sizes written out: the two lower bits choose 1, 2, 4 or 8 bytes, the third an alignment byte.
pub(super) const SIZE_EXPLICIT: u8 = DICTIONARY_ENTRIES;

/// The third bit of an explicit size: a byte with the alignment's exponent follows.
pub(super) const SIZE_HAS_ALIGNMENT: u8 = 4;

/// Tags below this give a size and an alignment.
pub(super) const SIZE_TAGS: u8 = SIZE_EXPLICIT + 8;

/// Free the slot of the k-th last allocation, counted from 0; k is in the tag.
pub(super) const FREE_RECENT: u8 = SIZE_TAGS;

/// How many values k takes in [`FREE_RECENT`].
pub(super) const FREE_RECENT_TAGS: u8 = 64;

/// Free the slot allocated shortly after or before the one freed last; the distance in allocations
/// is in the tag: 1 to 8, then -1 to -8.
pub(super) const FREE_NEIGHBOR: u8 = FREE_RECENT + FREE_RECENT_TAGS;

/// How far [`FREE_NEIGHBOR`] reaches to either side.
pub(super) const FREE_NEIGHBOR_REACH: u8 = 8;

/// As [`FREE_RECENT`], with k - 64 in one byte.
pub(super) const FREE_RECENT_BYTE: u8 = FREE_NEIGHBOR + 2 * FREE_NEIGHBOR_REACH;

/// Free the slot that follows in 1, 2, 3 or 4 bytes (this tag and the next three).
pub(super) const FREE_SLOT: u8 = FREE_RECENT_BYTE + 1;

/// Resize the slot resized last.
pub(super) const RESIZE_SAME: u8 = FREE_SLOT + 4;

/// Resize the slot of the k-th last allocation; k follows in one byte.
pub(super) const RESIZE_RECENT_BYTE: u8 = RESIZE_SAME + 1;

/// Resize the slot that follows in 1, 2, 3 or 4 bytes (this tag and the next three).
pub(super) const RESIZE_SLOT: u8 = RESIZE_RECENT_BYTE + 1;

/// Allocate in the slot that follows in 4 bytes.
pub(super) const ALLOCATE_SLOT: u8 = RESIZE_SLOT + 4;
