//! What waits, what runs, and who may come in: one state under one lock. Runs nothing itself.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::exec::lost_workers::LostWorkers;
use crate::jobs::job::Job;
use crate::jobs::owner::Owner;
use crate::jobs::scheduler::QueueError;
use crate::jobs::scheduler::config::{DegradedPolicy, SchedulerConfig, ShutdownPolicy};
use crate::jobs::scheduler::round_robin::RoundRobin;
use crate::jobs::state::StopReason;
use crate::limits::{QUEUE_RETRY, QUEUE_RETRY_BOUNDS};

/// The queue that all lanes share.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) terms: SchedulerConfig,
    state: Mutex<State>,
    changed: Condvar,
    pub(super) degraded: LostWorkers,
}

#[derive(Debug)]
struct State {
    waiting: RoundRobin<Owner, Job>,
    running: Vec<Running>,
    /// How many have run.
    begun: u64,
    hall: Exclusive,
    when_degraded: DegradedPolicy,
    stopping: bool,
}

#[derive(Debug)]
struct Running {
    work: Job,
    /// Tells runs of the same work apart: one may be resumed while a lane lets go of it.
    number: u64,
    since: Instant,
}

/// Whether lanes may begin with anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exclusive {
    Open,
    /// Somebody does what must not disturb, nor be disturbed by, any lane.
    Taken,
}

/// Opens the hall again, however what was done in it ends.
struct Guard<'a>(&'a Queue);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.lock().hall = Exclusive::Open;
        self.0.changed.notify_all();
    }
}

impl State {
    fn is_idle(&self) -> bool {
        self.running.is_empty() && self.hall == Exclusive::Open
    }

    /// Those of an owner that wait or run.
    fn load_of(&self, owner: &Owner) -> usize {
        // Whoever saw the last event may count on the end.
        let runs = |running: &&Running| {
            running.work.owner() == owner && !running.work.state().is_terminal()
        };
        self.waiting.len_of(owner) + self.running.iter().filter(runs).count()
    }

    /// When it may be worth while to try again: when something ends, an owner's own rather than
    /// others'.
    fn retry(&self, owner: &Owner) -> Duration {
        let left = |is_own: bool| {
            let some = self.running.iter().filter(|it| (it.work.owner() == owner) == is_own);
            some.filter_map(Running::left).min()
        };
        left(true).or_else(|| left(false)).unwrap_or(QUEUE_RETRY)
    }
}

impl Running {
    /// How long it may still take; nobody knows of a search.
    fn left(&self) -> Option<Duration> {
        let Job::Sweep(live) = &self.work else { return None };
        left(self.since.elapsed(), live.attempts_done()?, live.plan.attempts())
    }
}

/// How long the rest of a sweep takes, within bounds, if it takes as long as what is done.
fn left(passed: Duration, done: u64, all: u64) -> Option<Duration> {
    let [least, most] = QUEUE_RETRY_BOUNDS;
    let share = all.saturating_sub(done) as f64 / done as f64;
    (done > 0).then(|| passed.mul_f64(share).clamp(least, most))
}

impl Queue {
    pub(super) fn new(terms: SchedulerConfig) -> Self {
        let state = State {
            waiting: RoundRobin::default(),
            running: Vec::new(),
            begun: 0,
            hall: Exclusive::Open,
            when_degraded: terms.when_degraded,
            stopping: false,
        };
        let degraded = LostWorkers::default();
        Self { terms, state: Mutex::new(state), changed: Condvar::new(), degraded }
    }

    pub(super) fn push(&self, work: Job) -> Result<usize, QueueError> {
        let mut state = self.lock();
        let SchedulerConfig { queue_max, quota, .. } = self.terms;
        if state.stopping {
            return Err(QueueError::Stopping);
        }
        let owner = work.owner().clone();
        if owner != Owner::Local && state.load_of(&owner) >= quota {
            let retry = state.retry(&owner);
            return Err(QueueError::Quota { owner, limit: quota, retry });
        }
        if state.waiting.len() >= queue_max {
            let retry = state.retry(&owner);
            return Err(QueueError::Crowded { limit: queue_max, retry });
        }
        let id = work.id().to_owned();
        state.waiting.push(owner, work);
        self.changed.notify_all();
        let before = state.waiting.before(|work| work.id() == id).unwrap_or(0);
        Ok(before + state.running.len())
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        let state = self.lock();
        let before = state.waiting.before(|work| work.id() == id)?;
        Some(before + state.running.len())
    }

    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    pub(super) fn withdraw(&self, id: &str) -> Option<Job> {
        self.lock().waiting.remove(|work| work.id() == id)
    }

