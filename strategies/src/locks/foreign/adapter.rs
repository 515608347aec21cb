//! Adapter that makes a library's mutex a lock of this crate.
//!
//! It works with the guards that libraries return. `lock_api::RawMutex` would not do: unlocking it
//! is unsafe, and std's mutex has no unlock apart from its guard's drop.

use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::machine::{Aborted, Machine};

/// A library's mutex on a machine.
pub trait ForeignMutex<M: Machine>: Send + Sync {
    /// Holds the mutex until it is dropped.
    type Guard<'a>
    where
        Self: 'a;

    /// A free mutex.
    fn new(machine: &M) -> Self;

    /// Acquires the mutex.
    fn acquire(&self, acquisition: &mut Acquisition<'_, M>) -> Result<Self::Guard<'_>, Aborted>;
}

/// The lock around a library's mutex.
#[derive(Debug)]
pub struct Foreign<L>(L);

impl<L> Locked<Foreign<L>> {
    /// A free lock.
    pub fn new<M: Machine>(machine: &M, _workers: usize) -> Self
    where
        L: ForeignMutex<M>,
    {
        Locked(Foreign(L::new(machine)))
    }
}

impl<M: Machine, L: ForeignMutex<M>> Exclusive<M> for Foreign<L> {
    type WorkerState = ();

    fn worker_state(&self, _index: usize) {}

    #[inline(always)]
    fn with_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        _state: &mut (),
        section: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let _guard = self.0.acquire(acquisition)?;
        section(acquisition.acquired())
    }
}
