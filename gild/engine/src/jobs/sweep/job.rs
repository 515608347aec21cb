//! A sweep that this daemon knows: what was asked for and planned, and its life. One owner changes
//! it: the [`SweepJob`] record. Measures nothing; names neither an executor nor the wire.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strategies::machine::native::abort::Abort;

use crate::jobs::event::AppendError;
use crate::jobs::owner::Owner;
use crate::jobs::registry::Lives;
use crate::jobs::state::{
    IllegalTransition, Lifecycle, PublishedState, State, StopReason, Transition,
};
use crate::measure::turn::StoredTurn;
use crate::plan::spec::SweepSpec;
use crate::plan::sweep_plan::Plan;

/// A sweep that this daemon knows.
#[derive(Debug)]
pub struct SweepJob {
    /// Time-sortable id.
    pub id: String,
    /// Who asked for it.
    pub owner: Owner,
    /// What was asked for.
    pub wish: SweepSpec,
    /// What will run.
    pub plan: Plan,
    standing: PublishedState,
    course: Mutex<Course>,
    /// What an earlier run has stored, until a later one takes it up.
    earlier: Mutex<Option<Box<dyn PreviousRun>>>,
}

/// What an earlier run of a sweep has stored. It may be large, so nobody reads it before its time
/// has come.
pub trait PreviousRun: std::fmt::Debug + Send {
    /// Shows its turns, in order, until that is enough; the cells that were told to be complete.
    fn recall(
        &self,
        take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Vec<usize>>, AppendError>;
}

#[derive(Debug, Default)]
struct Course {
    life: Lifecycle,
    attempts: u64,
    /// The attempt that a stop must end.
    attempt: Option<Abort>,
}

/// What changes of a sweep, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Where it is in its life.
    pub state: State,
    /// When it ended; 0 while it has not.
    pub end_time_ns: u64,
    /// Attempts done.
    pub attempts: u64,
    /// Why it failed; empty otherwise.
    pub error: String,
}

impl SweepJob {
    /// A sweep in the queue.
    pub fn new(id: String, owner: Owner, wish: SweepSpec, plan: Plan) -> Arc<Self> {
        Arc::new(Self {
            id,
            owner,
            wish,
            plan,
            standing: PublishedState::default(),
            course: Mutex::default(),
            earlier: Mutex::default(),
        })
    }

    /// A sweep in the queue that goes on from the attempts that are stored of it.
    pub fn going_on(
        id: String,
        owner: Owner,
        wish: SweepSpec,
        plan: Plan,
        (attempts, earlier): (u64, Box<dyn PreviousRun>),
    ) -> Arc<Self> {
        let course = Mutex::new(Course { attempts, ..Course::default() });
        let earlier = Mutex::new(Some(earlier));
        let standing = PublishedState::default();
        Arc::new(Self { id, owner, wish, plan, standing, course, earlier })
    }

    /// What an earlier run has stored; `None` if there was none, or if it was taken.
    pub fn take_earlier(&self) -> Option<Box<dyn PreviousRun>> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Attempts done; `None` while it ends, when nobody should wait for it.
    pub fn attempts_done(&self) -> Option<u64> {
        self.course.try_lock().ok().map(|course| course.attempts)
    }

    /// How it stands. Waits while it ends.
    pub fn progress(&self) -> Progress {
        let Course { life, attempts, .. } = &*self.course();
        Progress {
            state: life.state(),
            end_time_ns: life.end_time_ns(),
            attempts: *attempts,
            error: life.error().to_owned(),
        }
    }

    /// Changes the state; the new one, or why not.
    pub fn apply(&self, transition: Transition) -> Result<State, IllegalTransition> {
        self.standing.apply(&mut self.course().life, transition)
    }

    /// Ends the sweep; `tell` stores the last event. Whoever has seen the event also finds the sweep
    /// ended.
    pub fn end<E: From<IllegalTransition>>(
        &self,
        transition: Transition,
        error: &str,
        tell: impl FnOnce(State) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut course = self.course();
        self.standing.end(&mut course.life, transition, error, |state, _| tell(state))
    }

    /// Asks the sweep to stop, whatever attempt it is in.
    pub fn stop(&self, reason: StopReason) {
        let mut course = self.course();
        course.life.stop(reason);
        if let Some(attempt) = &course.attempt {
            attempt.raise();
        }
    }

    /// Why it must stop, if it must.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.course().life.stop_reason()
    }

    /// Announces the attempt that a stop must end. A stop that came first ends it at once.
    pub fn begin_attempt(&self) -> Abort {
        let abort = Abort::default();
        let mut course = self.course();
        if course.life.stop_reason().is_some() {
            abort.raise();
        }
        course.attempt = Some(abort.clone());
        abort
    }

    /// The announced attempt is over and counted.
    pub fn count_attempt(&self) {
        let mut course = self.course();
        course.attempt = None;
        course.attempts += 1;
    }

    /// So many attempts that were counted are run again, and do not count.
    pub fn discard_attempts(&self, count: usize) {
        let mut course = self.course();
        course.attempts = course.attempts.saturating_sub(count as u64);
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        // Every section leaves a consistent course, even if a later one panics.
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lives for SweepJob {
    const KIND: &'static str = "sweep";

    fn id(&self) -> &str {
        &self.id
    }

    fn state(&self) -> State {
        self.standing.state()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::plan::spec::StrategySelector;
    use crate::python::registry::Interpreters;
    use strategies::catalog::{Name, Plain};

    /// A sweep of one cell.
    pub(crate) fn live(id: &str) -> Arc<SweepJob> {
        let wish = SweepSpec {
            strategies: vec![StrategySelector::One(Name::Plain(Plain::Atomic))],
            ..SweepSpec::default()
        };
        let plan = Plan::new(&wish, &Interpreters::default(), 1).expect("a plan");
        SweepJob::new(id.into(), Owner::Local, wish, plan)
    }

    #[test]
    fn a_stop_ends_the_attempt_that_runs() {
        let live = live("a");
        let abort = live.begin_attempt();
        assert!(!abort.is_raised());
        live.stop(StopReason::Cancelled);
        assert!(abort.is_raised());
        assert!(live.begin_attempt().is_raised(), "and every later one");
    }

    #[test]
    fn a_discarded_attempt_was_never_done() {
        let live = live("a");
        for _ in 0..3 {
            live.begin_attempt();
            live.count_attempt();
        }
        live.discard_attempts(2);
        assert_eq!(live.progress().attempts, 1);
    }
}
