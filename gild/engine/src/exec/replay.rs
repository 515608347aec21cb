//! Replay of a schedule on real threads: each worker makes its own moves on a real shared counter,
//! one at a time and in the order of the schedule. A token passes from worker to worker after each
//! turn and all others sleep, so the replay is deterministic. Nothing is measured.
//!
//! ```text
//! T0: load ---- token --.                     .-- token -- T0: store
//! T1:                    '-- load .. store --'
//! ```
//! The moves are those of [`strategies::model::moves`], done with the atomics that strategies use.
//! No strategy's code runs here, because it cannot be stopped between two steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use strategies::machine::native::abort::Abort;
use strategies::model::long_program::LongProgram;
use strategies::model::moves::{Act, Move};
use strategies::model::schedule::{Run, Schedule};

use crate::exec::worker_pool::{BatchEnd, WorkerPool};
use crate::limits::{ABORT_GRACE, ATTEMPT_TIME_MAX};
use crate::sys::affinity::Pin;

/// Moves of one turn between two looks whether the replay was ended.
const BETWEEN_ENDS: usize = 1 << 16;
/// Interval at which an abort is checked.
const SLICE: Duration = Duration::from_millis(20);

/// The error of a replay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThreadReplayError {
    /// The abort was raised.
    #[error("the replay was stopped: the lab is shutting down; start it again")]
    Stopped,
    /// It did not end in time and was ended.
    #[error(
        "a replay on threads took longer than the limit of {ATTEMPT_TIME_MAX:?}; replay fewer moves"
    )]
    TooLong,
    /// A worker did not return even then; its thread is abandoned.
    #[error(
        "a worker did not return within {ABORT_GRACE:?} of its abort; its thread was given up: \
         restart the lab"
    )]
    Stuck,
    /// There are not enough threads.
    #[error("the system has no thread for a further worker: {0}; replay fewer workers")]
    NoThread(String),
    /// The schedule names a worker that does not exist.
    #[error(
        "the schedule has a move for T{0}, which is not there; name workers that the script has"
    )]
    UnknownWorker(usize),
    /// A real lock or queue refused a move of the schedule.
    #[error(
        "move {at}: T{worker} cannot move here on threads, though the schedule says so; this is a \
         bug: report it"
    )]
    Refused {
        /// The move, from 1.
        at: usize,
        /// The worker of the move.
        worker: usize,
    },
    /// A worker panicked: a bug.
    #[error("a worker panicked: {0}; this is a bug: report it")]
    Panicked(String),
}

/// Replays a schedule on the pool's threads and returns the counter's final value. Raising `abort`
/// ends it with
/// [`ThreadReplayError::Stopped`].
pub fn replay_on_threads(
    pool: &mut WorkerPool,
    program: &LongProgram,
    schedule: &Schedule,
    abort: &Abort,
) -> Result<u32, ThreadReplayError> {
    let workers = program.workers();
    let turns = schedule.runs().to_vec();
    if let Some(unknown) = turns.iter().find(|turn| turn.worker >= workers) {
        return Err(ThreadReplayError::UnknownWorker(unknown.worker));
    }
    let token = Arc::new(TurnToken::new(workers, turns, program.body().to_vec()));
    let shared_token = Arc::clone(&token);
    let job = Box::new(move |worker| shared_token.make_moves(worker));
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
        token.end_with(reason);
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

/// The turns in order, the one that is being made, and the shared state.
#[derive(Debug)]
struct TurnToken {
    turns: Vec<Run>,
    /// One body's moves.
    body: Vec<Move>,
    progress: Mutex<ReplayProgress>,
    /// One per worker, signalled when its turn comes.
    wakeups: Vec<Condvar>,
    shared: Shared,
}

#[derive(Debug)]
struct ReplayProgress {
    /// Number of turns made.
    turns: usize,
    /// Number of moves made in them.
    moves: usize,
    /// The error that ended the replay, if any.
    dropped: Option<ThreadReplayError>,
}

/// The state that workers share, as a strategy's workers do.
#[derive(Debug, Default)]
struct Shared {
    counter: AtomicU64,
    lock: AtomicBool,
    guards: AtomicU64,
    served: AtomicU64,
}

/// The private state of a worker.
#[derive(Debug, Default)]
struct Registers {
    seen: u64,
    guard: u64,
}

impl TurnToken {
    fn new(workers: usize, turns: Vec<Run>, body: Vec<Move>) -> Self {
        Self {
            turns,
            body,
            progress: Mutex::new(ReplayProgress { turns: 0, moves: 0, dropped: None }),
            wakeups: (0..workers).map(|_| Condvar::new()).collect(),
            shared: Shared::default(),
        }
    }

    /// Makes the worker's moves, each turn when it is due.
    fn make_moves(&self, worker: usize) {
        let (mut registers, mut made) = (Registers::default(), 0);
        for turn in self.turns.iter().filter(|turn| turn.worker == worker) {
            let Some(before) = self.wait_for_turn(worker) else { return };
            for at in before..before + turn.moves as usize {
                if at.is_multiple_of(BETWEEN_ENDS) && self.progress().dropped.is_some() {
                    return;
                }
                let step = self.body[made % self.body.len()];
                if self.shared.make(step.act, &mut registers).is_none() {
                    return self.end_with(ThreadReplayError::Refused { at: at + 1, worker });
                }
                made += 1;
            }
            self.pass_token(turn.moves);
        }
    }

    /// Sleeps until it is the worker's turn and returns the number of moves made before; `None` once
    /// the replay has ended.
    fn wait_for_turn(&self, worker: usize) -> Option<usize> {
        let mut progress = self.progress();
        let is_next = |turns: usize| self.turns.get(turns).is_some_and(|it| it.worker == worker);
        while progress.dropped.is_none() && !is_next(progress.turns) {
            self.wakeups[worker].wait(&mut progress);
        }
        progress.dropped.is_none().then_some(progress.moves)
    }

    /// Ends a turn and wakes the next worker.
    fn pass_token(&self, moves: u32) {
        let mut progress = self.progress();
        progress.turns += 1;
        progress.moves += moves as usize;
        if let Some(next) = self.turns.get(progress.turns) {
            self.wakeups[next.worker].notify_one();
        }
    }

    /// Ends the replay for all workers; the first reason stays.
    fn end_with(&self, reason: ThreadReplayError) {
        self.progress().dropped.get_or_insert(reason);
        for wakeup in &self.wakeups {
            wakeup.notify_all();
        }
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
        self.progress.lock()
    }
}

impl Shared {
    /// Makes one move; `None` if it cannot be made now. Relaxed as the strategies' own counter: the
    /// token's mutex orders the moves.
    fn make(&self, act: Act, registers: &mut Registers) -> Option<()> {
        use Ordering::Relaxed;
        match act {
            Act::Local => {}
            Act::Load => registers.seen = self.counter.load(Relaxed),
            Act::Store => self.counter.store(registers.seen + 1, Relaxed),
            Act::Add => drop(self.counter.fetch_add(1, Relaxed)),
            Act::Acquire => {
                self.lock.compare_exchange(false, true, Relaxed, Relaxed).ok()?;
            }
            Act::Release => self.lock.store(false, Relaxed),
            Act::Arrive => registers.guard = self.guards.fetch_add(1, Relaxed),
            Act::Enter => {
                let is_first = self.served.load(Relaxed) == registers.guard;
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
