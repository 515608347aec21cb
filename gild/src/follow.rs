//! A follower's place in a log: what is stored without a gap, then what comes. Slows nobody down and
//! is never dropped for being slow.

use std::sync::Arc;

use tokio::sync::watch;

use crate::config::WATCH_BATCH;
use crate::store::{Event, Happening, Happens, Store};

/// A follower's place in a log.
#[derive(Debug)]
pub struct Follower<H: Happens = Happening> {
    store: Arc<dyn Store<H>>,
    id: String,
    after: u64,
    newest: watch::Receiver<u64>,
}

impl<H: Happens> Follower<H> {
    /// Follows the log of that id after a sequence number.
    pub(crate) fn new(
        store: Arc<dyn Store<H>>,
        id: &str,
        after: u64,
        newest: watch::Receiver<u64>,
    ) -> Self {
        Self { store, id: id.to_owned(), after, newest }
    }

    /// The next events, at least one; `None` after the last event of all, or if the log is gone.
    pub async fn next(&mut self) -> Option<Vec<Arc<Event<H>>>> {
        loop {
            let events = self.store.read(&self.id, self.after, WATCH_BATCH).ok()?;
            if let Some(last) = events.last() {
                self.after = last.sequence;
                return Some(events);
            }
            if self.has_ended() {
                return None;
            }
            self.newest.changed().await.ok()?;
        }
    }

    /// Whether the newest event is the last of all.
    fn has_ended(&self) -> bool {
        let before = self.newest.borrow().saturating_sub(1);
        let newest = self.store.read(&self.id, before, 1).unwrap_or_default();
        newest.iter().any(|event| event.happening.is_last())
    }
}
