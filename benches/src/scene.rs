//! Heaps of many holes, made operation by operation, in which any operation may be the worst.

use heaplab_core::{Config, Entry, Handle, Request, Strategy, Visitor};

/// Operations among the holes, once they are made.
const TURNS: usize = 600;

/// Blocks beyond the holes that the tables have seen before: no operation makes more than three entries.
const SPARE_BLOCKS: usize = 4 * TURNS;

/// How holes come to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Equal ones, from the lowest to the highest.
    Rising,
    /// Equal ones, from the highest to the lowest.
    Falling,
    /// Equal ones, in random order.
    Random,
    /// Of lengths that rise with the address, in random order.
    Lengths,
}

/// All of them.
pub const SCENES: [Scene; 4] = [Scene::Rising, Scene::Falling, Scene::Random, Scene::Lengths];

impl Scene {
    /// How it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rising => "rising",
            Self::Falling => "falling",
            Self::Random => "random",
            Self::Lengths => "lengths",
        }
    }

    /// The scene of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        SCENES.into_iter().find(|scene| scene.name() == name)
    }
}

/// A strategy that performs scenes.
pub trait Play {
    /// Makes `holes` holes and performs operations among them: fills, splits, aligned blocks, frees, resizes.
    ///
    /// Each operation stands between a call of `begin` and one of `end`, both with its number from 0.
    ///
    /// # Errors
    ///
    /// What was refused.
    fn perform(
        &self,
        scene: Scene,
        holes: u32,
        begin: &dyn Fn(u64),
        end: &dyn Fn(u64),
    ) -> Result<Apart, String>;
}

/// The numbers of the operations that are told apart from the others, each in ascending order.
#[derive(Debug, Default)]
pub struct Apart {
    /// A table grew.
    pub growing: Vec<u64>,
    /// A block was placed at an alignment above the granule, for which an exact fit may look at many holes.
    pub aligned: Vec<u64>,
}

/// Hands the strategy of a name to `then`; `None` if there is none.
pub fn strategies<T>(name: &str, then: impl FnOnce(&dyn Play) -> T) -> Option<T> {
    let mut find = Find { then: Some(then), found: None };
    heaplab_strategies::registry().visit(name, &mut find);
    find.found
}

struct Find<F, T> {
    then: Option<F>,
    found: Option<T>,
}

impl<F: FnOnce(&dyn Play) -> T, T> Visitor for Find<F, T> {
    fn visit<S: Strategy>(&mut self, _entry: Entry) {
        self.found = self.then.take().map(|then| then(&Player::<S>(std::marker::PhantomData)));
    }
}

struct Player<S>(std::marker::PhantomData<S>);

impl<S: Strategy> Play for Player<S> {
    fn perform(
        &self,
        scene: Scene,
        holes: u32,
        begin: &dyn Fn(u64),
        end: &dyn Fn(u64),
    ) -> Result<Apart, String> {
        let allocator = S::new(1 << 40, &Config::new()).map_err(|error| error.to_string())?;
        let reserved = allocator.usage().metadata_reserved_bytes;
        let (live, apart) = (Vec::new(), Apart::default());
        let mut stage =
            Stage { allocator, begin, end, operations: 0, seed: 1, live, reserved, apart };
        let mut later_holes = stage.fence(scene, holes)?;
        match scene {
            Scene::Rising => {}
            Scene::Falling => later_holes.reverse(),
            Scene::Random | Scene::Lengths => stage.shuffle(&mut later_holes),
        }
        for handle in later_holes {
            stage.free(handle)?;
        }
        stage.turn()?;
        Ok(stage.apart)
    }
}

struct Stage<'a, S> {
    allocator: S,
    begin: &'a dyn Fn(u64),
    end: &'a dyn Fn(u64),
    operations: u64,
    seed: u64,
    live: Vec<Handle>,
    reserved: Option<u64>,
    apart: Apart,
}

