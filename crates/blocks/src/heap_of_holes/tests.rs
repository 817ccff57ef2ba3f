//! What no strategy's test can see: that no hole ever has many children.

use alloc::vec;
use alloc::vec::Vec;

use super::{check, degree, insert, pop, remove};
use crate::table::{Entry, Id, NIL};

/// A heap of holes that lie where their indices say, and which of them are in it.
struct Heap {
    entries: Vec<Entry>,
    root: Id,
    members: Vec<Id>,
    places: Vec<Option<usize>>,
    widest: usize,
}

impl Heap {
    fn new(count: usize) -> Self {
        let mut entries: Vec<_> = (0..=count as u64).map(Entry::at).collect();
        entries[0].offset = u64::MAX;
        Self { entries, root: NIL, members: vec![], places: vec![None; count + 1], widest: 0 }
    }

    fn has(&self, hole: Id) -> bool {
        self.places[hole as usize].is_some()
    }

    fn insert(&mut self, hole: Id) {
        self.root = insert(&mut self.entries, self.root, hole);
        self.places[hole as usize] = Some(self.members.len());
        self.members.push(hole);
    }

    fn pop(&mut self) {
        let lowest = self.root;
        self.look_at(lowest);
        self.root = pop(&mut self.entries, lowest);
        self.forget(lowest);
    }

    fn remove(&mut self, hole: Id) {
        self.look_at(hole);
        if let Some(root) = remove(&mut self.entries, hole) {
            self.root = root;
        }
        self.forget(hole);
    }

    /// A removal costs what the hole has of children.
    fn look_at(&mut self, hole: Id) {
        self.widest = self.widest.max(degree::children(&self.entries, hole));
    }

    fn forget(&mut self, hole: Id) {
        let place = self.places[hole as usize].take().expect("a member");
        self.members.swap_remove(place);
        if let Some(&moved) = self.members.get(place) {
            self.places[moved as usize] = Some(place);
        }
    }

    fn check(&self) {
        assert_eq!(check(&self.entries, self.root), Ok(self.members.len() as u64));
        assert_eq!(self.members.iter().min().copied().unwrap_or(NIL), self.root);
    }
}

/// xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % bound as u64).expect("below a usize")
    }

    fn member(&mut self, heap: &Heap) -> Option<Id> {
        let count = heap.members.len();
        (count > 0).then(|| heap.members[self.below(count)])
    }
}

/// What a program does, over and over, with holes from the middle outwards.
#[derive(Clone, Copy, Debug)]
enum Step {
    InsertHigh,
    InsertLow,
    InsertAnywhere,
    Pop,
    RemoveAny,
    RemoveNewest,
    /// A hole below all others comes and goes.
    Displace,
}

const STEPS: [Step; 7] = [
    Step::InsertHigh,
    Step::InsertLow,
    Step::InsertAnywhere,
    Step::Pop,
    Step::RemoveAny,
    Step::RemoveNewest,
    Step::Displace,
];

/// Powers of two, their neighbors and others: what counts in a structure might have periods.
const REPEATS: [usize; 14] = [1, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 64, 255];

fn perform(program: &[(Step, usize)], random: &mut Random) -> usize {
    const HOLES: usize = 2_000;
    const PLACES: usize = 4 * HOLES;
    let mut heap = Heap::new(PLACES);
    let (mut low, mut high) = (PLACES / 2, PLACES / 2 + 1);
    let mut budget = 4 * HOLES;
    let steps = program.iter().flat_map(|&(step, times)| core::iter::repeat_n(step, times));
    for step in steps.cycle() {
        if budget == 0 || low < 2 || high > PLACES || heap.members.len() == HOLES {
            break;
        }
        budget -= 1;
        match step {
            Step::InsertHigh => insert_at(&mut heap, &mut high, 1),
            Step::InsertLow => insert_at(&mut heap, &mut low, -1),
            Step::InsertAnywhere => insert_at(&mut heap, &mut (1 + random.below(PLACES)), 0),
            Step::Pop if heap.root != NIL => heap.pop(),
            Step::RemoveAny => {
                if let Some(hole) = random.member(&heap) {
                    heap.remove(hole);
                }
            }
            Step::RemoveNewest => {
                if let Some(&hole) = heap.members.last() {
                    heap.remove(hole);
                }
            }
            Step::Displace if heap.root > 1 && !heap.has(heap.root - 1) => {
                let lower = heap.root - 1;
                heap.insert(lower);
                heap.pop();
            }
            Step::Pop | Step::Displace => {}
        }
    }
    heap.check();
    while heap.root != NIL {
        heap.pop();
        if heap.members.len().is_multiple_of(7)
            && let Some(hole) = random.member(&heap)
        {
            heap.remove(hole);
        }
    }
    heap.widest
}

/// Inserts the hole at a place unless it is a member, and moves on.
fn insert_at(heap: &mut Heap, place: &mut usize, step: isize) {
    let hole = Id::try_from(*place).expect("few places");
    if !heap.has(hole) {
        heap.insert(hole);
    }
    *place = place.wrapping_add_signed(step);
}

#[test]
fn no_program_gives_a_hole_many_children() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..400 {
        let len = 1 + random.below(5);
        let mut step = || (STEPS[random.below(STEPS.len())], REPEATS[random.below(REPEATS.len())]);
        let program: Vec<_> = (0..len).map(|_| step()).collect();
        let widest = perform(&program, &mut random);
        assert!(widest <= 31, "{widest} children of one hole after {program:?}");
    }
}

#[test]
fn holes_in_rising_order_do_not_all_become_children_of_the_first() {
    let mut heap = Heap::new(20_000);
    (1..=20_000).for_each(|hole| heap.insert(hole));
    heap.check();
    while heap.root != NIL {
        heap.pop();
    }
    assert!(heap.widest <= 31, "{} children of one hole", heap.widest);
}
