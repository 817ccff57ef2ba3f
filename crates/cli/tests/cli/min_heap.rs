//! `min-heap`: the search against every heap size there is, and what users see of it.

use std::sync::Arc;
use std::time::Duration;

use heaplab_core::{Config, Entry, Granule, Handle, Request, Strategy, Visitor};
use heaplab_harness::min_heap::{Certainty, MinHeap, MinHeaps, min_heaps};
use heaplab_harness::packing::Effort;
use heaplab_harness::{Plan, TraceInput};
use heaplab_trace::{Operation, Trace, TraceInfo, peak_live_bytes};

use crate::support::Folder;

/// A generator of the test's own (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, count: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % count
    }
}

/// A short trace with many resizes of few blocks, so that blocks often grow at the end of the heap beside holes that could
/// hold them.
fn random_trace(random: &mut Random, unit: u64, with_alignments: bool) -> Trace {
    let blocks = 2 + random.below(5);
    let mut live = vec![false; usize::try_from(blocks).unwrap()];
    let mut fresh = 0;
    let mut operations = Vec::new();
    for _ in 0..6 + random.below(24) {
        let slot = random.below((fresh + 1).min(blocks));
        let size = random.below(9) * unit;
        let aligned = with_alignments && random.below(4) == 0;
        let align = if aligned { unit.next_power_of_two() << random.below(4) } else { 1 };
        let (is_live, slot_name) =
            (&mut live[usize::try_from(slot).unwrap()], u32::try_from(slot).unwrap());
        operations.push(if !*is_live {
            *is_live = true;
            fresh = fresh.max(slot + 1);
            Operation::Allocate { slot: slot_name, size, align }
        } else if random.below(5) < 3 {
            Operation::Resize { slot: slot_name, size, align }
        } else {
            *is_live = false;
            Operation::Free { slot: slot_name }
        });
    }
    Trace::from_operations(TraceInfo::named("random"), operations).unwrap()
}

/// Which heaps of 1, 2, ... granules complete the trace, by trying them; from the last on all do.
struct Tried<'a> {
    trace: &'a Trace,
    granule: Granule,
    works: Vec<bool>,
}

impl Visitor for Tried<'_> {
    fn visit<S: Strategy>(&mut self, _entry: Entry) {
        let config = Config::new().with_granule(self.granule);
        let unlimited = completes::<S>(self.trace, 1 << 62, &config).unwrap();
        // From the high-water mark on, more space changes nothing; a compacting one may have a higher mark than it needs.
        let most = unlimited / self.granule.bytes() + 4;
        let fits = |granules| {
            completes::<S>(self.trace, granules * self.granule.bytes(), &config).is_some()
        };
        self.works = (1..=most).map(fits).collect();
    }
}

/// The high-water mark of a replay that completes.
fn completes<S: Strategy>(trace: &Trace, capacity_bytes: u64, config: &Config) -> Option<u64> {
    let mut allocator = S::new(capacity_bytes, config).unwrap();
    let mut slots: Vec<Option<Handle>> = vec![None; 16];
    for operation in trace.operations() {
        let slot = &mut slots[operation.slot() as usize];
        match *operation {
            Operation::Allocate { size, align, .. } => {
                *slot = Some(allocator.allocate(Request { size, align }, &mut ()).ok()?);
            }
            Operation::Resize { size, align, .. } => {
                allocator.resize(slot.unwrap(), Request { size, align }, &mut ()).ok()?;
            }
            Operation::Free { .. } => allocator.free(slot.take().unwrap(), &mut ()).unwrap(),
        }
    }
    Some(allocator.usage().high_water_bytes.unwrap())
}

/// The strategies whose smallest heap says something of tiny traces: pages and buddies of the others are larger.
fn searched() -> Vec<String> {
    let registry = heaplab_strategies::registry();
    let entries = registry.entries().into_iter();
    let searched = entries.filter(|entry| entry.capabilities.ignores_spare_capacity);
    let names: Vec<_> = searched.map(|entry| entry.name.to_owned()).collect();
    assert!(names.len() > 10, "{names:?}");
    names
}

