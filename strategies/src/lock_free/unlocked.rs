//! No lock at all: load, add, store.
//!
//! Promises nothing once two workers run: a worker whose load and store straddle another's store
//! overwrites it, and with it everything the other did meanwhile. Right with one worker, or with
//! one task.

use crate::harness::access::plain_increment;
use crate::harness::body::segments::Body;
use crate::harness::entry::{Entry, Guarantee, Inclusion, SwitchCounting, Waiting, WindowSupport};
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::machine::{Aborted, Machine};
use crate::model::moves::Move;
use crate::program::step::{Sites, Step};

/// What it says of itself.
pub const ENTRY: Entry = Entry {
    name: "unlocked",
    summary: "no lock at all: load, add, store",
    promise: "lossy with two workers; exact with one worker or task, or with body locked",
    keeps: Guarantee::NoUpdateSurely,
    inside: WindowSupport::Anything,
    lock: SwitchCounting::None,
    waiting: Waiting::GivesWay,
    part: Inclusion::Contender,
    outline,
    parameters: &[],
};

/// Each step as the body has it.
pub fn outline(body: &[Step], _sites: Sites) -> Vec<Move> {
    body.iter().map(|&step| Move::of(step)).collect()
}

/// The strategy that has no lock.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unlocked;

impl Unlocked {
    /// Nothing to set up.
    pub fn new<M: Machine>(_machine: &M, _workers: usize) -> Self {
        Self
    }
}

impl<M: Machine> Strategy<M> for Unlocked {
    type Local = ();

    fn local(&self, _seat: WorkerId) {}

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a weightless body must reach the loop as a constant")]
    fn increment(
        &self,
        worker: &mut Worker<'_, M, ()>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        plain_increment(worker.machine, shared, body)
    }
}
