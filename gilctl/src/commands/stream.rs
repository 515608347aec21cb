//! Driver of an event stream: reconnects after a lost connection, and cancels or leaves on a signal.
//! The [`EventStream`] decides what the events mean and where they are printed.
//!
//! ```text
//!        connection lost, attempts left     first signal: the daemon is asked to cancel
//!          .--------------------------.     .--.
//!          v                          |     v  |
//!   open a stream ---------------> events ------> ended
//!          |                          |
//!          | no attempts left         | second signal, or the first one in `watch`
//!          v                          v
//!     unreachable                 detached
//! ```

use std::io;
use std::ops::ControlFlow;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tonic::{Code, Status, Streaming};

use crate::client::backoff::Backoff;
use crate::client::failures::{STREAM_ENDED_EARLY, cause, from_status};
use crate::client::lab::Lab;
use crate::commands::context::Context;
use crate::commands::interrupts::{Interrupts, OnInterrupt};
use crate::error::Failure;
use crate::exit::{Exit, is_retried};
use crate::ids;
use crate::output::hints::Hints;
use crate::output::next::Next;
use crate::output::progress::LINE_INTERVAL;
use view::follow::cursor::FollowError;

/// A named item whose numbered events can be watched to an end, and the output of these events.
pub trait EventStream {
    /// A message of the stream.
    type Message;

    /// The resource name.
    fn name(&self) -> &str;
    /// The sequence number of the last event that was applied.
    fn last_sequence(&self) -> u64;
    /// Opens the stream of the events after one.
    fn watch(
        lab: &Lab,
        name: &str,
        after: u64,
    ) -> impl Future<Output = Result<Streaming<Self::Message>, Status>>;
    /// Asks the daemon to cancel the item.
    fn cancel(lab: &Lab, name: &str) -> impl Future<Output = Result<(), Status>>;
    /// Applies and prints one message; breaks after the last.
    fn on_message(&mut self, message: Self::Message) -> Result<ControlFlow<()>, MessageError>;
    /// Called when the daemon closes the stream without an error; breaks if the item has ended.
    fn on_close(&mut self) -> Result<ControlFlow<()>, MessageError> {
        Ok(ControlFlow::Continue(()))
    }
    /// Prints what comes before the first event.
    fn open(&mut self) -> io::Result<()>;
    /// Prints what comes after the last event.
    fn close(&mut self) -> io::Result<()>;
    /// Called when the terminal has another size.
    fn redraw(&mut self) {}
    /// Removes the progress display.
    fn clear(&mut self);
    /// Called every [`LINE_INTERVAL`] while the item is followed.
    fn tick(&self);
    /// Writes a line above the progress display.
    fn say(&self, line: &str);
}

/// Why a message could not be used.
#[derive(Debug)]
pub enum MessageError {
    /// The event does not continue the log.
    Follow(FollowError),
    /// The output could not be written.
    Print(io::Error),
}

impl From<FollowError> for MessageError {
    fn from(error: FollowError) -> Self {
        Self::Follow(error)
    }
}

impl From<io::Error> for MessageError {
    fn from(error: io::Error) -> Self {
        Self::Print(error)
    }
}

/// How following ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowOutcome {
    /// The item ended.
    Ended,
    /// A signal.
    Left,
}

/// How one stream ended.
#[derive(Debug)]
enum StreamEnd {
    Done(FollowOutcome),
    Broken(String),
}

/// Follows an [`EventStream`] to its end.
#[derive(Debug)]
pub struct StreamDriver<'a, S> {
    lab: &'a Lab,
    stream: S,
    hints: Hints,
    interrupts: Interrupts,
    backoff: Backoff,
    ticks: Interval,
    /// Changes of the terminal's size; none where the system cannot say.
    resizes: Option<Signal>,
}