fn search(traces: Vec<Trace>, granule: Granule, effort: Option<Effort>) -> Vec<MinHeaps> {
    let inputs = traces.into_iter().enumerate().map(|(index, trace)| TraceInput {
        name: format!("{index}"),
        source: Arc::new(trace),
        question: None,
    });
    let mut plan = Plan::new(inputs.collect());
    plan.granule = granule;
    plan.time_budget = Duration::from_secs(3_600);
    plan.strategies = searched();
    min_heaps(&heaplab_strategies::registry(), &plan, effort, &()).unwrap()
}

/// Compares one result with all heap sizes; returns whether success was not monotone.
fn check(heap: &MinHeap, tried: &Tried<'_>, lower_bound: u64) -> bool {
    let granule = tried.granule.bytes();
    let bytes = |index: usize| (index as u64 + 1) * granule;
    let smallest = bytes(tried.works.iter().position(|&works| works).unwrap());
    let all_from =
        tried.works.iter().rposition(|&works| !works).map_or(granule, |at| bytes(at + 1));
    let capabilities = &heap.entry.capabilities;
    let context = || format!("{} on {:?}: {heap:?}", heap.entry.name, tried.trace.operations());
    assert_eq!(heap.problem, None, "{}", context());
    let is_compacting = capabilities.relocates && capabilities.policy.is_some();
    let is_aligned = tried.trace.summary().max_align_bytes > granule;
    if !capabilities.relocates || (is_compacting && !is_aligned) {
        assert_eq!(heap.smallest_bytes, Some(smallest), "{}", context());
        assert_eq!(heap.all_from_bytes, Some(all_from), "{}", context());
        assert_eq!(heap.smallest_certainty, Certainty::Exact, "{}", context());
        assert_eq!(heap.all_from_certainty, Certainty::Exact, "{}", context());
    } else {
        let found = heap.smallest_bytes.unwrap();
        assert!(tried.works[usize::try_from(found / granule - 1).unwrap()], "{}", context());
        assert!(heap.all_from_bytes.unwrap() >= found, "{}", context());
        if heap.smallest_certainty == Certainty::Exact {
            assert_eq!(found, smallest, "{}", context());
        }
    }
    if is_compacting && !is_aligned {
        assert_eq!((smallest, all_from), (lower_bound, lower_bound), "{}", context());
    }
    !capabilities.relocates && all_from > smallest
}

/// Thousands of traces, every strategy, every heap size.
#[test]
fn the_search_finds_what_trying_every_heap_finds() {
    let registry = heaplab_strategies::registry();
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let mut gaps = 0;
    for (granule, unit, with_alignments, count) in [
        (Granule::BYTE, 1, false, 1_000),
        (Granule::BYTE, 1, true, 800),
        (Granule::DEFAULT, 11, true, 400),
    ] {
        let traces: Vec<_> =
            (0..count).map(|_| random_trace(&mut random, unit, with_alignments)).collect();
        let found = search(traces.clone(), granule, None);
        for (trace, heaps) in traces.iter().zip(&found) {
            let peak = peak_live_bytes(trace, granule.bytes()).unwrap();
            assert_eq!(heaps.lower_bound_bytes, peak.max(granule.bytes()));
            for heap in &heaps.strategies {
                let mut tried = Tried { trace, granule, works: Vec::new() };
                assert!(registry.visit(heap.entry.name, &mut tried));
                gaps += u32::from(check(heap, &tried, heaps.lower_bound_bytes));
            }
        }
    }
    assert!(gaps > 20, "only {gaps} searches met success that is not monotone");
}

