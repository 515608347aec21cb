//! Sequence lock: writers exclude each other; readers write nothing and retry if a writer came
//! between (Lameter 2005; orderings as in Boehm 2012, "Can seqlocks get along with programming
//! language memory models?"). Waiters stay awake. A reader may starve.
//!
//! # State
//! `sequence` is odd while a worker writes. A compare-exchange makes it odd, which is the writers'
//! spin lock; the same writer makes it even again. It never has the same even value twice.
//!
//! # Invariants
//! 1. Only the writer that made the sequence odd changes the counter and the sequence, up to the
//!    next even value.
//! 2. A reader that finds the same even value before and after its loads has seen only the counter
//!    that belongs to that value.
//!
//! # Orderings
//! Writers synchronise with each other by Release (odd to even) and Acquire (even to odd). A reader
//! acquires the even value before its loads, so it sees nothing older. Two fences keep it from
//! seeing anything newer, because the counter is relaxed: the writer's (Release) stands between the
//! odd value and its stores, the reader's (Acquire) between its loads and its second load of the
//! sequence. A load that sees such a store makes that second load see the odd value, or a later
//! one, and the reader retries. Without fences the second load would have to be a
//! read-modify-write, and readers would slow each other down.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::harness::entry::Entry;
use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::locks::spin::spin_wait::{SpinThenYield, SpinWaiter};
use crate::machine::{Aborted, Machine, Word};

/// The catalogue entry.
pub const ENTRY: Entry =
    Entry::exact("seqlock", "a sequence lock: a reader retries if a writer came between")
        .with_promise("exact; no order of service");

/// The lock.
pub struct SequenceLock<M: Machine> {
    sequence: M::Word,
    waiter: SpinThenYield,
}

/// The strategy that holds the lock from load to store, and reads without holding it.
pub type SeqLock<M> = Locked<SequenceLock<M>>;

impl<M: Machine> SeqLock<M> {
    /// A free lock for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        Locked(SequenceLock {
            sequence: machine.word(0),
            waiter: SpinThenYield::for_workers(machine, workers),
        })
    }
}

fn is_even(sequence: u64) -> bool {
    sequence.is_multiple_of(2)
}

impl<M: Machine> SequenceLock<M> {
    /// Makes the sequence odd if it is even; whether it did.
    #[inline]
    fn try_write(&self) -> bool {
        let seen = self.sequence.load(Relaxed);
        is_even(seen) && self.sequence.compare_exchange(seen, seen + 1, Acquire, Relaxed).is_ok()
    }

    /// Tries to read once; whether no writer came between.
    #[inline]
    fn try_read(
        &self,
        machine: &M,
        section: &mut impl FnMut() -> Result<(), Aborted>,
    ) -> Result<bool, Aborted> {
        let seen = self.sequence.load(Acquire);
        if !is_even(seen) {
            return Ok(false);
        }
        section()?;
        machine.fence(Acquire);
        Ok(self.sequence.load(Relaxed) == seen)
    }
}

impl<M: Machine> Exclusive<M> for SequenceLock<M> {
    type WorkerState = ();

    fn worker_state(&self, _index: usize) {}

    #[inline(always)]
    fn with_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        _state: &mut (),
        section: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        if !self.try_write() {
            acquisition.wait(|machine| self.waiter.wait(machine, || self.try_write()))?;
        }
        acquisition.machine.fence(Release);
        section(acquisition.acquired())?;
        // Invariant 1: no other worker changes the sequence while it is odd.
        self.sequence.store(self.sequence.load(Relaxed) + 1, Release);
        Ok(())
    }

    #[inline(always)]
    fn with_read_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        _state: &mut (),
        mut section: impl FnMut() -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        if self.try_read(acquisition.machine, &mut section)? {
            return Ok(());
        }
        acquisition.wait(|machine| {
            let mut tried = Ok(false);
            self.waiter.wait(machine, || {
                tried = self.try_read(machine, &mut section);
                tried != Ok(false)
            })?;
            tried.map(|_| ())
        })
    }
}
