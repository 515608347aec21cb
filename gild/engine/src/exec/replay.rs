//! A schedule on real threads: each worker makes its own moves on a real shared counter, one at a
//! time and in the order that the schedule says. A token goes from worker to worker; whoever has it
//! not sleeps, so nothing is left to luck, and nothing is measured.
//!
//! ```text
//! T0: load ---- token --.                     .-- token -- T0: store
//! T1:                    '-- load .. store --'
//! ```
//! The moves are those of [`strategies::model::moves`], done with the atomics that strategies
//! use; no strategy's own code runs here, for that cannot be stopped between two steps.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use strategies::machine::native::abort::Abort;
use strategies::model::moves::{Act, Move};
use strategies::model::program::Program;
use strategies::model::schedule::Schedule;

use crate::exec::worker_pool::{BatchEnd, WorkerPool};
use crate::limits::{ABORT_GRACE, ATTEMPT_TIME_MAX};
use crate::sys::affinity::Pin;

/// How often it is looked whether the replay was aborted.
const SLICE: Duration = Duration::from_millis(20);

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThreadReplayError {
    /// The abort was raised.
    #[error("the replay was stopped: the lab is shutting down")]
    Stopped,
    /// It did not end in time and was ended.
    #[error("a replay on threads took longer than the limit of {ATTEMPT_TIME_MAX:?}")]
    TooLong,
    /// A worker did not come back even then; its thread is given up.
    #[error("a worker did not return within {ABORT_GRACE:?} of its abort; its thread was given up")]
    Stuck,
    /// There are not enough threads.
    #[error("the system has no thread for a further worker: {0}; replay fewer workers")]
    NoThread(String),
    /// The schedule names a worker that there is not.
    #[error("the schedule has a move for T{0}, who is not there")]
    UnknownWorker(usize),
    /// A real lock or line refused a move that the schedule has there.
    #[error("move {at}: T{worker} cannot move here on threads, though the schedule says so")]
    Refused {
        /// The move, from 1.
        at: usize,
        /// Whose move.
        worker: usize,
    },
    /// A worker panicked: a bug.
    #[error("a worker panicked: {0}")]
    Panicked(String),
}

/// Plays a schedule on the pool's threads; the counter in the end. Raising `abort` ends it with
/// [`ThreadReplayError::Stopped`].
pub fn replay_on_threads(
    pool: &mut WorkerPool,
    program: &Program,
    schedule: &Schedule,
    abort: &Abort,
) -> Result<u32, ThreadReplayError> {
    let workers = program.workers();
    let order: Vec<usize> = schedule.workers().collect();
    if let Some(&unknown) = order.iter().find(|&&worker| worker >= workers) {
        return Err(ThreadReplayError::UnknownWorker(unknown));
    }
    let token = Arc::new(TurnToken::new(workers, order, program.task().to_vec()));
    let own = Arc::clone(&token);
    let job = Box::new(move |worker| own.take_part(worker));
    let no_thread = |error: std::io::Error| ThreadReplayError::NoThread(error.to_string());
    let batch = pool.dispatch(Pin::Auto, workers, job).map_err(no_thread)?;
    let begun = Instant::now();
    let deadline = begun + ATTEMPT_TIME_MAX;
    let mut ended = BatchEnd::Late;
    while ended == BatchEnd::Late && !abort.is_raised() && Instant::now() < deadline {
        ended = batch.wait_until(deadline.min(Instant::now() + SLICE));
    }
    let reason =
        if abort.is_raised() { ThreadReplayError::Stopped } else { ThreadReplayError::TooLong };
    if ended == BatchEnd::Late {
        token.drop_for(reason);
        ended = batch.wait_until(Instant::now() + ABORT_GRACE);
    }
    match ended {
        BatchEnd::Done => token.value(),
        BatchEnd::Panicked(message) => Err(ThreadReplayError::Panicked(message)),
        BatchEnd::Late => {
            let statuses = pool.statuses(&batch, begun.elapsed());
            pool.abandon(&batch, &statuses);
            Err(ThreadReplayError::Stuck)
        }
    }
}

