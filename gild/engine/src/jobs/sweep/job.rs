//! A sweep: its plan, the attempts that were done, and what an earlier run has stored. Measures
//! nothing.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::jobs::event::sink::AppendError;
use crate::measure::turn::StoredTurn;
use crate::plan::sweep_plan::Plan;

/// A sweep, as one kind of job.
#[derive(Debug)]
pub struct Sweep {
    /// What will run.
    pub plan: Plan,
    /// Changed only by the thread that runs the sweep.
    attempts: AtomicU64,
    previous_run: Mutex<Option<Box<dyn PreviousRun>>>,
    /// On where an earlier run was measured, if that may be another machine.
    moved: Option<String>,
}

/// What an earlier run of a sweep has stored. It may be large, so it is read only when the sweep
/// starts.
pub trait PreviousRun: std::fmt::Debug + Send {
    /// Passes each stored turn, in order, to `take` until it breaks. Otherwise returns the positions
    /// of the cells that are complete.
    fn replay_turns(
        &self,
        take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Vec<usize>>, AppendError>;
}

impl Sweep {
    /// A sweep of which nothing was done.
    pub fn new(plan: Plan) -> Self {
        Self { plan, attempts: AtomicU64::new(0), previous_run: Mutex::default(), moved: None }
    }

    /// A sweep that goes on from the attempts that are stored of it.
    pub fn resumed(plan: Plan, attempts: u64, previous_run: Box<dyn PreviousRun>) -> Self {
        let previous_run = Mutex::new(Some(previous_run));
        Self { plan, attempts: AtomicU64::new(attempts), previous_run, moved: None }
    }

    /// The same with a note on where the earlier run was measured.
    #[must_use]
    pub fn with_move(self, moved: Option<String>) -> Self {
        Self { moved, ..self }
    }

    /// That note.
    pub(crate) fn moved(&self) -> Option<&str> {
        self.moved.as_deref()
    }

    /// Attempts done.
    pub fn attempts_done(&self) -> u64 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// What an earlier run has stored; `None` if there was none, or if it was taken.
    pub(crate) fn take_previous_run(&self) -> Option<Box<dyn PreviousRun>> {
        self.previous_run.lock().take()
    }

    /// Counts an attempt.
    pub(crate) fn count_attempt(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Attempts that were counted are run again, and do not count.
    pub(crate) fn discard_attempts(&self, count: usize) {
        let left = self.attempts_done().saturating_sub(count as u64);
        self.attempts.store(left, Ordering::Relaxed);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use strategies::catalog::{Name, Plain};

    use super::*;
    use crate::jobs::job::Job;
    use crate::jobs::owner::Owner;
    use crate::plan::spec::{StrategySelector, SweepSpec};
    use crate::python::registry::Interpreters;

    /// A sweep of one cell.
    pub(crate) fn sweep() -> Sweep {
        let spec = SweepSpec {
            strategies: vec![StrategySelector::One(Name::Plain(Plain::Atomic))],
            ..SweepSpec::default()
        };
        Sweep::new(Plan::new(&spec, &Interpreters::default(), 1).expect("a plan"))
    }

    /// The same in the queue.
    pub(crate) fn sweep_job(id: &str) -> Arc<Job> {
        Job::new(id.into(), Owner::Local, Arc::new(sweep()))
    }

    #[test]
    fn discarded_attempts_do_not_count() {
        let sweep = sweep();
        for _ in 0..3 {
            sweep.count_attempt();
        }
        sweep.discard_attempts(2);
        assert_eq!(sweep.attempts_done(), 1);
    }
}
