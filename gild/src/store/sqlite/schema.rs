//! The schema: opens the database, migrates it to this version, and refuses databases that are newer,
//! damaged or of other programs. Writes no row.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::limits::{HISTORY_CACHE_KIB, HISTORY_CHECKED_BYTES_MAX, HISTORY_WAL_BYTES_KEPT};
use crate::store::error::HistoryError;
use crate::store::record::count;
use crate::store::sqlite::log_mark::{APPLICATION_ID, MARK};

/// The migrations from version n to version n + 1.
const MIGRATIONS: [&str; 5] = [
    include_str!("migrations/schema_1.sql"),
    include_str!("migrations/schema_2.sql"),
    include_str!("migrations/schema_3.sql"),
    include_str!("migrations/schema_4.sql"),
    include_str!("migrations/schema_5.sql"),
];
/// How long to wait for a lock of another program, e.g. `sqlite3`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The database is private to its user.
const MODE: u32 = 0o600;

/// Opens a database to write. Nothing folds its write-ahead log until it is closed, but who asks for it.
pub(crate) fn open(path: &Path) -> Result<Connection, HistoryError> {
    let refused = |error: std::io::Error| HistoryError::CannotOpen {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    // SQLite would make the file readable for others.
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(MODE).open(path).map_err(refused)?;
    let failed = |error: rusqlite::Error| HistoryError::of(path, &error);
    check_log(path)?;
    let mut connection = Connection::open(path).map_err(failed)?;
    check_owner(&connection, path)?;
    set_up(&connection).map_err(failed)?;
    let is_new = number(&connection, "page_count").map_err(failed)? == 0;
    match begin(&mut connection, path, is_new) {
        Ok(()) => Ok(connection),
        Err(error) => {
            drop(connection);
            if is_new {
                // An empty database without a log would look like one that has lost it.
                let _ = std::fs::remove_file(path);
            }
            Err(error)
        }
    }
}

/// Prepares a database to be written: WAL mode, the newest schema.
fn begin(connection: &mut Connection, path: &Path, is_new: bool) -> Result<(), HistoryError> {
    let failed = |error: rusqlite::Error| HistoryError::of(path, &error);
    if is_new {
        // Deleted rows give their pages back step by step. Only a new database can be set so.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(failed)?;
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    connection.pragma_update(None, "journal_size_limit", HISTORY_WAL_BYTES_KEPT).map_err(failed)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(failed)?;
    if mode != "wal" {
        let reason = format!("its journal mode is {mode}, not WAL");
        return Err(HistoryError::Failed { path: path.to_owned(), reason });
    }
    check_health(connection, path)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0).map_err(failed)?;
    migrate(connection).map_err(failed)?;
    // A copy of the file alone then has at least the tables; a reader may prevent it.
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).map_err(failed)
}

/// Makes a database whole that was read together with its log, or that shall do without one.
pub(crate) fn unmark(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)
}

/// Refuses a database without contents whose file is not empty and has no log: an earlier version began it
/// and had not yet folded its log, which is lost. Creates no log, whose presence would hide that.
fn check_log(path: &Path) -> Result<(), HistoryError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let is_filled = std::fs::metadata(path).is_ok_and(|it| it.len() > 0);
    if !is_filled || Path::new(&log).exists() {
        return Ok(());
    }
    let connection = open_without_log(path)?;
    let failed = |error: rusqlite::Error| HistoryError::of(path, &error);
    if tables(&connection).map_err(failed)? == 0 && is_blank(&connection).map_err(failed)? {
        return Err(HistoryError::LogMissing { path: path.to_owned() });
    }
    Ok(())
}

/// The number of its tables, indices and views.
pub(crate) fn tables(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
}

/// Refuses a database that [`open`] would refuse as newer or foreign; one that does not exist is fine.
pub(crate) fn examine(path: &Path) -> Result<(), HistoryError> {
    match std::fs::metadata(path) {
        Ok(_) => check_owner(&open_to_read(path)?, path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => {
            Err(HistoryError::CannotOpen { path: path.to_owned(), reason: error.to_string() })
        }
    }
}

/// Opens it for one who reads.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, HistoryError> {
    check_log(path)?;
    read_only(path, path, OpenFlags::empty())
}

