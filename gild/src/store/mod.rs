//! The history: what was asked for and all that happened, in one SQLite database. One thread
//! writes, in groups; what it has committed, and nothing before, is shown to followers. Runs
//! nothing and decides nothing.
//!
//! ```text
//! append: number the event, encode it -> writer's inbox -> one commit for all that waits -> its tail
//! follow: from the tail's memory if it is recent, else from the database
//! ```
//! Invariants, in the words of the schema (`schema_1.sql`):
//! 1. An event that anybody saw is committed (`synchronous=FULL`): the tail is told after the
//!    commit.
//! 2. An attempt counts once: `(work, cell, attempt)` is the key of its row, which is written in
//!    one commit with the event that tells of it.
//! 3. The state of a work and the event that made it are one commit.

pub mod codec;
pub mod error;
pub mod live_log;
pub mod location;
mod lock;
pub mod portable;
pub mod record;
pub mod sqlite;
pub mod subscription;

use crate::store::sqlite::schema;
use std::path::Path;
use std::sync::Arc;

use dashmap::DashMap;
use tokio::sync::watch;

use crate::store::error::HistoryError;
use crate::store::live_log::{LogEnd, LogHead, StoredEvent};
use crate::store::location::DataDir;
use crate::store::record::{NewJob, Record};
use crate::store::subscription::Subscription;

use crate::store::live_log::LiveLog;
use crate::store::lock::Lock;
use crate::store::sqlite::reader::ReadPool;
use crate::store::sqlite::transaction::{Append, WriteOutcome, WriteRequest};
use crate::store::sqlite::writer::Writer;
use engine::jobs::event::sink::{AppendError, EventSink, JobEvent};
use engine::sys::clock::unix_time_ns;

/// A history that is open; cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    // In this order: readers go first, so that the writer's end leaves one file; then the lock is
    // let go, and a temporary place is removed last.
    readers: ReadPool,
    writer: Writer,
    /// Logs of what has not ended.
    tails: Arc<DashMap<String, Arc<LiveLog>>>,
    _lock: Lock,
    place: DataDir,
}

impl Store {
    /// Opens the history of a directory, or begins it. Only one process has it open; what another
    /// one left unended is as it was.
    pub fn open(place: DataDir) -> Result<Self, HistoryError> {
        let lock = place.lock()?;
        let connection = schema::open(&place.database())?;
        let tails = Arc::new(DashMap::new());
        let writer = Writer::start(connection, &place.database(), Arc::clone(&tails))?;
        let readers = ReadPool::new(place.database());
        let history = Self(Arc::new(Inner { readers, writer, tails, _lock: lock, place }));
        history.restore_tails()?;
        Ok(history)
    }

    /// A history in a directory of its own, which goes with it.
    pub fn temporary() -> Result<Self, HistoryError> {
        Self::open(DataDir::temporary()?)
    }

    /// Where it is; `None` for a temporary one.
    pub fn path(&self) -> Option<&Path> {
        self.0.place.shown()
    }

    /// Bytes that it takes on disk; 0 where the system does not tell.
    pub fn bytes(&self) -> u64 {
        self.0.place.bytes()
    }

    /// Hears when nothing can be stored any more, and why.
    pub fn failure(&self) -> watch::Receiver<Option<HistoryError>> {
        self.0.writer.failure()
    }

    /// Stores a new work in the queue, or finds the one that the same request made before.
    pub fn create(&self, new: NewJob) -> Result<Record, HistoryError> {
        let (id, created) = (new.id.clone(), new.created.clone());
        match self.0.writer.ask(WriteRequest::create(new))? {
            WriteOutcome::Created { number } => {
                self.0.tails.insert(id.clone(), Arc::new(LiveLog::new(number, created, 0)));
                self.record(&id)
            }
            WriteOutcome::Known { id } => self.record(&id),
            WriteOutcome::Nothing
            | WriteOutcome::Changed(_)
            | WriteOutcome::Refused(_)
            | WriteOutcome::NoRoom(_) => Err(HistoryError::Gone),
        }
    }

