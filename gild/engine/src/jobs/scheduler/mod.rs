//! Who runs when, and on which cores. Each lane runs one sweep or exploration at a time, so that no
//! search disturbs a measurement on its cores; the others queue. Owns the stages and the threads
//! that drive them; never an executor's.
//!
//! ```text
//! push -> ring of owners (fairness.rs) -> the next free lane -> its stage, on its cores
//! ```
//! With one lane, the default, its cores are all that this process may use.

pub mod config;
mod queue;
mod round_robin;
#[cfg(test)]
mod tests;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use strategies::machine::native::NativeMachine;
use strategies::machine::native::abort::Abort;
use strategies::program::limit::LimitError;
use tracing::{error, info};

use crate::exec::executor::Executor;
use crate::exec::worker_pool::WorkerPool;
use crate::jobs::job::{EventSinks, Job};
use crate::jobs::owner::Owner;
use crate::jobs::scheduler::config::SchedulerConfig;
use crate::jobs::scheduler::queue::Queue;
use crate::jobs::state::StopReason;
use crate::jobs::sweep::run::RunError;
use crate::python::registry::Interpreters;
use crate::sys::affinity::CpuSet;

/// The queue, its lanes and their threads.
#[derive(Debug)]
pub struct Scheduler {
    queue: Arc<Queue>,
    gone: Mutex<Receiver<()>>,
    /// Of each lane.
    cores: Vec<CpuSet>,
}

/// Why work cannot queue up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// There is no place left.
    #[error(
        "the queue is full: at most {limit} sweeps and explorations wait; try again when one has \
         ended"
    )]
    Crowded {
        /// Most that wait.
        limit: usize,
        /// When it may be worth while to try again.
        retry: Duration,
    },
    /// Its owner has enough there.
    #[error(
        "{owner} has {limit} sweeps and explorations that wait or run, which is the quota; try \
         again \
         when one has ended, or cancel one"
    )]
    Quota {
        /// Whose quota.
        owner: Owner,
        /// Most of theirs that wait or run.
        limit: usize,
        /// When it may be worth while to try again.
        retry: Duration,
    },
    /// The lab takes no more work.
    #[error("the lab is shutting down")]
    Stopping,
}

/// Why there is no lane.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The terms break a limit.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The system has no thread for it.
    #[error("the system has no thread for a lane: {0}")]
    Thread(#[from] io::Error),
}

impl Scheduler {
    /// Empty lanes with a thread each, on whose stages these interpreters may run. Refuses terms
    /// that break a limit.
    pub fn open(
        terms: SchedulerConfig,
        logs: &EventSinks,
        interpreters: Interpreters,
    ) -> Result<Self, StartError> {
        let make = move |cores, queue: &Queue| {
            Executor::on(cores, queue.degraded.clone(), interpreters.clone())
        };
        Self::with(terms, logs, terms.checked()?, make)
    }

    /// Lanes on stages as they are made for these cores, one lane each.
    fn with(
        terms: SchedulerConfig,
        logs: &EventSinks,
        cores: Vec<CpuSet>,
        make: impl Fn(CpuSet, &Queue) -> Executor + Clone + Send + 'static,
    ) -> Result<Self, StartError> {
        let queue = Arc::new(Queue::new(terms));
        let listening = Arc::downgrade(&queue);
        queue.degraded.listen(move || {
            if let Some(queue) = listening.upgrade() {
                queue.look_again();
            }
        });
        if cores.len() > 1 {
            // Looks at what the whole process may use, which a lane's thread cannot see any more.
            drop(NativeMachine::new(Abort::default()));
        }
        let (last_words, gone) = mpsc::channel();
        let lane = Self { queue, gone: Mutex::new(gone), cores };
        for (number, cores) in lane.cores.iter().enumerate() {
            let (queue, logs, cores) = (Arc::clone(&lane.queue), logs.clone(), cores.clone());
            let (make, last_words) = (make.clone(), last_words.clone());
            thread::Builder::new().name(format!("lane-{number}")).spawn(move || {
                // Dropped when the thread ends, however it does: the receiver then knows.
                let _last_words = last_words;
                serve(&queue, &logs, || make(cores.clone(), &queue));
            })?;
        }
        Ok(lane)
    }

