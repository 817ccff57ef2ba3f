//! Logs of `valgrind --trace-malloc=yes`. `data/valgrind-every-call.log` is a real one, of a program
//! that makes every call in every way; most frees of null at its exit were taken out.

use heaplab_trace::import::{Format, ImportErrorKind, ImportOptions, Lack};

use crate::support::{draw, import, import_as, warnings};

#[test]
fn a_real_log_of_every_call() {
    let (report, measure) = import("x.log", include_str!("../data/valgrind-every-call.log"));
    assert_eq!(report.format, Format::Valgrind);
    assert_eq!(report.program.as_deref(), Some("./forms"));
    assert_eq!(report.lacks, [Lack::Time, Lack::Thread, Lack::CallSite]);
    assert_eq!(report.dropped_null_frees, 3);
    assert_eq!(
        measure.text(),
        "allocate 0 10\nallocate 1 4096\nresize 0 20\nresize 0 5\nresize 0 100000\nfree 0\n\
         allocate 0 33\nfree 0\n\
         allocate 0 21\nfree 0\n\
         allocate 0 100 align 64\nfree 0\n\
         allocate 0 256 align 128\nfree 0\n\
         allocate 0 10 align 32\nfree 0\n\
         allocate 0 10 align 64\nfree 0\n\
         allocate 0 10 align 4096\nfree 0\n\
         allocate 0 0\nfree 0\n\
         allocate 0 0\nfree 0\n\
         allocate 0 33\n\
         allocate 2 8\nallocate 3 8\n\
         allocate 4 6\nfree 4\n\
         free 0\n\
         allocate 0 100\nallocate 4 2\nfree 0\nresize 4 100\n\
         free 1\n"
    );
    assert_eq!(
        warnings(&report),
        [
            "line 23: an alignment is no power of two: it is rounded up to one, as memalign does \
             (3 times)",
            "line 38: an allocation failed in the recorded program: it is no operation (8 times)",
            "line 53: an address without a block is freed: ignored, as valgrind does (an error of \
             the program, or a block from before a fork) (2 times)",
        ]
    );
}

#[test]
fn operators_of_cpp_in_every_spelling() {
    let log = "==7== Command: ./cpp one two\n\
               --7-- _Znwm(4) = 0x10\n--7-- _ZdlPvm(0x10)\n\
               --7-- _Znam(40) = 0x10\n--7-- _ZdaPv(0x10)\n\
               --7-- _ZnwmRKSt9nothrow_t(4) = 0x10\n--7-- _ZdlPvRKSt9nothrow_t(0x10)\n\
               --7-- _ZnwmSt11align_val_t(size 128, al 64) = 0x40\n\
               --7-- _ZdlPvmSt11align_val_t(0x40)\n\
               --7-- _ZnamSt11align_val_tRKSt9nothrow_t(size 256, al 64) = 0x40\n\
               --7-- _ZdaPvSt11align_val_t(0x40)\n\
               --7-- __builtin_new(8) = 0x10\n--7-- __builtin_delete(0x10)\n\
               --7-- _ZnamRKSt9nothrow_t(1152921504606846976) = 0x0\n\
               --7-- _Znam(1152921504606846976) = 0x0\n\
               **7** new/new[] failed and should throw an exception, but Valgrind\n";
    let (report, measure) = import("x.log", log);
    assert_eq!(
        measure.text(),
        "allocate 0 4\nfree 0\nallocate 0 40\nfree 0\nallocate 0 4\nfree 0\n\
         allocate 0 128 align 64\nfree 0\nallocate 0 256 align 64\nfree 0\nallocate 0 8\nfree 0\n"
    );
    assert_eq!(report.program.as_deref(), Some("./cpp one two"));
    assert_eq!(report.warnings[0].count, 2);
}