    /// Puts an interrupted or cancelled work back into the queue, durably; its log goes on. Whether
    /// it was there to be put back.
    pub fn requeue(&self, id: &str) -> Result<bool, HistoryError> {
        let record = self.record(id)?;
        if self.0.writer.ask(WriteRequest::requeue(record.number))? != WriteOutcome::Changed(1) {
            return Ok(false);
        }
        let tail = LiveLog::new(record.number, record.resource, record.last_sequence);
        self.0.tails.insert(id.to_owned(), Arc::new(tail));
        Ok(true)
    }

    /// Notes durably that somebody wants a work to stop.
    pub fn cancelling(&self, id: &str) -> Result<(), HistoryError> {
        let number = self.record(id)?.number;
        self.0.writer.ask(WriteRequest::cancelling(number)).map(drop)
    }

    /// Takes back a work that the queue has no place for, as if it had never been.
    pub fn withdraw(&self, id: &str) -> Result<(), HistoryError> {
        if let Some((_, tail)) = self.0.tails.remove(id) {
            tail.close(LogEnd::Nothing);
        }
        self.0.writer.ask(WriteRequest::Withdraw(id.to_owned())).map(drop)
    }

    /// Deletes a job that has ended, with all its rows; returns whether there was one. Its space is
    /// given back to the file system when the writer is idle.
    pub fn delete(&self, id: &str) -> Result<bool, HistoryError> {
        // A job that has ended has no live log, and any other is not deleted.
        match self.0.writer.ask(WriteRequest::forget(id))? {
            WriteOutcome::Changed(count) => Ok(count > 0),
            WriteOutcome::NoRoom(reason) => {
                Err(HistoryError::NoRoom { path: self.database(), reason })
            }
            WriteOutcome::Nothing
            | WriteOutcome::Created { .. }
            | WriteOutcome::Known { .. }
            | WriteOutcome::Refused(_) => Err(HistoryError::Gone),
        }
    }

    /// What has not ended is left for the next lab: its followers hear that nothing comes for now.
    pub fn put_away(&self) {
        for tail in self.0.tails.iter() {
            tail.close(LogEnd::Later);
        }
    }

    /// Writes all that waits and folds the write-ahead log into the database, so that one file is
    /// left. It goes on all the same if somebody still uses it.
    pub fn settle(&self) -> Result<(), HistoryError> {
        self.0.writer.ask(WriteRequest::Settle).map(drop)
    }

    /// Follows a log after a sequence number.
    pub fn follow(&self, id: &str, after: u64) -> Result<Subscription, HistoryError> {
        let tail = self.tail(id)?;
        Ok(Subscription::new(self.clone(), tail, after))
    }

    /// What is known of a log's end right now.
    pub fn newest(&self, id: &str) -> Result<LogHead, HistoryError> {
        Ok(self.tail(id)?.newest())
    }

    /// A live log, or a still one of what has ended.
    fn tail(&self, id: &str) -> Result<Arc<LiveLog>, HistoryError> {
        if let Some(live) = self.0.tails.get(id) {
            return Ok(Arc::clone(&live));
        }
        let record = self.record(id)?;
        Ok(Arc::new(LiveLog::still(record.number, record.last_sequence)))
    }

    fn restore_tails(&self) -> Result<(), HistoryError> {
        for record in self.unended()? {
            let tail = LiveLog::new(record.number, record.resource, record.last_sequence);
            self.0.tails.insert(record.id, Arc::new(tail));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").field("place", &self.0.place).finish_non_exhaustive()
    }
}

impl EventSink for Store {
    fn append(&self, id: &str, event: JobEvent) -> Result<u64, AppendError> {
        let tail = self.0.tails.get(id).map(|tail| Arc::clone(&tail));
        let tail = tail.ok_or(AppendError::Unknown)?;
        let (sequence, time_ns) = (tail.claim(), unix_time_ns());
        let body = codec::encode(&event, tail.created(), sequence, time_ns).into();
        let (word, cell) = (event.word(), event.cell());
        let stored = Arc::new(StoredEvent { sequence, time_ns, body });
        let append =
            Append { id: id.to_owned(), tail, stored, word, cell, change: event.into_change() };
        self.0.writer.append(append).map_err(|error| AppendError::Broken(error.to_string()))?;
        Ok(sequence)
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
