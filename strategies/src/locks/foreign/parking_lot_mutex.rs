//! `parking_lot::Mutex`: one byte that spins, then queues in a global table; fair about twice a
//! millisecond. It knows no machine but the real one: under a model checker it would be invisible.

use parking_lot::RawMutex;
use parking_lot::lock_api::{self, Mutex};

use crate::harness::entry::{Entry, SwitchCounting};
use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::machine::{Aborted, Machine};

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("parking-lot", "parking_lot::Mutex")
    .with_promise("exact; no order of service, but a fair hand-over from time to time")
    .with_switches(SwitchCounting::Foreign);

/// The lock: `parking_lot`'s mutex over one of its raw ones.
pub struct ParkingLotLock<R>(Mutex<R, ()>);

/// The strategy that holds it from load to store.
pub type ParkingLot = Locked<ParkingLotLock<RawMutex>>;

impl<R: lock_api::RawMutex> Locked<ParkingLotLock<R>> {
    /// A free mutex.
    pub fn new<M: Machine>(_machine: &M, _workers: usize) -> Self {
        Locked(ParkingLotLock(Mutex::new(())))
    }
}

impl<M: Machine, R: lock_api::RawMutex + Send + Sync> Exclusive<M> for ParkingLotLock<R> {
    type WorkerState = ();

    fn seat(&self, _index: usize) {}

    #[inline(always)]
    fn hold(
        &self,
        contest: &mut Acquisition<'_, M>,
        _seat: &mut (),
        inside: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let _guard = contest.take(|| self.0.try_lock(), || self.0.lock())?;
        inside(contest.got())
    }
}
