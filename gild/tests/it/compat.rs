//! The database of commit 2c8d602: a fresh one of the present code has the same schema, word for
//! word, so that SQL written for it still runs and its exported files are still taken.

use gild::store::Store;
use gild::store::location::DataDir;
use rusqlite::Connection;

const RECORDED: &str = include_str!("../data/2c8d602/schema.txt");

/// The application, the version and each declaration of a database.
fn schema(database: &Connection) -> rusqlite::Result<String> {
    let mut lines = Vec::new();
    for pragma in ["application_id", "user_version"] {
        let value: i64 = database.pragma_query_value(None, pragma, |row| row.get(0))?;
        lines.push(format!("{pragma} {value}"));
    }
    let declared = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name";
    let mut query = database.prepare(declared)?;
    for sql in query.query_map([], |row| row.get::<_, String>(0))? {
        lines.push(sql?);
    }
    Ok(lines.join("\n") + "\n")
}

#[test]
fn fresh_database_has_the_recorded_schema() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let data_dir = DataDir::Kept(directory.path().to_owned());
    drop(Store::open(data_dir).expect("a history"));
    let database = Connection::open(directory.path().join("lab.db")).expect("a database");
    assert_eq!(schema(&database).expect("a schema"), RECORDED);
}
