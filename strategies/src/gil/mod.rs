//! Global interpreter lock: one worker runs at a time, and another may take over only at a check
//! site or around a blocking call.
//!
//! The lock loses no update exactly if neither a check site nor a system call lies between load and
//! store: era 3.12 with body `increment` keeps every update at any interval, era 3.9 does not.
//! Free-threaded 3.13 has no such lock: it runs as [`crate::lock_free::unlocked`] does. An
//! unfortunate switch costs a whole slice: the worker that resumes stores its stale value over all
//! increments that others made meanwhile.
//!
//! A worker holds the lock from its first task to its last, as a pool thread holds it while it
//! takes the next task off a queue. The lock depends on the switch rule: [`ticks`] is that of
//! `CPython` 2.7, [`interval`] that of 3.2 and later; the era is data to both.

pub mod interval;
pub mod ticks;

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::Reading;
use crate::harness::access::plain_increment;
use crate::harness::body::compile::Ordinary;
use crate::harness::body::segments::{Body, Segment, SegmentRow};
use crate::harness::entry::{Entry, Guarantee, ModelBasis, Parameter};
use crate::harness::shared::Shared;
use crate::harness::strategy::{Strategy, Worker, WorkerId};
use crate::machine::{Aborted, Call, Machine, Word};
use crate::model::moves::{Move, Releases};
use crate::program::step::{Check, SideEffect, Sites, Step};

/// The catalogue entry.
pub const ENTRY: Entry =
    Entry::exact("gil", "a global interpreter lock that switches by interval or by ticks")
        .with_promise(
            "exact where no check site or system call lies between load and store, else lossy",
        )
        .with_guarantee(Guarantee::DependsOnSites)
        .with_model(to_moves, ModelBasis::SwitchRule)
        .with_parameters(&PARAMETERS);

const PARAMETERS: [Parameter; 3] = [
    Parameter {
        name: "era",
        unit: "",
        default: "3.9 for intervals, 2.7 for ticks",
        range: "2.7, 3.2 to 3.13, 3.13t (free-threaded: no lock), or all for one of each kind",
        description: "CPython version whose check sites and hand-over apply.",
    },
    Parameter {
        name: "switch-interval",
        unit: "duration",
        default: "5ms, 500ns, 0.5ns",
        range: "above 0 up to 10s; takes effect in whole microseconds, at least one",
        description: "Time that a waiter waits before it requests the lock.",
    },
    Parameter {
        name: "switch-ticks",
        unit: "ticking steps",
        default: "100, 10, 1",
        range: "1 to 1000000",
        description: "The value of sys.setcheckinterval: the period is one more.",
    },
];

/// Each step with the interpreter's check after it; a system call releases the lock before and
/// after. Only the holder moves: see [`crate::model::moves::Ownership`].
pub fn to_moves(body: &[Step], sites: Sites) -> Vec<Move> {
    let calls = |step: &Step| step.side_effect() == SideEffect::Write;
    let made = |(at, &step): (usize, &Step)| {
        let calls_next = calls(&body[(at + 1) % body.len()]);
        let gap = if calls(&step) || calls_next { Releases::Open } else { Releases::Closed };
        Move { attention: sites.check(step), gap, ..Move::of(step) }
    };
    body.iter().enumerate().map(made).collect()
}

/// Rounds of ordinary code between two checks of the abort flag: at most 100 ms of the costliest
/// steps.
const ROUNDS_PER_ABORT_CHECK: u32 = 1000;

/// The GIL's state for one worker.
#[derive(Debug)]
pub struct GilLocal {
    /// Index of the worker, by which the lock knows its holder.
    index: usize,
    /// Ticking steps before the worker's first task: see [`ticks`].
    start_ticks: u64,
    /// Time of this worker's last acquisition.
    since_ns: u64,
}

type GilWorker<'m, M> = Worker<'m, M, GilLocal>;

