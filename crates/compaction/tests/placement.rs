//! Drawn cases: a letter is a block, `-` is free; blocks with small letters are aligned to 4.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use heaplab_compaction::{Compaction, CompactionBudgeted, CompactionEager, CompactionFit};
use heaplab_core::{AllocError, Config, Granule, Handle, Heap, Request, Strategy};

#[derive(Clone, Copy)]
enum Step {
    Allocate(char, u64),
    Free(char),
    Resize(char, u64),
    /// As `Resize`, to an alignment of 4.
    Align(char, u64),
}
use Step::{Align, Allocate, Free, Resize};

struct Drawing<S> {
    heap: Heap<S>,
    blocks: Vec<(char, Handle)>,
}

fn align_of(name: char) -> u64 {
    if name.is_ascii_lowercase() { 4 } else { 1 }
}

impl<S: Strategy> Drawing<S> {
    /// Fills the heap with the blocks drawn, and with others where it is to be free, which are freed then.
    fn new(config: &Config, picture: &str) -> Self {
        let capacity = u64::try_from(picture.len()).unwrap();
        let config = config.clone().with_granule(Granule::BYTE);
        let heap = Heap::new(capacity, &config).unwrap();
        let mut drawing = Self { heap, blocks: Vec::new() };
        let mut fillers = Vec::new();
        for run in picture.as_bytes().chunk_by(|a, b| a == b) {
            let (name, len) = (char::from(run[0]), u64::try_from(run.len()).unwrap());
            if name == '-' {
                fillers.push(drawing.heap.allocate(Request::new(len)).unwrap());
            } else {
                drawing.step(Allocate(name, len)).unwrap();
            }
        }
        for filler in fillers {
            drawing.heap.free(filler).unwrap();
        }
        assert_eq!(drawing.picture(), picture, "the strategy does not keep such a heap");
        drawing
    }

    fn step(&mut self, step: Step) -> Result<(), AllocError> {
        match step {
            Allocate(name, len) => {
                let handle = self.heap.allocate(Request::aligned(len, align_of(name)))?;
                self.blocks.push((name, handle));
                self.fill(name);
            }
            Free(name) => {
                self.heap.free(self.handle(name))?;
                self.blocks.retain(|(other, _)| *other != name);
            }
            Resize(name, len) => {
                self.heap.resize(self.handle(name), Request::aligned(len, align_of(name)))?;
            }
            Align(name, len) => self.heap.resize(self.handle(name), Request::aligned(len, 4))?,
        }
        Ok(())
    }

    fn handle(&self, name: char) -> Handle {
        self.blocks.iter().find(|(other, _)| *other == name).unwrap().1
    }

    fn fill(&mut self, name: char) {
        let byte = u8::try_from(name).unwrap();
        self.heap.write(self.handle(name)).unwrap().fill(byte);
    }

    fn picture(&self) -> String {
        let mut picture =
            vec!['-'; usize::try_from(self.heap.allocator().capacity_bytes()).unwrap()];
        for (name, handle) in &self.blocks {
            let block = self.heap.allocator().block(*handle).unwrap();
            let range =
                usize::try_from(block.offset).unwrap()..usize::try_from(block.end()).unwrap();
            picture[range].fill(*name);
        }
        picture.into_iter().collect()
    }

    /// Each block still begins with its letters, as many as it had before and has now.
    fn assert_contents(&self, before: &str) {
        for (name, handle) in &self.blocks {
            let bytes = self.heap.read(*handle).unwrap();
            let had = before.chars().filter(|other| other == name).count();
            let kept = bytes.iter().take(had).all(|byte| char::from(*byte) == *name);
            assert!(kept, "block {name} holds {bytes:?}");
        }
    }
}

