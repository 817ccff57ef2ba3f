//! The cases themselves, over the strategies of this workspace and over ones that must be caught.

use std::path::{Path, PathBuf};

use heaplab_core::{
    AllocError, Allocator, Block, Capabilities, Config, ConfigError, Granule, Handle,
    InvalidHandle, Memory, Piece, Policy, Registry, Request, Strategy, StrategyList, Usage,
};
use heaplab_validate::{CaseResult, Exhaustive, Obstacle, Options, Verdict, Watch, cases, run};

fn one<L: StrategyList>(registry: &Registry<L>, number: u32, files: Option<PathBuf>) -> CaseResult {
    let options = Options { cases: vec![number], minimalloc: files, ..Options::default() };
    let mut results = run(registry, &options, &mut |_| true);
    assert_eq!(results.len(), 1);
    results.remove(0)
}

/// Every figure that is not as claimed, in words.
fn faults(result: &CaseResult) -> Vec<String> {
    let mut faults = Vec::new();
    for check in &result.checks {
        let what = format!("{}, {}", check.subject, check.quantity);
        if let Some(Obstacle::Broken(reason) | Obstacle::Unreadable(reason)) = &check.obstacle {
            faults.push(format!("{what}: {reason}"));
        }
        for point in check.points.iter().filter(|point| !point.passes()) {
            let ours = point.ours.map(|figure| figure.to_string()).unwrap_or_default();
            faults.push(format!("{what}, {}: {}, got {ours}", point.at, point.expectation()));
        }
    }
    faults
}

fn passes(number: u32) {
    let result = one(&heaplab_strategies::registry(), number, None);
    assert_eq!(faults(&result), Vec::<String>::new());
    assert_eq!(result.verdict(), Verdict::Passed);
}

#[test]
fn robson() {
    passes(1);
}

#[test]
fn worst_case() {
    passes(2);
}

#[test]
fn store_game() {
    passes(3);
}

fn search<L: StrategyList>(registry: &Registry<L>, number: u32, limits: Exhaustive) -> CaseResult {
    let options = Options { cases: vec![number], exhaustive: Some(limits), ..Options::default() };
    run(registry, &options, &mut |_| true).remove(0)
}

#[test]
fn every_strategy_that_can_be_followed_is_searched_and_the_others_say_why() {
    let limits = Exhaustive { max_live: 6, max_size: 4, ..Exhaustive::default() };
    let result = search(&heaplab_strategies::registry(), 2, limits);
    assert_eq!(faults(&result), Vec::<String>::new());
    let row = |subject: &str| -> Vec<f64> {
        let is_wanted = |check: &&heaplab_validate::Check| {
            check.subject == subject && check.quantity.ends_with("n=4")
        };
        let check = result.checks.iter().find(is_wanted).unwrap();
        check.points.iter().map(|point| point.ours.unwrap().value()).collect()
    };
    assert_eq!(row("first-fit"), [6.0, 8.0, 10.0]);
    assert_eq!(row("next-fit"), [6.0, 8.0, 11.0]);
    assert_eq!(row("free-list-lifo"), [6.0, 8.0, 11.0]);
    assert_eq!(row("compaction-eager"), [4.0, 5.0, 6.0]);
    let skipped = result.checks.iter().filter(|check| check.verdict() == Verdict::Skipped);
    let skipped: Vec<_> = skipped.map(|check| check.subject.as_str()).collect();
    assert!(skipped.contains(&"free-list") && skipped.contains(&"compaction-budgeted"));
}

#[test]
fn games_of_more_sizes_are_played_to_the_published_end() {
    let limits = Exhaustive { max_live: 8, ..Exhaustive::default() };
    let result = search(&Registry::new(), 3, limits);
    assert_eq!(faults(&result), Vec::<String>::new());
    assert_eq!(result.checks.len(), 5);
}

