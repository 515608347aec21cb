//! The queue: jobs that wait or run, quotas, and exclusive use of the lanes, as one state under one
//! lock. Runs nothing itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::exec::lost_workers::LostWorkers;
use crate::jobs::job::Job;
use crate::jobs::owner::Owner;
use crate::jobs::scheduler::config::{DegradedPolicy, SchedulerConfig, ShutdownPolicy};
use crate::jobs::scheduler::error::QueueError;
use crate::jobs::scheduler::round_robin::RoundRobin;
use crate::jobs::state::StopReason;
use crate::limits::{QUEUE_RETRY, QUEUE_RETRY_BOUNDS};

/// The queue that all lanes share.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) config: SchedulerConfig,
    state: Mutex<QueueState>,
    changed: Condvar,
    pub(super) degraded: LostWorkers,
}

#[derive(Debug)]
struct QueueState {
    waiting: RoundRobin<Owner, Arc<Job>>,
    running: Vec<RunningJob>,
    /// How many jobs were started.
    started: u64,
    exclusive: Exclusive,
    when_degraded: DegradedPolicy,
    stopping: bool,
}

#[derive(Debug)]
struct RunningJob {
    job: Arc<Job>,
    /// Distinguishes runs of the same job: it may be resumed before the lane has finished.
    number: u64,
    since: Instant,
}

/// Whether lanes may start jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exclusive {
    Free,
    /// Something runs that must not disturb any lane, nor be disturbed by one.
    Taken,
}

/// Ends the exclusive use when dropped, also by a panic.
struct ExclusiveGuard<'a>(&'a Queue);

impl Drop for ExclusiveGuard<'_> {
    fn drop(&mut self) {
        self.0.lock().exclusive = Exclusive::Free;
        self.0.changed.notify_all();
    }
}

impl QueueState {
    fn is_idle(&self) -> bool {
        self.running.is_empty() && self.exclusive == Exclusive::Free
    }

    /// How many jobs of an owner are queued or run.
    fn load_of(&self, owner: &Owner) -> usize {
        // A client that has seen the last event of a job may queue the next one.
        let runs = |running: &&RunningJob| {
            running.job.owner() == owner && !running.job.state().is_terminal()
        };
        self.waiting.len_of(owner) + self.running.iter().filter(runs).count()
    }

    /// When to try again: when a job ends, one of the owner's if any runs.
    fn retry(&self, owner: &Owner) -> Duration {
        let left = |is_own: bool| {
            let some = self.running.iter().filter(|it| (it.job.owner() == owner) == is_own);
            some.filter_map(RunningJob::left).min()
        };
        left(true).or_else(|| left(false)).unwrap_or(QUEUE_RETRY)
    }
}

impl RunningJob {
    /// How long it may still take; `None` for a job without attempts.
    fn left(&self) -> Option<Duration> {
        let (done, all) = self.job.attempts()?;
        left(self.since.elapsed(), done, all)
    }
}

/// How long the remaining attempts take, within bounds, at the pace of those that are done.
fn left(passed: Duration, done: u64, all: u64) -> Option<Duration> {
    let [least, most] = QUEUE_RETRY_BOUNDS;
    let share = all.saturating_sub(done) as f64 / done as f64;
    (done > 0).then(|| passed.mul_f64(share).clamp(least, most))
}

impl Queue {
    pub(super) fn new(config: SchedulerConfig) -> Self {
        let state = QueueState {
            waiting: RoundRobin::default(),
            running: Vec::new(),
            started: 0,
            exclusive: Exclusive::Free,
            when_degraded: config.when_degraded,
            stopping: false,
        };
        let degraded = LostWorkers::default();
        Self { config, state: Mutex::new(state), changed: Condvar::new(), degraded }
    }

    pub(super) fn push(&self, job: Arc<Job>) -> Result<usize, QueueError> {
        let mut state = self.lock();
        let SchedulerConfig { queue_max, quota, .. } = self.config;
        if state.stopping {
            return Err(QueueError::Stopping);
        }
        let owner = job.owner().clone();
        if owner != Owner::Local && state.load_of(&owner) >= quota {
            let retry = state.retry(&owner);
            return Err(QueueError::Quota { owner, limit: quota, retry });
        }
        if state.waiting.len() >= queue_max {
            let retry = state.retry(&owner);
            return Err(QueueError::Crowded { limit: queue_max, retry });
        }
        let id = job.id().to_owned();
        state.waiting.push(owner, job);
        self.changed.notify_all();
        let before = state.waiting.before(|job| job.id() == id).unwrap_or(0);
        Ok(before + state.running.len())
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        let state = self.lock();
        let before = state.waiting.before(|job| job.id() == id)?;
        Some(before + state.running.len())
    }

    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    pub(super) fn remove(&self, id: &str) -> Option<Arc<Job>> {
        self.lock().waiting.remove(|job| job.id() == id)
    }