    pub(super) fn running(&self) -> Vec<Job> {
        self.lock().running.iter().map(|it| it.work.clone()).collect()
    }

    /// Who has what waiting or running: in the order of the ring, then those who only have running.
    pub(super) fn owners(&self) -> Vec<(Owner, usize)> {
        let state = self.lock();
        let waiting = state.waiting.owners();
        let mut owners: Vec<_> = waiting.map(|(owner, count)| (owner.clone(), count)).collect();
        for Running { work, .. } in &state.running {
            match owners.iter_mut().find(|(owner, _)| owner == work.owner()) {
                Some((_, count)) => *count += 1,
                None => owners.push((work.owner().clone(), 1)),
            }
        }
        owners
    }

    pub(super) fn is_idle(&self) -> bool {
        self.lock().is_idle()
    }

    /// See [`super::Lane::exclusively`].
    pub(super) fn exclusively<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let mut state = self.lock();
        // Whoever saw the last event may count on the end: the lane is about to let go.
        while state.running.iter().any(|it| it.work.state().is_terminal()) {
            state = self.wait(state);
        }
        if !state.is_idle() {
            return None;
        }
        state.hall = Exclusive::Taken;
        drop(state);
        let _guard = Guard(self);
        Some(act())
    }

    /// See [`super::Lane::once_degraded_and_idle`].
    pub(super) fn once_degraded_and_idle<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let mut state = self.lock();
        loop {
            if state.stopping {
                return None;
            }
            // What waits while nothing holds it is about to run.
            let is_held = self.is_held(&state) || state.waiting.len() == 0;
            if is_held && state.is_idle() && self.degraded.is_degraded() {
                break;
            }
            state = self.wait(state);
        }
        state.hall = Exclusive::Taken;
        drop(state);
        let _guard = Guard(self);
        Some(act())
    }

    /// See [`super::Lane::go_on_degraded`].
    pub(super) fn go_on_degraded(&self) {
        self.lock().when_degraded = DegradedPolicy::GoOn;
        self.changed.notify_all();
    }

    /// See [`super::Lane::degraded_changes`].
    pub(super) fn degraded_changes(&self, known: bool) -> Option<bool> {
        let mut state = self.lock();
        while !state.stopping {
            let now = self.degraded.is_degraded();
            if now != known {
                return Some(now);
            }
            state = self.wait(state);
        }
        None
    }

    /// Waits for work, and the number by which to let go of it; `None` once the lanes stop.
    pub(super) fn next(&self) -> Option<(Job, u64)> {
        let mut state = self.lock();
        loop {
            if state.stopping {
                return None;
            }
            if state.hall == Exclusive::Open
                && !self.is_held(&state)
                && let Some(work) = state.waiting.pop()
            {
                let number = state.begun;
                state.begun += 1;
                let since = Instant::now();
                state.running.push(Running { work: work.clone(), number, since });
                return Some((work, number));
            }
            state = self.wait(state);
        }
    }

    /// A lane is done with what [`Self::next`] gave it.
    pub(super) fn let_go(&self, number: u64) {
        self.lock().running.retain(|it| it.number != number);
        self.changed.notify_all();
    }

    /// No lane gets anything any more, and what runs is told to end.
    pub(super) fn stop(&self) {
        self.lock().stopping = true;
        self.changed.notify_all();
        // Without the lock: what ends right now is stored first, and others may look meanwhile.
        for work in self.running() {
            work.stop(StopReason::Interrupted);
        }
    }

    /// What is left once the lanes stop, in order, and shall be interrupted.
    pub(super) fn take_rest(&self) -> Vec<Job> {
        let mut state = self.lock();
        match self.terms.when_stopped {
            ShutdownPolicy::Interrupt => std::iter::from_fn(|| state.waiting.pop()).collect(),
            // Whoever cancels it yet finds it where it was.
            ShutdownPolicy::Keep => Vec::new(),
        }
    }

    /// Somebody was given up, or came back.
    pub(super) fn look_again(&self) {
        // Whoever is between a look and a wait holds the lock, and must not miss this.
        drop(self.lock());
        self.changed.notify_all();
    }

    fn is_held(&self, state: &State) -> bool {
        match state.when_degraded {
            DegradedPolicy::GoOn => false,
            DegradedPolicy::Hold => self.degraded.is_degraded(),
        }
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_is_done() {
        let passed = Duration::from_secs(12);
        assert_eq!(left(passed, 0, 100), None);
        assert_eq!(left(passed, 25, 100), Some(Duration::from_secs(36)));
        let [least, most] = QUEUE_RETRY_BOUNDS;
        assert_eq!(left(passed, 100, 100), Some(least), "about to end");
        assert_eq!(left(passed, 1, 1_000_000), Some(most));
    }
}