#[test]
fn searches_stop_where_they_are_told_to() {
    let registry = Registry::new().with::<heaplab_best_fit::BestFit>("best-fit");
    let stopped = |limits| {
        let result = search(&registry, 2, limits);
        assert_eq!(result.verdict(), Verdict::Passed);
        match &result.checks.last().unwrap().obstacle {
            Some(Obstacle::Skipped(reason)) => reason.clone(),
            other => panic!("{other:?}"),
        }
    };
    let few = Exhaustive { max_states: 1_000, ..Exhaustive::default() };
    assert_eq!(stopped(few), "stopped before M=6: more than 1000 states");
    let left = std::cell::Cell::new(3);
    let watch = Watch::new(move |_| left.replace(left.get() - 1) > 0);
    let watched = Exhaustive { watch: Some(watch), ..Exhaustive::default() };
    assert!(stopped(watched).ends_with("interrupted"));
}

#[test]
fn a_compaction_that_leaves_a_gap_is_caught() {
    let registry = Registry::new().with::<Gaps>("gaps");
    let limits = Exhaustive { max_live: 4, max_size: 2, ..Exhaustive::default() };
    let result = search(&registry, 2, limits);
    assert_eq!(result.verdict(), Verdict::Failed);
    assert!(faults(&result)[0].contains("M=4: in "), "{:?}", faults(&result));
}

#[test]
fn buddies() {
    passes(5);
    // The arithmetic alone, and beside it the strategy that declares itself one: two rows each.
    assert_eq!(one(&Registry::new(), 5, None).checks.len(), 2);
    assert_eq!(one(&heaplab_strategies::registry(), 5, None).checks.len(), 4);
}

#[test]
fn a_best_fit_that_claims_to_be_a_buddy_system_is_caught() {
    let registry = Registry::new().with::<NoFirstFit>("no-buddy");
    let result = one(&registry, 5, None);
    assert_eq!(result.verdict(), Verdict::Failed);
    assert!(faults(&result)[0].contains("sizes 1 to 1024: 699051, got 5"), "{:?}", faults(&result));
}

#[test]
fn size_classes() {
    passes(6);
}

#[test]
fn fifty_percent() {
    passes(7);
}

#[test]
fn crossover() {
    passes(8);
}

#[test]
fn decay() {
    passes(9);
}

#[test]
fn partial_compaction() {
    passes(10);
}

#[test]
fn minimalloc() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/traces/minimalloc");
    if !folder.is_dir() {
        println!("skipped: MiniMalloc's instances are not there");
        return;
    }
    let result = one(&heaplab_strategies::registry(), 4, Some(folder));
    assert_eq!(faults(&result), Vec::<String>::new());
    assert_eq!(result.verdict(), Verdict::Passed);
}

#[test]
fn instances_that_are_absent_are_skipped_and_unreadable_ones_are_not() {
    let registry = heaplab_strategies::registry();
    assert_eq!(one(&registry, 4, None).verdict(), Verdict::Skipped);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instances");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("A.1048576.csv");
    if file.exists() {
        std::fs::remove_file(&file).unwrap();
    }
    assert_eq!(one(&registry, 4, Some(folder.clone())).verdict(), Verdict::Skipped);
    std::fs::write(&file, "id,lower,upper,size\n0,3,1,10\n").unwrap();
    let result = one(&registry, 4, Some(folder));
    assert_eq!(result.verdict(), Verdict::Failed);
    let unreadable = result.checks.iter().find_map(|check| match &check.obstacle {
        Some(Obstacle::Unreadable(reason)) => Some(reason.clone()),
        _ => None,
    });
    assert!(unreadable.unwrap().contains("A.1048576.csv:2"));
}

#[test]
fn two_runs_say_the_same() {
    let registry = heaplab_strategies::registry();
    let figures = |number| one(&registry, number, None).checks;
    assert_eq!(figures(7), figures(7));
    assert_eq!(figures(9), figures(9));
}

