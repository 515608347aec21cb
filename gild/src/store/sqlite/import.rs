//! Import: the rows of a checked file, copied into the database within one transaction.

use std::path::Path;

use rusqlite::{Connection, params};
use tempfile::TempPath;

use engine::jobs::owner::Owner;

/// Tables whose rows belong to a job.
pub(crate) const TABLES: [&str; 5] = ["cells", "events", "attempts", "timed_attempts", "turns"];
/// Columns of a job that are copied.
pub(crate) const WORK: &str = "id, kind, state, create_time_ns, end_time_ns, error, runs, attempts, \
                    attempts_requested, \
                    last_sequence, seed, version, brief, created";
/// A file with one sweep, which was checked.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) path: TempPath,
    pub(crate) owner: Owner,
    /// Where it was measured.
    pub(crate) imported_from: String,
}

/// The outcome of an import.
#[derive(Debug)]
pub(crate) enum Imported {
    New,
    /// A job with that id is here already.
    Known {
        id: String,
    },
}

impl Package {
    /// The file, to be attached before the transaction begins.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Copies its rows from the database that is attached as `incoming`.
    pub(crate) fn insert(&self, connection: &Connection) -> rusqlite::Result<Imported> {
        let known: Option<String> = connection.query_row(
            "SELECT max(id) FROM main.works WHERE id IN (SELECT id FROM incoming.works)",
            [],
            |row| row.get(0),
        )?;
        if let Some(id) = known {
            return Ok(Imported::Known { id });
        }
        let insert = format!(
            "INSERT INTO main.works (owner, imported_from, queue_rank, {WORK}) \
             SELECT ?, ?, (SELECT coalesce(max(queue_rank), 0) + 1 FROM main.works), {WORK} FROM \
             incoming.works"
        );
        connection.execute(&insert, params![self.owner.to_string(), self.imported_from])?;
        let number = connection.last_insert_rowid();
        for table in TABLES {
            let columns: Vec<String> = connection
                .prepare(&format!(
                    "SELECT name FROM pragma_table_info('{table}') WHERE name <> 'work'"
                ))?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let columns = columns.join(", ");
            connection.execute(
                &format!(
                    "INSERT INTO main.{table} (work, {columns}) SELECT ?, {columns} FROM \
                          incoming.{table}"
                ),
                [number],
            )?;
        }
        Ok(Imported::New)
    }
}
