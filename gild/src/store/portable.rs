//! One sweep as a portable file: a database of the same schema with that work alone, so that any
//! SQLite tool opens it. A file is checked as a whole before any row of it is imported.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tempfile::TempPath;

use crate::limits::{EVENT_BYTES_MAX, IMPORTED_BYTES_MAX};
use crate::store::Store;
use crate::store::error::HistoryError;
use crate::store::record::{Kind, Record, count};
use crate::store::sqlite::import::{Package, TABLES, WORK};
use crate::store::sqlite::schema;
use crate::store::sqlite::writing::transaction::{WriteOutcome, WriteRequest};
use engine::jobs::owner::Owner;

/// Queries that must be true of a file, each with the error if it is not.
const CHECKS: [(&str, &str); 10] = [
    ("SELECT count(*) = 1 FROM works", "it does not hold exactly one sweep"),
    (
        "SELECT count(*) = 0 FROM works WHERE kind <> 'sweep' \
         OR state NOT IN ('succeeded', 'failed', 'cancelled', 'interrupted')",
        "it does not hold a sweep that has ended",
    ),
    (
        "SELECT count(*) = 0 FROM works WHERE length(id) <> 26 OR id GLOB '*[^0-9a-v]*'",
        "its id is not valid",
    ),
    (
        "SELECT count(*) = last_sequence AND coalesce(min(sequence), 1) = 1 AND \
         coalesce(max(sequence), 0) = last_sequence \
         FROM works, events",
        "events are missing",
    ),
    ("SELECT count(*) = (SELECT attempts FROM works) FROM attempts", "attempts are missing"),
    (
        "SELECT count(*) = 0 FROM (SELECT cell FROM attempts UNION SELECT cell FROM turns UNION \
         SELECT cell FROM events WHERE cell IS NOT NULL) \
         WHERE cell < 0 OR cell >= (SELECT count(*) FROM cells)",
        "it refers to cells that it does not have",
    ),
    (
        "SELECT coalesce(sum(attempts), 0) = (SELECT attempts FROM works) \
         AND coalesce(min(attempts), 0) >= 0 AND coalesce(min(first_attempt), 0) >= 0 FROM turns",
        "its turns do not add up",
    ),
    (
        "SELECT count(*) = 0 FROM (SELECT first_attempt < lag(first_attempt + attempts) \
         OVER (PARTITION BY cell ORDER BY first_attempt, attempts) AS overlap FROM turns) \
         WHERE overlap",
        "its turns overlap",
    ),
    ("SELECT count(*) <= 1024 FROM cells", "it has too many cells"),
    (
        "SELECT runs BETWEEN 0 AND 1000000 AND length(error) <= 65536 AND length(version) <= 64 \
         AND length(brief) <= 131072 AND length(created) <= 4194304 FROM works",
        "its sweep is out of bounds",
    ),
];

/// Why a sweep cannot be written to a file, or read from one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The history failed.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// It has not ended.
    #[error("the sweep has not ended; cancel it, or wait for its end")]
    Unended,
    /// The file is not an exported sweep.
    #[error("this is not an exported sweep: {0}; only what `gilctl export` wrote can be imported")]
    NoSweep(String),
    /// The history has it already.
    #[error("sweep {0} is here already; delete it first to import it again")]
    Known(String),
    /// A temporary file cannot be created.
    #[error("no temporary file: {0}; free some space, or set TMPDIR")]
    NoFile(String),
    /// The disk has no room for it.
    #[error(
        "the disk has no room for this sweep: {0}; nothing was imported: free some space \
         (`gilctl prune`)"
    )]
    NoRoom(String),
}

impl Store {
    /// Writes one ended sweep to a temporary file.
    pub fn export(&self, id: &str) -> Result<TempPath, ExportError> {
        let record = self.record(id)?;
        if !record.state.is_terminal() || record.kind != Kind::Sweep {
            return Err(ExportError::Unended);
        }
        let path = temporary_file()?;
        let connection = schema::open(&path)?;
        let failed = |error: rusqlite::Error| HistoryError::of(&path, &error);
        let copied = self.0.readers.attached(|uri| copy_out(&connection, uri, record.number))?;
        if copied == Copied::Nothing {
            return Err(ExportError::Unended);
        }
        // One file, without a log beside it.
        connection.pragma_update(None, "journal_mode", "DELETE").map_err(failed)?;
        connection.close().map_err(|(_, error)| failed(error))?;
        Ok(path)
    }

    /// Imports a sweep from such a file; its id. `check` gets the id and the encoded sweep, and returns
    /// where it was measured.
    pub fn import(
        &self,
        path: TempPath,
        owner: Owner,
        check: impl FnOnce(&str, &[u8]) -> Result<String, String>,
    ) -> Result<String, ExportError> {
        let (id, created) = check_file(&path).map_err(ExportError::NoSweep)?;
        let imported_from = check(&id, &created).map_err(ExportError::NoSweep)?;
        if self.record(&id).is_ok() {
            return Err(ExportError::Known(id));
        }
        let package = Package { path, owner, imported_from };
        match self.writer()?.ask(WriteRequest::Import(Box::new(package)))? {
            WriteOutcome::Known { id } => Err(ExportError::Known(id)),
            WriteOutcome::Refused(reason) => Err(ExportError::NoSweep(reason)),
            WriteOutcome::NoRoom(reason) => Err(ExportError::NoRoom(reason)),
            WriteOutcome::Nothing | WriteOutcome::Created { .. } | WriteOutcome::Changed(_) => {
                Ok(id)
            }
        }
    }
}