impl<S: Strategy> Stage<'_, S> {
    fn marked<T>(&mut self, operation: impl FnOnce(&mut S) -> T) -> T {
        (self.begin)(self.operations);
        let result = operation(&mut self.allocator);
        (self.end)(self.operations);
        self.operations += 1;
        result
    }

    fn allocate(&mut self, size: u64, align: u64) -> Result<Handle, String> {
        let result = self.marked(|it| it.allocate(Request { size, align }, &mut ()));
        result.map_err(|error| error.to_string())
    }

    fn free(&mut self, handle: Handle) -> Result<(), String> {
        self.marked(|it| it.free(handle, &mut ())).map_err(|error| error.to_string())
    }

    /// Notes whether the operation before has made the tables grow.
    fn look(&mut self) {
        let reserved = self.allocator.usage().metadata_reserved_bytes;
        if reserved != self.reserved {
            self.apart.growing.push(self.operations - 1);
            self.reserved = reserved;
        }
    }

    /// Pairs of blocks, of which the first are returned, holes to be; then many blocks, and none of them.
    ///
    /// There are no holes yet, so that usage is told at once. Later the table of blocks grows no more.
    fn fence(&mut self, scene: Scene, holes: u32) -> Result<Vec<Handle>, String> {
        let mut place = |size| {
            let handle = self.allocate(size, 1)?;
            self.look();
            Ok::<Handle, String>(handle)
        };
        let mut later_holes = Vec::new();
        for index in 0..u64::from(holes) {
            let size = if scene == Scene::Lengths { 16 * (index + 1) } else { 16 };
            later_holes.push(place(size)?);
            place(16)?;
        }
        let spare = (0..SPARE_BLOCKS).map(|_| place(16)).collect::<Result<Vec<_>, _>>()?;
        for handle in spare.into_iter().rev() {
            self.free(handle)?;
        }
        Ok(later_holes)
    }

    /// Operations of every kind among the holes.
    fn turn(&mut self) -> Result<(), String> {
        for turn in 0..TURNS {
            let size = 1 + (self.draw(1 << 14) >> self.draw(14));
            match turn % 6 {
                0 | 1 => {
                    let handle = self.allocate(16, 1)?;
                    self.live.push(handle);
                }
                2 => {
                    let handle = self.allocate(size, 1)?;
                    self.live.push(handle);
                }
                3 => {
                    let align = 32 << self.draw(8);
                    let handle = self.allocate(size, align)?;
                    self.apart.aligned.push(self.operations - 1);
                    self.live.push(handle);
                    // The first one may make tables that only alignments need.
                    self.look();
                }
                4 => {
                    let index = self.any();
                    let (handle, request) = (self.live[index], Request { size, align: 1 });
                    self.marked(|it| it.resize(handle, request, &mut ()))
                        .map_err(|error| error.to_string())?;
                }
                _ => {
                    let index = self.any();
                    let handle = self.live.swap_remove(index);
                    self.free(handle)?;
                }
            }
        }
        Ok(())
    }

    /// Some live block of those placed among the holes; there are some whenever this is asked.
    fn any(&mut self) -> usize {
        let len = self.live.len() as u64;
        usize::try_from(self.draw(len)).unwrap_or(0)
    }

    fn shuffle(&mut self, handles: &mut [Handle]) {
        for index in (1..handles.len()).rev() {
            let other = self.draw(index as u64 + 1);
            handles.swap(index, usize::try_from(other).unwrap_or(0));
        }
    }

    /// A number below `below`, by Steele, Lea and Flood's `SplitMix64`.
    fn draw(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below.max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn every_operation_of_a_scene_is_marked_once() {
        for scene in SCENES {
            let (begun, ended) = (Cell::new(0), Cell::new(0));
            let begin = |index| assert_eq!(begun.replace(begun.get() + 1), index);
            let end = |index| assert_eq!(ended.replace(ended.get() + 1), index);
            let apart = strategies("best-fit", |play| play.perform(scene, 100, &begin, &end));
            let Apart { growing: grown, aligned } = apart.unwrap().unwrap();
            assert_eq!(aligned.len(), TURNS / 6);
            let expected = 2 * 100 + 2 * SPARE_BLOCKS as u64 + 100 + TURNS as u64;
            assert_eq!((begun.get(), ended.get()), (expected, expected));
            // While blocks gather the table grows, later only for the first alignment.
            let gathered = grown.iter().filter(|it| **it < 200 + SPARE_BLOCKS as u64).count();
            assert!(gathered > 3 && grown.len() <= gathered + 1, "{grown:?}");
            assert_eq!(Scene::named(scene.name()), Some(scene));
        }
        assert!(strategies("no-such-fit", |_| ()).is_none());
    }
}
