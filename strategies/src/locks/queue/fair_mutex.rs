//! Fair mutex: first come, first served, held from load to store.
//!
//! It never loses an update, and no waiter is bypassed: see [`crate::locks::queue::fair_lock`].
//! Unlike any `CPython`, it hands over on every release while a worker waits.

use crate::harness::entry::Entry;
use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::locks::queue::fair_lock::{Arrival, FairLock};
use crate::machine::{Aborted, Machine};
use crate::model::moves::fifo_lock;

/// The catalogue entry.
pub const ENTRY: Entry =
    Entry::exact("fair-mutex", "a first come, first served mutex held from load to store")
        .with_promise("exact; no waiter is bypassed")
        .with_moves(fifo_lock);

/// The strategy that holds the lock from load to store.
pub type FairMutex<M> = Locked<FairLock<M>>;

impl<M: Machine> FairMutex<M> {
    /// A mutex for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        Locked(FairLock::new(machine, workers))
    }
}

impl<M: Machine> Exclusive<M> for FairLock<M> {
    type WorkerState = ();

    fn worker_state(&self, _index: usize) {}

    #[inline(always)]
    fn with_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        _state: &mut (),
        section: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let ticket = match self.arrive() {
            Arrival::Served(ticket) => ticket,
            Arrival::Queued(ticket) => {
                acquisition.wait(|machine| self.wait(machine, ticket))?;
                ticket
            }
        };
        section(acquisition.acquired_by(ticket))?;
        self.release();
        Ok(())
    }
}
