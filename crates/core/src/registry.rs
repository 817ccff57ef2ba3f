//! Named strategies, visited with their concrete types.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use crate::{Capabilities, Strategy};

/// A list of named strategies whose types are known at compile time.
///
/// A visitor is compiled once for each strategy, so a timed replay has no virtual call between the loop and the
/// strategy. Anybody can extend a registry without editing it:
///
/// ```
/// use heaplab_core::{Registry, StrategyList, Strategy};
///
/// fn with_mine<L: StrategyList, Mine: Strategy>(ours: Registry<L>) -> Registry<impl StrategyList> {
///     ours.with::<Mine>("my-fit")
/// }
/// ```
pub struct Registry<L = Empty> {
    list: L,
}

impl Registry<Empty> {
    /// A registry without strategies.
    #[must_use]
    pub const fn new() -> Self {
        Self { list: Empty }
    }
}

impl Default for Registry<Empty> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: StrategyList> Registry<L> {
    /// The registry with one more strategy at its end.
    #[must_use]
    pub fn with<S: Strategy>(self, name: &'static str) -> Registry<impl StrategyList> {
        Registry { list: Append::<L, S> { before: self.list, name, strategy: PhantomData } }
    }

    /// The registry with all strategies of `other` behind its own, so that whoever runs one runs both.
    ///
    /// ```
    /// use heaplab_core::{Registry, StrategyList};
    ///
    /// fn beside<L: StrategyList, P: StrategyList>(
    ///     ours: Registry<L>,
    ///     peers: Registry<P>,
    /// ) -> Registry<impl StrategyList> {
    ///     ours.and(peers)
    /// }
    /// ```
    #[must_use]
    pub fn and<M: StrategyList>(self, other: Registry<M>) -> Registry<impl StrategyList> {
        Registry { list: Joined { first: self.list, second: other.list } }
    }

    /// The same strategies without giving the registry away.
    #[must_use]
    pub const fn by_ref(&self) -> Registry<&L> {
        Registry { list: &self.list }
    }

    /// The registry over a list of one's own making, such as one whose length is known at run time only.
    #[must_use]
    pub const fn of(list: L) -> Self {
        Self { list }
    }

    /// The strategies in the order in which they were added.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        struct Collect(Vec<Entry>);
        impl Visitor for Collect {
            fn visit<S: Strategy>(&mut self, entry: Entry) {
                self.0.push(entry);
            }
        }
        let mut collect = Collect(Vec::new());
        self.list.visit_all(&mut collect);
        collect.0
    }

    /// The first name that occurs twice, if any: such a registry must be refused by whoever runs it.
    #[must_use]
    pub fn duplicate_name(&self) -> Option<&'static str> {
        let entries = self.entries();
        let twice = |(at, entry): (usize, &Entry)| {
            entries[..at].iter().any(|other| other.name == entry.name).then_some(entry.name)
        };
        entries.iter().enumerate().find_map(twice)
    }

    /// Visits every strategy, in order.
    pub fn visit_all<V: Visitor>(&self, visitor: &mut V) {
        self.list.visit_all(visitor);
    }

    /// Visits the strategy called `name`; `false` if there is none.
    pub fn visit<V: Visitor>(&self, name: &str, visitor: &mut V) -> bool {
        self.list.visit_named(name, visitor)
    }
}

impl<L: StrategyList> fmt::Debug for Registry<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries().iter().map(|entry| entry.name)).finish()
    }
}

/// A strategy's name in a registry, and what it declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name by which users ask for it.
    pub name: &'static str,
    /// What it declares of itself.
    pub capabilities: Capabilities,
}

/// Something that is done with strategies, whatever their types.
pub trait Visitor {
    /// Called with each strategy's type.
    fn visit<S: Strategy>(&mut self, entry: Entry);
}

/// A list of strategy types, built by [`Registry::with`] and [`Registry::and`].
pub trait StrategyList {
    /// Visits every strategy, in order.
    fn visit_all<V: Visitor>(&self, visitor: &mut V);

    /// Visits the strategy called `name`; `false` if there is none.
    fn visit_named<V: Visitor>(&self, name: &str, visitor: &mut V) -> bool;
}

/// The list without strategies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty;

impl StrategyList for Empty {
    fn visit_all<V: Visitor>(&self, _visitor: &mut V) {}

    fn visit_named<V: Visitor>(&self, _name: &str, _visitor: &mut V) -> bool {
        false
    }
}

struct Append<L, S> {
    before: L,
    name: &'static str,
    strategy: PhantomData<fn() -> S>,
}

impl<L, S: Strategy> Append<L, S> {
    fn entry(&self) -> Entry {
        Entry { name: self.name, capabilities: S::CAPABILITIES }
    }
}

impl<L: StrategyList, S: Strategy> StrategyList for Append<L, S> {
    fn visit_all<V: Visitor>(&self, visitor: &mut V) {
        self.before.visit_all(visitor);
        visitor.visit::<S>(self.entry());
    }

    fn visit_named<V: Visitor>(&self, name: &str, visitor: &mut V) -> bool {
        if self.before.visit_named(name, visitor) {
            return true;
        }
        if self.name == name {
            visitor.visit::<S>(self.entry());
        }
        self.name == name
    }
}

struct Joined<L, M> {
    first: L,
    second: M,
}

impl<L: StrategyList, M: StrategyList> StrategyList for Joined<L, M> {
    fn visit_all<V: Visitor>(&self, visitor: &mut V) {
        self.first.visit_all(visitor);
        self.second.visit_all(visitor);
    }

    fn visit_named<V: Visitor>(&self, name: &str, visitor: &mut V) -> bool {
        self.first.visit_named(name, visitor) || self.second.visit_named(name, visitor)
    }
}

impl<L: StrategyList> StrategyList for &L {
    fn visit_all<V: Visitor>(&self, visitor: &mut V) {
        (**self).visit_all(visitor);
    }

    fn visit_named<V: Visitor>(&self, name: &str, visitor: &mut V) -> bool {
        (**self).visit_named(name, visitor)
    }
}