#[test]
fn success_need_not_be_monotone() {
    // Works in 5, 6, 7 and 9 bytes under first fit, and fails in 8.
    let operations = vec![
        Operation::Allocate { slot: 0, size: 4, align: 1 },
        Operation::Allocate { slot: 1, size: 1, align: 1 },
        Operation::Free { slot: 0 },
        Operation::Resize { slot: 1, size: 4, align: 1 },
        Operation::Resize { slot: 1, size: 5, align: 1 },
    ];
    let trace = Trace::from_operations(TraceInfo::named("gap"), operations).unwrap();
    let found = search(vec![trace], Granule::BYTE, Some(Effort::new(Duration::from_secs(9))));
    let heaps = &found[0];
    let first = heaps.strategies.iter().find(|heap| heap.entry.name == "first-fit").unwrap();
    assert_eq!((first.smallest_bytes, first.all_from_bytes), (Some(5), Some(9)));
    assert_eq!(first.all_from_certainty, Certainty::Exact);
    assert_eq!(heaps.packing.as_ref().unwrap().bytes(), 5);
}

#[test]
fn a_trace_without_resizes_takes_one_replay_and_one_to_confirm() {
    let operations = (0..200).flat_map(|slot| {
        let size = u64::from(slot) * 37 % 1_000;
        [Operation::Allocate { slot, size, align: 1 }]
    });
    let frees = (0..200).step_by(2).map(|slot| Operation::Free { slot });
    let again = (0..200).step_by(2).map(|slot| Operation::Allocate { slot, size: 64, align: 1 });
    let operations = operations.chain(frees).chain(again).collect();
    let trace = Trace::from_operations(TraceInfo::named("plain"), operations).unwrap();
    for heap in &search(vec![trace], Granule::DEFAULT, None)[0].strategies {
        if heap.entry.capabilities.policy.is_some() && !heap.entry.capabilities.relocates {
            assert_eq!(heap.replays, 2, "{heap:?}");
        }
    }
}

#[test]
fn a_trace_without_operations_needs_one_granule() {
    let trace = Trace::from_operations(TraceInfo::named("empty"), Vec::new()).unwrap();
    let found = search(vec![trace], Granule::DEFAULT, Some(Effort::new(Duration::from_secs(9))));
    assert_eq!((found[0].peak_live_bytes, found[0].lower_bound_bytes), (0, 16));
    for heap in &found[0].strategies {
        assert_eq!((heap.smallest_bytes, heap.all_from_bytes), (Some(16), Some(16)), "{heap:?}");
        assert_eq!(heap.smallest_certainty, Certainty::Exact, "{heap:?}");
    }
    assert_eq!(found[0].packing.as_ref().map(heaplab_harness::packing::Packing::bytes), Some(0));
}

#[test]
fn a_request_beyond_every_heap_has_no_figure_and_a_reason() {
    let operations = vec![Operation::Allocate { slot: 0, size: u64::MAX - 20, align: 1 }];
    let trace = Trace::from_operations(TraceInfo::named("huge"), operations).unwrap();
    for heap in &search(vec![trace], Granule::DEFAULT, None)[0].strategies {
        assert_eq!(heap.smallest_bytes, None, "{heap:?}");
        assert!(heap.problem.is_some() && !heap.is_broken, "{heap:?}");
    }
}

/// The best plan is never above what any strategy that moves nothing does.
#[test]
fn plans_are_verified_and_at_most_as_large_as_what_the_fits_need() {
    let mut random = Random(77);
    let traces: Vec<_> = (0..60).map(|_| random_trace(&mut random, 1, true)).collect();
    let effort = Effort { looks: 20_000, ..Effort::new(Duration::from_secs(60)) };
    for heaps in search(traces, Granule::BYTE, Some(effort)) {
        let packing = heaps.packing.as_ref().unwrap();
        packing.check().unwrap();
        assert!(packing.bytes() >= heaps.peak_live_bytes);
        for heap in heaps.strategies.iter().filter(|it| !it.entry.capabilities.relocates) {
            assert!(Some(packing.bytes()) <= heap.smallest_bytes, "{heap:?}");
        }
    }
}

