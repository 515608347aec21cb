//! A follower's place in a log: what is stored without a gap, then what comes. Slows nobody down
//! and is never dropped for being slow.

use std::sync::Arc;

use tokio::sync::watch;

use crate::limits::WATCH_BATCH;
use crate::store::Store;
use crate::store::error::HistoryError;
use crate::store::live_log::{LiveLog, LogEnd, LogHead, StoredEvent};

/// A follower's place in a log.
#[derive(Debug)]
pub struct Subscription {
    history: Store,
    tail: Arc<LiveLog>,
    after: u64,
    newest: watch::Receiver<LogHead>,
    failure: watch::Receiver<Option<HistoryError>>,
}

impl Subscription {
    pub(crate) fn new(history: Store, tail: Arc<LiveLog>, after: u64) -> Self {
        let (newest, failure) = (tail.listen(), history.failure());
        Self { history, tail, after, newest, failure }
    }

    /// The next events, at least one; `None` after the last of all, or if the log is gone. May be
    /// dropped while it waits; nothing is lost.
    pub async fn next(&mut self) -> Result<Option<Vec<Arc<StoredEvent>>>, HistoryError> {
        loop {
            let newest = *self.newest.borrow_and_update();
            if newest.sequence > self.after {
                let events = self.read().await?;
                let Some(last) = events.last() else { return Ok(None) };
                self.after = last.sequence;
                return Ok(Some(events));
            }
            match newest.next {
                LogEnd::Another => {}
                LogEnd::Nothing => return Ok(None),
                LogEnd::Later => return Err(HistoryError::PutAway),
            }
            tokio::select! {
                changed = self.newest.changed() => if changed.is_err() { return Ok(None) },
                // Nothing comes any more where nothing can be stored.
                error = failed(&mut self.failure) => return Err(error),
            }
        }
    }

    async fn read(&self) -> Result<Vec<Arc<StoredEvent>>, HistoryError> {
        if let Some(recent) = self.tail.recent_after(self.after, WATCH_BATCH) {
            return Ok(recent);
        }
        // A disk may take its time, which no other message should wait for.
        let (history, number, after) = (self.history.clone(), self.tail.number, self.after);
        let read = move || history.events(number, after, WATCH_BATCH);
        tokio::task::spawn_blocking(read).await.map_err(|_| HistoryError::Gone)?
    }
}

/// Resolves when the history has failed; never if it is closed in peace.
async fn failed(failure: &mut watch::Receiver<Option<HistoryError>>) -> HistoryError {
    let found = failure.wait_for(Option::is_some).await.ok().and_then(|found| found.clone());
    match found {
        Some(error) => error,
        None => std::future::pending().await,
    }
}