#[test]
fn output_of_the_program_and_remarks_are_passed_over() {
    let log = "starting up\n--7-- Reading syms from /usr/bin/x\n--7-- malloc(8) = 0x10\n\
               malloc(9) = 0x20\n--7-- REDIR: 0x40 (ld.so:strlen) redirected to 0x50 (strlen)\n\
               --7-- free(0x10)\n\n--7-- strange(0x10)\n";
    let (report, measure) = import("x.log", log);
    assert_eq!(measure.text(), "allocate 0 8\nfree 0\n");
    assert_eq!(warnings(&report), ["line 8: a call is not known: it is passed over"]);
}

#[test]
fn times_are_taken_over() {
    let log = "--00:00:00:00.399 9-- malloc(77) = 0x10\n--00:00:01:00.400 9-- free(0x10)\n";
    let (report, measure) = import("x.log", log);
    assert_eq!(report.lacks, [Lack::Thread, Lack::CallSite]);
    let times: Vec<_> = measure.origins.iter().map(|origin| origin.time_ns.unwrap()).collect();
    assert_eq!(times, [399_000_000, 60_400_000_000]);
}

#[test]
fn results_wait_for_their_calls_across_threads_and_lines() {
    let log = "--7-- malloc(10)malloc(20) = 0x20\n--7--  = 0x10\n--7-- free(0x20)\n\
               --7-- malloc(30)";
    let (report, measure) = import("x.log", log);
    assert_eq!(measure.text(), "allocate 0 20\nallocate 1 10\nfree 0\n");
    assert_eq!(
        warnings(&report),
        ["a call had not returned at the end of the log: it is no operation"]
    );
}

#[test]
fn a_log_that_breaks_off_or_runs_together_loses_no_more_than_that_call() {
    let log = "--7-- malloc(10) = 0x10\n--7-- free(0x0--8-- free(0x99)\n--7-- free(0x1--7-- \
               free(0x10)\n--7-- malloc(1";
    let (report, measure) = import("x.log", log);
    assert_eq!(measure.text(), "allocate 0 10\nfree 0\n");
    assert_eq!(
        warnings(&report)[1..],
        ["line 2: a line breaks off inside a call: the call is passed over (3 times)"]
    );
}

/// A parent that forks twice: the first child frees an inherited block and then runs another program,
/// the second only frees.
const FAMILY: &str = "\
==10== Command: ./parent
--10-- malloc(11) = 0x10
--10-- malloc(22) = 0x20
--11-- free(0x10)
--11-- malloc(33) = 0x10
==11== Command: ./child x
--11-- malloc(44) = 0x10
--11-- malloc(55) = 0x20
--11-- realloc(0x20,66) = 0x30
--11-- free(0x30)
--11-- free(0x10)
--12-- realloc(0x20,99) = 0x40
--12-- free(0x40)
--10-- free(0x10)
";

#[test]
fn the_program_that_allocates_most_is_imported_and_the_others_are_named() {
    let (report, measure) = import("x.log", FAMILY);
    assert_eq!(
        measure.text(),
        "allocate 0 44\nallocate 1 55\nresize 1 66\nfree 1\nfree 0\n",
        "the program that the child ran, without what the child did before"
    );
    assert_eq!(report.program.as_deref(), Some("./child x"));
    assert_eq!(
        warnings(&report),
        [
            "the log holds several processes; imported is process 11 with 3 allocations and resizes, \
          not 10 './parent', 11 (forked), 12 (forked) with 4"
        ]
    );
}

#[test]
fn a_process_can_be_chosen() {
    let choose = |process| {
        let options = ImportOptions { process: Some(process), ..ImportOptions::default() };
        import_as("x.log", FAMILY.as_bytes(), &options)
    };
    let (result, measure) = choose(10);
    assert_eq!(result.unwrap().program.as_deref(), Some("./parent"));
    assert_eq!(measure.text(), "allocate 0 11\nallocate 1 22\nfree 0\n");
    let (result, measure) = choose(12);
    assert_eq!(
        measure.text(),
        "allocate 0 99\nfree 0\n",
        "an inherited block begins at its resize"
    );
    assert_eq!(result.unwrap().warnings.len(), 2);
    let (result, _) = choose(13);
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ImportErrorKind::Option);
    assert_eq!(draw(&error), "x.log: process 13 is not in the log\nexpected one of: 10, 11, 12");
}
