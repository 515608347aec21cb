//! The writer: one thread that writes all queued requests in one transaction, so that they share the
//! cost of durability, and no measurement waits for a disk. It publishes committed events to the
//! live logs. A transaction that fails ends it for good, because the history must not have a gap.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dashmap::DashMap;
use parking_lot::Mutex;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use tokio::sync::watch;

use crate::limits::{
    HISTORY_GROUP_MAX, HISTORY_LOCKED_MAX, HISTORY_LOG_PAGES_MAX, HISTORY_PAGES_GIVEN_BACK,
    HISTORY_STATEMENTS_KEPT,
};
use crate::store::error::HistoryError;
use crate::store::live_log::{LiveLog, LogEnd};
use crate::store::sqlite::log_mark::LogMark;
use crate::store::sqlite::writing::committed::publish;
use crate::store::sqlite::writing::inbox::{Answer, Inbox, QueuedWrite};
use crate::store::sqlite::writing::transaction::{Append, Group, WriteOutcome, WriteRequest};
use engine::sys::priority::lower_priority;

/// How long to wait for a transaction of another program before a warning is logged.
const LOCKED_PAUSE: Duration = Duration::from_secs(1);

/// The handle of the writer's thread.
#[derive(Debug)]
pub(crate) struct Writer {
    inbox: Arc<Inbox>,
    failure: watch::Receiver<Option<HistoryError>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(
        (mut connection, mark): (Connection, LogMark),
        path: &Path,
        live_logs: Arc<DashMap<String, Arc<LiveLog>>>,
    ) -> Result<Self, HistoryError> {
        let inbox = Arc::new(Inbox::default());
        let (failed, failure) = watch::channel(None);
        connection.busy_timeout(LOCKED_PAUSE).map_err(|error| HistoryError::of(path, &error))?;
        connection.set_prepared_statement_cache_capacity(HISTORY_STATEMENTS_KEPT);
        // An earlier lab may have left free pages.
        let pages = FreePages::Perhaps;
        let log_pages =
            count_log_pages(&mut connection).map_err(|error| HistoryError::of(path, &error))?;
        let (path, fold_at) = (path.to_owned(), HISTORY_LOG_PAGES_MAX);
        let own = WriterThread {
            connection,
            mark,
            path: path.clone(),
            live_logs,
            failed,
            pages,
            log_pages,
            fold_at,
            checks: Checks::On,
        };
        let writes = Arc::clone(&inbox);
        let run = move || {
            let leaving = Leaving(&writes);
            own.run(leaving.0);
        };
        let started = thread::Builder::new().name("history".into()).spawn(run);
        let refused =
            |error: std::io::Error| HistoryError::CannotOpen { path, reason: error.to_string() };
        let thread = Mutex::new(Some(started.map_err(refused)?));
        Ok(Self { inbox, failure, thread })
    }

    /// A receiver of the failure that ends it.
    pub(crate) fn failure(&self) -> watch::Receiver<Option<HistoryError>> {
        self.failure.clone()
    }

    /// Queues an event. Waits for the commit if it is the last of its log, otherwise at most for a
    /// place in the queue.
    pub(crate) fn append(&self, append: Append) -> Result<(), HistoryError> {
        let end = append.log_end();
        let write = WriteRequest::Append(Box::new(append));
        match end {
            LogEnd::Closed => self.ask(write).map(drop),
            LogEnd::Open | LogEnd::Suspended => self.send(QueuedWrite { write, answer: None }),
        }
    }

    /// Queues a request and waits until it is durable.
    pub(crate) fn ask(&self, write: WriteRequest) -> Answer {
        let (answer, answered) = mpsc::channel();
        self.send(QueuedWrite { write, answer: Some(answer) })?;
        answered.recv().unwrap_or_else(|_| Err(self.why_gone()))
    }

    fn send(&self, write: QueuedWrite) -> Result<(), HistoryError> {
        if self.inbox.send(write) { Ok(()) } else { Err(self.why_gone()) }
    }

    fn why_gone(&self) -> HistoryError {
        self.failure.borrow().clone().unwrap_or(HistoryError::Gone)
    }
}

impl Drop for Writer {
    /// Queued requests are written first.
    fn drop(&mut self) {
        self.inbox.close();
        let thread = self.thread.get_mut().take();
        // Its panic hook has logged a panic.
        let _ = thread.map(JoinHandle::join);
    }
}

