//! Reading a history that other processes may write: at once beside the lab that has it open, and
//! without one. Creates, migrates, checkpoints and deletes nothing there.
//!
//! | a lab has it open | write-ahead log | how it is read |
//! |---|---|---|
//! | yes | beside it | as SQLite reads in WAL mode |
//! | no | absent or empty | as an immutable file, so that nothing is created beside it |
//! | no | with contents, or jobs that an ended lab left running | from a private copy, which recovers as a lab's start does |
//! | any | of an older schema | from a private copy, which is migrated |

use std::io;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::Flock;
use nix::unistd::{AccessFlags, eaccess};
use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::store::error::HistoryError;
use crate::store::location::DataDir;
use crate::store::lock::Occupancy;
use crate::store::sqlite::schema;

/// Longest wait for a lab that is just opening or closing the history.
const CHANGING_TIMEOUT: Duration = Duration::from_secs(1);
/// Pause between two attempts while a lab or another program is in the way.
const RETRY: Duration = Duration::from_millis(10);
/// The way out without access.
const WAY_OUT: &str = "read a copy that its owner makes with `gild backup`";

/// A connection that reads, for one query or a few; no lab begins to write while it lives, unless one
/// writes already.
pub(crate) struct Opened {
    connection: Connection,
    source: Source,
    /// Its name for `ATTACH`.
    uri: String,
    /// Dropped after the connection.
    _reading: Option<Flock<std::fs::File>>,
}

/// What a connection reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// There is no history yet.
    Nothing,
    /// A history that a lab has open.
    Shared,
    /// A history that no lab has open.
    Quiet,
    /// The same, and no lock keeps labs away meanwhile.
    Unguarded,
}

/// How a history is read by this process.
#[derive(Debug)]
pub(crate) enum Reading {
    /// In its place.
    InPlace,
    /// From a copy that has to be recovered as a lab's start does.
    Abandoned(DataDir),
    /// From a copy that was migrated, of a history that a lab may have open.
    Older(DataDir),
}

impl Deref for Opened {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Opened {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl Opened {
    /// Its name for `ATTACH` while this connection lives.
    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }

    /// Refuses what was read if a lab came meanwhile that no lock kept away.
    pub(crate) fn check(&self, data_dir: &DataDir) -> Result<(), HistoryError> {
        match (self.source, data_dir.observe()) {
            (Source::Unguarded, Occupancy::Held(holder)) => {
                Err(HistoryError::InUse { path: data_dir.database(), holder })
            }
            _ => Ok(()),
        }
    }
}

/// Decides how to read, and copies the history if necessary.
pub(crate) fn prepare(data_dir: &DataDir) -> Result<Reading, HistoryError> {
    let occupancy = data_dir.observe();
    if matches!(occupancy, Occupancy::Free(_)) && data_dir.log_bytes() > Some(0) {
        return abandoned(data_dir);
    }
    drop(occupancy);
    let opened = open(data_dir)?;
    let failed = |error: rusqlite::Error| HistoryError::of(&data_dir.database(), &error);
    if opened.source == Source::Nothing {
        return Ok(Reading::InPlace);
    }
    let is_quiet = opened.source != Source::Shared;
    if is_quiet && has_unended(&opened).map_err(failed)? {
        return abandoned(data_dir);
    }
    if !schema::is_older(&opened).map_err(failed)? {
        return Ok(Reading::InPlace);
    }
    let copy = DataDir::temporary()?;
    copy_pages(&opened, &copy.database()).map_err(failed)?;
    opened.check(data_dir)?;
    drop(schema::open(&copy.database())?);
    Ok(Reading::Older(copy))
}

/// Copies the files of a history that no lab has open.
fn abandoned(data_dir: &DataDir) -> Result<Reading, HistoryError> {
    let Occupancy::Free(_reading) = data_dir.observe() else {
        // A lab has just come, and recovers it.
        return Ok(Reading::InPlace);
    };
    let copy = DataDir::temporary()?;
    data_dir.copy_to(&copy).map_err(|error| unreadable(data_dir, &error))?;
    Ok(match data_dir.observe() {
        // It came while the copy was made, where no lock file kept it away.
        Occupancy::Held(_) => Reading::InPlace,
        Occupancy::Free(_) | Occupancy::Unknown => Reading::Abandoned(copy),
    })
}

/// Jobs that an ended lab left running.
fn has_unended(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM works WHERE state IN ('running', 'cancelling'))";
    connection.query_row(sql, [], |row| row.get(0))
}

