//! The life of a sweep as an explicit state machine. One owner changes it: the [`Live`] record.
//!
//! ```text
//!            start               finish
//!  QUEUED -----------> RUNNING ----------> SUCCEEDED
//!    |                   |  |  fail
//!    | cancel     cancel |  +-------------> FAILED
//!    v                   v
//!    CANCELLING <--------+   end
//!    (start: stays)        ---------------> CANCELLED      finish and fail as from RUNNING: the
//!                                                          cancel came too late
//!  any of QUEUED, RUNNING, CANCELLING -- interrupt --> INTERRUPTED
//! ```
//! Terminal states are never left. Names neither an executor nor the wire.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strategies::native::Abort;

use crate::host::Host;
use crate::plan::{Plan, Wish};
use crate::store::unix_time_ns;

/// Where a sweep is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits for the lane.
    Queued,
    /// Measures.
    Running,
    /// Was asked to stop and has not yet.
    Cancelling,
    /// Ran to its end.
    Succeeded,
    /// An attempt could not end.
    Failed,
    /// Stopped by a user.
    Cancelled,
    /// Stopped because the daemon stopped.
    Interrupted,
}

/// What happens to a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// The lane takes it.
    Start,
    /// A user wants it to stop.
    Cancel,
    /// Its last attempt is done.
    Finish,
    /// An attempt could not end.
    Fail,
    /// A sweep that was asked to stop has.
    End,
    /// The daemon stops.
    Interrupt,
}

/// A transition that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sweep that is {state:?} cannot {transition:?}")]
pub struct IllegalTransition {
    /// Where the sweep was.
    pub state: State,
    /// What was tried.
    pub transition: Transition,
}

impl State {
    /// Whether nothing can happen any more.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled | Self::Interrupted)
    }

    /// Where a transition leads.
    pub const fn after(self, transition: Transition) -> Result<Self, IllegalTransition> {
        use Transition::{Cancel, End, Fail, Finish, Interrupt, Start};
        match (self, transition) {
            (Self::Queued, Start) => Ok(Self::Running),
            (Self::Queued | Self::Running | Self::Cancelling, Cancel)
            | (Self::Cancelling, Start) => Ok(Self::Cancelling),
            (Self::Running | Self::Cancelling, Finish) => Ok(Self::Succeeded),
            (Self::Running | Self::Cancelling, Fail) => Ok(Self::Failed),
            (Self::Cancelling, End) => Ok(Self::Cancelled),
            (Self::Queued | Self::Running | Self::Cancelling, Interrupt) => Ok(Self::Interrupted),
            (state, transition) => Err(IllegalTransition { state, transition }),
        }
    }
}

/// Why a running sweep must stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// A user cancelled it.
    Cancelled,
    /// The daemon stops.
    Interrupted,
}

/// A sweep that this daemon knows.
#[derive(Debug)]
pub struct Live {
    /// Time-sortable id.
    pub id: String,
    /// What was asked for.
    pub wish: Wish,
    /// What will run.
    pub plan: Plan,
    /// Nanoseconds since the Unix epoch.
    pub create_time_ns: u64,
    /// Where it runs, as it was when the sweep was created.
    pub host: Host,
    life: Mutex<Life>,
}

#[derive(Debug)]
struct Life {
    state: State,
    end_time_ns: u64,
    attempts: u64,
    error: String,
    stop: Option<StopReason>,
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

impl Live {
    /// A sweep in the queue.
    pub fn new(id: String, wish: Wish, plan: Plan) -> Arc<Self> {
        let life = Life {
            state: State::Queued,
            end_time_ns: 0,
            attempts: 0,
            error: String::new(),
            stop: None,
            attempt: None,
        };
        let (create_time_ns, host) = (unix_time_ns(), Host::look());
        Arc::new(Self { id, wish, plan, create_time_ns, host, life: Mutex::new(life) })
    }