/// Takes one step, which compaction may move `moved` bytes for; `after` equal to `before` means that it is refused.
#[track_caller]
fn check<S: Strategy>(config: &Config, before: &str, step: Step, after: &str, moved: u64) {
    let mut drawing = Drawing::<S>::new(config, before);
    let usage = drawing.heap.allocator().usage();
    let outcome = drawing.step(step);
    assert_eq!(drawing.picture(), after);
    assert_eq!(outcome.is_err(), before == after, "{outcome:?}");
    drawing.assert_contents(before);
    drawing.heap.allocator().check_invariants().unwrap();
    let now = drawing.heap.allocator().usage();
    assert_eq!(now.compaction_relocated_bytes - usage.compaction_relocated_bytes, moved);
    assert_eq!(now.compactions - usage.compactions, u64::from(moved > 0));
    if before == after {
        assert_eq!(now, usage, "a refusal changed the figures");
    }
}

type Check = fn(&str, Step, &str, u64);

#[test]
fn on_demand_reuses_no_hole_before_the_end_is_reached() {
    let check: Check = |before, step, after, moved| {
        check::<Compaction>(&Config::new(), before, step, after, moved);
    };
    check("AA--B--", Allocate('C', 2), "AA--BCC", 0);
    check("AA--B--", Allocate('C', 3), "AABCCC-", 1);
    check("AA--B--", Allocate('C', 5), "AA--B--", 0);
    check("A-B-C-D", Free('D'), "A-B-C--", 0);
    check("A-B-C-D", Allocate('E', 3), "ABCDEEE", 3);
}

#[test]
fn on_demand_resizes_in_four_ways() {
    let check: Check = |before, step, after, moved| {
        check::<Compaction>(&Config::new(), before, step, after, moved);
    };
    // In place.
    check("AAB-C--", Resize('A', 1), "A-B-C--", 0);
    check("AAB-C--", Resize('B', 2), "AABBC--", 0);
    check("AB--C-", Resize('B', 3), "ABBBC-", 0);
    // As a new block, at the end.
    check("AB-C-D---", Resize('B', 3), "A--C-DBBB", 0);
    // As a new block, after a slide.
    check("AAB-C--", Resize('B', 3), "AA-CBBB", 1);
    check("AB-C-D--", Resize('B', 4), "A-CDBBBB", 2);
    // After a slide, by lifting the blocks behind.
    check("AB-C-DE", Resize('B', 3), "ABBBCDE", 3 + 3);
    check("-ABBB--C", Resize('A', 4), "AAAABBBC", 5 + 4);
    // Not at all.
    check("AB-C-DE", Resize('B', 4), "AB-C-DE", 0);
}

#[test]
fn eager_leaves_no_gap() {
    let check: Check = |before, step, after, moved| {
        check::<CompactionEager>(&Config::new(), before, step, after, moved);
    };
    check("ABBCC--", Free('A'), "BBCC---", 4);
    check("ABBCC--", Free('C'), "ABB----", 0);
    check("ABBCC--", Resize('B', 1), "ABCC---", 2);
    check("ABCC---", Resize('A', 3), "BCCAAA-", 1 + 2 + 3);
    check("ABBCC--", Resize('A', 3), "AAABBCC", 4);
    check("ABBCC--", Resize('B', 5), "ABBCC--", 0);
}

#[test]
fn on_a_miss_best_fit_comes_first() {
    let check: Check = |before, step, after, moved| {
        check::<CompactionFit>(&Config::new(), before, step, after, moved);
    };
    check("A---B--C-", Allocate('D', 2), "A---BDDC-", 0);
    check("A---B--C-", Allocate('D', 1), "A---BD-C-", 0);
    check("A---B--C-", Allocate('D', 4), "ABCDDDD--", 2);
    check("A---B--C-", Resize('B', 4), "A-CBBBB--", 2);
    check("A-B-C-DDD", Resize('A', 4), "AAAABCDDD", 5 + 5);
}

