//! A history of commit 2c8d602 becomes one of today: as a whole or not at all, also a large one, and
//! with no negative integer in it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use gild::store::Store;
use gild::store::location::DataDir;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::compat::recorded;
use crate::daemon::command;
use crate::faults::crash_recovery::Moments;

/// Times that a daemon is killed while it migrates.
const KILLS: u32 = 6;

/// A directory with the recorded history, and `times` as many attempts under other numbers.
fn multiplied(times: u32) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("lab.db");
    std::fs::copy(recorded(), &path).expect("a copy");
    let database = Connection::open(&path).expect("a database");
    // `random()` draws all 64 bits, so that every second seed is negative.
    let multiply = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) \
        INSERT INTO attempts SELECT work, cell, attempt + 1000 * i, sequence, random(), final, \
        duration_ns, bodies_per_second, overlap, jain, increments, reads, switches_forced, \
        switches_voluntary, requests, cpu_user_ns, cpu_system_ns, left_voluntary, left_forced \
        FROM attempts, n WHERE attempt < 1000";
    database.execute(multiply, [times]).expect("inserted");
    directory
}

fn open(directory: &Path) -> Connection {
    drop(Store::open(DataDir::Kept(directory.to_owned())).expect("a history"));
    database(directory)
}

fn database(directory: &Path) -> Connection {
    Connection::open(directory.join("lab.db")).expect("a database")
}

fn number(database: &Connection, sql: &str) -> i64 {
    database.query_row(sql, [], |row| row.get(0)).expect(sql)
}

/// The version and all declarations.
fn declared(database: &Connection) -> (i64, Vec<String>) {
    let mut query = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL");
    let query = query.as_mut().expect("it is SQL");
    let sql = query.query_map([], |row| row.get(0)).expect("rows").map(|it| it.expect("text"));
    (number(database, "SELECT user_version FROM pragma_user_version"), sql.collect())
}

/// The seeds of all attempts in the order of the key.
fn seeds(database: &Connection) -> Vec<String> {
    let is_text = number(database, "SELECT typeof(seed) = 'text' FROM attempts LIMIT 1") == 1;
    let mut query = database.prepare("SELECT seed FROM attempts").expect("it is SQL");
    let seed = |row: &rusqlite::Row<'_>| {
        if is_text {
            return row.get::<_, String>(0);
        }
        row.get::<_, i64>(0).map(|bits| bits.cast_unsigned().to_string())
    };
    query.query_map([], seed).expect("rows").map(|seed| seed.expect("a seed")).collect()
}

/// Every column of every table that holds a negative integer.
fn negative(database: &Connection) -> Vec<String> {
    let columns = "SELECT tables.name, columns.name FROM sqlite_schema AS tables \
        JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'";
    let mut query = database.prepare(columns).expect("it is SQL");
    let columns = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("columns");
    let columns: Vec<(String, String)> = columns.map(|it| it.expect("names")).collect();
    let is_negative = |(table, column): &(String, String)| {
        let sql = format!(
            "SELECT count(*) FROM {table} WHERE typeof({column}) = 'integer' AND {column} < 0"
        );
        number(database, &sql) > 0
    };
    let found = columns.iter().filter(|it| is_negative(it));
    found.map(|(table, column)| format!("{table}.{column}")).collect()
}

#[test]
fn migrated_history_has_no_negative_integer_and_the_same_seeds() {
    let directory = multiplied(1000);
    let old = database(directory.path());
    let before = seeds(&old);
    assert_eq!(negative(&old), ["attempts.seed"]);
    drop(old);
    let new = open(directory.path());
    assert!(seeds(&new) == before, "some of {} seeds changed", before.len());
    assert!(before.len() > 100_000, "{}", before.len());
    assert_eq!(negative(&new), Vec::<String>::new());
    assert_eq!(number(&new, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    let check: String = new.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("ok");
    assert_eq!(check, "ok");
    let mut sweeps = new.prepare("SELECT seed FROM works WHERE kind = 'sweep'").expect("SQL");
    let sweeps = sweeps.query_map([], |row| row.get(0)).expect("rows").map(|it| it.expect("text"));
    assert_eq!(sweeps.collect::<Vec<String>>(), ["42", "42", "3", "5", "6", "9"]);
}

#[test]
fn migration_that_fails_changes_nothing() {
    let directory = multiplied(200);
    let old = database(directory.path());
    let (before, schema) = (seeds(&old), declared(&old));
    // An attempt without a sweep is refused after all others were copied: it has the last key.
    let orphan = "PRAGMA foreign_keys = OFF; INSERT INTO attempts \
        SELECT 9999, cell, attempt, sequence, 7, final, duration_ns, bodies_per_second, overlap, \
        jain, increments, reads, switches_forced, switches_voluntary, requests, cpu_user_ns, \
        cpu_system_ns, left_voluntary, left_forced FROM attempts LIMIT 1";
    old.execute_batch(orphan).expect("inserted");
    drop(old);
    let refused = Store::open(DataDir::Kept(directory.path().to_owned()));
    assert!(refused.is_err(), "it has an attempt without a sweep");
    let old = database(directory.path());
    assert_eq!(declared(&old), schema);
    old.execute("DELETE FROM attempts WHERE work = 9999", []).expect("ours");
    assert!(seeds(&old) == before, "some of {} seeds changed", before.len());
    drop(old);
    assert!(seeds(&open(directory.path())) == before, "some of {} seeds changed", before.len());
}

/// Killed at moments before, in and after the migration; whatever is there is whole.
#[test]
fn killed_migration_leaves_the_history_of_either_version() {
    let directory = multiplied(1000);
    let before = seeds(&database(directory.path()));
    let mut moments = Moments(7);
    for _ in 0..KILLS {
        let data_dir = directory.path().to_str().expect("a path of text");
        let sockets = tempfile::tempdir().expect("a temporary directory");
        let socket = sockets.path().join("private/gild.sock");
        let mut daemon = command(&socket, &["--data-dir", data_dir]);
        let mut daemon = daemon.stderr(Stdio::null()).spawn().expect("the daemon starts");
        std::thread::sleep(Duration::from_millis(moments.draw(400)));
        daemon.kill().expect("it is ours");
        daemon.wait().expect("it ends");
        assert!(seeds(&database(directory.path())) == before, "some seeds changed");
    }
    let new = open(directory.path());
    assert!(seeds(&new) == before, "some of {} seeds changed", before.len());
    assert_eq!(negative(&new), Vec::<String>::new());
}

/// Each statement of `docs/history.md`, on a migrated history.
#[test]
fn documented_sql_runs() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/history.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::copy(recorded(), directory.path().join("lab.db")).expect("a copy");
    let database = open(directory.path());
    let quoted = page.split("sqlite3 ~/.local/share/gild/lab.db ").skip(1).map(|rest| {
        let quote = &rest[..1];
        assert!(matches!(quote, "'" | "\""), "{rest}");
        rest[1..].split_once(&format!("{quote}\n")).expect("it ends").0
    });
    let statements: Vec<&str> = quoted.collect();
    assert!(statements.len() >= 3, "{statements:?}");
    for statement in statements {
        let mut query = database.prepare(statement).expect(statement);
        let mut rows = query.query([]).expect(statement);
        assert!(rows.next().expect(statement).is_some(), "{statement} finds nothing");
    }
}
