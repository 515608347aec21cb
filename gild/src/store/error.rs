//! Errors of the history.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::store::codec::Unreadable;

/// Why the history cannot be opened, read or written. Acknowledged writes are never lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// It has no directory.
    #[error(
        "the history has no place: neither XDG_DATA_HOME nor HOME is set; name a directory with \
         --data-dir"
    )]
    NoPlace,
    /// Its directory or file cannot be created or opened.
    #[error(
        "{path}: cannot open the history: {reason}; make it writable, or choose another directory \
         with --data-dir"
    )]
    CannotOpen {
        /// The directory or file.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// Processes that only read it keep it from being opened to write.
    #[error(
        "{path}: a process reads the history and keeps labs from opening it; wait for its end, or find \
         it with `fuser {path}`"
    )]
    BeingRead {
        /// The file that is locked.
        path: PathBuf,
    },
    /// It cannot be read by this user.
    #[error("{path}: cannot read the history: {reason}")]
    CannotRead {
        /// The directory or file.
        path: PathBuf,
        /// The reason, and the way out.
        reason: String,
    },
    /// It was opened to be read.
    #[error(
        "{path}: the history was opened to be read, and nothing can be stored in it; wait for the lab \
         that has it open, or use that one with --server"
    )]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// Its database is there without its write-ahead log.
    #[error(
        "{path}: the write-ahead log beside it, lab.db-wal, is missing, and with it what was \
         stored last, at worst everything; copy a history with `gild backup`, which makes one file \
         of both, or take what there is with `gild restore FILE --without-log`"
    )]
    LogMissing {
        /// The database.
        path: PathBuf,
    },
    /// A job that another lab runs, or ran, cannot be followed.
    #[error("{id} cannot be followed: {reason}")]
    NotFollowed {
        /// The job.
        id: String,
        /// The reason, and the way out.
        reason: &'static str,
    },
    /// Another lab has it open.
    #[error(
        "{path}: another lab has this history open ({holder}); use that one with --server, or \
         choose another directory with --data-dir"
    )]
    InUse {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it.
        holder: String,
    },
    /// It was written by a newer gild.
    #[error(
        "{path}: the history has version {found}, this gild knows versions up to {known}; use the \
         newer gild, or another directory with --data-dir"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// It is a database of another program.
    #[error(
        "{path}: this is a database, but not a history of gild; choose another directory with \
         --data-dir"
    )]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// It is damaged.
    #[error("{path}: the history is damaged ({reason}) and was left as it is; move it away or put \
             a copy in its place (`sqlite3 {} .recover` may save most of it)", .path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The disk cannot be written.
    #[error(
        "{path}: the history cannot be written ({reason}); what was acknowledged is kept: free \
         some space (`gilctl prune`), start again, and `gilctl resume` what was interrupted"
    )]
    Full {
        /// The database.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// The disk has no room to delete a job; the lab goes on.
    #[error(
        "{path}: the disk has no room to delete jobs ({reason}), and none was deleted; free some \
         space elsewhere, and try again"
    )]
    NoRoom {
        /// The database.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// A log will go on when the next lab starts.
    #[error("the daemon is shutting down; queued jobs resume when it restarts")]
    Suspended,
    /// It has no such job.
    #[error("there is no {0}; `list` shows those that are kept")]
    NotFound(String),
    /// An event or a job in it cannot be decoded.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Its writer has ended.
    #[error("the history is closed, because its lab is ending; start the lab again")]
    Gone,
    /// Another error of the database.
    #[error(
        "{path}: the history failed: {reason}; look into the log of its lab, and start it again"
    )]
    Failed {
        /// The database.
        path: PathBuf,
        /// Its message.
        reason: String,
    },
}

impl HistoryError {
    /// The error for an error of the database.
    pub(crate) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        let (path, reason) = (path.to_owned(), error.to_string());
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, reason }
            }
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => Self::Full { path, reason },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::CannotOpen { path, reason }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::InUse { path, holder: "some program keeps it locked".into() }
            }
            _ => Self::Failed { path, reason },
        }
    }
}
