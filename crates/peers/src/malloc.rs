//! A malloc that comes as a shared library.
//!
//! It takes its memory where it likes, so it has no heap: offsets are addresses, and what can be measured is its time
//! and the memory that its process comes to hold.

mod library;

use std::ffi::c_void;
use std::fmt;
use std::ptr::NonNull;
use std::sync::OnceLock;

use heaplab_core::{
    Capabilities, Config, ConfigError, Entry, Kind, Parameter, Registry, StrategyList, Visitor,
};

use crate::{Peer, Peered, Resized};
use library::Functions;
pub use library::MallocError;

/// The most libraries of one process. Their functions stand in statics, so that a call of them is compiled into the
/// loop of a replay as a call of any other malloc is.
const LIBRARIES: usize = 8;

static LOADED: [OnceLock<Functions>; LIBRARIES] = [const { OnceLock::new() }; LIBRARIES];

/// What every malloc guarantees; for more it has to be asked.
const MALLOC_ALIGN: u64 = 16;

/// The mallocs of shared libraries, as a list of strategies.
#[derive(Debug, Default)]
pub struct Mallocs {
    names: Vec<&'static str>,
}

impl Mallocs {
    /// Loads libraries, each a path or a name that the system's loader finds, and looks their functions up.
    ///
    /// A library is never unloaded again, and a process loads only once.
    ///
    /// # Errors
    ///
    /// [`MallocError`] for what cannot be loaded, for a library without `malloc`, `realloc` and `free` of its own, and
    /// for more than eight of them.
    pub fn load<P: AsRef<str>>(libraries: &[P]) -> Result<Self, MallocError> {
        let mut names: Vec<&'static str> = Vec::new();
        for (at, library) in libraries.iter().enumerate() {
            let library = library.as_ref();
            let Some(place) = LOADED.get(at) else {
                return Err(MallocError::TooMany { max: LIBRARIES });
            };
            let functions = Functions::load(library)?;
            if place.set(functions).is_err() {
                return Err(MallocError::TwiceInOneProcess);
            }
            let name = distinct(name_of(library), &names);
            // The name lives as long as the library, which is never unloaded.
            names.push(name.leak());
        }
        Ok(Self { names })
    }

    /// The names under which they stand in tables, in the order in which they were given.
    #[must_use]
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// They as a registry.
    #[must_use]
    pub const fn registry(self) -> Registry<Self> {
        Registry::of(self)
    }

    fn visit_at<V: Visitor>(&self, at: usize, visitor: &mut V) {
        let Some(&name) = self.names.get(at) else { return };
        macro_rules! visit {
            ($($number:literal)*) => {
                match at {
                    $($number => visitor.visit::<Peered<Malloc<$number>>>(Entry {
                        name,
                        capabilities: CAPABILITIES,
                    }),)*
                    _ => {}
                }
            };
        }
        visit!(0 1 2 3 4 5 6 7);
    }
}

impl StrategyList for Mallocs {
    fn visit_all<V: Visitor>(&self, visitor: &mut V) {
        (0..self.names.len()).for_each(|at| self.visit_at(at, visitor));
    }

    fn visit_named<V: Visitor>(&self, name: &str, visitor: &mut V) -> bool {
        let at = self.names.iter().position(|&it| it == name);
        at.inspect(|&at| self.visit_at(at, visitor)).is_some()
    }
}

/// `libmimalloc` for `/usr/lib/libmimalloc.so.2`.
fn name_of(library: &str) -> String {
    let file = library.rsplit('/').next().unwrap_or(library);
    let end = [".so", ".dylib"].iter().filter_map(|ending| file.find(ending)).min();
    let stem = end.map_or(file, |end| &file[..end]);
    if stem.is_empty() { file.to_owned() } else { stem.to_owned() }
}

fn distinct(name: String, taken: &[&str]) -> String {
    let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| !taken.contains(&name.as_str())).unwrap_or(name)
}

const CAPABILITIES: Capabilities = Capabilities {
    description: "the malloc of a shared library; takes its memory where it likes",
    source: "",
    package: "",
    version: "",
    kind: Kind::Peer,
    is_confined: false,
    copies_by_itself: true,
    parameters: &[Parameter::TOUCH],
    ..Capabilities::DEFAULT
};

/// The malloc of the library that was loaded as number `N`.
#[derive(Clone, Copy)]
pub struct Malloc<const N: usize> {
    functions: &'static Functions,
    touches: bool,
}

