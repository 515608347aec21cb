//! The directory of a history, private to its user, with the database and its lock. Opens neither.

use std::fs;
use std::fs::File;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use crate::store::error::HistoryError;
use crate::store::lock;
use crate::store::lock::{Lock, Occupancy};

const DATABASE: &str = "lab.db";
const LOCK: &str = "lab.lock";
/// The write-ahead log.
const LOG: &str = "lab.db-wal";
/// The files of a database in WAL mode.
const FILES: [&str; 3] = [DATABASE, LOG, "lab.db-shm"];
/// A history is private to its user.
const DIRECTORY_MODE: u32 = 0o700;

/// A directory for a history.
#[derive(Debug, Clone)]
pub enum DataDir {
    /// A permanent one.
    Kept(PathBuf),
    /// A temporary one, deleted with its last handle.
    Temporary(Arc<TempDir>),
}

impl DataDir {
    /// The named directory, else `$XDG_DATA_HOME/gild`, else `~/.local/share/gild`.
    pub fn kept(named: Option<PathBuf>) -> Result<Self, HistoryError> {
        named.map_or_else(default_directory, Ok).map(Self::Kept)
    }

    /// A temporary directory, deleted with its last handle.
    pub fn temporary() -> Result<Self, HistoryError> {
        let made = tempfile::Builder::new().prefix("gild-history-").tempdir();
        let refused = |error: io::Error| HistoryError::CannotOpen {
            path: std::env::temp_dir(),
            reason: error.to_string(),
        };
        Ok(Self::Temporary(Arc::new(made.map_err(refused)?)))
    }

    /// The directory, unless it is temporary.
    pub fn shown(&self) -> Option<&Path> {
        match self {
            Self::Kept(directory) => Some(directory),
            Self::Temporary(_) => None,
        }
    }

    /// Whether there is a history.
    pub fn has_history(&self) -> bool {
        self.database().exists()
    }

    /// The process that has the history open to write, as the error of [`HistoryError::InUse`] names
    /// it. Creates nothing.
    pub fn holder(&self) -> Option<String> {
        match self.observe() {
            Occupancy::Free(_) => None,
            Occupancy::Held(holder) => Some(holder),
            Occupancy::Unknown => Some("unknown process".to_owned()),
        }
    }

    /// Bytes that the database takes on disk; unreadable files count 0.
    pub(crate) fn bytes(&self) -> u64 {
        let size = |file: &str| fs::metadata(self.directory().join(file)).map_or(0, |it| it.len());
        FILES.into_iter().map(size).sum()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.directory().join(DATABASE)
    }

    /// Bytes of the write-ahead log; `None` if there is none.
    pub(crate) fn log_bytes(&self) -> Option<u64> {
        fs::metadata(self.directory().join(LOG)).ok().map(|it| it.len())
    }

    /// Copies database and write-ahead log, which nothing may write meanwhile, to another directory.
    pub(crate) fn copy_to(&self, other: &Self) -> io::Result<()> {
        for file in [DATABASE, LOG] {
            let mut from = match File::open(self.directory().join(file)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && file == LOG => continue,
                opened => opened?,
            };
            // The copy is its user's, whatever the permissions of the original.
            io::copy(&mut from, &mut File::create(other.directory().join(file))?)?;
        }
        Ok(())
    }

    /// Whether a process has the history open to write. Creates nothing.
    pub(crate) fn observe(&self) -> Occupancy {
        lock::observe(&self.directory().join(LOCK))
    }

    /// Creates the directory if necessary, and locks it for this process, which other processes will
    /// know as `holder`.
    pub(crate) fn lock(&self, holder: &str) -> Result<Lock, HistoryError> {
        self.check_directory()?;
        let directory = self.directory();
        let made = fs::DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(directory);
        let refused = |error: io::Error| HistoryError::CannotOpen {
            path: directory.to_owned(),
            reason: error.to_string(),
        };
        made.map_err(refused)?;
        Lock::take(&directory.join(LOCK), holder)
    }

    /// Refuses a path of which a part is not a directory.
    pub(crate) fn check_directory(&self) -> Result<(), HistoryError> {
        let mut existing = self.directory().ancestors().filter(|it| it.exists());
        match existing.next() {
            Some(part) if !part.is_dir() => Err(HistoryError::CannotOpen {
                path: self.directory().to_owned(),
                reason: format!("{} is not a directory", part.display()),
            }),
            Some(_) | None => Ok(()),
        }
    }

    fn directory(&self) -> &Path {
        match self {
            Self::Kept(directory) => directory,
            Self::Temporary(directory) => directory.path(),
        }
    }
}

/// `$XDG_DATA_HOME/gild`, or `~/.local/share/gild`.
fn default_directory() -> Result<PathBuf, HistoryError> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let data = variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    Ok(data.or_else(home).ok_or(HistoryError::NoPlace)?.join("gild"))
}
