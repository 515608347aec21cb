//! Trials: attempts of a strategy that the catalogue does not know, such as one that a program of
//! one's own defines. Plans no sweep, judges nothing and keeps nothing.

use strategies::harness::strategy::Strategy;
use strategies::machine::native::NativeMachine;
use strategies::program::limit::{LimitError, within};
use strategies::program::workload::Workload;

use crate::exec::attempt::{self, AttemptError, Observation};
use crate::exec::worker_pool::WorkerPool;
use crate::limits::{ATTEMPTS_MAX, WORKERS_MAX};
use crate::plan::seed;
use crate::sys::affinity::Pin;

/// What is run of a strategy.
///
/// ```
/// use engine::exec::trial::Trial;
/// use strategies::lock_free::atomic::Atomic;
/// use strategies::program::workload::Workload;
///
/// let workload = Workload { tasks: 2, increments: 1000, ..Workload::ONE };
/// let trial = Trial { attempts: 5, ..Trial::new(workload, 2) };
/// let seen = trial.run(|machine| Atomic::new(machine, 2))?;
/// assert!(seen.iter().all(|attempt| attempt.total == workload.expected()));
/// # Ok::<(), engine::exec::trial::TrialError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// What the workers of an attempt do together.
    pub workload: Workload,
    /// Workers of an attempt, 1 to [`WORKERS_MAX`].
    pub workers: u32,
    /// Attempts, 1 to [`ATTEMPTS_MAX`].
    pub attempts: u32,
    /// On which cores workers run.
    pub pin: Pin,
    /// Fixes how each attempt starts; it cannot fix the operating system's schedule.
    pub seed: u64,
}

/// Why a trial has no observations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrialError {
    /// A number is outside its limits; nothing ran.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// An attempt did not end as it should; what the attempts before it showed is dropped.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

impl Trial {
    /// One attempt of `workload` by `workers` workers, each on a core of its own if there are
    /// enough, with seed 0.
    pub fn new(workload: Workload, workers: u32) -> Self {
        Self { workload, workers, attempts: 1, pin: Pin::default(), seed: 0 }
    }

    /// Runs every attempt, one after the other, on threads of the trial's own; `make` builds a
    /// strategy for each lock of each attempt. The observations are in the order of attempts.
    ///
    /// # Errors
    /// A number outside its limits, before anything runs; the first attempt that fails or takes
    /// longer than [`crate::limits::ATTEMPT_TIME_MAX`].
    pub fn run<S: Strategy<NativeMachine> + 'static>(
        &self,
        make: impl Fn(&NativeMachine) -> S,
    ) -> Result<Vec<Observation>, TrialError> {
        let Self { workload, workers, attempts, pin, seed } = *self;
        let workload = workload.checked()?;
        let workers = within("workers", workers, 1, WORKERS_MAX)? as usize;
        within("attempts", attempts, 1, ATTEMPTS_MAX)?;
        if let Some(service) = workload.service {
            within("io_workers", service.workers, 1, workers)?;
        }
        let mut pool = WorkerPool::default();
        let attempt = |number| {
            let seed = seed::of_attempt(seed, 0, number);
            attempt::run_strategy(&mut pool, &make, (workload, workers), pin, seed)
        };
        Ok((0..attempts).map(attempt).collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use strategies::lock_free::sharded::Sharded;
    use strategies::program::workload::{Request, Service};

    use super::*;

    const WORKLOAD: Workload = Workload { tasks: 2, increments: 500, ..Workload::ONE };

    #[test]
    fn every_attempt_is_observed() {
        let trial = Trial { attempts: 7, ..Trial::new(WORKLOAD, 2) };
        let seen = trial.run(|machine| Sharded::new(machine, 2)).expect("it runs");
        let totals: Vec<_> = seen.iter().map(|attempt| attempt.total).collect();
        assert_eq!(totals, [WORKLOAD.expected(); 7]);
        assert!(seen.iter().all(|attempt| attempt.tally.increments == 1000));
    }

    #[test]
    fn numbers_outside_their_limits_are_refused() {
        let refused = |trial: Trial| {
            let error = trial.run(|machine| Sharded::new(machine, 1)).expect_err("refused");
            let TrialError::Limit(LimitError { field, .. }) = error else { panic!("{error}") };
            field
        };
        let one = Trial::new(WORKLOAD, 1);
        assert_eq!(refused(Trial { workers: 0, ..one }), "workers");
        assert_eq!(refused(Trial { workers: WORKERS_MAX + 1, ..one }), "workers");
        assert_eq!(refused(Trial { attempts: 0, ..one }), "attempts");
        assert_eq!(refused(Trial::new(Workload { tasks: 0, ..WORKLOAD }, 1)), "tasks");
        let service = Some(Service { workers: 2, requests: 1, request: Request::Echo });
        assert_eq!(refused(Trial::new(Workload { service, ..WORKLOAD }, 1)), "io_workers");
    }
}
