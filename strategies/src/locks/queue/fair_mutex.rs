//! A mutex that serves first come, first served, held from load to store.
//!
//! Promises never to lose an update, and that nobody is bypassed: see [`crate::locks::queue::fair_lock`]. Unlike
//! any `CPython`, it hands over on every release while somebody waits.

use crate::harness::entry::{Entry, Inside, Keeps, Lock, Part, Waiting};
use crate::harness::probe::Got;
use crate::locks::exclusive::{Contest, Exclusive, Held};
use crate::locks::queue::fair_lock::{Arrival, FairLock};
use crate::machine::{Aborted, Machine};
use crate::model::moves::{Act, Move};
use crate::program::step::{Sites, Step};

/// What it says of itself.
pub const ENTRY: Entry = Entry {
    name: "fair-mutex",
    summary: "a first come, first served mutex held from load to store",
    promise: "exact; nobody is bypassed",
    keeps: Keeps::EveryUpdate,
    inside: Inside::Anything,
    lock: Lock::HandedOver,
    waiting: Waiting::GivesWay,
    part: Part::Contender,
    outline,
    parameters: &[],
};

/// In line before the load, out of it after the store; the line is served in order of arrival.
pub fn outline(body: &[Step], _sites: Sites) -> Vec<Move> {
    let made = |&step: &Step| match Move::of(step) {
        load @ Move { act: Act::Load, .. } => {
            vec![Move::plain(Act::Arrive), Move::plain(Act::Enter), load]
        }
        store @ Move { act: Act::Store, .. } => vec![store, Move::plain(Act::Leave)],
        other => vec![other],
    };
    body.iter().flat_map(made).collect()
}

/// The strategy that holds a fair lock from load to store.
pub type FairMutex<M> = Held<FairLock<M>>;

impl<M: Machine> FairMutex<M> {
    /// A mutex for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        Held(FairLock::new(machine, workers))
    }
}

impl<M: Machine> Exclusive<M> for FairLock<M> {
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
        let ticket = match self.arrive() {
            Arrival::Served(ticket) => ticket,
            Arrival::Queued(ticket) => {
                contest.wait(|machine| self.wait(machine, ticket))?;
                ticket
            }
        };
        inside(contest.got_by(ticket))?;
        self.release();
        Ok(())
    }
}