impl<const N: usize> Malloc<N> {
    /// Fills the bytes `from..size` of a block.
    fn fill(self, address: NonNull<u8>, size: usize) {
        if self.touches {
            // SAFETY: the block at `address` has `size` bytes.
            unsafe { address.as_ptr().write_bytes(pattern(address), size) };
        }
    }

    /// Whether the first `size` bytes of a block hold the pattern of the address that it was filled at.
    fn check(self, address: NonNull<u8>, size: usize, filled_at: NonNull<u8>) {
        if self.touches {
            // SAFETY: the block at `address` has `size` bytes, and all were written.
            let bytes = unsafe { std::slice::from_raw_parts(address.as_ptr(), size) };
            let wanted = pattern(filled_at);
            let wrong = bytes.iter().position(|&byte| byte != wanted);
            assert!(wrong.is_none(), "byte {wrong:?} of {size} of a live block was overwritten");
        }
    }
}

/// Blocks that lie next to each other have different patterns.
fn pattern(address: NonNull<u8>) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are wanted")]
    let byte = (address.addr().get() >> 4) as u8;
    byte.wrapping_mul(0x9D) ^ 0x5A
}

impl<const N: usize> Peer for Malloc<N> {
    type Token = ();

    const CAPABILITIES: Capabilities = CAPABILITIES;

    fn new(_: u64, config: &Config) -> Result<Self, ConfigError> {
        let touches = config.value(&Parameter::TOUCH)? == 1;
        // A type without its library is named by nobody.
        let functions = LOADED.get(N).and_then(OnceLock::get).ok_or(ConfigError::OutOfMetadata)?;
        Ok(Self { functions, touches })
    }

    #[inline]
    fn allocate(&mut self, size: u64, align: u64) -> Option<(u64, ())> {
        let size = usize::try_from(size).ok()?;
        let block = if align <= MALLOC_ALIGN {
            // SAFETY: malloc may be called with any size.
            unsafe { (self.functions.malloc)(size) }
        } else {
            self.functions.aligned(size, usize::try_from(align).ok()?)?
        };
        let address = NonNull::new(block)?.cast();
        self.fill(address, size);
        Some((address_of(address), ()))
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the size was a usize before")]
    unsafe fn free(&mut self, offset: u64, size: u64, _: u64, (): ()) {
        let block = block_at(offset);
        self.check(block, size as usize, block);
        // SAFETY: the caller describes a block of this malloc.
        unsafe { (self.functions.free)(block.as_ptr().cast()) };
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the size was a usize before")]
    unsafe fn resize(
        &mut self,
        offset: u64,
        size: u64,
        align: u64,
        (): (),
        new_size: u64,
    ) -> Resized<()> {
        // realloc promises no more alignment than malloc does.
        if align > MALLOC_ALIGN {
            return Resized::Move;
        }
        let Ok(new_size) = usize::try_from(new_size) else { return Resized::Full };
        let old = block_at(offset);
        self.check(old, size as usize, old);
        // SAFETY: the caller describes a block of this malloc; the new size is at least 1.
        let block = unsafe { (self.functions.realloc)(old.as_ptr().cast(), new_size) };
        let Some(block) = NonNull::new(block).map(NonNull::cast) else { return Resized::Full };
        self.check(block, new_size.min(size as usize), old);
        self.fill(block, new_size);
        Resized::Done(address_of(block), ())
    }

    /// It has its tables beside its blocks.
    fn metadata_bytes(&self) -> Option<u64> {
        None
    }
}

#[inline]
fn address_of(block: NonNull<u8>) -> u64 {
    block.as_ptr().expose_provenance() as u64
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the address was a usize before")]
fn block_at(offset: u64) -> NonNull<u8> {
    let block: *mut c_void = std::ptr::with_exposed_provenance_mut(offset as usize);
    // SAFETY: the offset is the address of a block, which is not null.
    unsafe { NonNull::new_unchecked(block.cast()) }
}

impl<const N: usize> fmt::Debug for Malloc<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Malloc").field("number", &N).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_have_short_names_that_differ() {
        for (library, name) in [
            ("libmimalloc.so.2", "libmimalloc"),
            ("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", "libjemalloc"),
            ("./mine.dylib", "mine"),
            ("odd", "odd"),
            ("/.so", ".so"),
        ] {
            assert_eq!(name_of(library), name);
        }
        assert_eq!(distinct("a".into(), &["a", "a-2"]), "a-3");
    }
}