    /// Queues work; what comes before it, 0 if nobody does.
    pub fn push(&self, work: Job) -> Result<usize, QueueError> {
        self.queue.push(work)
    }

    /// What starts before the work of that id if nobody else comes, counting what runs; `None` if
    /// it does not wait.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.queue.position(id)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes work out of the queue, if it is there.
    pub fn withdraw(&self, id: &str) -> Option<Job> {
        self.queue.withdraw(id)
    }

    /// What runs, at most one in each lane.
    pub fn running(&self) -> Vec<Job> {
        self.queue.running()
    }

    /// Who has sweeps and explorations that wait or run, and how many; who is next comes first.
    pub fn owners(&self) -> Vec<(Owner, usize)> {
        self.queue.owners()
    }

    /// What was agreed on at the start.
    pub fn terms(&self) -> SchedulerConfig {
        self.queue.terms
    }

    /// How many lanes there are; at least 1.
    pub fn lanes(&self) -> usize {
        self.cores.len()
    }

    /// How many cores each lane has; at least 1.
    pub fn cores(&self) -> usize {
        self.cores.first().map_or(1, CpuSet::count)
    }

    /// Why figures are not to be trusted any more, as a text for people; `None` while all is well.
    /// Workers that were given up may come back, and then all is well again.
    pub fn degraded(&self) -> Option<String> {
        self.queue.degraded.text()
    }

    /// Waits until the lab is degraded, or no more, other than the caller knows; whether it is, or
    /// `None` if the lanes stop. Blocks the calling thread, which must not be an executor's.
    pub fn degraded_changes(&self, known: bool) -> Option<bool> {
        self.queue.degraded_changes(known)
    }

    /// Whether nothing runs.
    pub fn is_idle(&self) -> bool {
        self.queue.is_idle()
    }

    /// A crew on all cores, for what is done [`exclusively`](Self::exclusively), e.g. `a replay`.
    pub fn crew(&self, work: &str) -> WorkerPool {
        let mut crew = WorkerPool::on(CpuSet::default(), self.queue.degraded.clone());
        crew.set_label(work.to_owned());
        crew
    }

    /// Does something while nobody measures or explores in any lane; `None` if somebody does.
    pub fn exclusively<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        self.queue.exclusively(act)
    }

    /// Waits until a worker that was given up is out and nothing runs, and does something while
    /// nothing can start: what waits stays where it is. `None` if the lanes stop first. Blocks the
    /// calling thread, which must not be an executor's.
    pub fn once_degraded_and_idle<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        self.queue.once_degraded_and_idle(act)
    }

    /// Lanes go on from now whatever [`SchedulerConfig::when_degraded`] says: nothing helped, and what waits
    /// cannot wait for good.
    pub fn go_on_degraded(&self) {
        self.queue.go_on_degraded();
    }

    /// Ends what runs, and what waits unless [`SchedulerConfig::when_stopped`] says that it is kept, and waits
    /// for the threads; `false` if they did not end within `patience`.
    pub fn stop(&self, patience: Duration) -> bool {
        self.queue.stop();
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        gone.recv_timeout(patience) == Err(mpsc::RecvTimeoutError::Disconnected)
    }
}

impl Drop for Scheduler {
    /// Lanes whose handle is gone would wait for good; what runs ends.
    fn drop(&mut self) {
        self.queue.stop();
    }
}

/// A lane's life.
fn serve(queue: &Queue, logs: &EventSinks, make: impl Fn() -> Executor) {
    let mut stage = make();
    stage.confine();
    while let Some((work, number)) = queue.next() {
        info!(%work, "started");
        stage.set_label(work.to_string());
        let ended = catch_unwind(AssertUnwindSafe(|| work.run(&mut stage, logs)));
        report(
            &work,
            ended.unwrap_or_else(|_| {
                stage = make();
                work.end_panicked(logs)
            }),
        );
        queue.let_go(number);
    }
    for work in queue.take_rest() {
        report(&work, work.end_unstarted(logs, StopReason::Interrupted));
    }
}

fn report(work: &Job, ended: Result<(), RunError>) {
    match ended {
        Ok(()) => info!(%work, state = ?work.state(), "ended"),
        Err(problem) => error!(%work, %problem, "could not be kept"),
    }
}

#[cfg(test)]
#[path = "lost_tests.rs"]
mod lost;
