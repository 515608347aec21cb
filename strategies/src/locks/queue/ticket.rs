//! Ticket lock: first come, first served, with two counters (Reed and Kanodia 1979; Mellor-Crummey
//! and Scott 1991, section 2.2). All waiters watch one word and stay awake.
//!
//! # State
//! ```text
//! word      meaning                         changed by
//! arrivals  the next ticket to hand out     each arriving worker
//! serving   the ticket that has the lock    the holder, on release
//! ```
//!
//! # Invariants
//! 1. A ticket is handed out once and served once, in order.
//! 2. Only the worker whose ticket is `serving` changes `serving`.
//!
//! # Orderings
//! The holder publishes with Release on `serving`; the worker that finds its ticket there acquires.
//! `arrivals` carries only the number: Relaxed.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::harness::entry::Entry;
use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::locks::spin::spin_wait::{SpinThenYield, SpinWaiter};
use crate::machine::{Aborted, Machine, Word};
use crate::model::moves::fifo_lock;

/// The catalogue entry.
pub const ENTRY: Entry =
    Entry::exact("ticket", "a ticket lock; waiters spin, then yield, and never sleep")
        .with_promise("exact; no waiter is bypassed")
        .with_moves(fifo_lock);

/// The lock.
pub struct TicketLock<M: Machine, W = SpinThenYield> {
    arrivals: M::Word,
    serving: M::Word,
    waiter: W,
}

/// The strategy that holds the lock from load to store.
pub type Ticket<M> = Locked<TicketLock<M>>;

impl<M: Machine, W: SpinWaiter> Locked<TicketLock<M, W>> {
    /// A free lock for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        let [arrivals, serving] = [(); 2].map(|()| machine.word(0));
        Locked(TicketLock { arrivals, serving, waiter: W::for_workers(machine, workers) })
    }
}

impl<M: Machine, W: SpinWaiter> Exclusive<M> for TicketLock<M, W> {
    type WorkerState = ();

    fn worker_state(&self, _index: usize) {}

    #[inline(always)]
    fn with_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        _state: &mut (),
        section: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let own = self.arrivals.fetch_add(1, Relaxed);
        let is_served = || self.serving.load(Acquire) == own;
        if !is_served() {
            acquisition.wait(|machine| self.waiter.wait(machine, is_served))?;
        }
        section(acquisition.acquired_by(own))?;
        self.serving.store(own + 1, Release);
        Ok(())
    }
}
