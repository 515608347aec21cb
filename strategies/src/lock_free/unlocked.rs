//! No lock: load, add, store.
//!
//! With two workers it loses updates: a worker whose load and store enclose another's store
//! overwrites it, and with it every increment that the other made meanwhile. It is exact with one
//! worker or one task.

use crate::harness::access::plain_increment;
use crate::harness::body::segments::Body;
use crate::harness::entry::{Entry, Guarantee, ModelBasis, SwitchCounting};
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::machine::{Aborted, Machine};
use crate::model::moves::Move;
use crate::program::step::{Sites, Step};

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("unlocked", "no lock: load, add, store")
    .with_promise("lossy with two workers; exact with one worker or task, or with body locked")
    .with_guarantee(Guarantee::Lossy)
    .with_switches(SwitchCounting::None)
    .with_model(to_moves, ModelBasis::Code);

/// The body's steps, one move each.
pub fn to_moves(body: &[Step], _sites: Sites) -> Vec<Move> {
    body.iter().map(|&step| Move::of(step)).collect()
}

/// The strategy without a lock.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unlocked;

impl Unlocked {
    /// The strategy, which has no state.
    pub fn new<M: Machine>(_machine: &M, _workers: usize) -> Self {
        Self
    }
}

impl<M: Machine> Strategy<M> for Unlocked {
    type Local = ();

    fn local(&self, _id: WorkerId) {}

    #[inline(always)]
    fn increment(
        &self,
        worker: &mut Worker<'_, M, ()>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        plain_increment(worker.machine, shared, body)
    }
}
