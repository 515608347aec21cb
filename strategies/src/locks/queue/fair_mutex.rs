//! A mutex that serves first come, first served, held from load to store.
//!
//! Promises never to lose an update, and that nobody is bypassed: see [`crate::locks::queue::fair_lock`]. Unlike
//! any `CPython`, it hands over on every release while somebody waits.

use crate::harness::entry::{Entry, Guarantee, Inclusion, SwitchCounting, Waiting, WindowSupport};
use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::locks::queue::fair_lock::{Arrival, FairLock};
use crate::machine::{Aborted, Machine};
use crate::model::moves::{Act, Move};
use crate::program::step::{Sites, Step};

/// What it says of itself.
pub const ENTRY: Entry = Entry {
    name: "fair-mutex",
    summary: "a first come, first served mutex held from load to store",
    promise: "exact; nobody is bypassed",
    keeps: Guarantee::EveryUpdate,
    inside: WindowSupport::Anything,
    lock: SwitchCounting::HandedOver,
    waiting: Waiting::GivesWay,
    part: Inclusion::Contender,
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
pub type FairMutex<M> = Locked<FairLock<M>>;

impl<M: Machine> FairMutex<M> {
    /// A mutex for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        Locked(FairLock::new(machine, workers))
    }
}

impl<M: Machine> Exclusive<M> for FairLock<M> {
    type WorkerState = ();

    fn seat(&self, _index: usize) {}

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
    fn hold(
        &self,
        contest: &mut Acquisition<'_, M>,
        _seat: &mut (),
        inside: impl FnOnce(Acquired) -> Result<(), Aborted>,
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
