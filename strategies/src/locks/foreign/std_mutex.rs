//! `std::sync::Mutex`: on Linux a futex that spins a little and then sleeps.
//! It runs on real threads only: a model checker would not see it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::harness::entry::{Entry, SwitchCounting};
use crate::locks::exclusive::{Acquisition, Locked};
use crate::locks::foreign::adapter::{Foreign, ForeignMutex};
use crate::machine::{Aborted, Machine};

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("std-mutex", "std::sync::Mutex")
    .with_promise("exact; no order of service")
    .with_switches(SwitchCounting::Foreign);

/// The strategy that holds the mutex from load to store.
pub type StdMutex = Locked<Foreign<Mutex<()>>>;

impl<M: Machine> ForeignMutex<M> for Mutex<()> {
    type Guard<'a> = MutexGuard<'a, ()>;

    fn new(_machine: &M) -> Self {
        Self::new(())
    }

    #[inline(always)]
    fn acquire(&self, acquisition: &mut Acquisition<'_, M>) -> Result<MutexGuard<'_, ()>, Aborted> {
        let lock = || self.lock().unwrap_or_else(PoisonError::into_inner);
        acquisition.acquire(|| self.try_lock().ok(), lock)
    }
}
