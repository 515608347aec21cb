//! Compare-exchange loop: loads, adds, and stores only if no other worker has stored meanwhile.
//!
//! It never loses an update, but a worker may retry without bound. The window runs again in each
//! try.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::Reading;
use crate::harness::access::read_once;
use crate::harness::body::segments::Body;
use crate::harness::entry::{Entry, ModelBasis, SwitchCounting, WindowSupport};
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::machine::{Aborted, Machine, Word};
use crate::model::moves::atomic_increment;

/// Tries between two checks of the abort flag.
const TRIES_PER_ABORT_CHECK: u32 = 1000;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("cas-loop", "a compare-exchange loop")
    .with_promise("exact; a worker that finds a changed value tries again")
    .with_window(WindowSupport::None)
    .with_switches(SwitchCounting::None)
    // Only the last try counts: its load and its exchange are one step, because an exchange that
    // fails changes nothing.
    .with_model(atomic_increment, ModelBasis::Code);

/// The strategy that retries until its exchange succeeds.
#[derive(Debug, Clone, Copy, Default)]
pub struct CasLoop;

impl CasLoop {
    /// The strategy, which has no state.
    pub fn new<M: Machine>(_machine: &M, _workers: usize) -> Self {
        Self
    }
}

impl<M: Machine> Strategy<M> for CasLoop {
    type Local = ();

    fn local(&self, _id: WorkerId) {}

    #[inline]
    fn increment(
        &self,
        worker: &mut Worker<'_, M, ()>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        body.before(worker.machine, shared)?;
        let mut tries: u32 = 0;
        loop {
            let seen = shared.counter().load(Relaxed);
            body.window(worker.machine, shared)?;
            if shared.counter().compare_exchange(seen, seen + 1, Relaxed, Relaxed).is_ok() {
                break;
            }
            tries += 1;
            if tries.is_multiple_of(TRIES_PER_ABORT_CHECK) && worker.machine.aborted() {
                return Err(Aborted);
            }
        }
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