/// Opens it at its state of this moment.
pub(crate) fn open(data_dir: &DataDir) -> Result<Opened, HistoryError> {
    let deadline = Instant::now() + CHANGING_TIMEOUT;
    loop {
        match try_open(data_dir) {
            Ok(Some(opened)) => return Ok(opened),
            Ok(None) if Instant::now() < deadline => sleep(RETRY),
            Ok(None) => {
                let reason = format!(
                    "a lab may have it open, and its write-ahead log cannot be read; {WAY_OUT}"
                );
                return Err(HistoryError::CannotRead { path: data_dir.database(), reason });
            }
            Err(error) => return Err(error),
        }
    }
}

/// `None` while a lab is opening or closing it.
fn try_open(data_dir: &DataDir) -> Result<Option<Opened>, HistoryError> {
    let path = data_dir.database();
    // The lock first: what is read afterwards is of its time or later.
    let occupancy = data_dir.observe();
    // Not opened to find out: closing it would drop the locks of other connections of this process.
    match eaccess(&path, AccessFlags::R_OK) {
        Ok(()) => {}
        Err(Errno::ENOENT) => return nothing(data_dir).map(Some),
        Err(error) => return Err(unreadable(data_dir, &error.into())),
    }
    let log = data_dir.log_bytes();
    let (is_folded, mut uri) = (log.is_none_or(|bytes| bytes == 0), schema::uri(&path));
    let (connection, source, reading) = match occupancy {
        Occupancy::Free(reading) if is_folded => {
            uri = schema::immutable_uri(&path);
            let source = if reading.is_some() { Source::Quiet } else { Source::Unguarded };
            (schema::open_immutable(&path)?, source, reading)
        }
        Occupancy::Free(reading) => (schema::open_to_read(&path)?, Source::Quiet, reading),
        Occupancy::Unknown if log.is_none() => {
            let reason = format!(
                "lab.lock beside it is not readable, so a lab may be writing it unseen; {WAY_OUT}"
            );
            return Err(HistoryError::CannotRead { path, reason });
        }
        Occupancy::Held(_) if log.is_none() => return Ok(None),
        Occupancy::Held(_) | Occupancy::Unknown => match schema::open_to_read(&path) {
            Ok(connection) => (connection, Source::Shared, None),
            Err(HistoryError::CannotOpen { .. }) => return Ok(None),
            Err(error) => return Err(error),
        },
    };
    match schema::check_owner(&connection, &path) {
        Ok(()) => {}
        Err(HistoryError::CannotOpen { .. }) if source == Source::Shared => return Ok(None),
        Err(HistoryError::CannotOpen { reason, .. }) => {
            return Err(unreadable(data_dir, &io::Error::other(reason)));
        }
        Err(error) => return Err(error),
    }
    let is_blank =
        schema::is_blank(&connection).map_err(|error| HistoryError::of(&path, &error))?;
    match (is_blank, source) {
        (false, _) => Ok(Some(Opened { connection, source, uri, _reading: reading })),
        // A lab is creating it.
        (true, Source::Shared) => nothing(data_dir).map(Some),
        (true, _) if log.is_none() && std::fs::metadata(&path).is_ok_and(|it| it.len() > 0) => {
            Err(HistoryError::LogMissing { path })
        }
        (true, _) => nothing(data_dir).map(Some),
    }
}

fn nothing(data_dir: &DataDir) -> Result<Opened, HistoryError> {
    let connection =
        schema::empty().map_err(|error| HistoryError::of(&data_dir.database(), &error))?;
    let uri = schema::uri(&data_dir.database());
    Ok(Opened { connection, source: Source::Nothing, uri, _reading: None })
}

fn unreadable(data_dir: &DataDir, error: &io::Error) -> HistoryError {
    HistoryError::CannotRead { path: data_dir.database(), reason: format!("{error}; {WAY_OUT}") }
}

/// Copies all pages, and returns the number of jobs.
pub(crate) fn copy_pages(source: &Connection, to: &Path) -> rusqlite::Result<u64> {
    let mut copied = Connection::open(to)?;
    // All pages in one step: a step between two writes of the lab would start anew.
    Backup::new(source, &mut copied)?.run_to_completion(i32::MAX, RETRY, None)?;
    // A lab may just have marked the source.
    schema::unmark(&copied)?;
    // In WAL mode a second file would belong to it.
    copied.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    let jobs: i64 = copied.query_row("SELECT count(*) FROM works", [], |row| row.get(0))?;
    Ok(jobs.unsigned_abs())
}
