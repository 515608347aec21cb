//! `parking_lot::Mutex`: one byte that spins, then queues in a global table; fair about twice a millisecond.
//! It knows no machine but the real one: under a model checker it would be invisible.

use crate::entry::{Entry, Inside, Keeps, Lock, Part, Waiting};
use crate::exclusive::{Contest, Exclusive, Got, Held};
use crate::machine::{Aborted, Machine};

/// What it says of itself.
pub const ENTRY: Entry = Entry {
    name: "parking-lot",
    summary: "parking_lot::Mutex",
    promise: "exact; nobody is promised a turn for long",
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
pub struct ParkingLotLock(parking_lot::Mutex<()>);

/// The strategy that holds it from load to store.
pub type ParkingLot = Held<ParkingLotLock>;

impl ParkingLot {
    /// A free mutex.
    pub fn new<M: Machine>(_machine: &M, _workers: usize) -> Self {
        Held(ParkingLotLock(parking_lot::Mutex::new(())))
    }
}

impl<M: Machine> Exclusive<M> for ParkingLotLock {
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
