//! A global interpreter lock: one worker steps at a time, and others come in only where the
//! interpreter looks whether it must switch, or around a blocking call.
//!
//! Promises to lose nothing exactly where nothing between load and store lets others in, a check
//! site or a system call: era 3.12 with body `increment` keeps every update at any interval, era
//! 3.9 does not. Free-threaded 3.13 has no such lock: it runs as [`crate::lock_free::unlocked`] does. A bad
//! switch costs a whole slice: the worker that comes back stores its stale value over all that
//! others did meanwhile.
//!
//! The lock is held from a worker's first task to its last, as a pool thread holds it while it
//! takes the next task off a queue. Which lock that is depends on the switch rule: [`ticks`] is
//! `CPython` 2.7's, [`interval`] that of 3.2 and later; the era is data to both.

pub mod interval;
pub mod ticks;

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::access::Reading;
use crate::harness::access::plain_increment;
use crate::harness::body::compile::Ordinary;
use crate::harness::body::segments::{Body, Segment, SegmentRow};
use crate::harness::entry::{Entry, Guarantee, Parameter};
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
        .with_moves(to_moves)
        .with_parameters(&PARAMETERS);

const PARAMETERS: [Parameter; 3] = [
    Parameter {
        name: "era",
        unit: "",
        default: "3.9 for intervals, 2.7 for ticks",
        range: "2.7, 3.2 to 3.13, 3.13t (free-threaded: no lock), or all for one of each kind",
        description: "Which CPython's check sites and hand-over apply.",
    },
    Parameter {
        name: "switch-interval",
        unit: "duration",
        default: "5ms, 500ns, 0.5ns",
        range: "above 0 up to 10s; takes effect in whole microseconds, at least one",
        description: "How long a waiter waits before it asks the holder to leave.",
    },
    Parameter {
        name: "switch-ticks",
        unit: "ticking steps",
        default: "100, 10, 1",
        range: "1 to 1000000",
        description: "The value of sys.setcheckinterval: the period is one more.",
    },
];

/// Each step with what the interpreter does after it; a system call lets go before and after. Only
/// the holder moves: see [`crate::model::moves::Ownership`].
pub fn to_moves(body: &[Step], sites: Sites) -> Vec<Move> {
    let calls = |step: &Step| step.deed() == SideEffect::Write;
    let made = |(at, &step): (usize, &Step)| {
        let calls_next = calls(&body[(at + 1) % body.len()]);
        let gap = if calls(&step) || calls_next { Releases::Open } else { Releases::Closed };
        Move { attention: sites.attention(step), gap, ..Move::of(step) }
    };
    body.iter().enumerate().map(made).collect()
}

/// Rounds of ordinary code between two looks at the abort flag: at most 100 ms of the costliest
/// steps.
const ROUNDS_UNWATCHED: u32 = 1000;

/// What the GIL keeps per worker.
#[derive(Debug)]
pub struct GilLocal {
    /// Who holds the lock is told apart by this number.
    index: usize,
    /// Ticking steps of the worker's start, see [`ticks`].
    start_ticks: u64,
    /// When this worker last took the lock.
    since_ns: u64,
}

type GilWorker<'m, M> = Worker<'m, M, GilLocal>;

