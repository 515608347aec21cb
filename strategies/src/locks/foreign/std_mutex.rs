//! `std::sync::Mutex`: on Linux a futex that spins a little and then sleeps.
//! It knows no machine but the real one: under a model checker it would be invisible.

use std::sync::PoisonError;

use crate::harness::entry::{Entry, SwitchCounting};
use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::machine::{Aborted, Machine};

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("std-mutex", "std::sync::Mutex")
    .with_promise("exact; no order of service")
    .with_switches(SwitchCounting::Foreign);

/// The lock.
#[derive(Debug)]
pub struct StdLock(std::sync::Mutex<()>);

/// The strategy that holds it from load to store.
pub type StdMutex = Locked<StdLock>;

impl StdMutex {
    /// A free mutex.
    pub fn new<M: Machine>(_machine: &M, _workers: usize) -> Self {
        Locked(StdLock(std::sync::Mutex::new(())))
    }
}

impl<M: Machine> Exclusive<M> for StdLock {
    type WorkerState = ();

    fn seat(&self, _index: usize) {}

    #[inline(always)]
    fn hold(
        &self,
        contest: &mut Acquisition<'_, M>,
        _seat: &mut (),
        inside: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _guard = contest.take(|| self.0.try_lock().ok(), lock)?;
        inside(contest.got())
    }
}