/// Refuses later requests once the thread ends, also by a panic.
struct Leaving<'a>(&'a Inbox);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// The state of the thread.
struct WriterThread {
    connection: Connection,
    /// Dropped after the connection.
    mark: LogMark,
    path: PathBuf,
    live_logs: Arc<DashMap<String, Arc<LiveLog>>>,
    failed: watch::Sender<Option<HistoryError>>,
    pages: FreePages,
    /// Pages in the write-ahead log after the newest commit; only this thread writes it.
    log_pages: Arc<AtomicU32>,
    /// How many of them have it folded in.
    fold_at: u32,
    checks: Checks,
}

/// Whether the database checks keys of other tables and values of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checks {
    /// For rows from elsewhere, and for rows that are deleted with those that refer to them.
    On,
    /// For rows that this process makes: their types allow no other values, and
    /// [`Group::end`] checks once a group that each job is there.
    Off,
}

/// How the write-ahead log is folded into the database file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checkpoint {
    /// What no reader still needs; the log keeps its size.
    Passive,
    /// All of it, waiting for readers; the log is emptied.
    Truncate,
    /// The same, of a lab that stops.
    Final,
}

/// Whether the database has free pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FreePages {
    None,
    Perhaps,
}

impl WriterThread {
    fn run(mut self, inbox: &Inbox) {
        lower_priority();
        let mut group = Vec::with_capacity(HISTORY_GROUP_MAX);
        loop {
            self.give_back_until_news(inbox);
            inbox.take(&mut group);
            if group.is_empty() {
                return;
            }
            match self.write(&group) {
                Ok(done) => {
                    if group.iter().any(|queued| matches!(queued.write, WriteRequest::Checkpoint)) {
                        self.checkpoint(Checkpoint::Final);
                    }
                    publish(&mut group, done, &self.live_logs);
                }
                Err(error) => {
                    let failure = HistoryError::of(&self.path, &error);
                    self.failed.send_replace(Some(failure.clone()));
                    for answer in group.drain(..).filter_map(|queued| queued.answer) {
                        let _ = answer.send(Err(failure.clone()));
                    }
                    return;
                }
            }
        }
    }

    /// Until there is a request, free pages are given back to the file system.
    fn give_back_until_news(&mut self, inbox: &Inbox) {
        while self.pages == FreePages::Perhaps && !inbox.has_news() {
            // After an error (a full disk, a reader) it can wait until more is deleted.
            self.pages = self.give_pages_back().unwrap_or(FreePages::None);
        }
    }

    /// Gives some of them back: requests may be queued meanwhile.
    fn give_pages_back(&mut self) -> rusqlite::Result<FreePages> {
        let free = |connection: &Connection| -> rusqlite::Result<i64> {
            connection.pragma_query_value(None, "freelist_count", |row| row.get(0))
        };
        let before = free(&self.connection)?;
        let some = format!("PRAGMA incremental_vacuum({HISTORY_PAGES_GIVEN_BACK})");
        // Each step of the statement is a page.
        {
            let mut pages = self.connection.prepare_cached(&some)?;
            let mut pages = pages.query([])?;
            while pages.next()?.is_some() {}
        }
        self.fold_long_log();
        match free(&self.connection)? {
            // A database of an older version cannot give pages back.
            _ if before == 0 => Ok(FreePages::None),
            left if left == 0 || left == before => {
                self.checkpoint(Checkpoint::Passive);
                Ok(FreePages::None)
            }
            _ => Ok(FreePages::Perhaps),
        }
    }

    /// Folds the write-ahead log in once it is long; after an error, or beside a reader, with a later
    /// commit.
    fn fold_long_log(&mut self) {
        let pages = || self.log_pages.load(Ordering::Relaxed);
        if pages() < self.fold_at {
            return;
        }
        self.checkpoint(Checkpoint::Passive);
        // Where a reader kept it from beginning anew, the next try is that much later.
        self.fold_at = HISTORY_LOG_PAGES_MAX.max(pages().saturating_add(HISTORY_LOG_PAGES_MAX / 4));
    }

    /// Folds the write-ahead log in; readers may prevent it until the next start.
    fn checkpoint(&self, how: Checkpoint) {
        let sql = match how {
            Checkpoint::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
            Checkpoint::Truncate | Checkpoint::Final => "PRAGMA wal_checkpoint(TRUNCATE)",
        };
        if let Err(error) = self.connection.query_row(sql, [], |_| Ok(())) {
            tracing::debug!(%error, "the write-ahead log stays");
        }
        // After the last one, the file is complete without its log.
        if how != Checkpoint::Final {
            self.mark.set_or_log(&self.connection);
        }
    }

