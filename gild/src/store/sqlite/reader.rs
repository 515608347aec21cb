//! Reading: connections that only read, and every question that is asked of the database. Writes
//! nothing.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use crate::limits::HISTORY_READERS_KEPT;
use crate::store::Store;
use crate::store::error::HistoryError;
use crate::store::live_log::StoredEvent;
use crate::store::record::{Kind, Record, Since, count, signed, state_word, unsigned};
use crate::store::sqlite::attempt_rows;
use crate::store::sqlite::schema;
use engine::jobs::state::State;
use engine::measure::turn::StoredTurn;

/// Connections that nobody uses right now.
#[derive(Debug)]
pub(crate) struct ReadPool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// What a log says of cells: encoded events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CellEvents {
    /// For each cell that was measured, the newest event about it.
    pub newest: Vec<(usize, Vec<u8>)>,
    /// The newest event that says how the work ended, if it has.
    pub ended: Option<Vec<u8>>,
}

/// What breaks a bound of retention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outdated {
    /// Its id.
    pub id: String,
    /// Which table of the service it is in.
    pub kind: Kind,
    /// About how many bytes it takes.
    pub bytes: u64,
}

/// What is ranked is numbers alone: a full disk has no room to sort more.
pub(crate) const OUTDATED: &str = "SELECT id, kind, attempts * 96 + length(created) \
     + (SELECT coalesce(sum(length(body)), 0) FROM events WHERE work = number) \
     FROM (SELECT number, row_number() OVER (PARTITION BY kind ORDER BY number DESC) AS rank \
     FROM works WHERE state IN ('succeeded', 'failed', 'cancelled', 'interrupted')) \
     JOIN works USING (number) WHERE create_time_ns < ?1 OR rank > ?2 ORDER BY number";

pub(crate) const COUNT: &str = "SELECT count(*) FROM works WHERE kind = ?";

/// A list of works, in a state if one is named; there is an index for either.
pub(crate) fn list_in(state: Option<State>) -> String {
    // With the plus, SQLite does not go by the kind, of which there are two only.
    let which = state.map_or("kind = ?1 AND ?2 IS NULL", |_| "+kind = ?1 AND state = ?2");
    format!(
        "SELECT {}, brief AS resource FROM works WHERE {which} AND number < ?3 \
         ORDER BY number DESC LIMIT ?4",
        Record::COLUMNS
    )
}

impl ReadPool {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    /// Reads on a connection of its own.
    fn read<T>(
        &self,
        ask: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = idle.map_or_else(|| schema::open_to_read(&self.path), Ok)?;
        let read = ask(&mut connection).map_err(|error| HistoryError::of(&self.path, &error))?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < HISTORY_READERS_KEPT {
            idle.push(connection);
        }
        Ok(read)
    }
}

impl Store {
    fn read<T>(
        &self,
        ask: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        self.0.readers.read(ask)
    }