#[test]
fn alignments_leave_holes_when_everything_slides() {
    let none = Config::new();
    check::<Compaction>(&none, "A---bb--C---", Allocate('D', 6), "A---bb--C---", 0);
    check::<Compaction>(&none, "A---bb--C---", Allocate('D', 5), "A---bbCDDDDD", 1);
    check::<CompactionEager>(&none, "ABBBcc------", Free('B'), "A---cc------", 0);
    check::<CompactionEager>(&none, "AABBBBBBccDD", Free('B'), "AA--ccDD----", 4);
    // Best fit takes one of them.
    check::<CompactionFit>(&none, "A-B-bbCCCCC-", Allocate('D', 2), "ABDDbbCCCCC-", 1);
}

#[test]
fn a_resize_moves_for_its_alignment() {
    let none = Config::new();
    check::<Compaction>(&none, "ABB-----", Align('B', 2), "A---BB--", 0);
    check::<Compaction>(&none, "ABB-----", Align('B', 1), "A---B---", 0);
    check::<Compaction>(&none, "AB--CC-D----", Align('C', 3), "AB--CCCD----", 0);
    // Lifting does not move the block itself.
    check::<Compaction>(&none, "ABBCC--", Align('B', 3), "ABBCC--", 0);
}

#[test]
fn blocks_are_lifted_to_the_lowest_address_that_suits_them() {
    let check: Check = |before, step, after, moved| {
        check::<CompactionEager>(&Config::new(), before, step, after, moved);
    };
    check("AAAAccDDDD----", Resize('A', 6), "AAAAAA--ccDDDD", 6);
    check("AAAAccDDDD---", Resize('A', 6), "AAAAccDDDD---", 0);
    check("AAABccDD", Resize('A', 2), "AAB-ccDD", 1);
}

fn earning(c: u64) -> Config {
    Config::new().with_parameter("c", c)
}

#[test]
fn a_budget_buys_the_cheapest_window() {
    let check = |c, before, step, after, moved| {
        check::<CompactionBudgeted>(&earning(c), before, step, after, moved);
    };
    // Drawing the heap earns 16 bytes, the request its length.
    check(1, "A--BBB--C--DDDDD", Allocate('E', 4), "A--BBBCEEEEDDDDD", 1);
    check(20, "A--BBB--C--DDDDD", Allocate('E', 4), "A--BBBCEEEEDDDDD", 1);
    check(21, "A--BBB--C--DDDDD", Allocate('E', 4), "A--BBB--C--DDDDD", 0);
    check(5, "A--BBB--C--DDDDD", Allocate('E', 6), "ABBBCEEEEEEDDDDD", 4);
    check(6, "A--BBB--C--DDDDD", Allocate('E', 6), "A--BBB--C--DDDDD", 0);
    check(1, "AAA-BB-CCCC-D---", Allocate('E', 4), "AAA-BB-CCCCDEEEE", 1);
    // The cheapest window is too narrow since its block is aligned; the next one serves.
    check(1, "A--CC---b--DDDD-", Allocate('E', 4), "ACCEEEE-b--DDDD-", 2);
}

#[test]
fn a_budget_lets_a_block_grow_on_the_cheaper_side() {
    let check = |c, before, step, after, moved| {
        check::<CompactionBudgeted>(&earning(c), before, step, after, moved);
    };
    // By lifting the one behind, by sliding down, by both.
    check(1, "AAAA-BBC-DDDDDDD", Resize('B', 3), "AAAA-BBBCDDDDDDD", 1);
    check(1, "AAA-BCCCCCCC-DDD", Resize('B', 2), "AAABBCCCCCCC-DDD", 1);
    check(6, "AAA-BBC-DDDDDDDD", Resize('B', 4), "AAABBBBCDDDDDDDD", 3);
    check(7, "AAA-BBC-DDDDDDDD", Resize('B', 4), "AAA-BBC-DDDDDDDD", 0);
    check(1, "AAAAAAAAA-BC--DD", Resize('B', 3), "AAAAAAAAA-BBBCDD", 1);
    // Elsewhere, where that is cheaper.
    check(1, "A-BCCCC--D--EEEE", Resize('B', 3), "A--CCCCDBBB-EEEE", 1);
}
