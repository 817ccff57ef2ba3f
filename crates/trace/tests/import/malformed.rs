//! What is malformed is refused with file, line, what was found and what was expected.

use heaplab_trace::import::{ImportErrorKind, ImportOptions};

use crate::support::{draw, import_as, refusal, shared, zip};

/// One case a line: the file, its content and the drawn error.
#[track_caller]
fn check(name: &str, content: impl AsRef<[u8]>, drawn: &str) {
    assert_eq!(refusal(name, content), drawn);
}

#[test]
fn rep() {
    check(
        "traces/a.rep",
        "a 0 16\nx 12 64\n",
        "traces/a.rep:2: operation 'x' is not known\n| x 12 64\n| ^\n\
         expected one of: a (allocate), f (free), r (resize)",
    );
    check(
        "missing-size.rep",
        "0\n2\n4\n0\na 0 16\na 1\nf 0\nf 1\n",
        "missing-size.rep:6: the size is missing\n| a 1\n|    ^\nexpected a whole number of bytes",
    );
    check(
        "size-overflow.rep",
        "0\n1\n1\n0\na 0 99999999999999999999\n",
        "size-overflow.rep:5: size '99999999999999999999' is beyond 64 bits\n\
         | a 0 99999999999999999999\n|     ^\nexpected a number of at most 18446744073709551615",
    );
    check(
        "allocate-live-id.rep",
        "0\n2\n3\n0\na 0 16\na 0 32\nf 0\n",
        "allocate-live-id.rep:6: block 0 is allocated while it is live\n| a 0 32\n|   ^\n\
         expected an id that is not live",
    );
    check(
        "free-of-unknown-id.rep",
        "0\n2\n3\n0\na 0 16\nf 1\nf 0\n",
        "free-of-unknown-id.rep:6: block 1 is freed while it is not live\n| f 1\n|   ^\n\
         expected the id of a live block, or -1 for null",
    );
    check(
        "t",
        "a 0 16 5\n",
        "t:1: '5' stands behind the operation\n| a 0 16 5\n|        ^\nexpected the end of the line",
    );
    check(
        "t",
        "a -1 16\n",
        "t:1: id '-1' is not a number\n| a -1 16\n|   ^\nexpected a block's id, a whole number",
    );
    check(
        "t",
        "1\n2\n3\n4\n5\na 0 1\n",
        "t:5: '5' is a fifth header line\n| 5\n| ^\n\
         expected an operation behind at most four header lines",
    );
    // A number between operations is no header any more, and no token of the line before.
    check(
        "t",
        "a 0\n16\n",
        "t:1: the size is missing\n| a 0\n|    ^\nexpected a whole number of bytes",
    );
}

#[test]
fn wee_alloc() {
    check(
        "double-free.trace",
        "Alloc(16),\nFree(0),\nFree(0),\n",
        "double-free.trace:3: allocation 0 is freed a second time\n| Free(0),\n|      ^\n\
         expected the number of a live one of the 1 so far, counted from 0",
    );
    check(
        "free-of-future.trace",
        "Alloc(16),\nFree(7),\n",
        "free-of-future.trace:2: allocation 7 is freed before it is made\n| Free(7),\n|      ^\n\
         expected the number of a live one of the 1 so far, counted from 0",
    );
    check(
        "t",
        "Alloc(16),\nRealloc(0, 5),\n",
        "t:2: operation 'Realloc' is not known\n| Realloc(0, 5),\n| ^\n\
         expected one of: Alloc(BYTES), Free(N)",
    );
    check(
        "t",
        "Alloc(),\n",
        "t:1: the size is missing\n| Alloc(),\n|       ^\nexpected a whole number of bytes",
    );
    check(
        "t",
        "Alloc(16\n",
        "t:1: the parenthesis of 'Alloc(16' is not closed\n| Alloc(16\n|         ^\n\
         expected a ')' behind the number",
    );
}

