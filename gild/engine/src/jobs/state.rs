//! The life of a sweep or an exploration as an explicit state machine. Its owner keeps it under a
//! lock of its own and alone changes it.
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

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::sys::clock::unix_time_ns;

/// Where a piece of work is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits for the lane.
    Queued,
    /// Measures, or searches.
    Running,
    /// Was asked to stop and has not yet.
    Cancelling,
    /// Ran to its end.
    Succeeded,
    /// It could not be done.
    Failed,
    /// Stopped by a user.
    Cancelled,
    /// Stopped because the daemon stopped.
    Interrupted,
}

/// What happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// The lane takes it.
    Start,
    /// A user wants it to stop.
    Cancel,
    /// All of it is done.
    Finish,
    /// It cannot be done.
    Fail,
    /// It was asked to stop and has.
    End,
    /// The daemon stops.
    Interrupt,
}

/// A transition that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is {state:?} cannot {transition:?}")]
pub struct IllegalTransition {
    /// Where it was.
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

/// Why running work must stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// A user cancelled it.
    Cancelled,
    /// The daemon stops.
    Interrupted,
}

/// Where something is in its life, and how that ended.
#[derive(Debug)]
pub struct Lifecycle {
    state: State,
    end_time_ns: u64,
    error: String,
    stop: Option<StopReason>,
}

impl Default for Lifecycle {
    /// In the queue.
    fn default() -> Self {
        Self { state: State::Queued, end_time_ns: 0, error: String::new(), stop: None }
    }
}

impl Lifecycle {
    /// Where it is.
    pub const fn state(&self) -> State {
        self.state
    }

    /// When it ended, in nanoseconds since the Unix epoch; 0 while it has not.
    pub const fn end_time_ns(&self) -> u64 {
        self.end_time_ns
    }

    /// Why it failed; empty otherwise.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// Changes the state; the new one, or why not.
    pub fn apply(&mut self, transition: Transition) -> Result<State, IllegalTransition> {
        self.state = self.state.after(transition)?;
        Ok(self.state)
    }

    /// Ends it. `tell` stores the last event, with the state and the time, while the owner's lock
    /// is held: nobody else ends it meanwhile.
    pub fn end<E: From<IllegalTransition>>(
        &mut self,
        transition: Transition,
        error: &str,
        tell: impl FnOnce(State, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let (state, now_ns) = (self.state.after(transition)?, unix_time_ns());
        tell(state, now_ns)?;
        (self.state, self.end_time_ns) = (state, now_ns);
        error.clone_into(&mut self.error);
        Ok(())
    }

    /// Asks it to stop. The first reason stays, except that the daemon's own stop outranks a
    /// cancel.
    pub fn stop(&mut self, reason: StopReason) {
        if self.stop.is_none() || reason == StopReason::Interrupted {
            self.stop = Some(reason);
        }
    }

    /// Why it must stop, if it must.
    pub const fn stop_reason(&self) -> Option<StopReason> {
        self.stop
    }
}

/// The state for whoever must not wait for a disk: a life's owner holds its lock until the last event
/// is stored, which may take minutes. An end shows here before that event is told, so that whoever has
/// seen the event also finds it ended.
#[derive(Debug)]
pub struct PublishedState(Mutex<State>);

impl Default for PublishedState {
    /// In the queue.
    fn default() -> Self {
        Self(Mutex::new(State::Queued))
    }
}

impl PublishedState {
    /// Where it is; takes a moment.
    pub fn state(&self) -> State {
        *self.lock()
    }

    /// Changes the state of a life, and what is shown.
    pub fn apply(
        &self,
        life: &mut Lifecycle,
        transition: Transition,
    ) -> Result<State, IllegalTransition> {
        let state = life.apply(transition)?;
        *self.lock() = state;
        Ok(state)
    }

    /// Ends a life; see [`Lifecycle::end`].
    pub fn end<E: From<IllegalTransition>>(
        &self,
        life: &mut Lifecycle,
        transition: Transition,
        error: &str,
        tell: impl FnOnce(State, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        *self.lock() = life.state().after(transition)?;
        let ended = life.end(transition, error, tell);
        // What cannot be told has not ended.
        *self.lock() = life.state();
        ended
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_daemons_stop_outranks_a_cancel() {
        let mut life = Lifecycle::default();
        life.stop(StopReason::Cancelled);
        life.stop(StopReason::Interrupted);
        life.stop(StopReason::Cancelled);
        assert_eq!(life.stop_reason(), Some(StopReason::Interrupted));
    }

    #[test]
    fn an_illegal_transition_says_which() {
        let error = Lifecycle::default().apply(Transition::Finish).expect_err("it has not started");
        assert_eq!(error.to_string(), "what is Queued cannot Finish");
    }

    #[test]
    fn an_end_that_cannot_be_told_is_none() {
        let mut life = Lifecycle::default();
        life.apply(Transition::Start).expect("it waits");
        let told = life.end(Transition::Finish, "", |_, _| {
            Err(IllegalTransition { state: State::Running, transition: Transition::Finish })
        });
        assert!(told.is_err() && life.state() == State::Running && life.end_time_ns() == 0);
    }

    #[test]
    fn an_end_shows_before_it_is_told_and_not_if_it_cannot_be() {
        let (mut life, standing) = (Lifecycle::default(), PublishedState::default());
        standing.apply(&mut life, Transition::Start).expect("it waits");
        let told = standing.end(&mut life, Transition::Finish, "", |_, _| {
            assert_eq!(standing.state(), State::Succeeded);
            Err(IllegalTransition { state: State::Running, transition: Transition::Finish })
        });
        assert!(told.is_err() && standing.state() == State::Running);
        let early = standing.end(&mut life, Transition::End, "", |_, _| Ok(()));
        let why = IllegalTransition { state: State::Running, transition: Transition::End };
        assert_eq!((early, standing.state()), (Err(why), State::Running));
    }
}