    fn write(&mut self, group: &[QueuedWrite]) -> rusqlite::Result<Vec<WriteOutcome>> {
        let mut done = Vec::with_capacity(group.len());
        let is_plain = |queued: &QueuedWrite| !queued.write.is_alone();
        for writes in group.chunk_by(|a, b| is_plain(a) && is_plain(b)) {
            match writes.first().map(|queued| &queued.write) {
                Some(WriteRequest::Import(package)) => {
                    done.push(self.import(writes, package.path())?);
                }
                Some(WriteRequest::Delete(_)) => done.push(self.delete(writes)?),
                _ => done.extend(self.commit(writes)?),
            }
        }
        Ok(done)
    }

    /// An invalid or oversized file is not a failure of the history.
    fn import(&mut self, writes: &[QueuedWrite], path: &Path) -> rusqlite::Result<WriteOutcome> {
        // Not possible within a transaction.
        let attached =
            self.connection.execute("ATTACH ? AS incoming", [path.display().to_string()]);
        let done = attached.and_then(|_| self.commit(writes));
        // It is not attached if that failed.
        let _ = self.connection.execute("DETACH incoming", []);
        match self.one_or_no_room(done) {
            // The file was checked before; this is an error of the history itself.
            Err(error) if is_locked(&error) => Err(error),
            Err(error) => Ok(WriteOutcome::Refused(error.to_string())),
            done => done,
        }
    }

    /// Deletes a job; a full disk is not a failure, because deleting is what cures it.
    fn delete(&mut self, writes: &[QueuedWrite]) -> rusqlite::Result<WriteOutcome> {
        self.pages = FreePages::Perhaps;
        let done = self.commit(writes);
        self.one_or_no_room(done)
    }

    /// The outcome of a request in a transaction of its own: a full disk only refuses it.
    fn one_or_no_room(
        &self,
        done: rusqlite::Result<Vec<WriteOutcome>>,
    ) -> rusqlite::Result<WriteOutcome> {
        match done {
            Ok(mut done) => Ok(done.pop().unwrap_or(WriteOutcome::Nothing)),
            Err(error)
                if matches!(HistoryError::of(&self.path, &error), HistoryError::Full { .. }) =>
            {
                // The write-ahead log has grown by pages that are not needed.
                self.checkpoint(Checkpoint::Truncate);
                Ok(WriteOutcome::NoRoom(error.to_string()))
            }
            Err(error) => Err(error),
        }
    }

    fn commit(&mut self, group: &[QueuedWrite]) -> rusqlite::Result<Vec<WriteOutcome>> {
        let is_alone = group.iter().any(|queued| queued.write.is_alone());
        self.set_checks(if is_alone { Checks::On } else { Checks::Off })?;
        let transaction = self.begin()?;
        let mut done = Vec::with_capacity(group.len());
        let mut writing = Group::new(&transaction);
        for queued in group {
            done.push(writing.perform(&queued.write)?);
        }
        writing.end()?;
        transaction.commit()?;
        self.fold_long_log();
        Ok(done)
    }

    /// Not possible within a transaction. Statements are prepared anew.
    fn set_checks(&mut self, checks: Checks) -> rusqlite::Result<()> {
        if self.checks != checks {
            let is_on = checks == Checks::On;
            self.connection.pragma_update(None, "foreign_keys", is_on)?;
            self.connection.pragma_update(None, "ignore_check_constraints", !is_on)?;
            self.checks = checks;
        }
        Ok(())
    }

    /// Waits for a transaction of another program, e.g. `sqlite3`, at most [`HISTORY_LOCKED_MAX`].
    fn begin(&self) -> rusqlite::Result<Transaction<'_>> {
        let since = Instant::now();
        loop {
            match Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate) {
                Err(error) if is_locked(&error) && since.elapsed() < HISTORY_LOCKED_MAX => {
                    let for_s = since.elapsed().as_secs();
                    tracing::warn!(for_s, "the history waits: some program keeps it locked");
                }
                begun => return begun,
            }
        }
    }
}

/// A counter of the pages in the write-ahead log, set at each commit of the connection.
fn count_log_pages(connection: &mut Connection) -> rusqlite::Result<Arc<AtomicU32>> {
    let log_pages = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&log_pages);
    connection.wal_hook(Some(move |_: &mut Wal, pages: std::ffi::c_int| {
        counter.store(pages.unsigned_abs(), Ordering::Relaxed);
        Ok(())
    }))?;
    Ok(log_pages)
}

fn is_locked(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
