//! What well-formed files of each format mean.

use heaplab_trace::import::{Format, Lack};

use crate::support::{import, warnings, zip};

const REP_OPERATIONS: &str = "a 0 512\na 1 128\nr 0 640\nf 1\na 2 4072\na 3 1\nf 0\nf 2\n";

#[test]
fn rep_headers_of_four_two_and_no_lines_mean_the_same() {
    for header in ["20000\n4\n8\n1\n", "1\n4\n8\n4713\n", "4\n8\n", ""] {
        let (report, measure) = import("t", format!("{header}{REP_OPERATIONS}"));
        assert_eq!(report.format, Format::Rep);
        assert_eq!(warnings(&report), Vec::<String>::new(), "{header:?}");
        assert_eq!(
            measure.text(),
            "allocate 0 512\nallocate 1 128\nresize 0 640\nfree 1\nallocate 1 4072\nallocate 2 1\n\
             free 0\nfree 1\n"
        );
        assert_eq!(measure.peak_live_bytes, 4713);
        assert_eq!(report.lacks, [Lack::Alignment, Lack::Time, Lack::Thread, Lack::CallSite]);
    }
}

#[test]
fn rep_null_frees_reused_ids_dead_resizes_zero_sizes_and_crlf() {
    let text = "0\r\n3\r\n9\r\n0\r\na 0 16\r\nf -1\r\nr 1 48\r\na 2 0\r\nf 0\r\na 0 32\r\nr 0 8\r\n\
                f 1\r\nf 2\r\nf 0\r\n";
    let (report, measure) = import("t.rep", text);
    assert_eq!(report.dropped_null_frees, 1);
    assert_eq!(
        measure.text(),
        "allocate 0 16\nallocate 1 48\nallocate 2 0\nfree 0\nallocate 0 32\nresize 0 8\nfree 1\n\
         free 2\nfree 0\n"
    );
    assert_eq!(warnings(&report), ["line 1: the header promises 9 operations, the file has 10"]);
}

#[test]
fn rep_sizes_beyond_32_bits_and_the_greatest_id_are_kept() {
    let (_, measure) = import("t", format!("a {} 38000000000\na 7 {}\nf 7\n", u64::MAX, u64::MAX));
    assert_eq!(measure.peak_live_bytes, 38_000_000_000 + u128::from(u64::MAX));
}

#[test]
fn rep_header_promises_are_warnings_and_no_memory() {
    let huge = "1152921504606846976";
    let (report, measure) = import("t", format!("0\n{huge}\n{huge}\n0\na 0 16\nf 0\n"));
    assert_eq!(measure.text(), "allocate 0 16\nfree 0\n");
    assert_eq!(
        warnings(&report),
        [format!(
            "line 1: the header promises {huge} ids and {huge} operations, the file has 1 and 2"
        )]
    );
    let (report, _) = import("t", "99999999999999999999999\n1\n2\n0\na 0 16\nf 0\n");
    assert_eq!(warnings(&report), Vec::<String>::new());
    let (report, _) = import("t", "1\n1\n2\na 0 16\nf 0\n");
    assert_eq!(warnings(&report), ["line 1: the header has 3 lines instead of four, two or none"]);
}

#[test]
fn wee_alloc_frees_count_allocations_not_lines() {
    let (report, measure) =
        import("t", "Alloc(16),\nAlloc(24),\nFree(0),\nAlloc(0),\nFree(2),\nFree(1)");
    assert_eq!(report.format, Format::WeeAlloc);
    assert_eq!(
        measure.text(),
        "allocate 0 16\nallocate 1 24\nfree 0\nallocate 0 0\nfree 0\nfree 1\n"
    );
    assert!(report.lacks.contains(&Lack::Resize) && report.lacks.contains(&Lack::Alignment));
}

const AOSP: &str = "\
7: malloc 0xb4827400 1024
7: calloc 0xb4828000 32 8
7: free 0xb4827400
9: malloc 0xb4827400 20
9: memalign 0xae42d080 16 104
7:realloc 0x93605280 0x0 40
7: realloc 0x96b90920 0x93605280 150
9: realloc 0x96b90920 0x96b90920 60
9: free 0x0
8: free 0xb4827400
9: thread_done 0x0
7: realloc 0x0 0xae42d080 0
";

const AOSP_MEANS: &str = "\
allocate 0 1024
allocate 1 256
free 0
allocate 0 20
allocate 2 104 align 16
allocate 3 40
resize 3 150
resize 3 60
free 0
free 2
";