#[test]
fn the_caller_can_stop_between_cases() {
    let mut asked = 0;
    let results = run(&Registry::new(), &Options::default(), &mut |_| {
        asked += 1;
        asked < 3
    });
    assert_eq!((asked, results.len()), (3, 2));
    assert!(cases().len() > 3);
}

/// Forwards everything, and declares something else of itself.
macro_rules! forward {
    ($name:ident, $inner:ty, $policy:expr, allocate: $allocate:expr) => {
        #[derive(Debug)]
        struct $name($inner);

        impl Allocator for $name {
            fn allocate(
                &mut self,
                request: Request,
                memory: &mut dyn Memory,
            ) -> Result<Handle, AllocError> {
                let allocate: fn(&mut $inner, Request, &mut dyn Memory) -> _ = $allocate;
                allocate(&mut self.0, request, memory)
            }

            fn free(
                &mut self,
                handle: Handle,
                memory: &mut dyn Memory,
            ) -> Result<(), InvalidHandle> {
                Allocator::free(&mut self.0, handle, memory)
            }

            fn resize(
                &mut self,
                handle: Handle,
                request: Request,
                memory: &mut dyn Memory,
            ) -> Result<(), AllocError> {
                Allocator::resize(&mut self.0, handle, request, memory)
            }

            fn block(&self, handle: Handle) -> Option<Block> {
                self.0.block(handle)
            }

            fn walk(&self, visit: &mut dyn FnMut(Piece)) {
                self.0.walk(visit);
            }

            fn usage(&self) -> Usage {
                self.0.usage()
            }

            fn capacity_bytes(&self) -> u64 {
                self.0.capacity_bytes()
            }

            fn granule(&self) -> Granule {
                self.0.granule()
            }
        }

        impl Strategy for $name {
            const CAPABILITIES: Capabilities =
                Capabilities { policy: $policy, source: "Knowlton", ..Capabilities::DEFAULT };

            fn new(capacity_bytes: u64, config: &Config) -> Result<Self, ConfigError> {
                <$inner>::new(capacity_bytes, config).map(Self)
            }
        }
    };
}

forward!(
    NoFirstFit,
    heaplab_best_fit::BestFit,
    Some(Policy::FirstFit),
    allocate: |it, request, memory| Allocator::allocate(it, request, memory)
);

forward!(
    Mover,
    heaplab_compaction::CompactionEager,
    None,
    allocate: |it, request, memory| Allocator::allocate(it, request, memory)
);

forward!(
    Panics,
    heaplab_best_fit::BestFit,
    Some(Policy::WorstFit),
    allocate: |_, request, _| panic!("no block of {} bytes", request.size)
);

forward!(
    Gaps,
    heaplab_best_fit::BestFit,
    Some(Policy::CompactFit),
    allocate: |it, request, memory| Allocator::allocate(it, request, memory)
);

#[test]
fn a_best_fit_that_claims_to_be_first_fit_is_caught() {
    let registry = Registry::new().with::<NoFirstFit>("no-first-fit");
    let result = one(&registry, 2, None);
    assert_eq!(result.verdict(), Verdict::Failed);
    assert!(faults(&result).iter().any(|fault| fault.contains("n=4, M=6: 10, got 11")));
}

#[test]
fn a_strategy_that_moves_and_says_it_does_not_is_caught() {
    let registry = Registry::new().with::<Mover>("mover");
    let result = one(&registry, 1, None);
    assert_eq!(result.verdict(), Verdict::Failed);
    assert!(faults(&result)[0].ends_with("16,2: ≥23, got 16"), "{:?}", faults(&result));
}

#[test]
fn a_panic_fails_its_check_and_not_the_run() {
    let registry = Registry::new().with::<Panics>("panics");
    let result = one(&registry, 1, None);
    let [fault] = faults(&result).try_into().unwrap();
    assert!(fault.ends_with("it panicked: no block of 1 bytes"), "{fault}");
}
