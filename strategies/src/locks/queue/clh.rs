//! CLH queue lock (Craig 1993; Landin and Hagersten 1994): first come, first served, and each
//! waiter watches the word of the one before it. Waiters stay awake.
//!
//! # State
//! ```text
//! word       meaning                               changed by
//! tail       the node of the last worker in line   each arriving worker (swap)
//! held[n]    1 while the owner of node n waits     its owner, until another worker owns n
//!            or holds the lock
//! ```
//! There is one node more than there are workers.
//!
//! # Invariants
//! 1. Each node has at most one owner and at most one worker that watches it.
//! 2. A worker that leaves takes over the node that it watched: no other worker refers to it.
//!
//! # Orderings
//! Joining the line publishes the own node's 1 (`AcqRel` on `tail`); the hand-over is Release on
//! that node, acquired by the worker that watches it.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crossbeam_utils::CachePadded;

use crate::harness::entry::Entry;
use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::locks::spin::spin_wait::{SpinThenYield, SpinWaiter};
use crate::machine::{Aborted, Machine, Word};
use crate::model::moves::fifo_lock;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact(
    "clh",
    "the CLH queue lock; each waiter watches the word of the one before it and never sleeps",
)
.with_promise("exact; no waiter is bypassed")
.with_moves(fifo_lock);

/// The lock.
pub struct ClhLock<M: Machine, W = SpinThenYield> {
    tail: M::Word,
    held: Box<[CachePadded<M::Word>]>,
    waiter: W,
}

/// The strategy that holds the lock from load to store.
pub type Clh<M> = Locked<ClhLock<M>>;

impl<M: Machine, W: SpinWaiter> Locked<ClhLock<M, W>> {
    /// A free lock for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        let held = (0..=workers).map(|_| CachePadded::new(machine.word(0))).collect();
        let tail = machine.word(workers as u64);
        Locked(ClhLock { tail, held, waiter: W::for_workers(machine, workers) })
    }
}

impl<M: Machine, W: SpinWaiter> ClhLock<M, W> {
    fn node(&self, number: u64) -> &M::Word {
        &self.held[usize::try_from(number).unwrap_or(usize::MAX)]
    }
}

impl<M: Machine, W: SpinWaiter> Exclusive<M> for ClhLock<M, W> {
    /// The node that the worker owns.
    type WorkerState = u64;

    fn worker_state(&self, index: usize) -> u64 {
        index as u64
    }

    #[inline(always)]
    fn with_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        own: &mut u64,
        section: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        self.node(*own).store(1, Relaxed);
        let before = self.tail.swap(*own, AcqRel);
        let is_served = || self.node(before).load(Acquire) == 0;
        if !is_served() {
            acquisition.wait(|machine| self.waiter.wait(machine, is_served))?;
        }
        section(acquisition.acquired())?;
        self.node(*own).store(0, Release);
        *own = before;
        Ok(())
    }
}
