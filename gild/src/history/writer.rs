//! The one thread that writes: whatever waits for it goes into one transaction, so that the cost of
//! making things durable is shared, and nobody who measures waits for a disk. What it has committed
//! it tells to the logs' ends. A transaction that fails ends it for good: a history with a gap
//! would be a lie.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dashmap::DashMap;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use tokio::sync::watch;

use super::HistoryError;
use super::tail::Tail;
use super::write::{Append, Done, Progress, Write};
use crate::config::{HISTORY_GROUP_MAX, HISTORY_INBOX_MAX, HISTORY_LOCKED_MAX};
use crate::courtesy::give_way;

/// How long a transaction of somebody else's is waited for before that is told.
const LOCKED_PAUSE: Duration = Duration::from_secs(1);

type Answer = Result<Done, HistoryError>;

/// Something to be written, and who waits for it.
#[derive(Debug)]
struct Letter {
    write: Write,
    answer: Option<Sender<Answer>>,
}

/// The writer as others see it.
#[derive(Debug)]
pub(super) struct Writer {
    /// `None` once it shall end.
    inbox: Option<SyncSender<Letter>>,
    failure: watch::Receiver<Option<HistoryError>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(
        connection: Connection,
        path: &Path,
        tails: Arc<DashMap<String, Arc<Tail>>>,
    ) -> Result<Self, HistoryError> {
        let (inbox, letters) = mpsc::sync_channel(HISTORY_INBOX_MAX);
        let (told, failure) = watch::channel(None);
        connection.busy_timeout(LOCKED_PAUSE).map_err(|error| HistoryError::of(path, &error))?;
        let own = Pen { connection, path: path.to_owned(), tails, told };
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
    pub(super) fn failure(&self) -> watch::Receiver<Option<HistoryError>> {
        self.failure.clone()
    }

    /// Hands an event over. Waits for the commit if it is a log's last, else at most for a place in
    /// the inbox.
    pub(super) fn append(&self, append: Append) -> Result<(), HistoryError> {
        let is_last = append.is_last();
        let write = Write::Append(Box::new(append));
        if is_last { self.ask(write).map(drop) } else { self.send(Letter { write, answer: None }) }
    }

    /// Hands something over and waits until it is durable.
    pub(super) fn ask(&self, write: Write) -> Answer {
        let (answer, answered) = mpsc::channel();
        self.send(Letter { write, answer: Some(answer) })?;
        answered.recv().unwrap_or_else(|_| Err(self.why_gone()))
    }

    fn send(&self, letter: Letter) -> Result<(), HistoryError> {
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
struct Pen {
    connection: Connection,
    path: PathBuf,
    tails: Arc<DashMap<String, Arc<Tail>>>,
    told: watch::Sender<Option<HistoryError>>,
}

impl Pen {
    fn serve(mut self, letters: &Receiver<Letter>) {
        give_way();
        while let Ok(first) = letters.recv() {
            let rest = letters.try_iter().take(HISTORY_GROUP_MAX - 1);
            let group: Vec<Letter> = std::iter::once(first).chain(rest).collect();
            match self.import_or_commit(&group) {
                Ok(done) => {
                    if group.iter().any(|letter| matches!(letter.write, Write::Settle)) {
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

    /// Readers may keep it from being whole; the log is then folded in at the next start.
    fn settle(&self) {
        let fold = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = fold {
            tracing::debug!(%error, "the write-ahead log stays");
        }
    }

    /// Databases are attached outside of transactions only, so an import has one of its own.
    fn import_or_commit(&mut self, group: &[Letter]) -> rusqlite::Result<Vec<Done>> {
        let mut done = Vec::with_capacity(group.len());
        let is_plain = |letter: &Letter| letter.write.package().is_none();
        for letters in group.chunk_by(|a, b| is_plain(a) && is_plain(b)) {
            match letters.first().and_then(|letter| letter.write.package()) {
                Some(path) => done.push(self.import(letters, &path)?),
                None => done.extend(self.commit(letters)?),
            }
        }
        Ok(done)
    }

    /// What is wrong with a file, or too much, is no failure of the history.
    fn import(&mut self, letters: &[Letter], path: &Path) -> rusqlite::Result<Done> {
        let attached =
            self.connection.execute("ATTACH ? AS incoming", [path.display().to_string()]);
        let done = attached.and_then(|_| self.commit(letters));
        // It is not attached if that failed.
        let _ = self.connection.execute("DETACH incoming", []);
        match done {
            Ok(mut done) => Ok(done.pop().unwrap_or(Done::Nothing)),
            Err(error)
                if matches!(HistoryError::of(&self.path, &error), HistoryError::Full { .. }) =>
            {
                // What there was room for has grown the log; nothing of it is needed.
                self.settle();
                Ok(Done::NoRoom(error.to_string()))
            }
            // Whatever is wrong with the file was found before; this is the history's own trouble.
            Err(error) if is_locked(&error) => Err(error),
            Err(error) => Ok(Done::Refused(error.to_string())),
        }
    }

    fn commit(&mut self, group: &[Letter]) -> rusqlite::Result<Vec<Done>> {
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

    fn tell(&self, Letter { write, answer }: Letter, done: Done) {
        if let Write::Append(append) = write {
            let is_last = append.is_last();
            append.tail.publish(&append.stored, is_last);
            if is_last {
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
