//! The database of commit 2c8d602, opened by the present code: every column has its values, under its
//! name but for [`RENAMED`], so that SQL written for it still runs with these names exchanged. Seeds,
//! which were integers by their bits, are the same numbers as text.

use std::path::{Path, PathBuf};

use gild::store::Store;
use gild::store::location::DataDir;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use prost_types::field_descriptor_proto::{Label, Type};
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

const RECORDED: &str = include_str!("../data/2c8d602/schema.txt");

/// Table, column of that commit, and what it is called now.
const RENAMED: [(&str, &str, &str); 10] = [
    ("attempts", "left_voluntary", "context_switches_voluntary"),
    ("attempts", "left_forced", "context_switches_forced"),
    ("turns", "seen", "watched_counts"),
    ("turns", "noise", "disturbance"),
    ("turns", "waits", "strategy_wait_ns_hdr"),
    ("turns", "hand_overs", "strategy_hand_over_ns_hdr"),
    ("turns", "slices", "slice_ns_hdr"),
    ("turns", "latencies", "latency_ns_hdr"),
    ("turns", "acquisitions", "watched_wait_ns_hdr"),
    ("turns", "seen_hand_overs", "watched_hand_over_ns_hdr"),
];

/// A seed of that commit as it is stored now.
fn as_digits(seed: &Value) -> Value {
    let Value::Integer(bits) = seed else { panic!("{seed:?} is not a seed of that commit") };
    Value::Text(bits.cast_unsigned().to_string())
}

fn renamed(table: &str, column: &str) -> String {
    let found = RENAMED.iter().find(|it| (it.0, it.1) == (table, column));
    found.map_or(column, |it| it.2).to_owned()
}

/// The application, the version and each declaration of a database.
fn schema(database: &Connection) -> rusqlite::Result<String> {
    let mut lines = Vec::new();
    for pragma in ["application_id", "user_version"] {
        let value: i64 = database.pragma_query_value(None, pragma, |row| row.get(0))?;
        lines.push(format!("{pragma} {value}"));
    }
    let declared = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name";
    lines.extend(texts(database, declared)?);
    Ok(lines.join("\n") + "\n")
}

fn texts(database: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    database.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

fn rows(database: &Connection, sql: &str) -> rusqlite::Result<Vec<Value>> {
    database.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// The history that commit 2c8d602 wrote.
pub(crate) fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../gilctl/tests/data/2c8d602/history.db")
}

/// A history that was opened once, and its database.
fn opened(directory: &TempDir) -> Connection {
    drop(Store::open(DataDir::Kept(directory.path().to_owned())).expect("a history"));
    Connection::open(directory.path().join("lab.db")).expect("a database")
}

fn migrated() -> (TempDir, Connection) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::copy(recorded(), directory.path().join("lab.db")).expect("a copy");
    let database = opened(&directory);
    (directory, database)
}

#[test]
fn recorded_history_is_migrated_to_the_schema_of_a_fresh_one() {
    let old = Connection::open(recorded()).expect("a database");
    assert_eq!(schema(&old).expect("a schema"), RECORDED);
    let directory = tempfile::tempdir().expect("a temporary directory");
    let fresh = schema(&opened(&directory)).expect("a schema");
    let (_kept, migrated) = migrated();
    assert_eq!(schema(&migrated).expect("a schema"), fresh);
    assert_ne!(fresh, RECORDED);
}

/// The type of a column for a field; JSON for a list.
fn column_type(label: Label, of: Type) -> &'static str {
    match (label, of) {
        (Label::Repeated, _) | (_, Type::String) => "TEXT",
        (_, Type::Double) => "REAL",
        (_, Type::Bytes) => "BLOB",
        _ => "INTEGER",
    }
}

/// A name that records of a cell have too means the same here: a count is no histogram.
#[test]
fn column_with_the_name_of_a_field_has_its_type() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let database = opened(&directory);
    let wire = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let messages: Vec<_> = wire.file.iter().flat_map(|file| &file.message_type).collect();
    let mut shared = 0;
    for (table, message) in [
        ("cells", "Cell"),
        ("attempts", "Measurement"),
        ("timed_attempts", "Contention"),
        ("turns", "Measurement"),
        ("turns", "Contention"),
    ] {
        let message = messages.iter().find(|it| it.name() == message).expect("a message");
        let columns = format!("SELECT name || ' ' || type FROM pragma_table_info('{table}')");
        for column in texts(&database, &columns).expect("columns") {
            let (name, declared) = column.split_once(' ').expect("a type");
            let is_histogram = name.ends_with("_hdr");
            assert_eq!(declared == "BLOB", is_histogram, "{table}.{name} is {declared}");
            let Some(field) = message.field.iter().find(|it| it.name() == name) else { continue };
            let wanted = column_type(field.label(), field.r#type());
            assert_eq!(declared, wanted, "{table}.{name} and {}", message.name());
            shared += 1;
        }
    }
    assert!(shared > 15, "{shared} names");
}

#[test]
fn columns_of_the_recorded_history_have_their_values_under_their_names() {
    let old = Connection::open(recorded()).expect("a database");
    let (_kept, new) = migrated();
    let tables =
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND sql IS NOT NULL";
    let (mut compared, mut found) = (0, Vec::new());
    for table in texts(&old, tables).expect("tables") {
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        for column in texts(&old, &columns).expect("columns") {
            let now = renamed(&table, &column);
            if now != column {
                found.push((table.clone(), column.clone()));
            }
            let [was, is] = [(&old, &column), (&new, &now)].map(|(database, column)| {
                // A table without rowid is read in the order of its key.
                let sql = format!("SELECT {column} FROM {table}");
                rows(database, &format!("{sql} ORDER BY rowid")).or_else(|_| rows(database, &sql))
            });
            let mut was = was.expect("values");
            if column == "seed" {
                was = was.iter().map(as_digits).collect();
            }
            compared += was.len();
            assert_eq!(is, Ok(was), "{table}.{column}, now {now}");
        }
    }
    assert!(compared > 1000, "{compared} values");
    assert_eq!(found.len(), RENAMED.len(), "{found:?}");
}
