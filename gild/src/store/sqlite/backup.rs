//! Backup of a history to one file, while a lab writes it, and restoring it to an empty directory.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::NamedTempFile;

use crate::store::error::HistoryError;
use crate::store::location::DataDir;
use crate::store::sqlite::reader::Reading;
use crate::store::sqlite::{reader, schema};

/// Contents of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupSummary {
    /// Sweeps and explorations in it.
    pub jobs: u64,
    /// Its size.
    pub bytes: u64,
}

/// Why a history cannot be backed up or restored; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The history, or the backup, cannot be read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// There is nothing to back up.
    #[error("{}: there is no history; name its directory with --data-dir", .0.display())]
    NoHistory(PathBuf),
    /// The file to write exists.
    #[error("{}: it exists, and a backup replaces nothing; name a new file", .0.display())]
    Exists(PathBuf),
    /// The directory has a history.
    #[error(
        "{}: there is a history already, and restoring replaces nothing; move it away, or name \
         another directory with --data-dir", .0.display()
    )]
    HasHistory(PathBuf),
    /// The file cannot be written.
    #[error("{}: {reason}; make room there or make it writable, or name another file", .path.display())]
    File {
        /// The file or its directory.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
}

/// Copies the history to a new file, as it is at one moment; a lab may write meanwhile. The file
/// appears as a whole, for its owner only, and needs no other file beside it.
pub fn backup(data_dir: &DataDir, to: &Path) -> Result<BackupSummary, BackupError> {
    let database = data_dir.database();
    if !database.exists() {
        return Err(BackupError::NoHistory(database));
    }
    match open(&database) {
        // Without write access to the directory SQLite opens it in no other way.
        Err(BackupError::History(HistoryError::CannotOpen { .. })) => {
            match reader::prepare(data_dir)? {
                Reading::InPlace => copy_to_new(&*reader::open(data_dir)?, to, BackupError::Exists),
                Reading::Abandoned(copy) | Reading::Older(copy) => {
                    copy_to_new(&open(&copy.database())?, to, BackupError::Exists)
                }
            }
        }
        opened => copy_to_new(&opened?, to, BackupError::Exists),
    }
}

/// Whether a database that was copied without its write-ahead log is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingLog {
    /// It is refused: what the log held is lost.
    Refused,
    /// It is restored as far as it goes.
    Accepted,
}

/// Copies a backup into a directory without a history, and checks it for damage first.
pub fn restore(
    from: &Path,
    data_dir: &DataDir,
    log: MissingLog,
) -> Result<BackupSummary, BackupError> {
    let source = match (open(from), log) {
        (Err(BackupError::History(HistoryError::LogMissing { .. })), MissingLog::Accepted) => {
            open_without_log(from)?
        }
        (opened, _) => opened?,
    };
    schema::check_health(&source, from)?;
    // A table of another shape could make each read arbitrarily expensive.
    if !schema::is_ours(&source).map_err(|error| HistoryError::of(from, &error))? {
        return Err(HistoryError::Foreign { path: from.to_owned() }.into());
    }
    let database = data_dir.database();
    let _lock = data_dir.lock("gild restore")?;
    if data_dir.bytes() > 0 {
        return Err(BackupError::HasHistory(database));
    }
    copy_to_new(&source, &database, BackupError::HasHistory)
}

/// Opens a file that must be a history with contents.
fn open(path: &Path) -> Result<Connection, BackupError> {
    let connection = schema::open_to_read(path)?;
    schema::check_owner(&connection, path)?;
    if schema::is_blank(&connection).map_err(|error| HistoryError::of(path, &error))? {
        return Err(BackupError::NoHistory(path.to_owned()));
    }
    Ok(connection)
}

/// Opens a file whose write-ahead log is lost.
fn open_without_log(path: &Path) -> Result<Connection, BackupError> {
    let connection = schema::open_without_log(path)?;
    if schema::tables(&connection).map_err(|error| HistoryError::of(path, &error))? == 0 {
        return Err(BackupError::NoHistory(path.to_owned()));
    }
    Ok(connection)
}

fn copy_to_new(
    source: &Connection,
    to: &Path,
    exists: fn(PathBuf) -> BackupError,
) -> Result<BackupSummary, BackupError> {
    let directory = match to.parent() {
        Some(directory) if directory != Path::new("") => directory,
        Some(_) | None => Path::new("."),
    };
    let failed =
        |error: io::Error| BackupError::File { path: to.to_owned(), reason: error.to_string() };
    if to.symlink_metadata().is_ok() {
        return Err(exists(to.to_owned()));
    }
    // Dropped on any early return, which deletes it. Its mode is 0600.
    let unfinished = NamedTempFile::with_prefix_in(".gild-", directory).map_err(failed)?;
    let jobs = reader::copy_pages(source, unfinished.path())
        .map_err(|error| HistoryError::of(to, &error))?;
    unfinished.as_file().sync_all().map_err(failed)?;
    let bytes = unfinished.as_file().metadata().map_err(failed)?.len();
    match unfinished.persist_noclobber(to) {
        Ok(_) => Ok(BackupSummary { jobs, bytes }),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(exists(to.to_owned()))
        }
        Err(error) => Err(failed(error.error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn place() -> (tempfile::TempDir, DataDir) {
        let directory = tempfile::tempdir().expect("a directory");
        let data_dir = DataDir::Kept(directory.path().join("data"));
        (directory, data_dir)
    }

    #[test]
    fn backup_of_nothing_and_onto_a_file_is_refused() {
        let (directory, data_dir) = place();
        let file = directory.path().join("backup.db");
        let refused = backup(&data_dir, &file).expect_err("there is none").to_string();
        assert!(refused.contains("there is no history"), "{refused}");
        let _open = Store::open(data_dir.clone()).expect("a new history");
        std::fs::write(&file, "letters").expect("ours");
        let refused = backup(&data_dir, &file).expect_err("it exists").to_string();
        assert!(refused.contains("replaces nothing"), "{refused}");
        assert_eq!(std::fs::read_to_string(&file).expect("ours"), "letters");
    }

    #[test]
    fn backup_beside_an_open_history_is_restored_elsewhere() {
        let (directory, data_dir) = place();
        let file = directory.path().join("backup.db");
        let open = Store::open(data_dir.clone()).expect("a new history");
        let made = backup(&data_dir, &file).expect("it is open for reading");
        assert_eq!(made.bytes, std::fs::metadata(&file).expect("ours").len());
        let refused =
            restore(&file, &data_dir, MissingLog::Refused).expect_err("it is in use").to_string();
        assert!(refused.contains("another lab has this history open"), "{refused}");
        drop(open);
        let refused =
            restore(&file, &data_dir, MissingLog::Refused).expect_err("it is there").to_string();
        assert!(refused.contains("there is a history already"), "{refused}");
        let elsewhere = DataDir::Kept(directory.path().join("elsewhere"));
        assert_eq!(restore(&file, &elsewhere, MissingLog::Refused).expect("a good backup"), made);
        Store::open(elsewhere).expect("a good history");
    }

    #[test]
    fn file_that_is_not_a_backup_is_refused() {
        let (directory, data_dir) = place();
        let file = directory.path().join("letters");
        std::fs::write(&file, "letters").expect("ours");
        assert!(restore(&file, &data_dir, MissingLog::Refused).is_err());
        assert!(
            restore(&directory.path().join("nothing"), &data_dir, MissingLog::Refused).is_err()
        );
        assert_eq!(data_dir.bytes(), 0, "nothing was created");
    }
}