#[test]
fn aosp() {
    check(
        "aosp-missing-size.txt",
        "7: malloc 0x10\n",
        "aosp-missing-size.txt:1: the size is missing\n| 7: malloc 0x10\n|               ^\n\
         expected a whole number of bytes",
    );
    check(
        "t",
        "7: malloc 0x10 8\n7: free 0x20\n",
        "t:2: no block is live at 0x20 to be freed\n| 7: free 0x20\n|         ^\n\
         expected the address of a live block, or 0x0",
    );
    check(
        "t",
        "7: realloc 0x20 0x10 8\n",
        "t:1: no block is live at 0x10 to be resized\n| 7: realloc 0x20 0x10 8\n\
         |                 ^\nexpected the address of a live block, or 0x0",
    );
    check(
        "t",
        "7: calloc 0x10 8589934592 4294967296\n",
        "t:1: 8589934592 elements of 4294967296 bytes are beyond 64 bits\n\
         | 7: calloc 0x10 8589934592 4294967296\n|                ^\n\
         expected a product of at most 18446744073709551615",
    );
    check(
        "t",
        "7: mmap 0x10 8\n",
        "t:1: operation 'mmap' is not known\n| 7: mmap 0x10 8\n|    ^\n\
         expected one of: malloc, calloc, memalign, realloc, free, thread_done",
    );
    check(
        "t",
        "7: malloc 10 8\n",
        "t:1: address '10' has no 0x in front\n| 7: malloc 10 8\n|           ^\n\
         expected a hexadecimal address such as 0x4A40040",
    );
    check(
        "t",
        "7: memalign 0x10 9223372036854775809 8\n",
        "t:1: alignment '9223372036854775809' has no power of two in 64 bits\n\
         | 7: memalign 0x10 9223372036854775809 8\n|                  ^\n\
         expected a power of two",
    );
}

#[test]
fn zip_archives() {
    check(
        "a.zip",
        zip(&[("x.txt", b"7: malloc 0x10\n")]),
        "a.zip/x.txt:1: the size is missing\n| 7: malloc 0x10\n|               ^\n\
         expected a whole number of bytes",
    );
    check(
        "a.zip",
        zip(&[("x.txt", b"7: free 0x0\n"), ("y.txt", b"")]),
        "a.zip: the zip archive holds 2 files\nexpected an archive of one text file",
    );
    check(
        "a.zip",
        zip(&[]),
        "a.zip: the zip archive holds no file\nexpected an archive of one text file",
    );
    let mut cut = zip(&[("x.txt", b"7: malloc 0x10 8\n")]);
    cut.truncate(40);
    let (result, _) = import_as("a.zip", &cut, &ImportOptions::default());
    assert!(result.unwrap_err().found().starts_with("the zip archive cannot be read: "));
}

#[test]
fn minimalloc() {
    check(
        "t.csv",
        "0,1,2,3\n",
        "t.csv:1: column '0' is not known\n| 0,1,2,3\n| ^\nexpected the header id,lower,upper,size",
    );
    check(
        "t",
        "id,lower,upper,size\n0,5,5,8\n",
        "t:2: the buffer ends at 5 and starts at 5\n| 0,5,5,8\n|     ^\n\
         expected an upper time above the lower one",
    );
    check(
        "t",
        "id,lower,upper,size\n0,5,8\n",
        "t:2: the row has 3 cells\n| 0,5,8\n|      ^\nexpected 4 cells, as in the header",
    );
    check(
        "t",
        "id,lower,upper,size\n0,5,9,-8\n",
        "t:2: size '-8' is not a number\n| 0,5,9,-8\n|       ^\nexpected a whole number of bytes",
    );
    check(
        "t.csv",
        "id,lower,upper\n0,5,9\n",
        "t.csv:1: column 'size' is missing\n| id,lower,upper\n|               ^\n\
         expected the header id,lower,upper,size",
    );
}

