//! Binary buddies: pieces of a power of two of granules, halved and joined again.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use heaplab_core::{AllocError, Block, Capabilities, Config, ConfigError};

use crate::policy::Pieces;

/// No node; also the end of the chain in address order, both ways.
const NIL: u32 = 0;

/// The most nodes that one operation makes: a half of each order.
const HALVES: usize = 64;

#[derive(Clone, Copy, Debug)]
struct Node {
    /// In granules.
    offset: u64,
    below: u32,
    above: u32,
    /// Neighbors in the list of free buddies of this order, the newer one first; in an unused node the next unused one.
    newer: u32,
    older: u32,
    order: u8,
    is_free: bool,
}

/// A heap cut into buddies.
///
/// ```text
/// heap    XXXXXXXX XX-- ---- --------      free buddies: order 1 at 10, order 2 at 12, order 3 at 16
/// chain   8        2 2  4    8
/// ```
///
/// All buddies, taken or free, are chained in address order; a buddy's other half is then its neighbor, or cut into
/// smaller ones.
/// A heap whose size is no power of two is a row of buddies of falling size that have no other half.
///
/// Invariants
///
/// 1. The chain tiles the heap, and each buddy's offset is a multiple of its size.
/// 2. The free buddies of each order are in its list, and a bit says whether there are any.
/// 3. No two free buddies are halves of one, unless the heap ends before the whole.
#[derive(Debug)]
pub struct Buddies {
    nodes: Vec<Node>,
    unused: u32,
    unused_count: usize,
    /// The newest free buddy of each order.
    newest: [u32; 64],
    orders: u64,
    granule_shift: u32,
    granules: u64,
}

impl Buddies {
    fn node(&mut self, id: u32) -> &mut Node {
        &mut self.nodes[id as usize]
    }

    fn reserve(&mut self, count: usize) -> Result<(), AllocError> {
        if self.unused_count >= count {
            return Ok(());
        }
        let len = self.nodes.len();
        let error = AllocError::OutOfMetadata { entries: len as u64 };
        let wanted = (count - self.unused_count).max(len / 4);
        let end = u32::try_from(len + wanted).map_err(|_| error)?;
        self.nodes.try_reserve_exact(wanted).map_err(|_| error)?;
        // From the highest down, so that they are used in ascending order.
        let start = end - u32::try_from(wanted).map_err(|_| error)?;
        for id in start..end {
            let older = if id + 1 == end { self.unused } else { id + 1 };
            self.nodes.push(Node { older, ..Self::SENTINEL });
        }
        self.unused = start;
        self.unused_count += wanted;
        Ok(())
    }

    const SENTINEL: Node = Node {
        offset: 0,
        below: NIL,
        above: NIL,
        newer: NIL,
        older: NIL,
        order: 0,
        is_free: false,
    };

    /// Puts a taken buddy into the chain, right above another; needs a reserved node.
    fn link(&mut self, below: u32, offset: u64, order: u8) -> u32 {
        let id = self.unused;
        self.unused = self.node(id).older;
        self.unused_count -= 1;
        let above = core::mem::replace(&mut self.node(below).above, id);
        self.node(above).below = id;
        *self.node(id) = Node { offset, below, above, order, ..Self::SENTINEL };
        id
    }

    fn unlink(&mut self, id: u32) {
        let Node { below, above, .. } = *self.node(id);
        self.node(below).above = above;
        self.node(above).below = below;
        self.node(id).older = self.unused;
        self.unused = id;
        self.unused_count += 1;
    }

    fn set_free(&mut self, id: u32) {
        let order = self.node(id).order;
        let older = core::mem::replace(&mut self.newest[usize::from(order)], id);
        let node = self.node(id);
        (node.is_free, node.newer, node.older) = (true, NIL, older);
        if older != NIL {
            self.node(older).newer = id;
        }
        self.orders |= 1 << order;
    }

    fn set_taken(&mut self, id: u32) {
        let node = self.node(id);
        node.is_free = false;
        let Node { newer, older, order, .. } = *node;
        if older != NIL {
            self.node(older).newer = newer;
        }
        if newer != NIL {
            self.node(newer).older = older;
            return;
        }
        self.newest[usize::from(order)] = older;
        if older == NIL {
            self.orders &= !(1 << order);
        }
    }

    /// Halves a taken buddy until it has this order; upper halves become free.
    fn halve(&mut self, id: u32, order: u8) {
        while self.node(id).order > order {
            let Node { offset, order, .. } = *self.node(id);
            let half = order - 1;
            self.node(id).order = half;
            let upper = self.link(id, offset + (1 << half), half);
            self.set_free(upper);
        }
    }

    /// The other half of a buddy, if it is whole and free.
    fn free_half(&self, id: u32) -> Option<u32> {
        let Node { offset, order, below, above, .. } = self.nodes[id as usize];
        let is_lower = offset >> order & 1 == 0;
        let other = if is_lower { above } else { below };
        let it = &self.nodes[other as usize];
        (other != NIL && it.is_free && it.order == order).then_some(other)
    }

    /// The order of a piece for so many bytes.
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm of a `u64` is at most 64")]
    const fn order_of(&self, bytes: u64) -> u8 {
        let granules = bytes >> self.granule_shift;
        (u64::BITS - granules.saturating_sub(1).leading_zeros()) as u8
    }

