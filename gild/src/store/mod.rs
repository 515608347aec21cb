//! The store: jobs and their events in one SQLite database, the history. One thread writes, in groups;
//! subscriptions see an event only once it is committed. A process may open it only to read, beside
//! the one that writes. Runs nothing and decides nothing.
//!
//! ```text
//! append: number the event, encode it -> queue of the writer -> one commit per group -> its live log
//! follow: from the memory of the live log if the event is recent, else from the database
//! ```
//! Invariants, in the words of the schema (`schema_1.sql`):
//! 1. An event that was shown is committed (`synchronous=FULL`): the live log publishes it after
//!    the commit.
//! 2. An attempt counts once: `(work, cell, attempt)` is the key of its row, which is written in
//!    one commit with the event that contains it.
//! 3. The state of a job and the event that changed it are one commit.

pub mod codec;
pub mod error;
pub mod live_log;
pub mod location;
mod lock;
pub mod portable;
pub(crate) mod queries;
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

use crate::store::live_log::LiveLog;
use crate::store::lock::Lock;
use crate::store::sqlite::log_mark::LogMark;
use crate::store::sqlite::read_pool::ReadPool;
use crate::store::sqlite::reader;
use crate::store::sqlite::reader::Reading;
use crate::store::sqlite::writing::transaction::{Append, WriteOutcome, WriteRequest};
use crate::store::sqlite::writing::writer::Writer;
use engine::jobs::event::sink::{AppendError, EventSink, JobEvent};
use engine::sys::clock::unix_time_ns;

/// An open history; cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<StoreInner>);

struct StoreInner {
    // Dropped in this order: readers first, so that the writer leaves one file; then the lock, and
    // a temporary directory last.
    readers: ReadPool,
    /// `None` if this process only reads.
    writer: Option<Writer>,
    /// Logs of jobs that have not ended; empty if this process only reads.
    live_logs: Arc<DashMap<String, Arc<LiveLog>>>,
    _lock: Option<Lock>,
    data_dir: DataDir,
    /// The copy that is read in place of a history of an older version.
    copy: Option<DataDir>,
}

impl Store {
    /// Opens the history of a directory, or creates it. Only one process has it open at a time.
    pub fn open(data_dir: DataDir) -> Result<Self, HistoryError> {
        Self::open_as("", data_dir)
    }

    /// The same for a process that others know as `holder`, e.g. `gild serve`: it stands in the error
    /// of those that find the history in use.
    pub fn open_as(holder: &str, data_dir: DataDir) -> Result<Self, HistoryError> {
        let lock = data_dir.lock(holder)?;
        let connection = schema::open(&data_dir.database())?;
        let live_logs = Arc::new(DashMap::new());
        let mark = LogMark::open(&data_dir.database())?;
        mark.set_or_log(&connection);
        let database = data_dir.database();
        let writer = Writer::start((connection, mark), &database, Arc::clone(&live_logs))?;
        let readers = ReadPool::new(data_dir.database());
        let (writer, lock) = (Some(writer), Some(lock));
        let inner = StoreInner { readers, writer, live_logs, _lock: lock, data_dir, copy: None };
        let store = Self(Arc::new(inner));
        store.restore_live_logs()?;
        Ok(store)
    }

    /// Opens the history of a directory to read it, at once beside a process that writes it; changes
    /// and creates nothing there. What an ended lab left running, or an older one wrote, is read from
    /// a copy, recovered and migrated as a lab does at its start. Without a history it is empty.
    pub fn open_to_read(data_dir: DataDir) -> Result<Self, HistoryError> {
        data_dir.check_directory()?;
        let (readers, copy) = match reader::prepare(&data_dir)? {
            Reading::Abandoned(copy) => return Self::open(copy),
            Reading::InPlace => (ReadPool::shared(&data_dir), None),
            Reading::Older(copy) => (ReadPool::new(copy.database()), Some(copy)),
        };
        let (live_logs, writer, lock) = (Arc::new(DashMap::new()), None, None);
        let inner = StoreInner { readers, writer, live_logs, _lock: lock, data_dir, copy };
        Ok(Self(Arc::new(inner)))
    }

    /// Whether this process can store anything in it.
    pub fn is_writable(&self) -> bool {
        self.0.writer.is_some()
    }

    /// The process that has the history open to write, if it is another one.
    pub fn holder(&self) -> Option<String> {
        if self.is_writable() { None } else { self.0.data_dir.holder() }
    }

    /// Refuses a history that was opened to be read.
    pub(crate) fn check_writable(&self) -> Result<(), HistoryError> {
        self.writer().map(drop)
    }

    pub(crate) fn writer(&self) -> Result<&Writer, HistoryError> {
        let refused = || HistoryError::ReadOnly { path: self.database() };
        self.0.writer.as_ref().ok_or_else(refused)
    }

    /// Refuses what [`Self::open`] would refuse before it changes anything, except another lab that has
    /// the history open. Creates nothing.
    pub fn examine(data_dir: &DataDir) -> Result<(), HistoryError> {
        data_dir.check_directory()?;
        schema::examine(&data_dir.database())
    }

    /// A history in a temporary directory, which is deleted with it.
    pub fn temporary() -> Result<Self, HistoryError> {
        Self::open(DataDir::temporary()?)
    }

    /// Its directory; `None` for a temporary one.
    pub fn path(&self) -> Option<&Path> {
        self.0.data_dir.shown()
    }

    /// Bytes that it takes on disk; 0 where that is unknown.
    pub fn bytes(&self) -> u64 {
        self.0.data_dir.bytes()
    }

