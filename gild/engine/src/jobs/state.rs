//! The state machine of a job.
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
//! Terminal states are never left.

use std::sync::atomic::{AtomicU8, Ordering};

use parking_lot::Mutex;
use strategies::machine::native::abort::Abort;

use crate::sys::clock::unix_time_ns;

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits for a lane.
    Queued,
    /// Measures, or searches.
    Running,
    /// Was asked to stop and has not yet.
    Cancelling,
    /// Ran to its end.
    Succeeded,
    /// Ended by an error.
    Failed,
    /// Stopped by a client.
    Cancelled,
    /// Stopped because the daemon stopped.
    Interrupted,
}

/// A change of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// A lane takes the job.
    Start,
    /// A client asks it to stop.
    Cancel,
    /// All of it is done.
    Finish,
    /// An error ends it.
    Fail,
    /// It has stopped after a cancel.
    End,
    /// The daemon stops.
    Interrupt,
}

/// A transition that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot {} a job that is {}", .transition.verb(), .state.word())]
pub struct IllegalTransition {
    /// The state of the job.
    pub state: State,
    /// The transition that was tried.
    pub transition: Transition,
}

impl State {
    /// All states, in the order of their declaration.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Running,
        Self::Cancelling,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Interrupted,
    ];

    /// The state in one lower-case word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Cancelling => "cancelling",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether the job has ended.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled | Self::Interrupted)
    }

    /// The state after a transition.
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

impl Transition {
    const fn verb(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Cancel => "cancel",
            Self::Finish => "finish",
            Self::Fail => "fail",
            Self::End => "end",
            Self::Interrupt => "interrupt",
        }
    }
}

/// Why a job must stop before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// A client cancelled it.
    Cancelled,
    /// The daemon stops.
    Interrupted,
}

impl StopReason {
    /// The transition that ends a job that was stopped for this reason.
    pub const fn transition(self) -> Transition {
        match self {
            Self::Cancelled => Transition::End,
            Self::Interrupted => Transition::Interrupt,
        }
    }
}

/// The state of one job, why it must stop, and how it ended.
///
/// The state can be read without a lock: [`Self::end`] holds the lock until the last event is
/// durable, which may take minutes on a slow disk.
#[derive(Debug)]
pub struct Lifecycle {
    /// The state as an index of [`State::ALL`]. Written under the lock; a final state is written
    /// before the last event is stored, so that a client that has seen the event finds it.
    published: AtomicU8,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: State,
    end_time_ns: u64,
    error: String,
    stop: Option<StopReason>,
    /// Raised by a stop.
    abort: Option<Abort>,
}

impl Default for Lifecycle {
    /// In the queue.
    fn default() -> Self {
        let inner = Inner {
            state: State::Queued,
            end_time_ns: 0,
            error: String::new(),
            stop: None,
            abort: None,
        };
        Self { published: AtomicU8::new(State::Queued as u8), inner: Mutex::new(inner) }
    }
}

impl Lifecycle {
    /// The state. Never waits.
    pub fn state(&self) -> State {
        State::ALL[usize::from(self.published.load(Ordering::Acquire))]
    }

    /// When the job ended, in nanoseconds since the Unix epoch; 0 while it has not.
    pub fn end_time_ns(&self) -> u64 {
        self.inner.lock().end_time_ns
    }

    /// Why the job failed; empty otherwise.
    pub fn error(&self) -> String {
        self.inner.lock().error.clone()
    }

    /// Changes the state; the new one, or why not.
    pub fn apply(&self, transition: Transition) -> Result<State, IllegalTransition> {
        let mut inner = self.inner.lock();
        inner.state = inner.state.after(transition)?;
        self.publish(inner.state);
        Ok(inner.state)
    }

