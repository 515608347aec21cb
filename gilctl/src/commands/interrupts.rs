//! Signals that ask gilctl to stop: Ctrl-C, SIGTERM (from `timeout`, CI, containers) and SIGHUP (from a
//! terminal that closes), all with the same effect.

use std::future::poll_fn;
use std::io;
use std::task::Poll;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::Failure;
use crate::exit::Exit;

/// What the first signal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnInterrupt {
    /// Cancels the item, and the second leaves: for an item that this command started.
    CancelThenLeave,
    /// Leaves: for an item that is only watched, or that is already being cancelled.
    Leave,
}

/// The signals, from the moment at which they are caught; they no longer end the process.
#[derive(Debug)]
pub struct Interrupts {
    signals: Vec<Signal>,
    /// A signal that arrived and has not been returned by [`Self::next`].
    deferred: bool,
    pub(super) effect: OnInterrupt,
}

impl Interrupts {
    /// Catches the signals. SIGHUP is left alone where it is ignored, as `nohup` has it.
    pub fn catch(effect: OnInterrupt) -> io::Result<Self> {
        let mut signals = vec![signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
        if !is_hangup_ignored() {
            signals.push(signal(SignalKind::hangup())?);
        }
        Ok(Self { signals, deferred: false, effect })
    }

    /// Waits for the next signal. May be dropped while it waits; no signal is lost.
    pub async fn next(&mut self) {
        if std::mem::take(&mut self.deferred) {
            return;
        }
        poll_fn(|context| {
            let mut polled = self.signals.iter_mut().map(|signal| signal.poll_recv(context));
            if polled.any(|it| it.is_ready()) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Waits for a call that may start a job, so that the job can be cancelled by its name: the first
    /// signal takes effect after the answer, the second leaves.
    pub async fn defer<T>(
        &mut self,
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut call = std::pin::pin!(call);
        let mut is_first = true;
        loop {
            tokio::select! {
                answered = &mut call => {
                    self.deferred |= !is_first;
                    return answered;
                }
                () = self.next() => {}
            }
            if !is_first || self.effect == OnInterrupt::Leave {
                let way_out = "`gilctl list` shows whether the job was created";
                return Err(Failure::new(Exit::Interrupted, "left before the answer", way_out));
            }
            is_first = false;
        }
    }
}

/// Whether SIGHUP was ignored when the process started.
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (SignalKind::hangup().as_raw_value() - 1) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn signal_during_a_deferred_call_takes_effect_after_the_answer() {
        let mut interrupts = Interrupts::catch(OnInterrupt::CancelThenLeave).expect("signals");
        interrupts.deferred = true;
        let answered = interrupts.defer(async {
            tokio::task::yield_now().await;
            Ok(7)
        });
        assert_eq!(answered.await.ok(), Some(7));
        assert!(interrupts.deferred, "the signal is kept for the stream");
        interrupts.next().await;
        assert!(!interrupts.deferred);
    }

    #[tokio::test]
    async fn signal_leaves_a_call_that_is_only_watched() {
        let mut interrupts = Interrupts::catch(OnInterrupt::Leave).expect("signals");
        interrupts.deferred = true;
        let left = interrupts.defer(std::future::pending::<Result<(), Failure>>()).await;
        assert_eq!(left.expect_err("it never answers").exit(), Exit::Interrupted);
    }
}
