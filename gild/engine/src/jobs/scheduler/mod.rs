//! The scheduler: which job runs when, and on which cores. Each lane runs one job at a time, so that
//! no search disturbs a measurement on its cores; the others queue. Owns the threads of the lanes
//! and an executor for each.
//!
//! ```text
//! push -> round robin of owners (round_robin.rs) -> the next free lane -> its executor, on its cores
//! ```
//! With one lane, the default, its cores are all that this process may use.

pub mod config;
pub mod error;
mod queue;
mod round_robin;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use strategies::machine::native::NativeMachine;
use strategies::machine::native::abort::Abort;
use tracing::{error, info};

use crate::exec::executor::Executor;
use crate::exec::worker_pool::WorkerPool;
use crate::jobs::event::sink::EventSink;
use crate::jobs::job::{Job, RunError};
use crate::jobs::owner::Owner;
use crate::jobs::scheduler::config::SchedulerConfig;
use crate::jobs::scheduler::error::{QueueError, StartError};
use crate::jobs::scheduler::queue::Queue;
use crate::jobs::state::StopReason;
use crate::python::registry::Interpreters;
use crate::sys::affinity::CpuSet;

/// The queue, its lanes and their threads.
#[derive(Debug)]
pub struct Scheduler {
    queue: Arc<Queue>,
    /// Disconnected once the threads of all lanes have ended.
    ended: Mutex<Receiver<()>>,
    /// The cores of each lane.
    cores: Vec<CpuSet>,
}

impl Scheduler {
    /// Idle lanes with a thread each, whose executors may run these interpreters. Refuses a
    /// configuration that breaks a limit.
    pub fn open(
        config: SchedulerConfig,
        sink: &Arc<dyn EventSink>,
        interpreters: Interpreters,
    ) -> Result<Self, StartError> {
        let make = move |cores, queue: &Queue| {
            Executor::on(cores, queue.degraded.clone(), interpreters.clone())
        };
        Self::with(config, sink, config.checked()?, make)
    }

    /// Lanes on these cores, one each, with executors as `make` builds them.
    fn with(
        config: SchedulerConfig,
        sink: &Arc<dyn EventSink>,
        cores: Vec<CpuSet>,
        make: impl Fn(CpuSet, &Queue) -> Executor + Clone + Send + 'static,
    ) -> Result<Self, StartError> {
        let queue = Arc::new(Queue::new(config));
        let notified = Arc::downgrade(&queue);
        queue.degraded.listen(move || {
            if let Some(queue) = notified.upgrade() {
                queue.notify();
            }
        });
        if cores.len() > 1 {
            // Detects the cores of the whole process, which the thread of a lane cannot see later.
            drop(NativeMachine::new(Abort::default()));
        }
        let (running, ended) = mpsc::channel();
        let scheduler = Self { queue, ended: Mutex::new(ended), cores };
        for (number, cores) in scheduler.cores.iter().enumerate() {
            let (queue, sink, cores) =
                (Arc::clone(&scheduler.queue), Arc::clone(sink), cores.clone());
            let (make, running) = (make.clone(), running.clone());
            thread::Builder::new().name(format!("lane-{number}")).spawn(move || {
                // Dropped when the thread ends, also by a panic.
                let _running = running;
                run_lane(&queue, &*sink, || make(cores.clone(), &queue));
            })?;
        }
        Ok(scheduler)
    }

    /// Queues a job; returns how many jobs are before it.
    pub fn push(&self, job: Arc<Job>) -> Result<usize, QueueError> {
        self.queue.push(job)
    }

