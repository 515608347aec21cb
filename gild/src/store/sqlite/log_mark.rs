//! Mark in the database file while its write-ahead log holds more than the file: a copy of the file
//! without the log shows it. SQLite itself cannot tell, because the file alone is a valid database of an
//! earlier moment, at worst an empty one.
//!
//! The mark takes the place of the application id in the file's header. The log always has a later copy
//! of that page with the right id, so a reader of the file with its log sees no mark, and a process that
//! folds the log into the file, this one or another, takes it away. In this order, by the one writer:
//!
//! | step | file | log | the file alone |
//! |---|---|---|---|
//! | a checkpoint folds the log | unmarked, complete if no reader was in the way | as before, or begun anew | complete, or as before |
//! | a commit writes the page into the log | unmarked | has the page | lacks nothing but that page |
//! | the mark is written into the file | marked | has the page, not yet folded | refused |
//! | the lab stops, or any program folds the log | unmarked, complete | folded | complete |
//!
//! A kill between two steps leaves an unmarked file. A later step is repeated after each checkpoint.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rusqlite::Connection;

use crate::store::error::HistoryError;

/// Application id of a history: "gild" in ASCII.
pub(crate) const APPLICATION_ID: i32 = i32::from_be_bytes(*b"gild");
/// The mark.
pub(crate) const MARK: i32 = i32::from_be_bytes(*b"gilw");
/// Place of the application id in a database's header, <https://www.sqlite.org/fileformat.html>.
const OFFSET: u64 = 68;
/// Length of that header.
const HEADER_BYTES: u64 = 100;

/// The database file, to be marked. It has to be dropped after the connection: closing any descriptor of
/// a file drops this process's locks on it.
#[derive(Debug)]
pub(crate) struct LogMark(File);

impl LogMark {
    /// Of the database that a connection has open to write.
    pub(crate) fn open(path: &Path) -> Result<Self, HistoryError> {
        let refused = |error: io::Error| HistoryError::CannotOpen {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        OpenOptions::new().write(true).open(path).map(Self).map_err(refused)
    }

    /// Marks the file as incomplete without its log.
    pub(crate) fn set(&self, connection: &Connection) -> io::Result<()> {
        // Rewrites the page, although the id stays as it is.
        connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(io::Error::other)?;
        if self.0.metadata()?.len() < HEADER_BYTES {
            return Ok(());
        }
        self.0.write_all_at(&MARK.to_be_bytes(), OFFSET)
    }

    /// The same; a file that cannot be marked now is marked after the next checkpoint.
    pub(crate) fn set_or_log(&self, connection: &Connection) {
        if let Err(error) = self.set(connection) {
            tracing::debug!(%error, "the database file is not marked");
        }
    }
}

#[cfg(test)]
#[path = "log_mark_tests.rs"]
mod tests;
