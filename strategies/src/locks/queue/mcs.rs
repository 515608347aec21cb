//! MCS queue lock (Mellor-Crummey and Scott 1991): first come, first served, and each waiter
//! watches a word of its own. Waiters stay awake.
//!
//! # State
//! ```text
//! word        meaning                                changed by
//! tail        the last in line, plus 1; 0 = free     each arriving worker (swap), the last one to
//!                                                    leave (compare-exchange)
//! waiting[i]  1 while worker i waits                 i before it is in line, then its predecessor
//! next[i]     the worker after i, plus 1; 0 = none   i before it is in line, then its successor
//! ```
//!
//! # Orderings
//! Joining the line publishes the worker's own two words (`AcqRel` on `tail`), which its successor
//! finds through `tail`. The hand-over is Release on `waiting`, acquired there; without a successor
//! it is the compare-exchange of `tail`, whose Release the next arrival's swap acquires.

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
    "mcs",
    "the MCS queue lock; each waiter watches a word of its own and never sleeps",
)
.with_promise("exact; no waiter is bypassed")
.with_moves(fifo_lock);

/// The lock.
pub struct McsLock<M: Machine, W = SpinThenYield> {
    tail: M::Word,
    nodes: Box<[CachePadded<McsNode<M>>]>,
    waiter: W,
}

/// A worker's place in line.
struct McsNode<M: Machine> {
    waiting: M::Word,
    next: M::Word,
}

/// The strategy that holds the lock from load to store.
pub type Mcs<M> = Locked<McsLock<M>>;

impl<M: Machine, W: SpinWaiter> Locked<McsLock<M, W>> {
    /// A free lock for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        let node =
            |_| CachePadded::new(McsNode { waiting: machine.word(0), next: machine.word(0) });
        let nodes = (0..workers.max(1)).map(node).collect();
        Locked(McsLock { tail: machine.word(0), nodes, waiter: W::for_workers(machine, workers) })
    }
}

impl<M: Machine, W: SpinWaiter> McsLock<M, W> {
    /// Hands over to the successor, or leaves the lock free if there is none.
    #[inline]
    fn release(&self, machine: &M, me: u64) -> Result<(), Aborted> {
        let own = &self.nodes[index(me)];
        if own.next.load(Acquire) == 0 {
            if self.tail.compare_exchange(me, 0, Release, Relaxed).is_ok() {
                return Ok(());
            }
            // The successor is in line and about to set `next`.
            self.waiter.wait(machine, || own.next.load(Acquire) != 0)?;
        }
        self.nodes[index(own.next.load(Acquire))].waiting.store(0, Release);
        Ok(())
    }
}

/// Index of a worker from its number in words, where 0 means none.
fn index(worker: u64) -> usize {
    usize::try_from(worker - 1).unwrap_or(usize::MAX)
}

impl<M: Machine, W: SpinWaiter> Exclusive<M> for McsLock<M, W> {
    type WorkerState = u64;

    fn worker_state(&self, index: usize) -> u64 {
        index as u64 + 1
    }

    #[inline(always)]
    fn with_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        &mut me: &mut u64,
        section: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let own = &self.nodes[index(me)];
        own.next.store(0, Relaxed);
        own.waiting.store(1, Relaxed);
        let before = self.tail.swap(me, AcqRel);
        if before != 0 {
            self.nodes[index(before)].next.store(me, Release);
            let is_served = || own.waiting.load(Acquire) == 0;
            acquisition.wait(|machine| self.waiter.wait(machine, is_served))?;
        }
        section(acquisition.acquired())?;
        self.release(acquisition.machine, me)
    }
}
