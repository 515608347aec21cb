//! Follows what the daemon does to its end: cuts mended, Ctrl-C heard. What the events say, and to
//! whom, is the [`EventStream`]'s business.
//!
//! ```text
//!           cut, while tries are left        first Ctrl-C: the daemon is asked to cancel
//!          .--------------------------.     .--.
//!          v                          |     v  |
//!   open a stream ---------------> events ------> ended
//!          |                          |
//!          | no tries left            | second Ctrl-C, or the first of a mere watcher
//!          v                          v
//!     unreachable                 detached
//! ```

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tonic::{Code, Status, Streaming};

use crate::client::backoff::Backoff;
use crate::client::failures::from_status;
use crate::client::lab::Lab;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::{Exit, is_broken_connection};
use crate::follow::cursor::FollowError;
use crate::ids;
use crate::output::hints::Hints;

/// Something with a name whose numbered events can be watched to an end, and whoever is told of
/// them.
pub trait EventStream {
    /// What the stream carries.
    type Received;

    /// Its resource name.
    fn name(&self) -> &str;
    /// The last event that was heard.
    fn last_sequence(&self) -> u64;
    /// Opens the stream of what comes after an event.
    fn watch(
        lab: &Lab,
        name: &str,
        after: u64,
    ) -> impl Future<Output = Result<Streaming<Self::Received>, Status>>;
    /// Asks the daemon to stop it.
    fn cancel(lab: &Lab, name: &str) -> impl Future<Output = Result<(), Status>>;
    /// Takes one thing that was heard, and says whether it was the last.
    fn hear(&mut self, heard: Self::Received) -> Result<NextStep, HearError>;
    /// Takes in that a stream ended without a fault, and says whether that was to be expected.
    fn stream_ended(&mut self) -> Result<NextStep, HearError> {
        Ok(NextStep::More)
    }
    /// Prints what stands before the first event.
    fn open(&mut self) -> io::Result<()>;
    /// Prints what stands after the last.
    fn close(&mut self) -> io::Result<()>;
    /// Takes away what stood on the terminal meanwhile.
    fn clear(&mut self);
    /// Says a line beside it.
    fn say(&self, line: &str);
}

/// Whether more will be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// There may be more.
    More,
    /// That was the last.
    Ended,
}

/// Why something that was heard was of no use.
#[derive(Debug)]
pub enum HearError {
    /// It does not belong here.
    Follow(FollowError),
    /// It could not be printed.
    Print(io::Error),
}

impl From<FollowError> for HearError {
    fn from(error: FollowError) -> Self {
        Self::Follow(error)
    }
}

impl From<io::Error> for HearError {
    fn from(error: io::Error) -> Self {
        Self::Print(error)
    }
}

/// What Ctrl-C means to whoever follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnInterrupt {
    /// I started it: first cancel it, then leave.
    CancelThenLeave,
    /// I only watch, or have asked to cancel already: leave.
    Leave,
}

/// How following came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowOutcome {
    /// It ended.
    Ended,
    /// The follower left.
    Left,
}

/// How a stream came to its end.
#[derive(Debug)]
enum StreamEnd {
    For(FollowOutcome),
    Broken(String),
}

/// A course that is followed, and what may come between.
#[derive(Debug)]
pub struct StreamDriver<'a, C> {
    lab: &'a Lab,
    course: C,
    hints: Hints,
    on_interrupt: OnInterrupt,
    interrupts: Signal,
    backoff: Backoff,
}

impl<'a, C: EventStream> StreamDriver<'a, C> {
    /// Gets ready to follow.
    pub fn new(
        lab: &'a Lab,
        course: C,
        hints: Hints,
        on_interrupt: OnInterrupt,
    ) -> Result<Self, Failure> {
        let interrupts = signal(SignalKind::interrupt())?;
        Ok(Self { lab, course, hints, on_interrupt, interrupts, backoff: Backoff::default() })
    }

    /// Follows to the end, and prints what there is to print.
    pub async fn follow(mut self) -> Result<(FollowOutcome, C), Failure> {
        self.course.open()?;
        let ending = self.reach_the_end().await;
        self.course.clear();
        let ending = ending?;
        if ending == FollowOutcome::Ended {
            self.course.close()?;
        }
        Ok((ending, self.course))
    }

    async fn reach_the_end(&mut self) -> Result<FollowOutcome, Failure> {
        loop {
            let cause = match self.one_stream().await? {
                StreamEnd::For(ending) => return Ok(ending),
                StreamEnd::Broken(cause) => cause,
            };
            let Some(wait) = self.backoff.next_wait() else {
                return Err(self.lost(&cause));
            };
            if self.hints == Hints::All {
                self.course.say(&format!("connection lost ({cause}); trying again"));
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = self.interrupts.recv() => return Ok(FollowOutcome::Left),
            }
        }
    }

