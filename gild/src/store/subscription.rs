//! A subscription: a position in a log, from which events are read without a gap and then as they are
//! committed. A slow subscriber delays no other, and is never dropped.

use std::sync::Arc;

use tokio::sync::watch;

use crate::limits::WATCH_BATCH;
use crate::store::Store;
use crate::store::error::HistoryError;
use crate::store::live_log::{LiveLog, LogEnd, LogHead, StoredEvent};
use crate::store::record::Kind;

/// A position in a log.
#[derive(Debug)]
pub struct Subscription {
    history: Store,
    kind: Kind,
    log: Arc<LiveLog>,
    after: u64,
    head: watch::Receiver<LogHead>,
    failure: watch::Receiver<Option<HistoryError>>,
}

impl Store {
    /// Follows the log of a job of that kind after a sequence number.
    pub fn follow(&self, kind: Kind, id: &str, after: u64) -> Result<Subscription, HistoryError> {
        let log = self.live_log(id)?;
        let (head, failure) = (log.subscribe(), self.failure());
        Ok(Subscription { history: self.clone(), kind, log, after, head, failure })
    }
}

impl Subscription {
    /// The next events, at least one; `None` after the last of all, or if the log is gone. May be
    /// dropped while it waits; nothing is lost.
    pub async fn next(&mut self) -> Result<Option<Vec<Arc<StoredEvent>>>, HistoryError> {
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

    async fn read(&self) -> Result<Vec<Arc<StoredEvent>>, HistoryError> {
        if let Some(recent) = self.log.recent_after(self.after, WATCH_BATCH) {
            return Ok(recent);
        }
        // A slow disk must not block the threads of the runtime.
        let (history, kind) = (self.history.clone(), self.kind);
        let (number, after) = (self.log.number, self.after);
        let read = move || history.events(kind, number, after, WATCH_BATCH);
        tokio::task::spawn_blocking(read).await.map_err(|_| HistoryError::Gone)?
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
