//! Loading a shared library and finding the functions of a malloc in it.

use std::ffi::{CStr, CString, c_char, c_int, c_void};

/// Why a malloc cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MallocError {
    /// The library cannot be loaded.
    #[error("{library}: cannot be loaded: {reason}")]
    Load {
        /// As it was given.
        library: String,
        /// What the loader says.
        reason: String,
    },
    /// The library has no such function.
    #[error("{library}: has no function '{function}' of its own, so it is no malloc")]
    Missing {
        /// As it was given.
        library: String,
        /// The first function that it lacks.
        function: &'static str,
    },
    /// There are too many.
    #[error("too many mallocs: at most {max} can be loaded at once")]
    TooMany {
        /// The most.
        max: usize,
    },
    /// Libraries have been loaded in this process before.
    #[error("this process has loaded its mallocs already")]
    TwiceInOneProcess,
}

type Malloc = unsafe extern "C" fn(usize) -> *mut c_void;
type Realloc = unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void;
type Free = unsafe extern "C" fn(*mut c_void);
type PosixMemalign = unsafe extern "C" fn(*mut *mut c_void, usize, usize) -> c_int;

/// The functions of one library.
pub(super) struct Functions {
    pub(super) malloc: Malloc,
    pub(super) realloc: Realloc,
    pub(super) free: Free,
    posix_memalign: Option<PosixMemalign>,
}

impl Functions {
    /// Loads a library for ever: a malloc may have threads and thread-local blocks that outlive any use of it.
    pub(super) fn load(library: &str) -> Result<Self, MallocError> {
        let handle = open(library)?;
        let find = |function: &'static CStr| {
            let missing = MallocError::Missing {
                library: library.into(),
                function: function.to_str().unwrap_or_default(),
            };
            handle.own(function).ok_or(missing)
        };
        let (malloc, realloc, free) = (find(c"malloc")?, find(c"realloc")?, find(c"free")?);
        let aligned = handle.own(c"posix_memalign");
        // SAFETY: a function of this name has this type; whoever loads something else as a malloc is on his own.
        let malloc = unsafe { std::mem::transmute::<*mut c_void, Malloc>(malloc) };
        // SAFETY: as above.
        let realloc = unsafe { std::mem::transmute::<*mut c_void, Realloc>(realloc) };
        // SAFETY: as above.
        let free = unsafe { std::mem::transmute::<*mut c_void, Free>(free) };
        let posix_memalign = aligned.map(|function| {
            // SAFETY: as above.
            unsafe { std::mem::transmute::<*mut c_void, PosixMemalign>(function) }
        });
        Ok(Self { malloc, realloc, free, posix_memalign })
    }

    /// A block at a multiple of `align`, a power of two above that of a pointer; `None` where the library cannot.
    pub(super) fn aligned(&self, size: usize, align: usize) -> Option<*mut c_void> {
        let mut block = std::ptr::null_mut();
        // SAFETY: the alignment is a power of two and a multiple of a pointer's size.
        let failed = unsafe { (self.posix_memalign?)(&raw mut block, align, size) };
        (failed == 0).then_some(block)
    }
}

/// A library that stays loaded.
struct Handle(*mut c_void);

fn open(library: &str) -> Result<Handle, MallocError> {
    let failed = |reason: String| MallocError::Load { library: library.into(), reason };
    let path = CString::new(library).map_err(|_| failed("its name holds a zero byte".into()))?;
    let mut flags = libc::RTLD_NOW | libc::RTLD_LOCAL;
    if cfg!(all(target_os = "linux", target_env = "gnu")) {
        // Where the library calls malloc and free itself, it is to meet its own and not those of this program.
        flags |= DEEPBIND;
    }
    // SAFETY: the path is a string that ends with a zero; what a library does when it is loaded is its own affair.
    let handle = unsafe { libc::dlopen(path.as_ptr(), flags) };
    if handle.is_null() {
        return Err(failed(last_error(library)));
    }
    Ok(Handle(handle))
}

/// `RTLD_DEEPBIND` of glibc.
const DEEPBIND: c_int = 8;

impl Handle {
    /// The address of a function that this library has, and not one that it depends on.
    fn own(&self, function: &CStr) -> Option<*mut c_void> {
        // SAFETY: the handle is open, and the name a string that ends with a zero.
        let address = unsafe { libc::dlsym(self.0, function.as_ptr()) };
        (!address.is_null() && self.holds(address)).then_some(address)
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn holds(&self, address: *mut c_void) -> bool {
        /// The part of glibc's `link_map` that every version has.
        #[repr(C)]
        struct LinkMap {
            base: usize,
            name: *const c_char,
            dynamic: *mut c_void,
        }
        let mut map: *mut LinkMap = std::ptr::null_mut();
        let to = (&raw mut map).cast();
        // SAFETY: the handle is open, and this request writes one pointer.
        let failed = unsafe { libc::dlinfo(self.0, libc::RTLD_DI_LINKMAP, to) };
        let mut found = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: the record is there to be written.
        let is_known = unsafe { libc::dladdr(address, found.as_mut_ptr()) } != 0;
        if failed != 0 || map.is_null() || !is_known {
            return true;
        }
        // SAFETY: zeroes are a valid record, and it has been filled in.
        let found = unsafe { found.assume_init() };
        // SAFETY: the loader keeps the record for as long as the library is open.
        let base = unsafe { (*map).base };
        found.dli_fbase.addr() == base
    }

    /// Elsewhere the loader is believed.
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    fn holds(&self, _: *mut c_void) -> bool {
        true
    }
}

/// What the loader says, without the name that it repeats.
fn last_error(library: &str) -> String {
    // SAFETY: the text belongs to this thread until the next call of the loader, and is copied at once.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "the loader does not say why".to_owned();
    }
    // SAFETY: it is not null and ends with a zero.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    text.strip_prefix(library).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&text).to_owned()
}