    async fn one_stream(&mut self) -> Result<StreamEnd, Failure> {
        let after = self.course.last_sequence();
        let name = self.course.name().to_owned();
        let lab = self.lab;
        let opened = loop {
            tokio::select! {
                opened = C::watch(lab, &name, after) => break opened,
                _ = self.interrupts.recv() => {
                    if self.interrupted().await == OnInterrupt::Leave {
                        return Ok(StreamEnd::For(FollowOutcome::Left));
                    }
                }
            }
        };
        let mut stream = match opened {
            Ok(stream) => stream,
            Err(status) => return broken(&status),
        };
        loop {
            tokio::select! {
                heard = stream.message() => {
                    if let Some(cut) = self.hear(heard)? {
                        return Ok(cut);
                    }
                }
                _ = self.interrupts.recv() => {
                    if self.interrupted().await == OnInterrupt::Leave {
                        return Ok(StreamEnd::For(FollowOutcome::Left));
                    }
                }
            }
        }
    }

    fn hear(
        &mut self,
        heard: Result<Option<C::Received>, Status>,
    ) -> Result<Option<StreamEnd>, Failure> {
        let further = match heard {
            Ok(Some(heard)) => {
                self.backoff.succeeded();
                self.understood(|course| course.hear(heard))?
            }
            Ok(None) => match self.understood(C::stream_ended)? {
                // A daemon that stops ends its streams early; the last event has not come.
                NextStep::More => {
                    return Ok(Some(StreamEnd::Broken("the stream ended early".to_owned())));
                }
                NextStep::Ended => NextStep::Ended,
            },
            Err(status) => return broken(&status).map(Some),
        };
        Ok(match further {
            NextStep::More => None,
            NextStep::Ended => Some(StreamEnd::For(FollowOutcome::Ended)),
        })
    }

    fn understood(
        &mut self,
        hear: impl FnOnce(&mut C) -> Result<NextStep, HearError>,
    ) -> Result<NextStep, Failure> {
        hear(&mut self.course).map_err(|error| match error {
            HearError::Print(error) => error.into(),
            HearError::Follow(error) => {
                let way_out = format!("`gilctl watch {}` starts anew", self.short_id());
                Failure::new(Exit::Unexpected, error.to_string(), way_out)
            }
        })
    }

    /// What is done about Ctrl-C; what has ended already needs no cancelling.
    async fn interrupted(&mut self) -> OnInterrupt {
        if self.on_interrupt == OnInterrupt::Leave {
            return OnInterrupt::Leave;
        }
        self.on_interrupt = OnInterrupt::Leave;
        let (lab, name) = (self.lab, self.course.name().to_owned());
        let answered = tokio::select! {
            answered = C::cancel(lab, &name) => answered,
            _ = self.interrupts.recv() => return OnInterrupt::Leave,
        };
        match answered {
            Err(status) if status.code() != Code::FailedPrecondition => {
                self.course.say(&format!("could not cancel: {}", status.message()));
            }
            _ if self.hints != Hints::Quiet => {
                self.course.say("cancelling; Ctrl-C again leaves at once");
            }
            _ => {}
        }
        OnInterrupt::CancelThenLeave
    }

    fn lost(&self, cause: &str) -> Failure {
        let last = self.course.last_sequence();
        let message = format!("the daemon went away after event {last} ({cause})");
        let way_out = format!("`gilctl watch {}` follows on", self.short_id());
        Failure::new(Exit::Unreachable, message, way_out)
    }

    fn short_id(&self) -> String {
        ids::short(self.course.name()).to_owned()
    }
}

/// Says where to find what was left. The exit code of whoever leaves.
pub fn left(context: &Context, lab: &Lab, name: &str) -> Exit {
    let line = if lab.outlives_gilctl() {
        format!("left; next: gilctl watch {}", ids::short(name))
    } else {
        format!("left; the {} ends with gilctl", ids::Kind::of(name).noun())
    };
    context.hints.say(&line);
    Exit::Interrupted
}

fn broken(status: &Status) -> Result<StreamEnd, Failure> {
    // A daemon that was started again a moment ago may take its time.
    if is_broken_connection(status) || status.code() == Code::DeadlineExceeded {
        return Ok(StreamEnd::Broken(status.message().to_owned()));
    }
    Err(from_status(status))
}
