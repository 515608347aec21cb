//! Who runs when: one sweep or exploration at a time, the others queue, so that no search disturbs a
//! measurement. Owns the stage and the one thread that drives it; never an executor's.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use tracing::{error, info};

use crate::config::{KEPT_BYTES_MAX, QUEUE_MAX};
use crate::life::StopReason;
use crate::python::Interpreters;
use crate::run::RunError;
use crate::stage::Stage;
use crate::work::{Logs, Work};

/// The queue and its thread.
#[derive(Debug)]
pub struct Lane {
    queue: Arc<Queue>,
    gone: Mutex<Receiver<()>>,
}

/// Why work cannot queue up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// There is no place left.
    #[error(
        "the queue is full: at most {QUEUE_MAX} sweeps and explorations wait, and all of a kind keep \
         at most {KEPT_BYTES_MAX} bytes; try again when one has ended"
    )]
    Full,
    /// The lab takes no more work.
    #[error("the lab is shutting down")]
    Stopping,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    /// Held by whoever measures, explores, or does something that must not disturb either.
    measuring: Mutex<()>,
}

#[derive(Debug, Default)]
struct Waiting {
    works: VecDeque<Work>,
    running: Option<Work>,
    stopping: bool,
}

impl Lane {
    /// An empty lane with its thread, on whose stage these interpreters may run.
    pub fn start(logs: Logs, interpreters: Interpreters) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let own = Arc::clone(&queue);
        let (last_words, gone) = mpsc::channel();
        thread::Builder::new().name("lane".into()).spawn(move || {
            // Dropped when the thread ends, however it does: the receiver then knows.
            let _last_words = last_words;
            own.serve(&logs, &interpreters);
        })?;
        Ok(Self { queue, gone: Mutex::new(gone) })
    }

    /// Queues work; its position, 0 if nobody is before it.
    pub fn push(&self, work: Work) -> Result<usize, QueueError> {
        let mut waiting = self.queue.lock();
        if waiting.stopping {
            return Err(QueueError::Stopping);
        }
        if waiting.works.len() >= QUEUE_MAX {
            return Err(QueueError::Full);
        }
        waiting.works.push_back(work);
        self.queue.changed.notify_all();
        Ok(waiting.works.len() - 1 + usize::from(waiting.running.is_some()))
    }

    /// What comes before the work of that id; `None` if it does not wait.
    pub fn position(&self, id: &str) -> Option<usize> {
        let waiting = self.queue.lock();
        let before = waiting.works.iter().position(|work| work.id() == id)?;
        Some(before + usize::from(waiting.running.is_some()))
    }

    /// What is under way.
    pub fn running(&self) -> Option<Work> {
        self.queue.lock().running.clone()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.queue.lock().works.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes work out of the queue, if it is there.
    pub fn withdraw(&self, id: &str) -> Option<Work> {
        let mut waiting = self.queue.lock();
        let at = waiting.works.iter().position(|work| work.id() == id)?;
        waiting.works.remove(at)
    }

    /// Does something while nobody measures or explores; `None` if somebody does.
    pub fn exclusively<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let mut waiting = self.queue.lock();
        // Whoever saw the last event may count on the end: the lane is about to let go.
        let is_over = |waiting: &Waiting| {
            waiting.running.as_ref().is_some_and(|work| work.state().is_terminal())
        };
        while is_over(&waiting) {
            waiting = self.queue.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.running.is_some() {
            return None;
        }
        let measuring = match self.queue.measuring.try_lock() {
            Ok(measuring) => measuring,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        drop(waiting);
        let done = act();
        drop(measuring);
        Some(done)
    }

    /// Ends what runs and what waits, and waits for the thread; `false` if it did not
    /// end within `patience`.
    pub fn stop(&self, patience: Duration) -> bool {
        let mut waiting = self.queue.lock();
        waiting.stopping = true;
        if let Some(work) = &waiting.running {
            work.stop(StopReason::Interrupted);
        }
        drop(waiting);
        self.queue.changed.notify_all();
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        gone.recv_timeout(patience) == Err(mpsc::RecvTimeoutError::Disconnected)
    }
}

impl Queue {
    fn serve(&self, logs: &Logs, interpreters: &Interpreters) {
        let mut stage = Stage::new(interpreters.clone());
        while let Some(work) = self.next() {
            info!(%work, "started");
            let measuring = self.measuring.lock().unwrap_or_else(PoisonError::into_inner);
            let ended = catch_unwind(AssertUnwindSafe(|| work.run(&mut stage, logs)));
            drop(measuring);
            report(
                &work,
                ended.unwrap_or_else(|_| {
                    stage = Stage::new(interpreters.clone());
                    work.end_panicked(logs)
                }),
            );
            self.lock().running = None;
            self.changed.notify_all();
        }
        let left = std::mem::take(&mut self.lock().works);
        for work in left {
            report(&work, work.end_unstarted(logs, StopReason::Interrupted));
        }
    }

    /// Waits for work; `None` once the lane stops.
    fn next(&self) -> Option<Work> {
        let mut waiting = self.lock();
        loop {
            if waiting.stopping {
                return None;
            }
            if let Some(work) = waiting.works.pop_front() {
                waiting.running = Some(work.clone());
                return Some(work);
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn report(work: &Work, ended: Result<(), RunError>) {
    match ended {
        Ok(()) => info!(%work, state = ?work.state(), "ended"),
        Err(problem) => error!(%work, %problem, "could not be kept"),
    }
}

#[cfg(test)]
#[path = "lane_tests.rs"]
mod tests;
