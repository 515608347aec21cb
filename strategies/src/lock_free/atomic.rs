//! Atomic add.
//!
//! It never loses an update: a read-modify-write sees the last value in the counter's modification
//! order with any memory ordering, so Relaxed suffices. It has no window: the body's local steps
//! run before the add, and [`crate::catalog`] refuses work and calls between load and store.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::{Reading, read_once};
use crate::harness::body::segments::Body;
use crate::harness::entry::{Entry, ModelBasis, SwitchCounting, WindowSupport};
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::machine::{Aborted, Machine, Word};
use crate::model::moves::atomic_increment;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("atomic", "one atomic add")
    .with_promise("exact; refuses work, calls and locks between load and store")
    .with_window(WindowSupport::None)
    .with_switches(SwitchCounting::None)
    .with_model(atomic_increment, ModelBasis::Code);

/// The strategy that adds atomically.
#[derive(Debug, Clone, Copy, Default)]
pub struct Atomic;

impl Atomic {
    /// The strategy, which has no state.
    pub fn new<M: Machine>(_machine: &M, _workers: usize) -> Self {
        Self
    }
}

impl<M: Machine> Strategy<M> for Atomic {
    type Local = ();

    fn local(&self, _id: WorkerId) {}

    #[inline(always)]
    fn increment(
        &self,
        worker: &mut Worker<'_, M, ()>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        body.before(worker.machine, shared)?;
        body.window(worker.machine, shared)?;
        shared.counter().fetch_add(1, Relaxed);
        body.after(worker.machine, shared)
    }

    #[inline(always)]
    fn read(
        &self,
        worker: &mut Worker<'_, M, ()>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        read_once(worker.machine, shared, body)
    }
}