/// A temporary file, which is deleted when it is dropped.
pub fn temporary_file() -> Result<TempPath, ExportError> {
    let made = tempfile::Builder::new().prefix("gild-sweep-").suffix(".db").tempfile();
    made.map(tempfile::NamedTempFile::into_temp_path)
        .map_err(|error| ExportError::NoFile(error.to_string()))
}

/// The result of copying a sweep out.
#[derive(Debug, PartialEq, Eq)]
enum Copied {
    All,
    /// The sweep was deleted or resumed meanwhile.
    Nothing,
}

fn copy_out(connection: &Connection, from: &str, work: i64) -> rusqlite::Result<Copied> {
    connection.execute("ATTACH ? AS source", [from])?;
    let transaction = connection.unchecked_transaction()?;
    let insert = format!(
        "INSERT INTO works (number, owner, queue_rank, {WORK}) SELECT number, owner, 1, {WORK} \
         FROM source.works WHERE number = ? \
         AND state IN ('succeeded', 'failed', 'cancelled', 'interrupted')"
    );
    if transaction.execute(&insert, [work])? != 1 {
        return Ok(Copied::Nothing);
    }
    for table in TABLES {
        transaction.execute(
            &format!("INSERT INTO {table} SELECT * FROM source.{table} WHERE work = ?"),
            [work],
        )?;
    }
    transaction.commit()?;
    connection.execute("DETACH source", []).map(|_| Copied::All)
}

/// Checks a file; returns the id and the encoded sweep, or what is wrong.
fn check_file(path: &Path) -> Result<(String, Vec<u8>), String> {
    let wrong = |error: rusqlite::Error| error.to_string();
    let guarded = schema::open_to_read(path).map_err(of_a_file)?;
    schema::check_owner(&guarded, path).map_err(of_a_file)?;
    guard(&guarded).map_err(|error| error.to_string())?;
    drop(guarded);
    let connection = schema::open(path).map_err(of_a_file)?;
    for (check, reason) in CHECKS {
        let holds: bool = connection.query_row(check, [], |row| row.get(0)).map_err(wrong)?;
        if !holds {
            return Err(reason.to_owned());
        }
    }
    let longest: i64 = connection
        .query_row("SELECT coalesce(max(length(body)), 0) FROM events", [], |row| row.get(0))
        .map_err(wrong)?;
    if longest > count(EVENT_BYTES_MAX) {
        return Err(format!("an event has {longest} bytes, more than {EVENT_BYTES_MAX}"));
    }
    let sql = "SELECT max(length(created), length(brief)) + length(error) FROM works";
    let bytes: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(wrong)?;
    if bytes > count(IMPORTED_BYTES_MAX) {
        return Err(format!("its sweep has {bytes} bytes, more than {IMPORTED_BYTES_MAX}"));
    }
    // What is read later must be readable.
    let sql = "SELECT number, id, kind, state, 'local' AS owner, create_time_ns, end_time_ns, \
               error, \
               runs, attempts, attempts_requested, last_sequence, '' AS imported_from, version, \
               brief AS resource FROM works";
    let record = connection.query_row(sql, [], Record::read).map_err(wrong)?;
    readable(&record.resource)?;
    let found = connection
        .query_row("SELECT id, created FROM works", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(wrong)?;
    connection.pragma_update(None, "journal_mode", "DELETE").map_err(wrong)?;
    Ok(found)
}

/// The error of a file, without the advice that applies to a history.
fn of_a_file(error: HistoryError) -> String {
    match error {
        HistoryError::Newer { found, known, .. } => format!(
            "it has version {found}, and this gild knows versions up to {known}; use the newer gild"
        ),
        HistoryError::Foreign { .. } => "it is a database of another program".to_owned(),
        HistoryError::Damaged { reason, .. }
        | HistoryError::CannotOpen { reason, .. }
        | HistoryError::CannotRead { reason, .. }
        | HistoryError::Full { reason, .. }
        | HistoryError::Failed { reason, .. } => reason,
        HistoryError::NoPlace
        | HistoryError::InUse { .. }
        | HistoryError::BeingRead { .. }
        | HistoryError::ReadOnly { .. }
        | HistoryError::LogMissing { .. }
        | HistoryError::NotFollowed { .. }
        | HistoryError::NoRoom { .. }
        | HistoryError::Suspended
        | HistoryError::NotFound(_)
        | HistoryError::Unreadable(_)
        | HistoryError::Gone => error.to_string(),
    }
}

fn readable(brief: &[u8]) -> Result<(), String> {
    crate::store::codec::is_readable(brief)
        .then_some(())
        .ok_or("its sweep cannot be read".to_owned())
}

/// Enables every protection of SQLite against hostile files, and checks the file's integrity.
fn guard(connection: &Connection) -> Result<(), Box<dyn std::error::Error>> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    if !schema::is_ours(connection)? {
        return Err("its tables are not those of a sweep's file".into());
    }
    let sound: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    match sound.as_str() {
        "ok" => Ok(()),
        _ => Err(sound.into()),
    }
}