    /// How many jobs start before the one with that id if no other comes, counting those that run;
    /// `None` if it is not queued.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.queue.position(id)
    }

    /// How many jobs are queued.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether no job is queued.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes a job out of the queue, if it is there.
    pub fn remove(&self, id: &str) -> Option<Arc<Job>> {
        self.queue.remove(id)
    }

    /// The jobs that run, at most one in each lane.
    pub fn running(&self) -> Vec<Arc<Job>> {
        self.queue.running()
    }

    /// The owners of jobs that are queued or run, and how many each has; the next one to be served
    /// first.
    pub fn owners(&self) -> Vec<(Owner, usize)> {
        self.queue.owners()
    }

    /// The configuration it was opened with.
    pub fn config(&self) -> SchedulerConfig {
        self.queue.config
    }

    /// How many lanes it has; at least 1.
    pub fn lanes(&self) -> usize {
        self.cores.len()
    }

    /// How many cores each lane has; at least 1.
    pub fn cores(&self) -> usize {
        self.cores.first().map_or(1, CpuSet::count)
    }

    /// Why measurements are not reliable any more, as a text for people; `None` if they are.
    /// Abandoned workers may come back, which ends it.
    pub fn degraded(&self) -> Option<String> {
        self.queue.degraded.text()
    }

    /// Waits until the lab becomes degraded, or stops being so, other than `known`; returns whether
    /// it is, or `None` if the lanes stop. Blocks the calling thread, which must not be an
    /// executor's.
    pub fn degraded_changes(&self, known: bool) -> Option<bool> {
        self.queue.degraded_changes(known)
    }

    /// Whether no job runs, and nothing runs exclusively.
    pub fn is_idle(&self) -> bool {
        self.queue.is_idle()
    }

    /// A worker pool on all cores, for what runs [`exclusively`](Self::exclusively), e.g. `a replay`.
    pub fn worker_pool(&self, label: &str) -> WorkerPool {
        let mut pool = WorkerPool::on(CpuSet::default(), self.queue.degraded.clone());
        pool.set_label(label.to_owned());
        pool
    }

    /// Calls `act` while no job runs in any lane; `None` if one does.
    pub fn exclusively<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        self.queue.exclusively(act)
    }

    /// Waits until a worker was abandoned and no job runs, and calls `act` while none can start:
    /// queued jobs stay where they are. `None` if the lanes stop first. Blocks the calling thread,
    /// which must not be an executor's.
    pub fn once_degraded_and_idle<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        self.queue.once_degraded_and_idle(act)
    }

    /// From now on lanes run jobs whatever [`SchedulerConfig::when_degraded`] says: the process could
    /// not be replaced, and queued jobs cannot wait forever.
    pub fn resume_degraded(&self) {
        self.queue.resume_degraded();
    }

    /// Ends the running jobs, and the queued ones unless [`SchedulerConfig::when_stopped`] keeps
    /// them, and waits for the threads; `false` if they did not end within `patience`.
    pub fn stop(&self, patience: Duration) -> bool {
        self.queue.stop();
        let ended = self.ended.lock().recv_timeout(patience);
        ended == Err(mpsc::RecvTimeoutError::Disconnected)
    }
}

impl Drop for Scheduler {
    /// Lanes without a scheduler would wait forever; running jobs end.
    fn drop(&mut self) {
        self.queue.stop();
    }
}

/// The body of a lane's thread.
fn run_lane(queue: &Queue, sink: &dyn EventSink, make: impl Fn() -> Executor) {
    let mut executor = make();
    executor.confine();
    while let Some((job, number)) = queue.next() {
        info!(%job, "started");
        executor.set_label(job.to_string());
        let ended = catch_unwind(AssertUnwindSafe(|| job.run(&mut executor, sink)));
        log_end(
            &job,
            ended.unwrap_or_else(|_| {
                executor = make();
                job.end_panicked(sink)
            }),
        );
        queue.finish(number);
    }
    for job in queue.drain() {
        log_end(&job, job.end_unstarted(sink, StopReason::Interrupted));
    }
}

fn log_end(job: &Job, ended: Result<(), RunError>) {
    match ended {
        Ok(()) => info!(%job, state = ?job.state(), "ended"),
        Err(problem) => error!(%job, %problem, "the end could not be stored"),
    }
}

#[cfg(test)]
#[path = "degraded_tests.rs"]
mod degraded_tests;
