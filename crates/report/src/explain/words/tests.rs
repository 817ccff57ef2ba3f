use super::*;
use crate::explain::{Cause, Clearing, Compaction, Map, Moment, Picture, Remedies};
use crate::{HeapSpec, Outcome, Status};

/// A heap of 96 bytes with 16 of them live, and 48 wanted at a multiple of 64.
fn refused(cause: Cause) -> Explanations {
    let picture = Picture {
        live_bytes: 16,
        live_blocks: 1,
        peak_live_bytes: 16,
        used_bytes: 16,
        wilderness_bytes: Some(80),
        free_bytes: Some(80),
        largest_fit_bytes: Some(32),
        map: Map { extent_bytes: 96, live_bytes: vec![16, 0, 0, 0, 0, 0] },
        ..Picture::default()
    };
    let clearing =
        Clearing { stretch_bytes: 48, live_bytes: 16, live_blocks: 1, ..Clearing::default() };
    let explanation = Explanation {
        strategy: "best-fit".into(),
        heap: HeapSpec { bytes: 96, ratio: Some(1.5), spec: "1.5x".into() },
        granule_bytes: 16,
        outcome: Outcome {
            status: Status::Oom,
            free_bytes: Some(80),
            wilderness_bytes: Some(80),
            ..Outcome::default()
        },
        cause: Some(cause),
        moment: Moment {
            operation: 1234,
            requested_bytes: Some(40),
            rounded_bytes: Some(48),
            align_bytes: Some(64),
            call_site: Some("a\u{1b}[31m.c:1".into()),
            ..Moment::default()
        },
        picture,
        remedies: Remedies {
            clearing: Some(clearing),
            compaction: Compaction { request_fits: Some(false), ..Compaction::default() },
            ..Remedies::default()
        },
        ..Explanation::default()
    };
    let trace = ExplainedTrace {
        name: "app".into(),
        operations: 20_000,
        peak_live_bytes: 128,
        ..ExplainedTrace::default()
    };
    Explanations { trace, explanations: vec![explanation], ..Explanations::default() }
}

fn text(cause: Cause, format: Format) -> String {
    refused(cause).render(format, Style { width: 400, ascii: false })
}

#[test]
fn an_alignment_is_not_called_fragmentation() {
    let text = text(Cause::Misaligned, Format::Md);
    let reason = text.lines().next().unwrap_or_default();
    assert!(reason.starts_with("best-fit runs out of memory on app at operation 1234 of 20 000"));
    assert!(reason.contains("because no free piece is aligned"), "{reason}");
    assert!(reason.contains("48 bytes are wanted at a multiple of 64"), "{reason}");
    assert!(!reason.contains("is fragmented"), "{reason}");
    assert!(text.contains("Compaction would not help"), "{text}");
    assert!(text.contains("no strategy can complete it here"), "{text}");
}

#[test]
fn a_search_that_ends_too_soon_is_called_that() {
    let text = text(Cause::NotFound, Format::Table);
    assert!(text.contains("because it does not search far enough"), "{text}");
}

#[test]
fn strange_names_reach_no_terminal() {
    assert!(!text(Cause::Full, Format::Table).contains('\u{1b}'));
}

#[test]
fn the_heap_is_drawn_with_its_cheapest_stretch() {
    let text = text(Cause::Full, Format::Table);
    assert!(text.contains("\n  X.....\n  ^^^\n  one sign is 16 B: X live"), "{text}");
    assert!(!text.contains(FIRM), "{text}");
}

#[test]
fn shares_are_whole_percent() {
    let shares = [(0, 0), (0, 5), (1, 1000), (2, 3), (3, 3)].map(|(part, all)| share(part, all));
    let shares = shares.map(|text| text.replace(FIRM, " "));
    assert_eq!(shares, ["none", "0 %", "under 1 %", "66 %", "all"]);
}
