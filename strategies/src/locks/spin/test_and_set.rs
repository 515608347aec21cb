//! Spin lock: test, and test-and-set with exponential backoff (Anderson 1990; Rudolph and Segall
//! 1984). The first worker that sees it free gets it, so there is not an order of service.
//!
//! # State
//! `held` is 1 while a worker holds the lock. Only a compare-exchange sets it; only the holder
//! clears it.
//!
//! # Orderings
//! The holder publishes with Release on `held`, which the next holder's compare-exchange acquires.
//! The test before it is only a hint: Relaxed.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::harness::entry::Entry;
use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::machine::{Aborted, Machine, Word};

/// Rounds of busy waiting after the first failure, and the most.
const BACKOFF: std::ops::RangeInclusive<u32> = 4..=256;

/// The catalogue entry.
pub const ENTRY: Entry =
    Entry::exact("spin", "test-and-test-and-set with backoff; waiters never sleep")
        .with_promise("exact; no order of service");

/// The lock.
pub struct SpinLock<M: Machine> {
    held: M::Word,
    spins: u32,
}

/// The strategy that holds the lock from load to store.
pub type Spin<M> = Locked<SpinLock<M>>;

impl<M: Machine> Spin<M> {
    /// A free lock for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        Locked(SpinLock { held: machine.word(0), spins: machine.patience(workers).spins })
    }
}

impl<M: Machine> SpinLock<M> {
    #[inline]
    fn try_take(&self) -> bool {
        self.held.load(Relaxed) == 0 && self.held.compare_exchange(0, 1, Acquire, Relaxed).is_ok()
    }

    /// Doubles the backoff after each failure; yields at the end of the range, or if workers
    /// outnumber cores.
    fn take(&self, machine: &M) -> Result<(), Aborted> {
        let mut backoff = *BACKOFF.start();
        while !self.try_take() {
            if machine.aborted() {
                return Err(Aborted);
            }
            if self.spins == 0 || backoff > *BACKOFF.end() {
                machine.yield_now();
            } else {
                (0..backoff).for_each(|_| machine.spin());
                backoff *= 2;
            }
        }
        Ok(())
    }
}

impl<M: Machine> Exclusive<M> for SpinLock<M> {
    type WorkerState = ();

    fn worker_state(&self, _index: usize) {}

    #[inline(always)]
    fn with_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        _state: &mut (),
        section: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        if !self.try_take() {
            acquisition.wait(|machine| self.take(machine))?;
        }
        section(acquisition.acquired())?;
        self.held.store(0, Release);
        Ok(())
    }
}
