//! The text of a valgrind log: line prefixes, calls, results.

use crate::import::fields::{
    ADDRESS, ALIGNMENT, COUNT, Fault, Number, Parsed, SIZE, address, decimal, fault, quoted,
};

/// The mark of valgrind's own lines, `==PID==` (messages) or `--PID--` (calls, at higher verbosity
/// other remarks); with `--time-stamp=yes` the time since the start stands before the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefix {
    pub(super) process: u32,
    pub(super) is_call: bool,
    pub(super) time_ns: Option<u64>,
    /// Bytes up to the text, the blank behind the mark included.
    pub(super) len: usize,
}

/// The prefix at the start of `line`, if valgrind wrote it.
pub(super) fn prefix(line: &[u8]) -> Option<Prefix> {
    let (mark, rest) = line.split_first_chunk::<2>()?;
    let is_call = match mark {
        b"--" => true,
        b"==" => false,
        _ => return None,
    };
    // The longest is "--DDDD:HH:MM:SS.mmm PID--".
    let window = &rest[..rest.len().min(48)];
    let end = memchr::memmem::find(window, mark)?;
    let inside = &rest[..end];
    let (time, process) = match memchr::memchr(b' ', inside) {
        Some(blank) => (Some(&inside[..blank]), &inside[blank + 1..]),
        None => (None, inside),
    };
    let time_ns = match time {
        Some(time) => Some(time_ns(time)?),
        None => None,
    };
    let process = u32::try_from(digits(process)?).ok()?;
    let mut len = end + 4;
    if line.get(len) == Some(&b' ') {
        len += 1;
    }
    Some(Prefix { process, is_call, time_ns, len })
}

fn digits(text: &[u8]) -> Option<u64> {
    decimal(text, 0, COUNT).ok()
}

/// Days, hours, minutes, seconds and milliseconds.
fn time_ns(text: &[u8]) -> Option<u64> {
    let mut parts = text.split(|&byte| byte == b':' || byte == b'.');
    let mut total_ms = 0_u64;
    // What one unit of the part is worth in units of the next.
    for factor in [24, 60, 60, 1000, 1] {
        let part = digits(parts.next()?)?;
        total_ms = total_ms.checked_add(part)?.checked_mul(factor)?;
    }
    match parts.next() {
        None => total_ms.checked_mul(1_000_000),
        Some(_) => None,
    }
}

/// The next place in `text`, after its first byte, where a prefix stands: lines of several processes
/// can run into each other.
pub(super) fn embedded_prefix(text: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(text, b"--").find(|&at| {
        // A mark has digits behind it; the one that closes a prefix has a blank.
        text.get(at + 2).is_some_and(u8::is_ascii_digit) && prefix(&text[at..]).is_some()
    })
}

/// One call as written, before its result is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `size` is `None` where the product of a `calloc` does not fit: such a call fails unseen.
    Allocate {
        size: Option<u64>,
        align: u64,
        is_malloc: bool,
    },
    Resize {
        from: u64,
        size: u64,
    },
    Free {
        address: u64,
    },
    /// A call without effect on the heap, such as `malloc_usable_size`.
    Other,
}

/// What the text behind a prefix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// A call, and where the text behind its parentheses begins.
    Call(Call, usize),
    /// Something of the shape of a call whose name is not known.
    UnknownCall,
    /// A remark, nothing to import.
    Remark,
}