/// How the lock goes from hand to hand: the switch rule together with the lock that it needs.
pub trait Switching<M: Machine>: Send + Sync {
    /// Takes the lock; returns holding it.
    fn take(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted>;
    /// Lets the lock go without being asked: before a system call, or at the end.
    fn give(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted>;
    /// Called by the holder at its start, with the length of it in ticking steps.
    fn start(&self, ticks: u64);
    /// How many of the next `bodies`, each of so many ticking steps, cannot lead to a switch; their
    /// steps are counted as done. Callers hold the lock.
    fn certain(&self, ticks: u32, bodies: u64) -> u64;
    /// What the interpreter does after a step; may switch at a check site.
    fn attend(&self, worker: &mut GilWorker<'_, M>, attention: Check) -> Result<(), Aborted>;
}

/// The strategy that holds one lock for all bytecode.
#[derive(Debug)]
pub struct Gil<S> {
    switching: S,
    start_ticks: u64,
}

impl<S> Gil<S> {
    /// A GIL that switches by `switching`. Workers start with up to `start_ticks` ticking steps,
    /// drawn from the attempt's seed.
    pub fn new(switching: S, start_ticks: u64) -> Self {
        Self { switching, start_ticks }
    }

    /// The beats of a run without deeds, each with its look.
    #[inline]
    fn looks<M: Machine>(
        &self,
        worker: &mut GilWorker<'_, M>,
        run: &SegmentRow,
    ) -> Result<(), Aborted>
    where
        S: Switching<M>,
    {
        for beat in run.beats() {
            worker.machine.work(beat.work);
            self.switching.attend(worker, beat.attention)?;
        }
        Ok(())
    }

    /// The beats of a body's run, each with its deed and its look.
    #[inline]
    fn beats<M: Machine>(
        &self,
        worker: &mut GilWorker<'_, M>,
        shared: &Shared<M>,
        run: &SegmentRow,
    ) -> Result<(), Aborted>
    where
        S: Switching<M>,
    {
        for &Segment { work, deed, attention } in run.beats() {
            worker.machine.work(work);
            match deed {
                SideEffect::None => {}
                SideEffect::Write => {
                    self.around_call(worker, |machine| machine.call(Call::Write))?
                }
                // A lock is tried with the GIL in hand; only a wait lets the GIL go.
                SideEffect::Acquire if shared.lock().try_take() => {}
                SideEffect::Acquire => self.around_call(worker, |_| shared.lock().wait())?,
                SideEffect::Release => shared.lock().post(),
            }
            self.switching.attend(worker, attention)?;
        }
        Ok(())
    }

    /// Lets the lock go for the time of a call, whether the call blocks or not.
    #[cold]
    fn around_call<M: Machine>(
        &self,
        worker: &mut GilWorker<'_, M>,
        call: impl FnOnce(&M) -> Result<(), Aborted>,
    ) -> Result<(), Aborted>
    where
        S: Switching<M>,
    {
        self.switching.give(worker)?;
        call(worker.machine)?;
        self.switching.take(worker)
    }

    /// One body, look by look.
    #[inline]
    fn watched_increment<M: Machine>(
        &self,
        worker: &mut GilWorker<'_, M>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted>
    where
        S: Switching<M>,
    {
        self.beats(worker, shared, &body.beats.before)?;
        let seen = shared.counter().load(Relaxed);
        self.beats(worker, shared, &body.beats.window)?;
        shared.counter().store(seen + 1, Relaxed);
        self.beats(worker, shared, &body.beats.after)
    }
}

impl<M: Machine, S: Switching<M>> Strategy<M> for Gil<S> {
    type Local = GilLocal;

    fn local(&self, seat: WorkerId) -> GilLocal {
        GilLocal {
            index: seat.index,
            start_ticks: seat.seed % self.start_ticks.max(1),
            since_ns: 0,
        }
    }

    fn enter(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.switching.take(worker)?;
        self.switching.start(worker.local.start_ticks);
        Ok(())
    }

    fn compute(&self, worker: &mut GilWorker<'_, M>, code: &Ordinary) -> Result<(), Aborted> {
        for round in 0..code.rounds {
            if round % ROUNDS_UNWATCHED == 0 && worker.machine.aborted() {
                return Err(Aborted);
            }
            self.looks(worker, &code.round)?;
        }
        self.looks(worker, &code.rest)
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

    /// Looks where an increment looks: others may come in between the two loads.
    #[inline]
    fn read(
        &self,
        worker: &mut GilWorker<'_, M>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<Reading, Aborted> {
        self.beats(worker, shared, &body.beats.before)?;
        let seen = shared.counter().load(Relaxed);
        self.beats(worker, shared, &body.beats.window)?;
        let reading = Reading::of(seen, shared.counter().load(Relaxed));
        self.beats(worker, shared, &body.beats.after)?;
        Ok(reading)
    }

    /// Bodies that cannot be interrupted run as without a lock; the next one is watched.
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
            let certain =
                if body.is_plain() { self.switching.certain(body.ticks, left) } else { 0 };
            for _ in 0..certain {
                plain_increment(worker.machine, shared, body)?;
            }
            left -= certain;
            if left > 0 {
                self.watched_increment(worker, shared, body)?;
                left -= 1;
            }
        }
        Ok(())
    }

    fn call(&self, worker: &mut GilWorker<'_, M>, call: Call) -> Result<(), Aborted> {
        self.around_call(worker, |machine| machine.call(call))
    }

    fn leave(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.switching.give(worker)
    }
}

/// Why a holder let the lock go, as the next one counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReleaseReason {
    /// It had to.
    Forced,
    /// It did so by itself.
    Voluntary,
}

impl ReleaseReason {
    fn count<M: Machine>(self, worker: &mut GilWorker<'_, M>) {
        match self {
            Self::Forced => worker.tally.switches_forced += 1,
            Self::Voluntary => worker.tally.switches_voluntary += 1,
        }
    }
}
