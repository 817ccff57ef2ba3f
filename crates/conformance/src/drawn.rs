//! Placement tests as pictures: a heap, a step, and the heap afterwards.
//!
//! ```
//! use heaplab_conformance::drawn::{Step, check};
//! # mod simple { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/teeth/simple.rs")); }
//! # type FirstFit = simple::Simple<{ simple::flaw::NONE }>;
//!
//! check::<FirstFit>("XX--X--", Step::Allocate(2), "XXAAX--");
//! check::<FirstFit>("XX--Y--", Step::Free('Y'), "XX-----");
//! ```
//!
//! One character is one byte, and the granule is one byte. A run of equal letters is a block, and the letter is its
//! name; neighbors need different letters, and so do blocks that a step names. `-` is free. The first new block is
//! drawn `A`, the next `B`, and so on, past letters that are taken.
//!
//! A picture is laid out by allocating all of it from the left, and then freeing the holes from the left. So the
//! rover of a next fit starts at the end of the last block, and the rightmost hole is the most recent. A strategy
//! that does not keep holes cannot be given a picture with holes.

use core::fmt::Debug;

use heaplab_core::{AllocError, Config, Granule, Handle, InvalidHandle, Request, Strategy};

/// What is done to a drawn heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Places a block of so many bytes.
    Allocate(u64),
    /// Places a block of so many bytes, aligned to so many.
    AllocateAligned(u64, u64),
    /// Frees the block of that letter.
    Free(char),
    /// Gives the block of that letter another size, and no alignment.
    Resize(char, u64),
    /// Gives the block of that letter another size and alignment.
    ResizeAligned(char, u64, u64),
}

/// Draws `before`, performs `step`, and compares the result with `after`.
///
/// # Panics
///
/// With both pictures, if the step is refused or the result looks otherwise.
pub fn check<S: Strategy>(before: &str, step: Step, after: &str) {
    play::<S>(before, &[(step, after)]);
}

/// Draws `before`, performs the steps one after the other, and compares the picture after each.
///
/// # Panics
///
/// With both pictures, if a step is refused or a result looks otherwise.
pub fn play<S: Strategy>(before: &str, steps: &[(Step, &str)]) {
    let mut drawing = Drawing::<S>::new(before, &Config::new());
    for (index, (step, after)) in steps.iter().enumerate() {
        let was = drawing.picture();
        if let Err(error) = drawing.step(*step) {
            panic!("step {index}, {step:?} in\n  {was}\nwas refused: {error}");
        }
        let picture = drawing.picture();
        assert!(
            picture == **after,
            "step {index}, {step:?}:\n  before    {was}\n  after     {picture}\n  expected  {after}"
        );
    }
}

/// Draws `before`, performs `step`, which must be refused and change nothing.
///
/// # Panics
///
/// If the step succeeds, or the picture changes.
pub fn refuse<S: Strategy>(before: &str, step: Step) {
    let mut drawing = Drawing::<S>::new(before, &Config::new());
    let result = drawing.step(step);
    let picture = drawing.picture();
    assert!(
        result.is_err() && picture == before,
        "{step:?} must be refused:\n  before  {before}\n  after   {picture}\n  result  {result:?}"
    );
}

/// A strategy's heap whose blocks have letters.
#[derive(Debug)]
pub struct Drawing<S> {
    subject: S,
    blocks: Vec<(char, Handle)>,
}

impl<S: Strategy> Drawing<S> {
    /// Lays a picture out in a new heap; the granule of `config` is replaced by one byte.
    ///
    /// # Panics
    ///
    /// If the strategy cannot be made, or does not place the picture's blocks one behind the other.
    #[must_use]
    pub fn new(picture: &str, config: &Config) -> Self {
        let config = config.clone().with_granule(Granule::BYTE);
        let subject = expect(S::new(picture.len() as u64, &config), "cannot be made");
        let mut drawing = Self { subject, blocks: Vec::new() };
        let mut holes = Vec::new();
        let used = picture.trim_end_matches('-');
        for run in used.as_bytes().chunk_by(|one, next| one == next) {
            let request = Request::new(run.len() as u64);
            let placed = drawing.subject.allocate(request, &mut ());
            let handle = expect(placed, "cannot be laid out");
            match char::from(run[0]) {
                '-' => holes.push(handle),
                letter => drawing.blocks.push((letter, handle)),
            }
        }
        for hole in holes {
            expect(drawing.subject.free(hole, &mut ()), "cannot free a hole");
        }
        let laid_out = drawing.picture();
        assert!(laid_out == picture, "the strategy makes of\n  {picture}\nthis\n  {laid_out}");
        drawing
    }

    /// Performs a step.
    ///
    /// # Errors
    ///
    /// The strategy's own.
    ///
    /// # Panics
    ///
    /// If the step names a letter that no block has, or more than one.
    pub fn step(&mut self, step: Step) -> Result<(), AllocError> {
        match step {
            Step::Allocate(len) => self.allocate(Request::new(len)),
            Step::AllocateAligned(len, align) => self.allocate(Request::aligned(len, align)),
            Step::Free(letter) => {
                let index = self.index_of(letter);
                let freed: Result<(), InvalidHandle> =
                    self.subject.free(self.blocks[index].1, &mut ());
                self.blocks.remove(index);
                Ok(freed?)
            }
            Step::Resize(letter, len) => self.resize(letter, Request::new(len)),
            Step::ResizeAligned(letter, len, align) => {
                self.resize(letter, Request::aligned(len, align))
            }
        }
    }

    /// The heap as it is now.
    #[must_use]
    pub fn picture(&self) -> String {
        let covers = |column: u64| {
            let names = self.blocks.iter().filter(|(_, handle)| {
                let block = self.subject.block(*handle);
                block.is_some_and(|block| (block.offset..block.end()).contains(&column))
            });
            names.map(|(letter, _)| *letter).next().unwrap_or('-')
        };
        (0..self.subject.capacity_bytes()).map(covers).collect()
    }

    /// The strategy.
    pub const fn subject(&self) -> &S {
        &self.subject
    }

    fn allocate(&mut self, request: Request) -> Result<(), AllocError> {
        let handle = self.subject.allocate(request, &mut ())?;
        let is_free = |letter: &char| self.blocks.iter().all(|(taken, _)| taken != letter);
        let letter = ('A'..='Z').find(is_free).unwrap_or('?');
        self.blocks.push((letter, handle));
        Ok(())
    }

    fn resize(&mut self, letter: char, request: Request) -> Result<(), AllocError> {
        let handle = self.blocks[self.index_of(letter)].1;
        self.subject.resize(handle, request, &mut ())
    }

    fn index_of(&self, letter: char) -> usize {
        let mut indices = (0..self.blocks.len()).filter(|index| self.blocks[*index].0 == letter);
        match (indices.next(), indices.next()) {
            (Some(index), None) => index,
            (first, _) => panic!(
                "{} block is called '{letter}' in {}",
                if first.is_some() { "more than one" } else { "no" },
                self.picture()
            ),
        }
    }
}

fn expect<T, E: Debug>(result: Result<T, E>, what: &str) -> T {
    result.unwrap_or_else(|error| panic!("the drawn heap {what}: {error:?}"))
}