/// Reads a call at `from` of the line.
pub(super) fn text(line: &[u8], from: usize) -> Parsed<Text> {
    let body = &line[from..];
    let name_len =
        body.iter().take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'_').count();
    if name_len == 0 || body.get(name_len) != Some(&b'(') {
        return Ok(Text::Remark);
    }
    let name = &body[..name_len];
    let open = from + name_len + 1;
    let Some(kind) = Kind::of(name) else {
        return Ok(Text::UnknownCall);
    };
    let Some(len) = memchr::memchr(b')', &line[open..]) else {
        let found = format!("the parenthesis of {} is not closed", quoted(name));
        return Err(fault(open, found, "a ')' behind the arguments"));
    };
    let arguments = Arguments { line, from: open, to: open + len };
    let call = match kind {
        Kind::Malloc | Kind::New => Call::Allocate {
            size: Some(arguments.number(0, "size", SIZE)?),
            align: arguments.optional(1, "al", ALIGNMENT)?.unwrap_or(1),
            is_malloc: kind == Kind::Malloc,
        },
        Kind::Calloc => {
            let count = arguments.number(0, "count", COUNT)?;
            let size = arguments.number(1, "size", SIZE)?;
            Call::Allocate { size: count.checked_mul(size), align: 1, is_malloc: false }
        }
        Kind::Memalign => Call::Allocate {
            size: Some(arguments.number(1, "size", SIZE)?),
            align: arguments.number(0, "al", ALIGNMENT)?,
            is_malloc: false,
        },
        Kind::Realloc => {
            Call::Resize { from: arguments.address()?, size: arguments.number(1, "size", SIZE)? }
        }
        Kind::Free => Call::Free { address: arguments.address()? },
        Kind::Other => Call::Other,
    };
    Ok(Text::Call(call, open + len + 1))
}

/// The result behind a call, `" = 0x4A40040"`, or `None` where other text stands.
pub(super) fn result(line: &[u8], from: usize) -> Parsed<Option<u64>> {
    let Some(rest) = line[from..].strip_prefix(b" = ") else { return Ok(None) };
    let at = from + b" = ".len();
    let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    // A resize to nothing returns a bare 0.
    if rest[..len] == *b"0" {
        return Ok(Some(0));
    }
    address(&rest[..len], at).map(Some)
}

/// What a function does, whatever it is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Malloc,
    New,
    Calloc,
    Memalign,
    Realloc,
    Free,
    Other,
}

impl Kind {
    fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"malloc" => Self::Malloc,
            b"__builtin_new" | b"__builtin_vec_new" => Self::New,
            b"calloc" => Self::Calloc,
            b"memalign" | b"aligned_alloc" | b"posix_memalign" => Self::Memalign,
            b"realloc" => Self::Realloc,
            b"free"
            | b"cfree"
            | b"free_sized"
            | b"free_aligned_sized"
            | b"__builtin_delete"
            | b"__builtin_vec_delete" => Self::Free,
            b"malloc_usable_size"
            | b"mallinfo"
            | b"mallinfo2"
            | b"malloc_trim"
            | b"mallopt"
            | b"malloc_stats" => Self::Other,
            // C++'s operators new, new[], delete and delete[] in all their forms.
            _ if name.starts_with(b"_Znw") || name.starts_with(b"_Zna") => Self::New,
            _ if name.starts_with(b"_Zdl") || name.starts_with(b"_Zda") => Self::Free,
            _ => return None,
        })
    }
}

/// What stands between a call's parentheses: by position, or with names as in `al 64, size 100`.
struct Arguments<'a> {
    line: &'a [u8],
    from: usize,
    to: usize,
}