#[test]
fn aosp_text_and_zip_mean_the_same() {
    let shadow = ("__MACOSX/._t.txt", &b"\x00\x05"[..]);
    for content in [
        AOSP.as_bytes().to_vec(),
        zip(&[("t.txt", AOSP.as_bytes())]),
        zip(&[("t", AOSP.as_bytes()), shadow]),
    ] {
        let (report, measure) = import("t", content);
        assert_eq!(report.format, Format::Aosp);
        assert_eq!(measure.text(), AOSP_MEANS);
        assert_eq!(report.dropped_null_frees, 1);
        assert_eq!(report.lacks, [Lack::Time, Lack::CallSite]);
        assert_eq!(warnings(&report), Vec::<String>::new());
        let threads: Vec<_> = measure.origins.iter().map(|o| o.thread.unwrap()).collect();
        assert_eq!(threads, [0, 0, 0, 1, 1, 0, 0, 1, 2, 0], "threads are numbered by appearance");
    }
}

#[test]
fn aosp_times_of_newer_recordings_are_taken_over() {
    let (report, measure) = import("t", "1: malloc 0x10 8 1000 1010\n1: free 0x10 1500 1600\n");
    let times: Vec<_> = measure.origins.iter().map(|o| o.time_ns.unwrap()).collect();
    assert_eq!(times, [0, 500]);
    assert_eq!(report.lacks, [Lack::CallSite]);
}

#[test]
fn aosp_allocation_at_a_live_address_frees_it_first() {
    let (report, measure) =
        import("t", "1: malloc 0x10 8\n2: malloc 0x10 9\n1: free 0x10\n2: free 0x10\n");
    assert_eq!(measure.text(), "allocate 0 8\nfree 0\nallocate 0 9\nfree 0\n");
    assert_eq!(
        warnings(&report),
        [
            "line 2: an address is allocated while its block is live: the missing free is put in \
             before it",
            "line 4: a free of a block that the trace had to free before this line is ignored",
        ]
    );
    let (_, measure) =
        import("t", "1: malloc 0x10 8\n1: malloc 0x20 8\n1: realloc 0x20 0x10 9\n1: free 0x20\n");
    assert_eq!(measure.text(), "allocate 0 8\nallocate 1 8\nfree 1\nresize 0 9\nfree 0\n");
}

#[test]
fn aosp_failed_calls_and_odd_alignments_are_told() {
    let (report, measure) = import(
        "t",
        "1: malloc 0x0 8\n1: memalign 0x40 48 8\n1: memalign 0x80 0 8\n1: realloc 0x0 0x40 9\n\
         1: free 0x40\n",
    );
    assert_eq!(measure.text(), "allocate 0 8 align 64\nallocate 1 8\nfree 0\n");
    assert_eq!(report.warnings.len(), 4);
    assert_eq!(report.warnings[1].count, 2);
}

#[test]
fn minimalloc_frees_come_first_at_equal_times_then_the_order_of_rows() {
    let (report, measure) =
        import("t", "id,lower,upper,size\n0,5,9,100\n1,0,5,200\n2,5,7,300\n3,-3,5,400\n4,0,9,0\n");
    assert_eq!(report.format, Format::MiniMalloc);
    assert_eq!(
        measure.text(),
        "allocate 0 400\nallocate 1 200\nallocate 2 0\nfree 1\nfree 0\nallocate 0 100\n\
         allocate 1 300\nfree 1\nfree 0\nfree 2\n"
    );
    assert_eq!(measure.peak_live_bytes, 600);
    assert!(report.lacks.contains(&Lack::EqualTimeOrder));
}

#[test]
fn minimalloc_columns_are_found_by_name() {
    let (report, measure) =
        import("t", "id,size,alignment,lower,upper,offset\r\nb, 8, 64, 0, 1, 0\r\n");
    assert_eq!(measure.text(), "allocate 0 8 align 64\nfree 0\n");
    assert!(!report.lacks.contains(&Lack::Alignment));
}

#[test]
fn provenance_of_an_import() {
    let (report, _) = import("t", "3\na 0 1\nf -1\n");
    let source = report.source();
    assert_eq!(source.format.as_deref(), Some("rep"));
    assert_eq!(source.lacks, ["alignment", "time", "thread", "call site"]);
    assert_eq!((source.dropped_null_frees, source.notes.len()), (1, 1));
}