    /// The database, for whoever copies from it.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.place.database()
    }

    /// A work with all its cells.
    pub fn record(&self, id: &str) -> Result<Record, HistoryError> {
        let sql =
            format!("SELECT {}, created AS resource FROM works WHERE id = ?", Record::COLUMNS);
        let found = self.read(|connection| {
            connection.prepare_cached(&sql)?.query_row([id], Record::read).optional()
        })?;
        found.ok_or_else(|| HistoryError::NotFound(id.to_owned()))
    }

    /// The one that an owner's request made, if it did.
    pub fn of_request(
        &self,
        owner: &str,
        request_id: &str,
    ) -> Result<Option<String>, HistoryError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT id FROM works WHERE owner = ? AND request_id = ?")?
                .query_row([owner, request_id], |row| row.get(0))
                .optional()
        })
    }

    /// Works of a kind, newest first, in brief: at most so many, in that state if one is named.
    pub fn list(
        &self,
        kind: Kind,
        since: Since<'_>,
        state: Option<State>,
        most: usize,
    ) -> Result<Vec<Record>, HistoryError> {
        let sql = list_in(state);
        let before = match since {
            Since::Newest => i64::MAX,
            // A page after one that is gone would be empty, and look like the last.
            Since::Before(id) => self.record(id)?.number,
        };
        self.read(|connection| {
            connection
                .prepare_cached(&sql)?
                .query_map(
                    params![kind.word(), state.map(state_word), before, count(most)],
                    Record::read,
                )?
                .collect()
        })
    }

    /// What has not ended, in the order of the queue.
    pub fn unended(&self) -> Result<Vec<Record>, HistoryError> {
        let sql = format!(
            "SELECT {}, created AS resource FROM works WHERE state IN ('queued', 'running', \
             'cancelling') \
             ORDER BY queue_rank",
            Record::COLUMNS
        );
        self.read(|connection| {
            connection.prepare_cached(&sql)?.query_map([], Record::read)?.collect()
        })
    }

    /// When the newest entry was made, by the clock of then; 0 without any.
    pub fn latest_time_ns(&self) -> Result<u64, HistoryError> {
        let sql = "SELECT coalesce(max(max(create_time_ns, end_time_ns)), 0) FROM works";
        self.read(|connection| connection.query_row(sql, [], |row| row.get(0))).map(unsigned)
    }

    /// How many works of a kind are kept.
    pub fn count(&self, kind: Kind) -> Result<usize, HistoryError> {
        let kept: i64 = self.read(|connection| {
            connection.prepare_cached(COUNT)?.query_row([kind.word()], |row| row.get(0))
        })?;
        Ok(usize::try_from(kept).unwrap_or(0))
    }

    /// At most so many events after a number, in order.
    pub(crate) fn events(
        &self,
        work: i64,
        after: u64,
        most: usize,
    ) -> Result<Vec<Arc<StoredEvent>>, HistoryError> {
        let stored = |row: &rusqlite::Row<'_>| {
            let body: Vec<u8> = row.get(2)?;
            let (sequence, time_ns) = (unsigned(row.get(0)?), unsigned(row.get(1)?));
            Ok(Arc::new(StoredEvent { sequence, time_ns, body: body.into() }))
        };
        // Beyond what a signed number holds there is no event.
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT sequence, time_ns, body FROM events WHERE work = ? AND sequence > ? \
                     ORDER BY sequence LIMIT ?",
                )?
                .query_map(params![work, after, count(most)], stored)?
                .collect()
        })
    }

    /// The newest event about each cell, and how it ended.
    pub fn cell_events(&self, record: &Record) -> Result<CellEvents, HistoryError> {
        self.read(|connection| {
            let newest = connection
                .prepare_cached(
                    "SELECT cell, body FROM events WHERE work = ?1 AND sequence IN \
                     (SELECT max(sequence) FROM events WHERE work = ?1 AND cell IS NOT NULL GROUP \
                     BY cell) \
                     ORDER BY cell",
                )?
                .query_map([record.number], |row| {
                    Ok((row.get::<_, u32>(0)? as usize, row.get(1)?))
                })?
                .collect::<Result<_, _>>()?;
            let ended = connection
                .prepare_cached(
                    "SELECT body FROM events WHERE work = ? AND sequence = ? AND kind \
                                 = 'ended'",
                )?
                .query_row(params![record.number, signed(record.last_sequence)], |row| row.get(0))
                .optional()?;
            Ok(CellEvents { newest, ended })
        })
    }

    /// The encoded events of one kind, in order.
    pub fn bodies(&self, record: &Record, word: &str) -> Result<Vec<Vec<u8>>, HistoryError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT body FROM events WHERE work = ? AND kind = ? ORDER BY sequence",
                )?
                .query_map(params![record.number, word], |row| row.get(0))?
                .collect()
        })
    }

    /// What was told of cells that ended, in order.
    pub fn ended_cells(&self, work: i64) -> Result<Vec<(usize, Vec<u8>)>, HistoryError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT cell, body FROM events WHERE work = ? AND kind = 'cell_ended' ORDER \
                     BY sequence",
                )?
                .query_map([work], |row| Ok((row.get::<_, u32>(0)? as usize, row.get(1)?)))?
                .collect()
        })
    }

    /// Shows all turns of a sweep with all that was seen in them, in order, until that is enough.
    pub fn each_turn(
        &self,
        work: i64,
        take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, HistoryError> {
        self.read(|connection| attempt_rows::each_turn(connection, work, take))
    }

    /// Bodies per second of a sweep's attempts: cell, number of the turn's event, rate; in order.
    pub fn rates(&self, record: &Record) -> Result<Vec<(usize, u64, f64)>, HistoryError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT cell, sequence, bodies_per_second FROM attempts WHERE work = ? ORDER \
                     BY cell, attempt",
                )?
                .query_map([record.number], |row| {
                    Ok((row.get::<_, u32>(0)? as usize, unsigned(row.get(1)?), row.get(2)?))
                })?
                .collect()
        })
    }

    /// Works that have ended and were created before a time, or are not among so many newest ended
    /// of their kind; oldest first.
    pub fn outdated(
        &self,
        before_ns: Option<u64>,
        newest: Option<u32>,
    ) -> Result<Vec<Outdated>, HistoryError> {
        let outdated = |row: &rusqlite::Row<'_>| {
            let (id, kind, bytes) =
                (row.get(0)?, Kind::read(row.get_ref(1)?.as_str()?), row.get(2)?);
            Ok(Outdated { id, kind, bytes: unsigned(bytes) })
        };
        let before_ns = before_ns.map_or(i64::MIN, signed);
        let newest = newest.map_or(i64::MAX, i64::from);
        self.read(|connection| {
            connection.prepare_cached(OUTDATED)?.query_map([before_ns, newest], outdated)?.collect()
        })
    }
}