/// Opens a database that nothing writes meanwhile and that has no write-ahead log, without creating
/// any file beside it.
pub(crate) fn open_immutable(path: &Path) -> Result<Connection, HistoryError> {
    check_log(path)?;
    open_without_log(path)
}

/// The same for one whose log may be lost.
pub(crate) fn open_without_log(path: &Path) -> Result<Connection, HistoryError> {
    read_only(path, Path::new(&immutable_uri(path)), OpenFlags::SQLITE_OPEN_URI)
}

/// The URI of such a database.
pub(crate) fn immutable_uri(path: &Path) -> String {
    format!("{}&immutable=1", uri(path))
}

/// The URI of a database that is only read.
pub(crate) fn uri(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    let escaped = bytes.iter().map(|&byte| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    });
    format!("file:{}?mode=ro", escaped.collect::<String>())
}

fn read_only(path: &Path, name: &Path, flags: OpenFlags) -> Result<Connection, HistoryError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(name, flags).and_then(|connection| {
        set_up(&connection)?;
        Ok(connection)
    });
    opened.map_err(|error| HistoryError::of(path, &error))
}

/// An empty history in memory.
pub(crate) fn empty() -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Whether the database is of an earlier version than this one's.
pub(crate) fn is_older(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(number(connection, "user_version")? < count(MIGRATIONS.len()))
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // A plan does not depend on what is looked for, so none is made anew for each page of events.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "cache_size", -HISTORY_CACHE_KIB)
}

fn application_id(connection: &Connection) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

/// Refuses a database that is newer or of another program, before anything is changed.
pub(crate) fn check_owner(connection: &Connection, path: &Path) -> Result<(), HistoryError> {
    let failed = |error: rusqlite::Error| HistoryError::of(path, &error);
    let (path, known) = (path.to_owned(), count(MIGRATIONS.len()));
    let version = number(connection, "user_version").map_err(failed)?;
    let application = application_id(connection).map_err(failed)?;
    let tables = tables(connection).map_err(failed)?;
    match application {
        MARK => Err(HistoryError::LogMissing { path }),
        APPLICATION_ID if version > known => {
            Err(HistoryError::Newer { path, found: version, known })
        }
        APPLICATION_ID => Ok(()),
        0 if version == 0 && tables == 0 => Ok(()),
        _ => Err(HistoryError::Foreign { path }),
    }
}

/// Whether a database has no owner and so no table yet.
pub(crate) fn is_blank(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(application_id(connection)? == 0)
}

/// Whether a database has exactly the tables, views and indices of its version, word for word: other
/// declarations could make reading arbitrarily expensive.
pub(crate) fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let version = usize::try_from(number(connection, "user_version")?).unwrap_or(0);
    let own = Connection::open_in_memory()?;
    for migration in MIGRATIONS.iter().take(version) {
        own.execute_batch(migration)?;
    }
    Ok(shape(connection)? == shape(&own)?)
}

fn shape(connection: &Connection) -> rusqlite::Result<Vec<[Option<String>; 4]>> {
    connection
        .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")?
        .query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?
        .collect()
}

/// Checks for damage, unless the database is too large to check quickly.
pub(crate) fn check_health(connection: &Connection, path: &Path) -> Result<(), HistoryError> {
    if std::fs::metadata(path).is_ok_and(|it| it.len() > HISTORY_CHECKED_BYTES_MAX) {
        return Ok(());
    }
    let found: Result<String, _> =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    match found {
        Ok(found) if found == "ok" => Ok(()),
        Ok(reason) => Err(HistoryError::Damaged { path: path.to_owned(), reason }),
        Err(error) => Err(HistoryError::of(path, &error)),
    }
}

/// Migrates in one transaction: a database has all its rows in one version or in the other, wherever
/// the process or the disk fails. What the transaction changes waits in the write-ahead log, not in
/// memory.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let version = usize::try_from(number(connection, "user_version")?).unwrap_or(0);
    if version >= MIGRATIONS.len() {
        return Ok(());
    }
    if version > 0 {
        tracing::info!(version, to = MIGRATIONS.len(), "the history is migrated");
    }
    let transaction = connection.transaction()?;
    for migration in MIGRATIONS.iter().skip(version) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", count(MIGRATIONS.len()))?;
    transaction.commit()
}
