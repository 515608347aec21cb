//! `parking_lot::Mutex`: one byte that spins, then queues in a global table; it hands over fairly
//! about twice per millisecond. It runs on real threads only: a model checker would not see it.

use parking_lot::RawMutex;
use parking_lot::lock_api::{self, Mutex, MutexGuard};

use crate::harness::entry::{Entry, SwitchCounting};
use crate::locks::exclusive::{Acquisition, Locked};
use crate::locks::foreign::adapter::{Foreign, ForeignMutex};
use crate::machine::{Aborted, Machine};

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("parking-lot", "parking_lot::Mutex")
    .with_promise("exact; no order of service, but a fair hand-over from time to time")
    .with_switches(SwitchCounting::Foreign);

/// The strategy that holds the mutex from load to store.
pub type ParkingLot = Locked<Foreign<Mutex<RawMutex, ()>>>;

impl<M: Machine, R: lock_api::RawMutex + Send + Sync> ForeignMutex<M> for Mutex<R, ()> {
    type Guard<'a>
        = MutexGuard<'a, R, ()>
    where
        R: 'a;

    fn new(_machine: &M) -> Self {
        Self::new(())
    }

    #[inline(always)]
    fn acquire(
        &self,
        acquisition: &mut Acquisition<'_, M>,
    ) -> Result<MutexGuard<'_, R, ()>, Aborted> {
        acquisition.acquire(|| self.try_lock(), || self.lock())
    }
}