#[test]
fn valgrind() {
    check(
        "x.log",
        "--12-- malloc(ten) = 0x10\n",
        "x.log:1: size 'ten' is not a number\n| --12-- malloc(ten) = 0x10\n|               ^\n\
         expected a whole number of bytes",
    );
    check(
        "x.log",
        "--12-- malloc(10) = here\n",
        "x.log:1: address 'here' is not a number\n| --12-- malloc(10) = here\n\
         |                     ^\nexpected a hexadecimal address such as 0x4A40040",
    );
}

#[test]
fn files_without_operations() {
    for (name, content) in [
        ("empty.rep", ""),
        ("empty", ""),
        ("blank.txt", "\n \n"),
        ("header.rep", "0\n0\n0\n0\n"),
        ("header.csv", "id,lower,upper,size\n"),
        ("nulls.rep", "f -1\n"),
        ("run.log", "==1== Command: true\n"),
    ] {
        let (result, _) = import_as(name, content.as_bytes(), &ImportOptions::default());
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ImportErrorKind::NoOperations, "{name}");
        assert_eq!(
            draw(&error),
            format!("{name}: no operations\nexpected at least one allocation")
        );
    }
}

#[test]
fn unknown_content_lists_the_formats_and_why_each_is_not_it() {
    let (result, _) = import_as("x.bin", b"\x00\x01\x02\xff\xfe", &ImportOptions::default());
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ImportErrorKind::UnknownFormat);
    assert_eq!(
        draw(&error),
        "x.bin:1: the format is not known\n| \\u{0}\\u{1}\\u{2}\\xff\\xfe\n| ^\n\
         expected one of: rep, wee-alloc, aosp, minimalloc, valgrind"
    );
    assert_eq!(error.attempts().len(), 5);
    assert!(error.attempts().iter().all(|attempt| attempt.reason == "the file is not text"));
}

#[test]
fn traces_of_our_own_format_are_told_apart() {
    let own = heaplab_trace::hlt::HLT_MAGIC;
    assert!(heaplab_trace::import::is_hlt(&own));
    check("t.hlt", own, "t.hlt: the file is an .hlt trace already\nexpected another tool's trace");
}

#[test]
fn lines_without_end_are_refused_early() {
    let (result, _) = import_as("t.rep", &vec![b'1'; 1 << 20], &ImportOptions::default());
    assert_eq!(result.unwrap_err().to_string(), "t.rep:1: the line is longer than 65536 bytes");
}

#[test]
fn an_absent_file_is_named() {
    let path = std::path::Path::new("no/such/file.rep");
    let mut sink = crate::support::Measure::default();
    let error =
        heaplab_trace::import::import_file(path, &ImportOptions::default(), &mut sink).unwrap_err();
    assert_eq!(error.kind(), ImportErrorKind::Read);
    assert!(error.to_string().starts_with("no/such/file.rep: cannot read: "));
}

#[test]
fn collected_malformed_files_have_exact_messages() {
    for (name, message) in [
        ("allocate-live-id.rep", "6: block 0 is allocated while it is live"),
        ("aosp-missing-size.txt", "1: the size is missing"),
        ("binary-garbage.rep", "1: the format is not known"),
        ("double-free.trace", "3: allocation 0 is freed a second time"),
        ("empty.rep", " no operations"),
        ("free-of-future.trace", "2: allocation 7 is freed before it is made"),
        ("free-of-unknown-id.rep", "6: block 1 is freed while it is not live"),
        ("missing-size.rep", "6: the size is missing"),
        ("size-overflow.rep", "5: size '99999999999999999999' is beyond 64 bits"),
        ("unknown-operation.rep", "6: operation 'x' is not known"),
    ] {
        let Some(path) = shared(&format!("malformed/{name}")) else { continue };
        let content = std::fs::read(path).unwrap();
        let drawn = refusal(name, content);
        assert_eq!(drawn.lines().next().unwrap(), format!("{name}:{message}"));
    }
    if let Some(path) = shared("malformed/huge-header.rep") {
        let (report, measure) = crate::support::import("h.rep", std::fs::read(path).unwrap());
        assert_eq!((measure.operations.len(), report.warnings.len()), (2, 1));
    }
}
