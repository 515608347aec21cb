//! A compare-exchange loop: reads, adds, and writes only if nobody has written meanwhile.
//!
//! Promises never to lose an update; a worker that always comes too late is promised nothing. What
//! lies in the window is done again in each try.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::Reading;
use crate::harness::access::read_once;
use crate::harness::body::segments::Body;
use crate::harness::entry::{Entry, SwitchCounting, WindowSupport};
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::machine::{Aborted, Machine, Word};
use crate::model::moves::atomic_increment;

/// Tries between two looks at the abort flag.
const TRIES_UNWATCHED: u32 = 1000;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("cas-loop", "a compare-exchange loop")
    .with_promise("exact; a worker that finds a changed value tries again")
    .with_window(WindowSupport::None)
    .with_switches(SwitchCounting::None)
    // Only the last try counts: its load and its exchange are one step, because an exchange that
    // fails changes nothing.
    .with_moves(atomic_increment);

/// The strategy that tries until nobody came between.
#[derive(Debug, Clone, Copy, Default)]
pub struct CasLoop;

impl CasLoop {
    /// Nothing to set up.
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
            if tries.is_multiple_of(TRIES_UNWATCHED) && worker.machine.aborted() {
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