    /// A receiver of the failure after which nothing can be stored.
    pub fn failure(&self) -> watch::Receiver<Option<HistoryError>> {
        let never = || watch::channel(None).1;
        self.0.writer.as_ref().map_or_else(never, Writer::failure)
    }

    /// Stores a new job in state QUEUED, or finds the one that the same request created before.
    pub fn create(&self, new: NewJob) -> Result<Record, HistoryError> {
        let (id, created) = (new.id.clone(), new.created.clone());
        match self.writer()?.ask(WriteRequest::create(new))? {
            WriteOutcome::Created { number } => {
                self.0.live_logs.insert(id.clone(), Arc::new(LiveLog::new(number, created, 0)));
                self.record(&id)
            }
            WriteOutcome::Known { id } => self.record(&id),
            WriteOutcome::Nothing
            | WriteOutcome::Changed(_)
            | WriteOutcome::Refused(_)
            | WriteOutcome::NoRoom(_) => Err(HistoryError::Gone),
        }
    }

    /// Makes an interrupted or cancelled job QUEUED again, durably; its log goes on. Returns whether
    /// it was in such a state.
    pub fn requeue(&self, id: &str) -> Result<bool, HistoryError> {
        let record = self.record(id)?;
        if self.writer()?.ask(WriteRequest::requeue(record.number))? != WriteOutcome::Changed(1) {
            return Ok(false);
        }
        let log = LiveLog::new(record.number, record.resource, record.last_sequence);
        self.0.live_logs.insert(id.to_owned(), Arc::new(log));
        Ok(true)
    }

    /// Stores durably that a job was asked to stop.
    pub fn cancelling(&self, id: &str) -> Result<(), HistoryError> {
        let number = self.record(id)?.number;
        self.writer()?.ask(WriteRequest::cancelling(number)).map(drop)
    }

    /// Replaces the labels of a sweep, durably; in one that was deleted meanwhile there are none.
    pub fn label(&self, sweep: &Record, labels: Vec<String>) -> Result<(), HistoryError> {
        match self.writer()?.ask(WriteRequest::Label { work: sweep.number, labels })? {
            WriteOutcome::Refused(reason) => {
                Err(HistoryError::CannotRead { path: self.database(), reason })
            }
            WriteOutcome::Nothing
            | WriteOutcome::Created { .. }
            | WriteOutcome::Known { .. }
            | WriteOutcome::Changed(_)
            | WriteOutcome::NoRoom(_) => Ok(()),
        }
    }

    /// Removes a new job that the queue has no place for.
    pub fn withdraw(&self, id: &str) -> Result<(), HistoryError> {
        if let Some((_, log)) = self.0.live_logs.remove(id) {
            log.close(LogEnd::Closed);
        }
        self.writer()?.ask(WriteRequest::Withdraw(id.to_owned())).map(drop)
    }

    /// Deletes a job that has ended, with all its rows; returns whether there was one. Its space is
    /// given back to the file system when the writer is idle.
    pub fn delete(&self, id: &str) -> Result<bool, HistoryError> {
        // A job that has ended has no live log, and any other is not deleted.
        match self.writer()?.ask(WriteRequest::delete(id))? {
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

    /// Leaves the jobs that have not ended to the next lab, and notifies their subscriptions.
    pub fn suspend(&self) {
        for log in self.0.live_logs.iter() {
            log.close(LogEnd::Suspended);
        }
    }

    /// Writes all queued requests and folds the write-ahead log into the database, so that one file
    /// is left. The store remains usable.
    pub fn checkpoint(&self) -> Result<(), HistoryError> {
        match &self.0.writer {
            Some(writer) => writer.ask(WriteRequest::Checkpoint).map(drop),
            None => Ok(()),
        }
    }

    /// The committed end of a log.
    pub fn head(&self, id: &str) -> Result<LogHead, HistoryError> {
        Ok(self.live_log(id)?.head())
    }

    /// The live log of a job, or a closed one if the job has ended.
    pub(crate) fn live_log(&self, id: &str) -> Result<Arc<LiveLog>, HistoryError> {
        if let Some(live) = self.0.live_logs.get(id) {
            return Ok(Arc::clone(&live));
        }
        let record = self.record(id)?;
        let (number, sequence) = (record.number, record.last_sequence);
        // Without a writer the log of an unended job grows in the database alone.
        let is_open = !self.is_writable() && !record.state.is_terminal();
        Ok(Arc::new(if is_open {
            LiveLog::new(number, record.resource, sequence)
        } else {
            LiveLog::closed(number, sequence)
        }))
    }

    fn restore_live_logs(&self) -> Result<(), HistoryError> {
        for record in self.unended()? {
            let log = LiveLog::new(record.number, record.resource, record.last_sequence);
            self.0.live_logs.insert(record.id, Arc::new(log));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("data_dir", &self.0.data_dir).finish_non_exhaustive()
    }
}

impl EventSink for Store {
    fn append(&self, id: &str, event: JobEvent) -> Result<u64, AppendError> {
        let log = self.0.live_logs.get(id).map(|log| Arc::clone(&log));
        let log = log.ok_or(AppendError::Unknown)?;
        let (sequence, time_ns) = (log.claim(), unix_time_ns());
        let body = codec::encode(&event, log.created(), sequence, time_ns).into();
        let (word, cell) = (event.word(), event.cell());
        let stored = Arc::new(StoredEvent { sequence, time_ns, body });
        let append =
            Append { id: id.to_owned(), log, stored, word, cell, change: event.into_change() };
        let broken = |error: HistoryError| AppendError::Broken(error.to_string());
        self.writer().and_then(|writer| writer.append(append)).map_err(broken)?;
        Ok(sequence)
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
pub(crate) mod tests;
