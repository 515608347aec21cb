//! Who runs when: one sweep measures at a time, the others queue. Owns the stage and the one thread
//! that drives it; never an executor's.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use tracing::{error, info};

use crate::config::{KEPT_BYTES_MAX, QUEUE_MAX};
use crate::python::Interpreters;
use crate::run::{RunError, end_panicked, end_unstarted, run};
use crate::stage::Stage;
use crate::store::Store;
use crate::sweep::{Live, StopReason};

/// The queue and its thread.
#[derive(Debug)]
pub struct Lane {
    queue: Arc<Queue>,
    gone: Mutex<Receiver<()>>,
}

/// Why a sweep cannot queue up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// There is no place left.
    #[error(
        "the queue is full: at most {QUEUE_MAX} sweeps wait, and all together keep at most \
         {KEPT_BYTES_MAX} bytes; try again when one has ended"
    )]
    Full,
    /// The lab takes no more sweeps.
    #[error("the lab is shutting down")]
    Stopping,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    /// Held by whoever measures.
    measuring: Mutex<()>,
}

#[derive(Debug, Default)]
struct Waiting {
    sweeps: VecDeque<Arc<Live>>,
    running: Option<Arc<Live>>,
    stopping: bool,
}

impl Lane {
    /// An empty lane with its thread, on whose stage these interpreters may run.
    pub fn start(store: Arc<dyn Store>, interpreters: Interpreters) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let own = Arc::clone(&queue);
        let (last_words, gone) = mpsc::channel();
        thread::Builder::new().name("lane".into()).spawn(move || {
            // Dropped when the thread ends, however it does: the receiver then knows.
            let _last_words = last_words;
            own.serve(&store, &interpreters);
        })?;
        Ok(Self { queue, gone: Mutex::new(gone) })
    }

    /// Queues a sweep; its position, 0 if nobody is before it.
    pub fn push(&self, live: Arc<Live>) -> Result<usize, QueueError> {
        let mut waiting = self.queue.lock();
        if waiting.stopping {
            return Err(QueueError::Stopping);
        }
        if waiting.sweeps.len() >= QUEUE_MAX {
            return Err(QueueError::Full);
        }
        waiting.sweeps.push_back(live);
        self.queue.changed.notify_one();
        Ok(waiting.sweeps.len() - 1 + usize::from(waiting.running.is_some()))
    }

    /// Sweeps before this one; `None` if it does not wait.
    pub fn position(&self, id: &str) -> Option<usize> {
        let waiting = self.queue.lock();
        let before = waiting.sweeps.iter().position(|live| live.id == id)?;
        Some(before + usize::from(waiting.running.is_some()))
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.queue.lock().sweeps.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes a sweep out of the queue, if it is there.
    pub fn withdraw(&self, id: &str) -> Option<Arc<Live>> {
        let mut waiting = self.queue.lock();
        let at = waiting.sweeps.iter().position(|live| live.id == id)?;
        waiting.sweeps.remove(at)
    }

    /// Does something while nobody measures; `None` if somebody does.
    pub fn exclusively<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        match self.queue.measuring.try_lock() {
            Ok(_measuring) => Some(act()),
            Err(TryLockError::Poisoned(_measuring)) => Some(act()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Ends the running sweep and those that wait, and waits for the thread; `false` if it did not
    /// end within `patience`.
    pub fn stop(&self, patience: Duration) -> bool {
        let mut waiting = self.queue.lock();
        waiting.stopping = true;
        if let Some(live) = &waiting.running {
            live.stop(StopReason::Interrupted);
        }
        drop(waiting);
        self.queue.changed.notify_one();
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        gone.recv_timeout(patience) == Err(mpsc::RecvTimeoutError::Disconnected)
    }
}

impl Queue {
    fn serve(&self, store: &Arc<dyn Store>, interpreters: &Interpreters) {
        let mut stage = Stage::new(interpreters.clone());
        while let Some(live) = self.next() {
            info!(sweep = live.id, cells = live.plan.cells.len(), "started");
            let measuring = self.measuring.lock().unwrap_or_else(PoisonError::into_inner);
            let ended = catch_unwind(AssertUnwindSafe(|| run(&live, &mut stage, store)));
            drop(measuring);
            report(
                &live,
                ended.unwrap_or_else(|_| {
                    stage = Stage::new(interpreters.clone());
                    end_panicked(&live, store)
                }),
            );
            self.lock().running = None;
        }
        let left = std::mem::take(&mut self.lock().sweeps);
        for live in left {
            report(&live, end_unstarted(&live, store, StopReason::Interrupted));
        }
    }

    /// Waits for a sweep; `None` once the lane stops.
    fn next(&self) -> Option<Arc<Live>> {
        let mut waiting = self.lock();
        loop {
            if waiting.stopping {
                return None;
            }
            if let Some(live) = waiting.sweeps.pop_front() {
                waiting.running = Some(Arc::clone(&live));
                return Some(live);
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn report(live: &Live, ended: Result<(), RunError>) {
    match ended {
        Ok(()) => info!(sweep = live.id, state = ?live.progress().state, "ended"),
        Err(problem) => error!(sweep = live.id, %problem, "could not be kept"),
    }
}