    /// Orders that buddies of this heap have, as their highest; larger requests never fit.
    const fn is_within(&self, order: u8) -> bool {
        order < 64 && 1 << order <= self.granules
    }
}

impl Pieces for Buddies {
    type Piece = u32;

    const CAPABILITIES: Capabilities = Capabilities {
        description: "powers of two, halved and joined; simple and quick, and a third of the space goes to rounding",
        source: "Knowlton, A fast storage allocator, CACM 8(10), 1965",
        package: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        ..Capabilities::DEFAULT
    };

    fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
        let granule_shift = config.granule.shift();
        let granules = capacity_bytes >> granule_shift;
        let mut nodes = Vec::new();
        nodes.try_reserve(1 + HALVES).map_err(|_| ConfigError::OutOfMetadata)?;
        nodes.push(Self::SENTINEL);
        let (unused, unused_count, newest, orders) = (NIL, 0, [NIL; 64], 0);
        let mut heap =
            Self { nodes, unused, unused_count, newest, orders, granule_shift, granules };
        heap.reserve(HALVES).map_err(|_| ConfigError::OutOfMetadata)?;
        let (mut last, mut offset) = (NIL, 0);
        while let Some(order) = (granules - offset).checked_ilog2() {
            // A logarithm of a `u64` is at most 63.
            last = heap.link(last, offset, u8::try_from(order).unwrap_or(63));
            heap.set_free(last);
            offset += 1 << order;
        }
        Ok(heap)
    }

    fn take(&mut self, len: u64, align: u64) -> Result<Option<(u64, u32)>, AllocError> {
        let order = self.order_of(len);
        let lowest = order.max(self.order_of(align));
        if !self.is_within(lowest) {
            return Ok(None);
        }
        let orders = self.orders & (u64::MAX << lowest);
        if orders == 0 {
            return Ok(None);
        }
        self.reserve(HALVES)?;
        let id = self.newest[orders.trailing_zeros() as usize];
        self.set_taken(id);
        self.halve(id, order);
        Ok(Some((self.node(id).offset << self.granule_shift, id)))
    }

    fn give_back(&mut self, mut id: u32) {
        while let Some(other) = self.free_half(id) {
            self.set_taken(other);
            let (lower, upper) = if self.node(other).offset < self.node(id).offset {
                (other, id)
            } else {
                (id, other)
            };
            self.unlink(upper);
            self.node(lower).order += 1;
            id = lower;
        }
        self.set_free(id);
    }

    fn fit(&mut self, id: u32, len: u64) -> Result<Option<u32>, AllocError> {
        let Node { offset, order: old, mut above, .. } = *self.node(id);
        let order = self.order_of(len);
        if order <= old {
            self.reserve(HALVES)?;
            self.halve(id, order);
            return Ok(Some(id));
        }
        // The upper halves, one for each order that is missing, must all be free and whole.
        for half in old..order {
            let it = self.nodes[above as usize];
            if offset >> half & 1 == 1 || above == NIL || !it.is_free || it.order != half {
                return Ok(None);
            }
            above = it.above;
        }
        for _ in old..order {
            let upper = self.node(id).above;
            self.set_taken(upper);
            self.unlink(upper);
        }
        self.node(id).order = order;
        Ok(Some(id))
    }

    fn metadata_bytes(&self) -> (u64, u64) {
        let bytes = |nodes: usize| (size_of::<Self>() + nodes * size_of::<Node>()) as u64;
        (bytes(self.nodes.len() - self.unused_count), bytes(self.nodes.capacity()))
    }

    fn check_invariants(
        &self,
        pieces: &mut dyn Iterator<Item = (u32, Block)>,
    ) -> Result<(), String> {
        let (mut offset, mut taken, mut free) = (0, 0, 0_usize);
        let mut id = self.nodes[NIL as usize].above;
        while id != NIL {
            let node = self.nodes[id as usize];
            if node.offset != offset || node.offset & ((1 << node.order) - 1) != 0 {
                return Err(format!("{node:?} does not begin at {offset}, a multiple of its size"));
            }
            if node.is_free && self.free_half(id).is_some() {
                return Err(format!("{node:?} and its other half are both free"));
            }
            if node.is_free {
                free += 1;
            } else {
                taken += 1;
            }
            offset += 1 << node.order;
            id = node.above;
        }
        if offset != self.granules {
            return Err(format!("the buddies end at {offset}, the heap at {}", self.granules));
        }
        let mut listed = 0;
        for (order, &newest) in self.newest.iter().enumerate() {
            if (self.orders >> order & 1 == 1) != (newest != NIL) {
                return Err(format!("order {order} is contradicted by its bit"));
            }
            let mut id = newest;
            while id != NIL {
                let node = self.nodes[id as usize];
                if !node.is_free || usize::from(node.order) != order {
                    return Err(format!("{node:?} is in the list of order {order}"));
                }
                (listed, id) = (listed + 1, node.older);
            }
        }
        for (id, block) in pieces {
            let node = self.nodes[id as usize];
            let (start, size) =
                (node.offset << self.granule_shift, 1_u64 << node.order << self.granule_shift);
            taken -= 1;
            if node.is_free || start != block.offset || self.order_of(block.len) != node.order {
                return Err(format!("{block:?} lies in {node:?} of {size} bytes"));
            }
        }
        if (taken, listed) == (0, free) {
            Ok(())
        } else {
            Err("the lists and the chain differ".into())
        }
    }
}