/// Who may move, and all that is moved on.
#[derive(Debug)]
struct TurnToken {
    /// Who makes each move.
    order: Vec<usize>,
    /// One task's moves.
    task: Vec<Move>,
    progress: Mutex<ReplayProgress>,
    /// One for each worker: it is woken when its turn comes.
    turns: Vec<Condvar>,
    shared: Shared,
}

#[derive(Debug)]
struct ReplayProgress {
    /// How many moves are made.
    made: usize,
    /// The error that ended the replay, if any.
    dropped: Option<ThreadReplayError>,
}

/// What the workers share: what a strategy's workers do.
#[derive(Debug, Default)]
struct Shared {
    counter: AtomicU64,
    lock: AtomicBool,
    guards: AtomicU64,
    served: AtomicU64,
}

/// What a worker keeps to itself.
#[derive(Debug, Default)]
struct Registers {
    seen: u64,
    guard: u64,
}

impl TurnToken {
    fn new(workers: usize, order: Vec<usize>, task: Vec<Move>) -> Self {
        Self {
            order,
            task,
            progress: Mutex::new(ReplayProgress { made: 0, dropped: None }),
            turns: (0..workers).map(|_| Condvar::new()).collect(),
            shared: Shared::default(),
        }
    }

    /// A worker's part: its moves, each when it is due.
    fn take_part(&self, worker: usize) {
        let mut register = Registers::default();
        let own = self.order.iter().filter(|&&next| next == worker).count();
        for made in 0..own {
            let Some(at) = self.wait_for_turn(worker) else { return };
            let step = self.task[made % self.task.len()];
            if self.shared.make(step.act, &mut register).is_none() {
                return self.drop_for(ThreadReplayError::Refused { at: at + 1, worker });
            }
            self.hand_on(worker);
        }
    }

    /// Sleeps until it is the worker's turn: which move it is; `None` if there is none any more.
    fn wait_for_turn(&self, worker: usize) -> Option<usize> {
        let mut progress = self.progress();
        while progress.dropped.is_none() && self.order.get(progress.made) != Some(&worker) {
            progress = self.turns[worker].wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        progress.dropped.is_none().then_some(progress.made)
    }

    /// Ends a move and wakes the next worker.
    fn hand_on(&self, worker: usize) {
        let mut progress = self.progress();
        progress.made += 1;
        if let Some(&next) = self.order.get(progress.made).filter(|&&next| next != worker) {
            self.turns[next].notify_one();
        }
    }

    /// Ends the replay for all workers; the first reason stays.
    fn drop_for(&self, reason: ThreadReplayError) {
        self.progress().dropped.get_or_insert(reason);
        self.turns.iter().for_each(Condvar::notify_all);
    }

    fn value(&self) -> Result<u32, ThreadReplayError> {
        match &self.progress().dropped {
            Some(reason) => Err(reason.clone()),
            None => {
                Ok(u32::try_from(self.shared.counter.load(Ordering::Relaxed)).unwrap_or(u32::MAX))
            }
        }
    }

    fn progress(&self) -> MutexGuard<'_, ReplayProgress> {
        // Nothing panics while it is held.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Makes one move; `None` if it cannot be made now. Relaxed as the strategies' own counter: the
    /// token's mutex orders the moves.
    fn make(&self, act: Act, own: &mut Registers) -> Option<()> {
        use Ordering::Relaxed;
        match act {
            Act::Local => {}
            Act::Load => own.seen = self.counter.load(Relaxed),
            Act::Store => self.counter.store(own.seen + 1, Relaxed),
            Act::Add => drop(self.counter.fetch_add(1, Relaxed)),
            Act::Acquire => {
                self.lock.compare_exchange(false, true, Relaxed, Relaxed).ok()?;
            }
            Act::Release => self.lock.store(false, Relaxed),
            Act::Arrive => own.guard = self.guards.fetch_add(1, Relaxed),
            Act::Enter => {
                let is_first = self.served.load(Relaxed) == own.guard;
                is_first.then_some(())?;
            }
            Act::Leave => drop(self.served.fetch_add(1, Relaxed)),
        }
        Some(())
    }
}

#[cfg(test)]
#[path = "tests/replay.rs"]
mod tests;