#[test]
fn the_table_shows_strategies_and_bounds_and_says_what_it_means() {
    let folder = Folder::new();
    let said = folder.run("min-heap tiny.rep -s *-fit,compaction");
    assert_eq!(said.code, 0, "{said:?}");
    for part in ["tiny", "first-fit", "1.111", "exact", "best plan known", "≥ 1.000"] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    let sentence = "Smallest heap: compaction, compaction-fit at 144 bytes (1.000x peak live), which nothing can beat.";
    assert!(said.out.contains(sentence), "{}", said.out);
    assert!(
        said.err.contains("next: heaplab explain tiny.rep -s first-fit --heap 144"),
        "{said:?}"
    );
}

#[test]
fn programs_read_the_same_figures() {
    let folder = Folder::new();
    let answer = folder.json("min-heap tiny.rep -s best-fit,compaction --format json");
    let trace = &answer["traces"][0];
    assert_eq!(answer["schema"], "heaplab.min-heap/1");
    assert_eq!(trace["bounds"]["peak_live_bytes"], 144);
    assert_eq!(trace["bounds"]["offline_packing_bytes"], 144);
    let best = &trace["strategies"][0];
    assert_eq!((&best["min_heap_bytes"], &best["all_from_bytes"]), (&160.into(), &160.into()));
    assert_eq!(best["min_heap_certainty"], "exact");
    assert!(best["heap_and_metadata_bytes"].as_u64() > Some(160));
    assert_eq!(trace["strategies"][1]["min_heap_bytes"], 144);
    let csv = folder.answer("min-heap tiny.rep -s best-fit --format csv");
    assert!(csv.starts_with("trace,strategy,min_heap_bytes,"), "{csv}");
    assert!(csv.contains("\ntiny,best-fit,160,"), "{csv}");
    assert!(csv.contains("\ntiny,peak live,144,"), "{csv}");
}

#[test]
fn a_plan_is_written_as_minimalloc_reads_it() {
    let folder = Folder::new();
    folder.answer("min-heap tiny.rep -s best-fit --plan plan.csv");
    let plan = folder.read("plan.csv");
    assert!(plan.starts_with("id,lower,upper,size,offset\n0,0,4,48,"), "{plan}");
    assert_eq!(plan.lines().count(), 8, "{plan}");
    // It is a trace again, of the same peak.
    folder.write("again.csv", &plan);
    let again = folder.json("min-heap again.csv -s best-fit --format json");
    assert_eq!(again["traces"][0]["bounds"]["peak_live_bytes"], 144);
}

#[test]
fn wrong_usage_is_told_before_anything_is_searched() {
    let folder = Folder::new();
    folder.write("other.rep", &folder.read("tiny.rep"));
    for (line, code, reason) in [
        ("min-heap tiny.rep -s bestfit", 2, "no strategy 'bestfit'; did you mean 'best-fit'?"),
        ("min-heap tiny.rep --granule 24", 2, "expected a power of two"),
        ("min-heap tiny.rep --granule 0", 2, "expected a power of two"),
        ("min-heap tiny.rep --time-budget 0", 2, "expected a duration"),
        ("min-heap tiny.rep --jobs 0", 2, "from 1 to 1024"),
        ("min-heap tiny.rep -t gcc", 2, "no trace 'gcc'"),
        (
            "min-heap tiny.rep other.rep --plan p.csv",
            2,
            "--plan writes the plan of one trace, not of 2",
        ),
        ("min-heap tiny.rep --plan tiny.rep", 2, "it would be overwritten"),
        ("min-heap tiny.rep --plan nowhere/p.csv", 4, "there is no folder nowhere"),
        ("min-heap missing.hlt", 3, "missing.hlt: no such file, and no trace of the default suite"),
        ("min-heap tiny.rep --set best-fit.c=1", 2, "no parameter of best-fit 'c'"),
    ] {
        let said = folder.run(line);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{line}: {said:?}");
        assert!(said.err.contains(reason), "{line}: {}", said.err);
    }
}