impl<'a> Arguments<'a> {
    fn each(&self) -> impl Iterator<Item = (usize, &'a [u8])> + use<'a> {
        let mut at = self.from;
        self.line[self.from..self.to].split(|&byte| byte == b',').map(move |part| {
            let start = at + part.len() - part.trim_ascii_start().len();
            at += part.len() + 1;
            (start, part.trim_ascii())
        })
    }

    /// The argument named `key` or a longer word that starts so, or else the unnamed one at `index`.
    fn find(&self, index: usize, key: &str) -> Option<(usize, &'a [u8])> {
        let named = self.each().find_map(|(at, part)| {
            let blank = memchr::memchr(b' ', part)?;
            part[..blank].starts_with(key.as_bytes()).then(|| {
                let value = part[blank..].trim_ascii_start();
                (at + part.len() - value.len(), value)
            })
        });
        named.or_else(|| self.each().nth(index).filter(|(_, part)| !part.contains(&b' ')))
    }

    fn number(&self, index: usize, key: &str, number: Number) -> Parsed<u64> {
        let (at, word) = self.find(index, key).unwrap_or((self.to, b""));
        decimal(word, at, number)
    }

    fn optional(&self, index: usize, key: &str, number: Number) -> Parsed<Option<u64>> {
        self.find(index, key).map(|(at, word)| decimal(word, at, number)).transpose()
    }

    fn address(&self) -> Parsed<u64> {
        let (at, word) = self.each().next().unwrap_or((self.to, b""));
        address(word, at)
    }
}

/// The fault of an allocation whose size cannot be true.
#[cold]
pub(super) fn impossible(at: usize) -> Box<Fault> {
    fault(at, "a product beyond 64 bits was allocated", ADDRESS.expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(line: &str) -> Call {
        match text(line.as_bytes(), 0) {
            Ok(Text::Call(call, _)) => call,
            other => panic!("{line}: {other:?}"),
        }
    }

    const fn allocate(size: u64, align: u64) -> Call {
        Call::Allocate { size: Some(size), align, is_malloc: false }
    }

    #[test]
    fn prefixes_name_the_process_and_perhaps_the_time() {
        let plain = prefix(b"--1935-- malloc(8)").unwrap();
        assert_eq!(plain, Prefix { process: 1935, is_call: true, time_ns: None, len: 9 });
        assert!(!prefix(b"==1== ").unwrap().is_call);
        let timed = prefix(b"--01:02:03:04.005 77-- free(0x0)").unwrap();
        assert_eq!(timed.process, 77);
        assert_eq!(timed.time_ns, Some(((26 * 60 + 3) * 60 + 4) * 1_000_000_000 + 5_000_000));
        for none in ["", "--", "----", "--a--", "1935", "--1==", "**1**", "--99999999999-- x"] {
            assert_eq!(prefix(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn every_spelling_of_a_call_is_read() {
        let malloc = Call::Allocate { size: Some(10), align: 1, is_malloc: true };
        assert_eq!(call("malloc(10) = 0x4A40040"), malloc);
        assert_eq!(call("calloc(3,7) = 0x1"), allocate(21, 1));
        assert_eq!(
            call("calloc(18446744073709551615,2)"),
            Call::Allocate { size: None, align: 1, is_malloc: false }
        );
        assert_eq!(call("memalign(al 64, size 100) = 0x1"), allocate(100, 64));
        assert_eq!(call("posix_memalign(size 100, alignment 64)"), allocate(100, 64));
        assert_eq!(call("_Znwm(41) = 0x4D6E460"), allocate(41, 1));
        assert_eq!(call("_ZnwmSt11align_val_t(size 128, al 64) = 0x1"), allocate(128, 64));
        assert_eq!(call("_ZnamRKSt9nothrow_t(12) = 0x1"), allocate(12, 1));
        assert_eq!(call("__builtin_vec_new(5) = 0x1"), allocate(5, 1));
        assert_eq!(call("realloc(0x4A40040,20)"), Call::Resize { from: 0x4A4_0040, size: 20 });
        for free in ["free(0x10)", "_ZdlPvm(0x10)", "_ZdaPvSt11align_val_t(0x10)", "cfree(0x10)"] {
            assert_eq!(call(free), Call::Free { address: 16 }, "{free}");
        }
        assert_eq!(call("malloc_usable_size(0x4A59D10) = 33"), Call::Other);
        assert_eq!(text(b"strange(1)", 0).unwrap(), Text::UnknownCall);
        assert_eq!(text(b"REDIR: 0x40 (ld.so) redirected", 0).unwrap(), Text::Remark);
    }
}