    /// How it stands.
    pub fn progress(&self) -> Progress {
        let Life { state, end_time_ns, attempts, ref error, .. } = *self.life();
        Progress { state, end_time_ns, attempts, error: error.clone() }
    }

    /// Changes the state; the new one, or why not.
    pub fn apply(&self, transition: Transition) -> Result<State, IllegalTransition> {
        let mut life = self.life();
        life.state = life.state.after(transition)?;
        Ok(life.state)
    }

    /// Ends the sweep. `tell` stores the last event while nobody can ask for the state, so that
    /// whoever has seen the event also finds the sweep ended.
    pub fn end<E: From<IllegalTransition>>(
        &self,
        transition: Transition,
        error: &str,
        tell: impl FnOnce(State) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut life = self.life();
        let state = life.state.after(transition)?;
        tell(state)?;
        life.state = state;
        life.end_time_ns = unix_time_ns();
        error.clone_into(&mut life.error);
        Ok(())
    }

    /// Asks the sweep to stop, whatever attempt it is in. The first reason stays, except that the
    /// daemon's own stop outranks a cancel.
    pub fn stop(&self, reason: StopReason) {
        let mut life = self.life();
        if life.stop.is_none() || reason == StopReason::Interrupted {
            life.stop = Some(reason);
        }
        if let Some(attempt) = &life.attempt {
            attempt.raise();
        }
    }

    /// Why it must stop, if it must.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.life().stop
    }

    /// Announces the attempt that a stop must end. A stop that came first ends it at once.
    pub fn begin_attempt(&self) -> Abort {
        let abort = Abort::default();
        let mut life = self.life();
        if life.stop.is_some() {
            abort.raise();
        }
        life.attempt = Some(abort.clone());
        abort
    }

    /// The announced attempt is over and counted.
    pub fn count_attempt(&self) {
        let mut life = self.life();
        life.attempt = None;
        life.attempts += 1;
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        // Every section leaves a consistent life, even if a later one panics.
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::plan::Choice;
    use crate::python::Interpreters;
    use strategies::catalog::{Name, Plain};

    const STATES: [State; 7] = [
        State::Queued,
        State::Running,
        State::Cancelling,
        State::Succeeded,
        State::Failed,
        State::Cancelled,
        State::Interrupted,
    ];
    const TRANSITIONS: [Transition; 6] = [
        Transition::Start,
        Transition::Cancel,
        Transition::Finish,
        Transition::Fail,
        Transition::End,
        Transition::Interrupt,
    ];

    /// A sweep of one cell.
    pub(crate) fn live(id: &str) -> Arc<Live> {
        let wish =
            Wish { strategies: vec![Choice::One(Name::Plain(Plain::Atomic))], ..Wish::default() };
        let plan = Plan::new(&wish, &Interpreters::default(), 1).expect("a plan");
        Live::new(id.into(), wish, plan)
    }

    #[test]
    fn terminal_states_are_never_left() {
        for state in STATES.into_iter().filter(|state| state.is_terminal()) {
            for transition in TRANSITIONS {
                assert_eq!(state.after(transition), Err(IllegalTransition { state, transition }));
            }
        }
    }

    #[test]
    fn every_state_but_the_terminal_ones_can_reach_an_end() {
        for state in STATES.into_iter().filter(|state| !state.is_terminal()) {
            assert_eq!(state.after(Transition::Interrupt), Ok(State::Interrupted));
            assert!(state.after(Transition::Cancel).is_ok());
        }
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
    fn the_daemons_stop_outranks_a_cancel() {
        let live = live("a");
        live.stop(StopReason::Cancelled);
        live.stop(StopReason::Interrupted);
        live.stop(StopReason::Cancelled);
        assert_eq!(live.stop_reason(), Some(StopReason::Interrupted));
    }

    #[test]
    fn an_illegal_transition_says_which() {
        let live = live("a");
        let error = live.apply(Transition::Finish).expect_err("it has not started");
        assert_eq!(error.to_string(), "a sweep that is Queued cannot Finish");
    }
}
