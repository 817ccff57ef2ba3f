//! A peer that does what it must, until it aborts, hangs, or ruins what others need.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Kind, Memory, Parameter, Piece, Request, Strategy, Usage,
};

pub(crate) const SOUND: u8 = 0;
pub(crate) const ABORTS: u8 = 1;
pub(crate) const HANGS: u8 = 2;
pub(crate) const LEAVES: u8 = 3;
/// Aborts in heaps below 3,000 bytes only.
pub(crate) const ABORTS_WHEN_SMALL: u8 = 4;
/// Knows no heap, as a malloc does.
pub(crate) const ELSEWHERE: u8 = 5;
/// Abort, and hang, where nobody looks at them, as in timed replays.
pub(crate) const ABORTS_WHEN_TIMED: u8 = 7;
pub(crate) const HANGS_WHEN_TIMED: u8 = 8;
/// Aborts in the second timed replay of one process.
pub(crate) const ABORTS_WHEN_WARM: u8 = 9;
/// Aborts, hangs, and ruins what others need, in the sixth timed replay of one process: rehearsals in
/// two heaps take four.
pub(crate) const ABORTS_WHEN_HOT: u8 = 10;
pub(crate) const HANGS_WHEN_HOT: u8 = 11;
pub(crate) const RUINS_WHEN_HOT: u8 = 12;
/// A strategy that aborts where somebody has ruined its memory.
pub(crate) const VICTIM: u8 = 13;
/// No peer, but a strategy in a language that can abort, and does.
pub(crate) const STRANGER: u8 = 6;

/// Places block after block and never reuses anything, until it does what it is here for.
pub(crate) struct Peer<const FAULT: u8> {
    capacity: u64,
    granule: Granule,
    blocks: Vec<Option<Block>>,
    end: u64,
    is_looked_at: Cell<bool>,
}

impl<const FAULT: u8> Peer<FAULT> {
    /// Whether it is timed: whoever keeps figures has asked it where a block stands by now.
    const fn is_timed(&self) -> bool {
        !self.is_looked_at.get()
    }

    /// Whether it is timed, and was timed so often before in this process.
    fn is_timed_after(&self, others: u32) -> bool {
        let replays = &TIMED_REPLAYS[usize::from(FAULT)];
        self.is_timed() && replays.fetch_add(1, Ordering::Relaxed) >= others
    }
}

/// Replays of this process that looked like timed ones, of each fault.
static TIMED_REPLAYS: [AtomicU32; 14] = [const { AtomicU32::new(0) }; 14];
/// Whether memory that is everybody's is ruined.
static IN_RUINS: AtomicBool = AtomicBool::new(false);

impl<const FAULT: u8> Strategy for Peer<FAULT> {
    const CAPABILITIES: Capabilities = Capabilities {
        kind: if matches!(FAULT, STRANGER | VICTIM) { Kind::Strategy } else { Kind::Peer },
        may_abort: FAULT == STRANGER,
        max_capacity_bytes: if FAULT == ELSEWHERE { None } else { Some(1 << 20) },
        is_confined: FAULT != ELSEWHERE,
        parameters: &[Parameter::TOUCH],
        ..Capabilities::DEFAULT
    };

    fn new(capacity: u64, config: &Config) -> Result<Self, ConfigError> {
        let capacity = config.check(capacity, &Self::CAPABILITIES)?;
        Ok(Self {
            capacity,
            granule: config.granule,
            blocks: Vec::new(),
            end: 0,
            is_looked_at: Cell::new(false),
        })
    }
}

#[expect(clippy::print_stderr, reason = "misbehaving is its task")]
impl<const FAULT: u8> Allocator for Peer<FAULT> {
    fn allocate(&mut self, request: Request, _: &mut dyn Memory) -> Result<Handle, AllocError> {
        if self.blocks.len() == 5 {
            match FAULT {
                ABORTS_WHEN_TIMED if self.is_timed() => std::process::abort(),
                ABORTS_WHEN_WARM if self.is_timed_after(1) => std::process::abort(),
                ABORTS_WHEN_HOT if self.is_timed_after(5) => {
                    eprintln!("hot");
                    std::process::abort();
                }
                HANGS_WHEN_HOT if self.is_timed_after(5) => loop {
                    std::thread::sleep(Duration::from_secs(1));
                },
                RUINS_WHEN_HOT if self.is_timed_after(5) => IN_RUINS.store(true, Ordering::Relaxed),
                VICTIM if IN_RUINS.load(Ordering::Relaxed) => std::process::abort(),
                HANGS_WHEN_TIMED if self.is_timed() => loop {
                    std::thread::sleep(Duration::from_secs(1));
                },
                ABORTS | STRANGER => {
                    eprintln!("first words\nthe heap is in ruins");
                    std::process::abort();
                }
                ABORTS_WHEN_SMALL if self.capacity < 3_000 => std::process::abort(),
                HANGS => loop {
                    std::thread::sleep(Duration::from_secs(1));
                },
                LEAVES => std::process::exit(7),
                _ => {}
            }
        }
        let len = self.granule.length_of(request.size).unwrap();
        if self.end + len > self.capacity {
            let capacity_bytes = self.capacity;
            return Err(AllocError::TooLarge { requested_bytes: request.size, capacity_bytes });
        }
        self.blocks.push(Some(Block { offset: self.end, len }));
        self.end += len;
        Ok(Handle::from_parts(u32::try_from(self.blocks.len()).unwrap(), 0).unwrap())
    }

    fn free(&mut self, handle: Handle, _: &mut dyn Memory) -> Result<(), InvalidHandle> {
        self.blocks[handle.index() as usize - 1].take().map(drop).ok_or(InvalidHandle::Stale)
    }

    fn resize(&mut self, _: Handle, _: Request, _: &mut dyn Memory) -> Result<(), AllocError> {
        Err(AllocError::CannotResizeInPlace)
    }

    fn block(&self, handle: Handle) -> Option<Block> {
        self.is_looked_at.set(true);
        self.blocks[handle.index() as usize - 1]
    }

    fn walk(&self, visit: &mut dyn FnMut(Piece)) {
        for (block, index) in self.blocks.iter().zip(1..) {
            if let Some(block) = block {
                visit(Piece::Block(*block, Handle::from_parts(index, 0).unwrap()));
            }
        }
    }

    fn usage(&self) -> Usage {
        let live = || self.blocks.iter().flatten();
        Usage {
            live_bytes: live().map(|block| block.len).sum(),
            live_blocks: live().count() as u64,
            ..Usage::default()
        }
    }

    fn capacity_bytes(&self) -> u64 {
        self.capacity
    }

    fn granule(&self) -> Granule {
        self.granule
    }
}
