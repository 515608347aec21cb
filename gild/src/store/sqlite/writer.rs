//! The one thread that writes: whatever waits for it goes into one transaction, so that the cost of
//! making things durable is shared, and nobody who measures waits for a disk. What it has committed
//! it tells to the logs' ends. A transaction that fails ends it for good: a history with a gap
//! would be a lie.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dashmap::DashMap;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use tokio::sync::watch;

use crate::limits::{
    HISTORY_GROUP_MAX, HISTORY_INBOX_MAX, HISTORY_LOCKED_MAX, HISTORY_PAGES_GIVEN_BACK,
};
use crate::store::error::HistoryError;
use crate::store::live_log::{LiveLog, LogEnd};
use crate::store::sqlite::transaction::{Append, Progress, WriteOutcome, WriteRequest};
use engine::sys::priority::lower_priority;

/// How long a transaction of somebody else's is waited for before that is told.
const LOCKED_PAUSE: Duration = Duration::from_secs(1);

type Answer = Result<WriteOutcome, HistoryError>;

/// Something to be written, and who waits for it.
#[derive(Debug)]
struct QueuedWrite {
    write: WriteRequest,
    answer: Option<Sender<Answer>>,
}

/// The writer as others see it.
#[derive(Debug)]
pub(crate) struct Writer {
    /// `None` once it shall end.
    inbox: Option<SyncSender<QueuedWrite>>,
    failure: watch::Receiver<Option<HistoryError>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(
        connection: Connection,
        path: &Path,
        tails: Arc<DashMap<String, Arc<LiveLog>>>,
    ) -> Result<Self, HistoryError> {
        let (inbox, letters) = mpsc::sync_channel(HISTORY_INBOX_MAX);
        let (told, failure) = watch::channel(None);
        connection.busy_timeout(LOCKED_PAUSE).map_err(|error| HistoryError::of(path, &error))?;
        // An earlier lab may have left some.
        let pages = FreePages::Perhaps;
        let own = WriterThread { connection, path: path.to_owned(), tails, told, pages };
        let started =
            thread::Builder::new().name("history".into()).spawn(move || own.serve(&letters));
        let refused = |error: std::io::Error| HistoryError::CannotOpen {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let thread = Mutex::new(Some(started.map_err(refused)?));
        Ok(Self { inbox: Some(inbox), failure, thread })
    }

    /// Hears of the failure that ended it.
    pub(crate) fn failure(&self) -> watch::Receiver<Option<HistoryError>> {
        self.failure.clone()
    }

    /// Hands an event over. Waits for the commit if it is a log's last, else at most for a place in
    /// the inbox.
    pub(crate) fn append(&self, append: Append) -> Result<(), HistoryError> {
        let next = append.next();
        let write = WriteRequest::Append(Box::new(append));
        match next {
            LogEnd::Nothing => self.ask(write).map(drop),
            LogEnd::Another | LogEnd::Later => self.send(QueuedWrite { write, answer: None }),
        }
    }

    /// Hands something over and waits until it is durable.
    pub(crate) fn ask(&self, write: WriteRequest) -> Answer {
        let (answer, answered) = mpsc::channel();
        self.send(QueuedWrite { write, answer: Some(answer) })?;
        answered.recv().unwrap_or_else(|_| Err(self.why_gone()))
    }

    fn send(&self, letter: QueuedWrite) -> Result<(), HistoryError> {
        let inbox = self.inbox.as_ref().ok_or(HistoryError::Gone)?;
        inbox.send(letter).map_err(|_| self.why_gone())
    }

    fn why_gone(&self) -> HistoryError {
        self.failure.borrow().clone().unwrap_or(HistoryError::Gone)
    }
}

impl Drop for Writer {
    /// Whatever is in the inbox is written first.
    fn drop(&mut self) {
        self.inbox = None;
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // A panic of its own has been told by its hook.
        let _ = thread.map(JoinHandle::join);
    }
}

/// What the thread has.
struct WriterThread {
    connection: Connection,
    path: PathBuf,
    tails: Arc<DashMap<String, Arc<LiveLog>>>,
    told: watch::Sender<Option<HistoryError>>,
    pages: FreePages,
}

/// Whether the database has pages that it does not need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FreePages {
    None,
    Perhaps,
}

impl WriterThread {
    fn serve(mut self, letters: &Receiver<QueuedWrite>) {
        lower_priority();
        while let Some(first) = self.next(letters) {
            let rest = letters.try_iter().take(HISTORY_GROUP_MAX - 1);
            let group: Vec<QueuedWrite> = std::iter::once(first).chain(rest).collect();
            match self.write(&group) {
                Ok(done) => {
                    if group.iter().any(|letter| matches!(letter.write, WriteRequest::Settle)) {
                        self.settle();
                    }
                    for (letter, done) in group.into_iter().zip(done) {
                        self.tell(letter, done);
                    }
                }
                Err(error) => {
                    let failure = HistoryError::of(&self.path, &error);
                    self.told.send_replace(Some(failure.clone()));
                    for answer in group.into_iter().filter_map(|letter| letter.answer) {
                        let _ = answer.send(Err(failure.clone()));
                    }
                    return;
                }
            }
        }
    }