/// A switch rule together with the lock that it needs.
pub trait Switching<M: Machine>: Send + Sync {
    /// Acquires the lock.
    fn acquire(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted>;
    /// Releases the lock without a request: before a system call, or at the end.
    fn release_voluntarily(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted>;
    /// Counts `ticks` ticking steps that the holder makes before its first task.
    fn start(&self, ticks: u64);
    /// Number of the next `bodies`, each with `ticks` ticking steps, that cannot lead to a switch;
    /// their steps are counted as done. The caller holds the lock.
    fn guaranteed_bodies(&self, ticks: u32, bodies: u64) -> u64;
    /// The interpreter's check after a step; it may switch at a check site.
    fn check(&self, worker: &mut GilWorker<'_, M>, check: Check) -> Result<(), Aborted>;
}

/// The strategy that holds one lock for all bytecode.
#[derive(Debug)]
pub struct Gil<S> {
    switching: S,
    start_ticks: u64,
}

impl<S> Gil<S> {
    /// A GIL with this switch rule. Workers start with fewer than `start_ticks` ticking steps,
    /// drawn from the attempt's seed.
    pub fn new(switching: S, start_ticks: u64) -> Self {
        Self { switching, start_ticks }
    }

    /// Runs segments without side effects, each with its check.
    #[inline]
    fn checked_work<M: Machine>(
        &self,
        worker: &mut GilWorker<'_, M>,
        row: &SegmentRow,
    ) -> Result<(), Aborted>
    where
        S: Switching<M>,
    {
        for segment in row.segments() {
            worker.machine.work(segment.work);
            self.switching.check(worker, segment.check)?;
        }
        Ok(())
    }

    /// Runs a body's segments, each with its side effect and its check.
    #[inline]
    fn segments<M: Machine>(
        &self,
        worker: &mut GilWorker<'_, M>,
        shared: &Shared<M>,
        row: &SegmentRow,
    ) -> Result<(), Aborted>
    where
        S: Switching<M>,
    {
        for &Segment { work, side_effect, check } in row.segments() {
            worker.machine.work(work);
            match side_effect {
                SideEffect::None => {}
                SideEffect::Write => {
                    self.around_call(worker, |machine| machine.call(Call::Write))?;
                }
                // The program's lock is tried with the GIL held; only a wait releases the GIL.
                SideEffect::Acquire if shared.lock().try_take() => {}
                SideEffect::Acquire => self.around_call(worker, |_| shared.lock().wait())?,
                SideEffect::Release => shared.lock().post(),
            }
            self.switching.check(worker, check)?;
        }
        Ok(())
    }

    /// Releases the lock for the time of a call, whether the call blocks or not.
    #[cold]
    fn around_call<M: Machine>(
        &self,
        worker: &mut GilWorker<'_, M>,
        call: impl FnOnce(&M) -> Result<(), Aborted>,
    ) -> Result<(), Aborted>
    where
        S: Switching<M>,
    {
        self.switching.release_voluntarily(worker)?;
        call(worker.machine)?;
        self.switching.acquire(worker)
    }

    /// Runs one body segment by segment.
    #[inline]
    fn checked_increment<M: Machine>(
        &self,
        worker: &mut GilWorker<'_, M>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted>
    where
        S: Switching<M>,
    {
        self.segments(worker, shared, &body.segments.before)?;
        let seen = shared.counter().load(Relaxed);
        self.segments(worker, shared, &body.segments.window)?;
        shared.counter().store(seen + 1, Relaxed);
        self.segments(worker, shared, &body.segments.after)
    }
}

impl<M: Machine, S: Switching<M>> Strategy<M> for Gil<S> {
    type Local = GilLocal;

    fn local(&self, id: WorkerId) -> GilLocal {
        GilLocal { index: id.index, start_ticks: id.seed % self.start_ticks.max(1), since_ns: 0 }
    }

    fn enter(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.switching.acquire(worker)?;
        self.switching.start(worker.local.start_ticks);
        Ok(())
    }

    fn compute(&self, worker: &mut GilWorker<'_, M>, code: &Ordinary) -> Result<(), Aborted> {
        for round in 0..code.rounds {
            if round % ROUNDS_PER_ABORT_CHECK == 0 && worker.machine.aborted() {
                return Err(Aborted);
            }
            self.checked_work(worker, &code.round)?;
        }
        self.checked_work(worker, &code.rest)
    }

    #[inline]
    fn increment(
        &self,
        worker: &mut GilWorker<'_, M>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        self.increments(worker, shared, body, 1)
    }

    /// Checks where an increment checks: another worker may run between the two loads.
    #[inline]
    fn read(
        &self,
        worker: &mut GilWorker<'_, M>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        self.segments(worker, shared, &body.segments.before)?;
        let seen = shared.counter().load(Relaxed);
        self.segments(worker, shared, &body.segments.window)?;
        let reading = Reading::of(seen, shared.counter().load(Relaxed));
        self.segments(worker, shared, &body.segments.after)?;
        Ok(reading)
    }

    /// Bodies that cannot be interrupted run as without a lock; the next one runs with its checks.
    #[inline(always)]
    fn increments(
        &self,
        worker: &mut GilWorker<'_, M>,
        shared: &Shared<M>,
        body: Body<'_>,
        bodies: u64,
    ) -> Result<(), Aborted> {
        let mut left = bodies;
        while left > 0 {
            let guaranteed = if body.is_plain() {
                self.switching.guaranteed_bodies(body.ticks, left)
            } else {
                0
            };
            for _ in 0..guaranteed {
                plain_increment(worker.machine, shared, body)?;
            }
            left -= guaranteed;
            if left > 0 {
                self.checked_increment(worker, shared, body)?;
                left -= 1;
            }
        }
        Ok(())
    }

    fn call(&self, worker: &mut GilWorker<'_, M>, call: Call) -> Result<(), Aborted> {
        self.around_call(worker, |machine| machine.call(call))
    }

    fn leave(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.switching.release_voluntarily(worker)
    }
}

/// Reason for a release, which the next holder counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReleaseReason {
    /// The switch rule forced it.
    Forced,
    /// The holder made a call or ended.
    Voluntary,
}

impl ReleaseReason {
    fn count<M: Machine>(self, worker: &mut GilWorker<'_, M>) {
        match self {
            Self::Forced => worker.stats.switches_forced += 1,
            Self::Voluntary => worker.stats.switches_voluntary += 1,
        }
    }
}
