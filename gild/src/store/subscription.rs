//! A subscription: a position in a log, from which events are read without a gap and then as they are
//! committed. A slow subscriber delays no other, and is never dropped.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::limits::WATCH_BATCH;
use crate::store::Store;
use crate::store::error::HistoryError;
use crate::store::live_log::{LiveLog, LogEnd, LogHead, StoredEvent};
use crate::store::record::Kind;
use engine::jobs::state::State;

/// Interval at which the log of a job that another process runs is read.
const POLL: Duration = Duration::from_millis(100);

/// A position in a log.
#[derive(Debug)]
pub struct Subscription {
    history: Store,
    id: String,
    kind: Kind,
    log: Arc<LiveLog>,
    after: u64,
    head: watch::Receiver<LogHead>,
    failure: watch::Receiver<Option<HistoryError>>,
    /// The next events, which are read from the database while the last ones are on their way.
    ahead: Option<ReadAhead>,
}

/// A read of the events after a number.
#[derive(Debug)]
struct ReadAhead {
    after: u64,
    read: JoinHandle<Result<Vec<StoredEvent>, HistoryError>>,
}

impl Store {
    /// Follows the log of a job of that kind after a sequence number.
    pub fn follow(&self, kind: Kind, id: &str, after: u64) -> Result<Subscription, HistoryError> {
        let log = self.live_log(id)?;
        let (head, failure) = (log.subscribe(), self.failure());
        let (history, id) = (self.clone(), id.to_owned());
        Ok(Subscription { history, id, kind, log, after, head, failure, ahead: None })
    }

    /// What follows in the log of a job that another process may be running.
    fn poll(&self, id: &str, kind: Kind, after: u64) -> Result<Polled, HistoryError> {
        // In this order, so that the last event is seen though its process ends meanwhile.
        let runs = self.holder().is_some();
        let record = self.record(id)?;
        if record.last_sequence > after {
            return Ok(Polled::Events(self.events(kind, record.number, after)?));
        }
        let refused = |reason| Err(HistoryError::NotFollowed { id: id.to_owned(), reason });
        match record.state {
            state if state.is_terminal() => Ok(Polled::End),
            _ if self.0.copy.is_some() => refused(
                "a lab of an older gild has the history open; name its socket with --server",
            ),
            State::Queued if !runs => refused("it is queued until a lab is started: `gild serve`"),
            _ if !runs => refused(
                "the lab that ran it ended without warning; `gilctl show` prints what there is, \
                 and `gilctl resume` runs what is missing of a sweep",
            ),
            _ => Ok(Polled::Nothing),
        }
    }
}

/// What a look at a log found.
enum Polled {
    Events(Vec<StoredEvent>),
    Nothing,
    End,
}

impl Subscription {
    /// The next events, at least one; `None` after the last of all, or if the log is gone. May be
    /// dropped while it waits; nothing is lost.
    pub async fn next(&mut self) -> Result<Option<Vec<StoredEvent>>, HistoryError> {
        if !self.history.is_writable() {
            return self.poll().await;
        }
        loop {
            let head = *self.head.borrow_and_update();
            if head.sequence > self.after {
                let events = self.read().await?;
                let Some(last) = events.last() else { return Ok(None) };
                self.after = last.sequence;
                return Ok(Some(events));
            }
            match head.end {
                LogEnd::Open => {}
                LogEnd::Closed => return Ok(None),
                LogEnd::Suspended => return Err(HistoryError::Suspended),
            }
            tokio::select! {
                changed = self.head.changed() => if changed.is_err() { return Ok(None) },
                // No event follows where none can be stored.
                error = failed(&mut self.failure) => return Err(error),
            }
        }
    }

    async fn poll(&mut self) -> Result<Option<Vec<StoredEvent>>, HistoryError> {
        loop {
            let (history, id) = (self.history.clone(), self.id.clone());
            let (kind, after) = (self.kind, self.after);
            let look = tokio::task::spawn_blocking(move || history.poll(&id, kind, after));
            match look.await.map_err(|_| HistoryError::Gone)?? {
                Polled::Events(events) => {
                    let Some(last) = events.last() else { return Ok(None) };
                    self.after = last.sequence;
                    return Ok(Some(events));
                }
                Polled::Nothing => tokio::time::sleep(POLL).await,
                Polled::End => return Ok(None),
            }
        }
    }

    async fn read(&mut self) -> Result<Vec<StoredEvent>, HistoryError> {
        if let Some(recent) = self.log.recent_after(self.after, WATCH_BATCH) {
            return Ok(recent);
        }
        let ahead = self.ahead.take().filter(|ahead| ahead.after == self.after);
        let ReadAhead { read, .. } = ahead.unwrap_or_else(|| self.read_after(self.after));
        let events = read.await.map_err(|_| HistoryError::Gone)??;
        let last = events.last().map_or(0, |last| last.sequence);
        if (1..self.head.borrow().sequence).contains(&last) {
            self.ahead = Some(self.read_after(last));
        }
        Ok(events)
    }

    /// Begins to read from the database: a slow disk must not block the threads of the runtime.
    fn read_after(&self, after: u64) -> ReadAhead {
        let (history, kind, number) = (self.history.clone(), self.kind, self.log.number);
        let read = tokio::task::spawn_blocking(move || history.events(kind, number, after));
        ReadAhead { after, read }
    }
}

/// Resolves when the history has failed; never if it is closed without a failure.
async fn failed(failure: &mut watch::Receiver<Option<HistoryError>>) -> HistoryError {
    let found = failure.wait_for(Option::is_some).await.ok().and_then(|found| found.clone());
    match found {
        Some(error) => error,
        None => std::future::pending().await,
    }
}
