//! One indivisible add.
//!
//! Promises never to lose an update: a read-modify-write sees the last value in the counter's
//! modification order, whatever the memory ordering, so relaxed is enough. It has no inside: the
//! body's local steps are spent before the add, and inside work, or a call between load and store,
//! is refused by [`crate::catalog`], since there is no window to put it in.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::{Reading, read_once};
use crate::harness::body::segments::Body;
use crate::harness::entry::{Entry, SwitchCounting, WindowSupport};
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::machine::{Aborted, Machine, Word};
use crate::model::moves::atomic_increment;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("atomic", "one atomic add")
    .with_promise("exact; refuses work, calls and locks between load and store")
    .with_window(WindowSupport::None)
    .with_switches(SwitchCounting::None)
    .with_moves(atomic_increment);

/// The strategy that adds atomically.
#[derive(Debug, Clone, Copy, Default)]
pub struct Atomic;

impl Atomic {
    /// Nothing to set up.
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