    pub(super) fn running(&self) -> Vec<Arc<Job>> {
        self.lock().running.iter().map(|it| Arc::clone(&it.job)).collect()
    }

    /// The owners of jobs that are queued or run, and how many each has: in the order of the round
    /// robin, then those with running jobs only.
    pub(super) fn owners(&self) -> Vec<(Owner, usize)> {
        let state = self.lock();
        let waiting = state.waiting.owners();
        let mut owners: Vec<_> = waiting.map(|(owner, count)| (owner.clone(), count)).collect();
        for RunningJob { job, .. } in &state.running {
            match owners.iter_mut().find(|(owner, _)| owner == job.owner()) {
                Some((_, count)) => *count += 1,
                None => owners.push((job.owner().clone(), 1)),
            }
        }
        owners
    }

    pub(super) fn is_idle(&self) -> bool {
        self.lock().is_idle()
    }

    /// See [`super::Scheduler::exclusively`].
    pub(super) fn exclusively<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let mut state = self.lock();
        // A client that has seen the last event may rely on it: the lane is about to finish.
        while state.running.iter().any(|it| it.job.state().is_terminal()) {
            self.changed.wait(&mut state);
        }
        if !state.is_idle() {
            return None;
        }
        state.exclusive = Exclusive::Taken;
        drop(state);
        let _guard = ExclusiveGuard(self);
        Some(act())
    }

    /// See [`super::Scheduler::once_degraded_and_idle`].
    pub(super) fn once_degraded_and_idle<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let mut state = self.lock();
        loop {
            if state.stopping {
                return None;
            }
            // Jobs that are queued and not held are about to run.
            let is_held = self.is_held(&state) || state.waiting.len() == 0;
            if is_held && state.is_idle() && self.degraded.is_degraded() {
                break;
            }
            self.changed.wait(&mut state);
        }
        state.exclusive = Exclusive::Taken;
        drop(state);
        let _guard = ExclusiveGuard(self);
        Some(act())
    }

    /// See [`super::Scheduler::resume_degraded`].
    pub(super) fn resume_degraded(&self) {
        self.lock().when_degraded = DegradedPolicy::GoOn;
        self.changed.notify_all();
    }

    /// See [`super::Scheduler::degraded_changes`].
    pub(super) fn degraded_changes(&self, known: bool) -> Option<bool> {
        let mut state = self.lock();
        while !state.stopping {
            let now = self.degraded.is_degraded();
            if now != known {
                return Some(now);
            }
            self.changed.wait(&mut state);
        }
        None
    }

    /// Waits for a job, and the number of its run for [`Self::finish`]; `None` once the lanes stop.
    pub(super) fn next(&self) -> Option<(Arc<Job>, u64)> {
        let mut state = self.lock();
        loop {
            if state.stopping {
                return None;
            }
            if state.exclusive == Exclusive::Free
                && !self.is_held(&state)
                && let Some(job) = state.waiting.pop()
            {
                let (number, since) = (state.started, Instant::now());
                state.started += 1;
                state.running.push(RunningJob { job: Arc::clone(&job), number, since });
                return Some((job, number));
            }
            self.changed.wait(&mut state);
        }
    }

    /// A lane has finished the run that it got from [`Self::next`].
    pub(super) fn finish(&self, number: u64) {
        self.lock().running.retain(|it| it.number != number);
        self.changed.notify_all();
    }

    /// No lane gets another job, and the running jobs are asked to stop.
    pub(super) fn stop(&self) {
        self.lock().stopping = true;
        self.changed.notify_all();
        // Without the lock of the queue: a job that is ending holds its own until that is stored.
        for job in self.running() {
            job.lifecycle().stop(StopReason::Interrupted);
        }
    }

    /// The jobs that are left once the lanes stop and have to be interrupted, in order.
    pub(super) fn drain(&self) -> Vec<Arc<Job>> {
        let mut state = self.lock();
        match self.config.when_stopped {
            ShutdownPolicy::Interrupt => std::iter::from_fn(|| state.waiting.pop()).collect(),
            // They can still be cancelled in the queue.
            ShutdownPolicy::Keep => Vec::new(),
        }
    }

    /// A worker was abandoned, or came back.
    pub(super) fn notify(&self) {
        // A thread between its check and its wait holds the lock, and must not miss this.
        drop(self.lock());
        self.changed.notify_all();
    }

    fn is_held(&self, state: &QueueState) -> bool {
        match state.when_degraded {
            DegradedPolicy::GoOn => false,
            DegradedPolicy::Hold => self.degraded.is_degraded(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remaining_time_is_extrapolated_within_bounds() {
        let passed = Duration::from_secs(12);
        assert_eq!(left(passed, 0, 100), None);
        assert_eq!(left(passed, 25, 100), Some(Duration::from_secs(36)));
        let [least, most] = QUEUE_RETRY_BOUNDS;
        assert_eq!(left(passed, 100, 100), Some(least), "about to end");
        assert_eq!(left(passed, 1, 1_000_000), Some(most));
    }
}