    /// The next letter; until there is one, free pages are given back to the file system.
    fn next(&mut self, letters: &Receiver<QueuedWrite>) -> Option<QueuedWrite> {
        while self.pages == FreePages::Perhaps {
            match letters.try_recv() {
                Ok(letter) => return Some(letter),
                Err(TryRecvError::Disconnected) => return None,
                // A disk that is full, or somebody who reads: it can wait until more is forgotten.
                Err(TryRecvError::Empty) => {
                    self.pages = self.give_pages_back().unwrap_or(FreePages::None);
                }
            }
        }
        letters.recv().ok()
    }

    /// Some of them, for others wait meanwhile.
    fn give_pages_back(&self) -> rusqlite::Result<FreePages> {
        let free = || -> rusqlite::Result<i64> {
            self.connection.pragma_query_value(None, "freelist_count", |row| row.get(0))
        };
        let before = free()?;
        let some = format!("PRAGMA incremental_vacuum({HISTORY_PAGES_GIVEN_BACK})");
        // Each step of the statement is a page.
        let mut pages = self.connection.prepare_cached(&some)?;
        let mut pages = pages.query([])?;
        while pages.next()?.is_some() {}
        match free()? {
            // A database of before gives nothing back.
            left if left == 0 || left == before => {
                self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
                Ok(FreePages::None)
            }
            _ => Ok(FreePages::Perhaps),
        }
    }

    /// Readers may keep it from being whole; the log is then folded in at the next start.
    fn settle(&self) {
        let fold = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = fold {
            tracing::debug!(%error, "the write-ahead log stays");
        }
    }

    fn write(&mut self, group: &[QueuedWrite]) -> rusqlite::Result<Vec<WriteOutcome>> {
        let mut done = Vec::with_capacity(group.len());
        let is_plain = |letter: &QueuedWrite| !letter.write.is_alone();
        for letters in group.chunk_by(|a, b| is_plain(a) && is_plain(b)) {
            match letters.first().map(|letter| &letter.write) {
                Some(WriteRequest::Import(package)) => {
                    done.push(self.import(letters, package.path())?)
                }
                Some(WriteRequest::Forget(_)) => done.push(self.forget(letters)?),
                _ => done.extend(self.commit(letters)?),
            }
        }
        Ok(done)
    }

    /// What is wrong with a file, or too much, is no failure of the history.
    fn import(&mut self, letters: &[QueuedWrite], path: &Path) -> rusqlite::Result<WriteOutcome> {
        // No transaction allows that.
        let attached =
            self.connection.execute("ATTACH ? AS incoming", [path.display().to_string()]);
        let done = attached.and_then(|_| self.commit(letters));
        // It is not attached if that failed.
        let _ = self.connection.execute("DETACH incoming", []);
        match self.one_or_no_room(done) {
            // Whatever is wrong with the file was found before; this is the history's own trouble.
            Err(error) if is_locked(&error) => Err(error),
            Err(error) => Ok(WriteOutcome::Refused(error.to_string())),
            done => done,
        }
    }

    /// A full disk is the very reason to forget something.
    fn forget(&mut self, letters: &[QueuedWrite]) -> rusqlite::Result<WriteOutcome> {
        self.pages = FreePages::Perhaps;
        let done = self.commit(letters);
        self.one_or_no_room(done)
    }

    /// What alone found the disk full was not done, and that is all.
    fn one_or_no_room(
        &self,
        done: rusqlite::Result<Vec<WriteOutcome>>,
    ) -> rusqlite::Result<WriteOutcome> {
        match done {
            Ok(mut done) => Ok(done.pop().unwrap_or(WriteOutcome::Nothing)),
            Err(error)
                if matches!(HistoryError::of(&self.path, &error), HistoryError::Full { .. }) =>
            {
                // What there was room for has grown the log; nothing of it is needed.
                self.settle();
                Ok(WriteOutcome::NoRoom(error.to_string()))
            }
            Err(error) => Err(error),
        }
    }

    fn commit(&mut self, group: &[QueuedWrite]) -> rusqlite::Result<Vec<WriteOutcome>> {
        let transaction = self.begin()?;
        let (mut done, mut progress) = (Vec::with_capacity(group.len()), Progress::default());
        for letter in group {
            done.push(letter.write.perform(&transaction)?);
            progress.add(&letter.write);
        }
        progress.perform(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    /// Waits for somebody else's transaction, e.g. of a person with `sqlite3`, but not for good.
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

    fn tell(&self, QueuedWrite { write, answer }: QueuedWrite, done: WriteOutcome) {
        if let WriteRequest::Append(append) = write {
            let next = append.next();
            append.tail.publish(&append.stored, next);
            if next == LogEnd::Nothing {
                self.tails.remove(&append.id);
            }
        }
        if let Some(answer) = answer {
            // Whoever asked may be gone; it is done all the same.
            let _ = answer.send(Ok(done));
        }
    }
}

fn is_locked(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
