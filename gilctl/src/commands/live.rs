//! Follows a sweep to its end: events onto the board, cuts mended, Ctrl-C heard.
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

use std::io::Stdout;

use proto::v1::WatchSweepResponse;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tonic::{Code, Status};

use super::hints::Hints;
use super::printer::Printer;
use crate::client::Lab;
use crate::client::backoff::Backoff;
use crate::exit::{Exit, is_broken_connection};
use crate::failure::Failure;
use crate::follow::{Change, Follower};
use crate::ids;
use crate::progress::Progress;

/// What Ctrl-C means to whoever follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnInterrupt {
    /// It is my sweep: first cancel it, then leave.
    CancelThenLeave,
    /// I only watch, or have asked to cancel already: leave.
    Leave,
}

/// How following came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The sweep ended.
    Ended,
    /// The follower left.
    Left,
}

/// How a stream came to its end.
#[derive(Debug)]
enum Cut {
    For(Ending),
    Broken(String),
}

/// A follower with everything that it talks to.
#[derive(Debug)]
pub struct Live<'a> {
    lab: &'a Lab,
    follower: Follower,
    printer: Printer<Stdout>,
    progress: Progress,
    hints: Hints,
    on_interrupt: OnInterrupt,
    interrupts: Signal,
    backoff: Backoff,
}

impl<'a> Live<'a> {
    /// Gets ready to follow.
    pub fn new(
        lab: &'a Lab,
        follower: Follower,
        printer: Printer<Stdout>,
        progress: Progress,
        hints: Hints,
        on_interrupt: OnInterrupt,
    ) -> Result<Self, Failure> {
        let interrupts = signal(SignalKind::interrupt())?;
        let backoff = Backoff::default();
        Ok(Self { lab, follower, printer, progress, hints, on_interrupt, interrupts, backoff })
    }

    /// Follows to the end, and prints what there is to print.
    pub async fn follow(mut self) -> Result<(Ending, Follower), Failure> {
        self.printer.open(self.follower.board())?;
        let ending = self.reach_the_end().await;
        self.progress.clear();
        let ending = ending?;
        if ending == Ending::Ended {
            self.printer.close(self.follower.board())?;
        }
        Ok((ending, self.follower))
    }

    async fn reach_the_end(&mut self) -> Result<Ending, Failure> {
        loop {
            let cause = match self.one_stream().await? {
                Cut::For(ending) => return Ok(ending),
                Cut::Broken(cause) => cause,
            };
            let Some(wait) = self.backoff.next_wait() else {
                return Err(self.lost(&cause));
            };
            if self.hints == Hints::All {
                self.progress.say(&format!("connection lost ({cause}); trying again"));
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = self.interrupts.recv() => return Ok(Ending::Left),
            }
        }
    }

    async fn one_stream(&mut self) -> Result<Cut, Failure> {
        let after = self.follower.last_sequence();
        let name = self.name();
        let lab = self.lab;
        let opened = loop {
            tokio::select! {
                opened = lab.watch(&name, after) => break opened,
                _ = self.interrupts.recv() => {
                    if self.interrupted().await == OnInterrupt::Leave {
                        return Ok(Cut::For(Ending::Left));
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
                        return Ok(Cut::For(Ending::Left));
                    }
                }
            }
        }
    }

    fn hear(
        &mut self,
        heard: Result<Option<WatchSweepResponse>, Status>,
    ) -> Result<Option<Cut>, Failure> {
        let event = match heard {
            Ok(Some(response)) => response.event,
            // A daemon that stops ends its streams early; the sweep's last event has not come.
            Ok(None) => return Ok(Some(Cut::Broken("the stream ended early".to_owned()))),
            Err(status) => return broken(&status).map(Some),
        };
        self.backoff.succeeded();
        let change = self.follower.apply(event.unwrap_or_default()).map_err(|error| {
            let way_out = format!("`gilctl watch {}` starts anew", self.short_id());
            Failure::new(Exit::Unexpected, error.to_string(), way_out)
        })?;
        self.progress.update(self.follower.board());
        self.printer.change(self.follower.board(), change)?;
        Ok((change == Change::Ended).then_some(Cut::For(Ending::Ended)))
    }

    /// What is done about Ctrl-C; a sweep that has ended already needs no cancelling.
    async fn interrupted(&mut self) -> OnInterrupt {
        if self.on_interrupt == OnInterrupt::Leave {
            return OnInterrupt::Leave;
        }
        self.on_interrupt = OnInterrupt::Leave;
        let (lab, name) = (self.lab, self.name());
        let answered = tokio::select! {
            answered = lab.cancel(&name) => answered,
            _ = self.interrupts.recv() => return OnInterrupt::Leave,
        };
        match answered {
            Err(status) if status.code() != Code::FailedPrecondition => {
                self.progress.say(&format!("could not cancel: {}", status.message()));
            }
            _ if self.hints != Hints::Quiet => {
                self.progress.say("cancelling; Ctrl-C again leaves at once");
            }
            _ => {}
        }
        OnInterrupt::CancelThenLeave
    }

    fn lost(&self, cause: &str) -> Failure {
        let last = self.follower.last_sequence();
        let message = format!("the daemon went away after event {last} ({cause})");
        let way_out = format!("`gilctl watch {}` follows on", self.short_id());
        Failure::new(Exit::Unreachable, message, way_out)
    }

    fn name(&self) -> String {
        self.follower.board().sweep.name.clone()
    }

    fn short_id(&self) -> String {
        ids::short(&self.follower.board().sweep.name).to_owned()
    }
}

fn broken(status: &Status) -> Result<Cut, Failure> {
    if is_broken_connection(status) {
        return Ok(Cut::Broken(status.message().to_owned()));
    }
    Err(Failure::from_status(status))
}