impl<'a, S: EventStream> StreamDriver<'a, S> {
    /// Nothing is connected yet.
    pub fn new(lab: &'a Lab, stream: S, hints: Hints, interrupts: Interrupts) -> Self {
        let mut ticks = interval_at(Instant::now() + LINE_INTERVAL, LINE_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let resizes = signal(SignalKind::window_change()).ok();
        Self { lab, stream, hints, interrupts, backoff: Backoff::default(), ticks, resizes }
    }

    /// Follows to the end and prints.
    pub async fn follow(mut self) -> Result<(FollowOutcome, S), Failure> {
        self.stream.open()?;
        let outcome = self.run().await;
        self.stream.clear();
        let outcome = outcome?;
        if outcome == FollowOutcome::Ended {
            self.stream.close()?;
        }
        Ok((outcome, self.stream))
    }

    async fn run(&mut self) -> Result<FollowOutcome, Failure> {
        loop {
            let cause = match self.run_once().await? {
                StreamEnd::Done(outcome) => return Ok(outcome),
                StreamEnd::Broken(cause) => cause,
            };
            let Some(wait) = self.backoff.next_wait() else {
                return Err(self.lost(&cause));
            };
            if self.hints == Hints::All {
                self.stream.say(&format!("connection lost ({cause}); trying again"));
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.interrupts.next() => return Ok(FollowOutcome::Left),
            }
        }
    }

    /// Opens one stream and reads it until it ends.
    async fn run_once(&mut self) -> Result<StreamEnd, Failure> {
        let after = self.stream.last_sequence();
        let name = self.stream.name().to_owned();
        let lab = self.lab;
        let opened = loop {
            tokio::select! {
                opened = S::watch(lab, &name, after) => break opened,
                () = self.interrupts.next() => {
                    if self.interrupted().await == OnInterrupt::Leave {
                        return Ok(StreamEnd::Done(FollowOutcome::Left));
                    }
                }
            }
        };
        let mut messages = match opened {
            Ok(messages) => messages,
            Err(status) => return broken(&status),
        };
        loop {
            tokio::select! {
                message = messages.message() => {
                    if let Some(end) = self.on_message(message)? {
                        return Ok(end);
                    }
                }
                _ = self.ticks.tick() => self.stream.tick(),
                () = next(&mut self.resizes) => self.stream.redraw(),
                () = self.interrupts.next() => {
                    if self.interrupted().await == OnInterrupt::Leave {
                        return Ok(StreamEnd::Done(FollowOutcome::Left));
                    }
                }
            }
        }
    }

    fn on_message(
        &mut self,
        message: Result<Option<S::Message>, Status>,
    ) -> Result<Option<StreamEnd>, Failure> {
        let flow = match message {
            Ok(Some(message)) => {
                self.backoff.succeeded();
                self.apply(|stream| stream.on_message(message))?
            }
            Ok(None) => match self.apply(S::on_close)? {
                ControlFlow::Continue(()) => {
                    return Ok(Some(StreamEnd::Broken(STREAM_ENDED_EARLY.to_owned())));
                }
                end @ ControlFlow::Break(()) => end,
            },
            Err(status) => return broken(&status).map(Some),
        };
        Ok(flow.is_break().then_some(StreamEnd::Done(FollowOutcome::Ended)))
    }

    fn apply(
        &mut self,
        step: impl FnOnce(&mut S) -> Result<ControlFlow<()>, MessageError>,
    ) -> Result<ControlFlow<()>, Failure> {
        step(&mut self.stream).map_err(|error| match error {
            MessageError::Print(error) => error.into(),
            MessageError::Follow(error) => {
                let way_out = format!("`gilctl watch {}` starts anew", self.short_id());
                Failure::new(Exit::Unexpected, error.to_string(), way_out)
            }
        })
    }

    /// Handles a signal. An item that has already ended needs no cancelling.
    async fn interrupted(&mut self) -> OnInterrupt {
        if self.interrupts.effect == OnInterrupt::Leave {
            return OnInterrupt::Leave;
        }
        self.interrupts.effect = OnInterrupt::Leave;
        let (lab, name) = (self.lab, self.stream.name().to_owned());
        let answered = tokio::select! {
            answered = S::cancel(lab, &name) => answered,
            () = self.interrupts.next() => return OnInterrupt::Leave,
        };
        match answered {
            Err(status) if status.code() != Code::FailedPrecondition => {
                self.stream.say(&format!("could not cancel: {}", cause(&status)));
            }
            _ if self.hints != Hints::Quiet => {
                self.stream.say("cancelling; Ctrl-C again leaves at once");
            }
            _ => {}
        }
        OnInterrupt::CancelThenLeave
    }

    fn lost(&self, cause: &str) -> Failure {
        let last = self.stream.last_sequence();
        let message = format!("the daemon went away after event {last} ({cause})");
        let way_out = format!("`gilctl watch {}` follows on", self.short_id());
        Failure::new(Exit::Unreachable, message, way_out)
    }

    fn short_id(&self) -> String {
        ids::short(self.stream.name()).to_owned()
    }
}

/// Waits for the next signal; for ever if there is none to come.
async fn next(signals: &mut Option<Signal>) {
    let arrived = match signals {
        Some(signals) => signals.recv().await,
        None => None,
    };
    if arrived.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Hints at how to find an item again that was left running; returns the exit code.
pub fn leave(context: &Context, lab: &Lab, name: &str) -> Exit {
    if lab.outlives_gilctl() {
        context.next("left", &Next::Watch(ids::short(name).to_owned()));
    } else {
        context.hints.say(&format!("left; the {} ends with gilctl", ids::Kind::of(name).noun()));
    }
    Exit::Interrupted
}

fn broken(status: &Status) -> Result<StreamEnd, Failure> {
    if is_retried(status) { Ok(StreamEnd::Broken(cause(status))) } else { Err(from_status(status)) }
}
