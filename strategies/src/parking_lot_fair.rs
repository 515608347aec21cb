//! `parking_lot::FairMutex`: hands over to whoever sleeps on every unlock; one that still spins may go first.
//! It knows no machine but the real one: under a model checker it would be invisible.

use crate::entry::{Entry, Inside, Keeps, Lock, Part, Waiting};
use crate::exclusive::{Contest, Exclusive, Got, Held};
use crate::machine::{Aborted, Machine};

/// What it says of itself.
pub const ENTRY: Entry = Entry {
    name: "parking-lot-fair",
    summary: "parking_lot::FairMutex",
    promise: "exact; a sleeper is handed the lock, a spinner may bypass it",
    keeps: Keeps::EveryUpdate,
    inside: Inside::Anything,
    lock: Lock::Foreign,
    waiting: Waiting::GivesWay,
    part: Part::Contender,
    outline: crate::model::outline::under_a_lock,
    parameters: &[],
};

/// The lock.
#[derive(Debug)]
pub struct ParkingLotFairLock(parking_lot::FairMutex<()>);

/// The strategy that holds it from load to store.
pub type ParkingLotFair = Held<ParkingLotFairLock>;

impl ParkingLotFair {
    /// A free mutex.
    pub fn new<M: Machine>(_machine: &M, _workers: usize) -> Self {
        Held(ParkingLotFairLock(parking_lot::FairMutex::new(())))
    }
}

impl<M: Machine> Exclusive<M> for ParkingLotFairLock {
    type Seat = ();

    fn seat(&self, _index: usize) {}

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
    fn hold(
        &self,
        contest: &mut Contest<'_, M>,
        _seat: &mut (),
        inside: impl FnOnce(Got) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let _guard = match contest.is_watched().then(|| self.0.try_lock()) {
            Some(Some(guard)) => guard,
            Some(None) => contest.wait(|_| Ok(self.0.lock()))?,
            None => self.0.lock(),
        };
        inside(contest.got())
    }
}