    /// Ends the job. `append` stores the last event, with the final state and the time, while the
    /// lock is held: no other thread ends the job meanwhile. If it fails, the job has not ended.
    pub fn end<E: From<IllegalTransition>>(
        &self,
        transition: Transition,
        error: &str,
        append: impl FnOnce(State, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut inner = self.inner.lock();
        let (state, now_ns) = (inner.state.after(transition)?, unix_time_ns());
        self.publish(state);
        if let Err(problem) = append(state, now_ns) {
            self.publish(inner.state);
            return Err(problem);
        }
        (inner.state, inner.end_time_ns) = (state, now_ns);
        error.clone_into(&mut inner.error);
        Ok(())
    }

    /// Asks the job to stop. The first reason stays, except that the daemon's own stop outranks a
    /// cancel.
    pub fn stop(&self, reason: StopReason) {
        let mut inner = self.inner.lock();
        if inner.stop.is_none() || reason == StopReason::Interrupted {
            inner.stop = Some(reason);
        }
        if let Some(abort) = &inner.abort {
            abort.raise();
        }
    }

    /// Why the job must stop, if it must.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.inner.lock().stop
    }

    /// A fresh flag that a stop raises; raised already if the stop came first. Replaces the one
    /// before.
    pub fn abort_on_stop(&self) -> Abort {
        let abort = Abort::default();
        let mut inner = self.inner.lock();
        if inner.stop.is_some() {
            abort.raise();
        }
        inner.abort = Some(abort.clone());
        abort
    }

    fn publish(&self, state: State) {
        self.published.store(state as u8, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for state in State::ALL.into_iter().filter(|state| state.is_terminal()) {
            for transition in TRANSITIONS {
                assert_eq!(state.after(transition), Err(IllegalTransition { state, transition }));
            }
        }
    }

    #[test]
    fn every_non_terminal_state_can_reach_an_end() {
        for state in State::ALL.into_iter().filter(|state| !state.is_terminal()) {
            assert_eq!(state.after(Transition::Interrupt), Ok(State::Interrupted));
            assert!(state.after(Transition::Cancel).is_ok());
        }
    }

    #[test]
    fn daemon_stop_outranks_cancel() {
        let lifecycle = Lifecycle::default();
        lifecycle.stop(StopReason::Cancelled);
        lifecycle.stop(StopReason::Interrupted);
        lifecycle.stop(StopReason::Cancelled);
        assert_eq!(lifecycle.stop_reason(), Some(StopReason::Interrupted));
    }

    #[test]
    fn stop_raises_the_flag_of_the_running_attempt_and_of_later_ones() {
        let lifecycle = Lifecycle::default();
        let abort = lifecycle.abort_on_stop();
        assert!(!abort.is_raised());
        lifecycle.stop(StopReason::Cancelled);
        assert!(abort.is_raised());
        assert!(lifecycle.abort_on_stop().is_raised(), "and every later one");
    }

    #[test]
    fn illegal_transition_names_state_and_transition() {
        let error = Lifecycle::default().apply(Transition::Finish).expect_err("it has not started");
        assert_eq!(error.to_string(), "cannot finish a job that is queued");
    }

    #[test]
    fn end_that_cannot_be_stored_leaves_the_job_running() {
        let lifecycle = Lifecycle::default();
        lifecycle.apply(Transition::Start).expect("it waits");
        let ended = lifecycle.end(Transition::Finish, "", |_, _| {
            Err(IllegalTransition { state: State::Running, transition: Transition::Finish })
        });
        let state = lifecycle.state();
        assert!(ended.is_err() && state == State::Running && lifecycle.end_time_ns() == 0);
    }

    #[test]
    fn final_state_is_published_before_its_event_and_withdrawn_if_that_fails() {
        let lifecycle = Lifecycle::default();
        lifecycle.apply(Transition::Start).expect("it waits");
        let ended = lifecycle.end(Transition::Finish, "", |_, _| {
            assert_eq!(lifecycle.state(), State::Succeeded);
            Err(IllegalTransition { state: State::Running, transition: Transition::Finish })
        });
        assert!(ended.is_err() && lifecycle.state() == State::Running);
        let early = lifecycle.end(Transition::End, "", |_, _| Ok(()));
        let why = IllegalTransition { state: State::Running, transition: Transition::End };
        assert_eq!((early, lifecycle.state()), (Err(why), State::Running));
    }

    #[test]
    fn published_index_is_the_declared_order() {
        for (index, state) in State::ALL.into_iter().enumerate() {
            assert_eq!(index, state as usize);
        }
    }
}
