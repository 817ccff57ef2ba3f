//! The holes that no bucket had room for; their second links lead on, their third ones back.

use heaplab_blocks::{Entries as _, Entry, Id, NIL};

use super::{Buckets, STRAY};

const NEXT: usize = 1;
const BEFORE: usize = 2;

impl Buckets {
    #[cold]
    #[inline(never)]
    pub(super) fn stray(&mut self, entries: &mut [Entry], hole: Id) {
        let next = core::mem::replace(&mut self.strays, hole);
        *entries.links_mut(hole) = [STRAY, next, NIL];
        if next != NIL {
            entries.links_mut(next)[BEFORE] = hole;
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn remove_stray(&mut self, entries: &mut [Entry], hole: Id) {
        let [_, next, before] = *entries.links(hole);
        if before == NIL {
            self.strays = next;
        } else {
            entries.links_mut(before)[NEXT] = next;
        }
        if next != NIL {
            entries.links_mut(next)[BEFORE] = before;
        }
    }

    pub(super) fn strays<'a>(&self, entries: &'a [Entry]) -> impl Iterator<Item = Id> + use<'a> {
        let link = |id: Id| (id != NIL).then_some(id);
        core::iter::successors(link(self.strays), move |&hole| link(entries.links(hole)[NEXT]))
    }

    #[cold]
    #[inline(never)]
    pub(super) fn next_stray(
        &self,
        entries: &[Entry],
        rover: u64,
        len: u64,
        suits: impl Fn(Id) -> bool,
        found: Option<Id>,
    ) -> Option<Id> {
        let strays =
            self.strays(entries).filter(|&hole| entries.len_of(hole) >= len && suits(hole));
        strays.chain(found).min_by_key(|&hole| {
            let offset = entries.offset(hole);
            (offset < rover, offset)
        })
    }
}
