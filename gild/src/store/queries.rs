//! Queries: what the store answers from the database. Writes nothing.

use std::ops::ControlFlow;
use std::path::PathBuf;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use crate::limits::{WATCH_BATCH, WATCH_BATCH_BYTES};
use crate::store::Store;
use crate::store::codec;
use crate::store::error::HistoryError;
use crate::store::live_log::StoredEvent;
use crate::store::record::{
    CellEvents, Kind, Outdated, Record, Since, count, signed, state_word, unsigned,
};
use crate::store::sqlite::attempt_rows;
use engine::jobs::owner::Owner;
use engine::jobs::state::State;
use engine::measure::turn::StoredTurn;
use engine::measure::validity::Disturbance;
use engine::stats::lost_increments::IncrementCounts;

/// Only numbers are ranked: a full disk has no room to sort whole rows.
pub(crate) const OUTDATED: &str = "SELECT id, kind, attempts * 96 + length(created) \
     + (SELECT coalesce(sum(length(body)), 0) FROM events WHERE work = number) \
     FROM (SELECT number, row_number() OVER (PARTITION BY kind ORDER BY number DESC) AS rank \
     FROM works WHERE state IN ('succeeded', 'failed', 'cancelled', 'interrupted') \
     AND (?3 IS NULL OR owner IN (SELECT value FROM json_each(?3)))) \
     JOIN works USING (number) WHERE create_time_ns < ?1 OR rank > ?2 ORDER BY number";

pub(crate) const COUNT: &str = "SELECT count(*) FROM works WHERE kind = ?";

/// Lists jobs of all owners or of one, only those in `state` if one is given; there is an index for either.
pub(crate) fn list_in(state: Option<State>) -> String {
    // The plus keeps SQLite from using the index of kinds, of which there are only two.
    let which = state.map_or("kind = ?1 AND ?2 IS NULL", |_| "+kind = ?1 AND state = ?2");
    format!(
        "SELECT {}, brief AS resource FROM works WHERE {which} AND number < ?3 \
         AND (?5 IS NULL OR owner = ?5) ORDER BY number DESC LIMIT ?4",
        Record::COLUMNS
    )
}

/// What rounds are made of: an attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AttemptRow {
    /// The cell's position.
    pub(crate) cell: usize,
    /// The number of its turn's event.
    pub(crate) sequence: u64,
    /// Bodies per second.
    pub(crate) rate: f64,
    /// The counter's final value.
    pub(crate) total: u64,
}

/// What disturbed a turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TurnRow {
    /// The cell's position.
    pub(crate) cell: usize,
    /// The number of its event.
    pub(crate) sequence: u64,
    /// Interference with its cell up to and with it.
    pub(crate) disturbance: Disturbance,
}

impl Store {
    fn read<T>(
        &self,
        ask: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        self.0.readers.read(ask)
    }

    /// The path of the database.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.data_dir.database()
    }

    /// The job with that id, with all its cells.
    pub fn record(&self, id: &str) -> Result<Record, HistoryError> {
        let sql =
            format!("SELECT {}, created AS resource FROM works WHERE id = ?", Record::COLUMNS);
        let found = self.read(|connection| {
            connection.prepare_cached(&sql)?.query_row([id], Record::read).optional()
        })?;
        found.ok_or_else(|| HistoryError::NotFound(id.to_owned()))
    }

    /// The id of the job that a request of an owner created, if any.
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

    /// Jobs of a kind in brief, newest first: at most `most`, only those in `state` if one is given.
    pub fn list(
        &self,
        kind: Kind,
        since: Since<'_>,
        state: Option<State>,
        owner: Option<&Owner>,
        most: usize,
    ) -> Result<Vec<Record>, HistoryError> {
        let sql = list_in(state);
        let owner = owner.map(Owner::to_string);
        let before = match since {
            Since::Newest => i64::MAX,
            // A page after a job that was deleted would be empty, and look like the last.
            Since::Before(id) => self.record(id)?.number,
        };
        self.read(|connection| {
            connection
                .prepare_cached(&sql)?
                .query_map(
                    params![kind.word(), state.map(state_word), before, count(most), owner],
                    Record::read,
                )?
                .collect()
        })
    }

    /// Jobs that have not ended, in the order of the queue.
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

    /// The latest time in the history, in nanoseconds since the Unix epoch; 0 if it is empty.
    pub fn latest_time_ns(&self) -> Result<u64, HistoryError> {
        let sql = "SELECT coalesce(max(max(create_time_ns, end_time_ns)), 0) FROM works";
        self.read(|connection| connection.query_row(sql, [], |row| row.get(0))).map(unsigned)
    }

    /// How many jobs of a kind the history has.
    pub fn count(&self, kind: Kind) -> Result<usize, HistoryError> {
        let kept: i64 = self.read(|connection| {
            connection.prepare_cached(COUNT)?.query_row([kind.word()], |row| row.get(0))
        })?;
        Ok(usize::try_from(kept).unwrap_or(0))
    }

    /// The next events of a job of that kind after a sequence number, in order: at most [`WATCH_BATCH`],
    /// and none more once they have [`WATCH_BATCH_BYTES`]. Clients get them as they are, so each is
    /// checked here; the events before an unreadable one are returned.
    pub(crate) fn events(
        &self,
        kind: Kind,
        work: i64,
        after: u64,
    ) -> Result<Vec<StoredEvent>, HistoryError> {
        let (numbers, bytes, unreadable) = self.read(|connection| {
            let mut rows = connection.prepare_cached(
                "SELECT sequence, time_ns, body FROM events WHERE work = ? AND sequence > ? \
                 ORDER BY sequence LIMIT ?",
            )?;
            let mut rows = rows.query(params![work, signed(after), count(WATCH_BATCH)])?;
            let (mut numbers, mut bytes) = (Vec::new(), Vec::new());
            while bytes.len() < WATCH_BATCH_BYTES
                && let Some(row) = rows.next()?
            {
                let body = row.get_ref(2)?.as_blob()?;
                if let Err(unreadable) = codec::check_event(kind, body) {
                    return Ok((numbers, bytes, Some(unreadable)));
                }
                bytes.extend_from_slice(body);
                numbers.push((unsigned(row.get(0)?), unsigned(row.get(1)?), bytes.len()));
            }
            Ok((numbers, bytes, None))
        })?;
        match unreadable {
            Some(unreadable) if numbers.is_empty() => Err(unreadable.into()),
            _ => Ok(sliced(numbers, &bytes.into())),
        }
    }

    /// The newest event of each cell, and the one that ended the job.
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

    /// Position and event of each cell that ended, in order.
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

    /// Passes each turn of a sweep with its observations, in order, to `take` until it breaks.
    pub fn each_turn(
        &self,
        work: i64,
        take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, HistoryError> {
        self.read(|connection| attempt_rows::each_turn(connection, work, take))
    }

    /// Passes each attempt of a sweep to `take`, by cell and then in order, and returns its turns in
    /// order.
    pub(crate) fn rounds(
        &self,
        work: i64,
        take: &mut dyn FnMut(&AttemptRow),
    ) -> Result<Vec<TurnRow>, HistoryError> {
        self.read(|connection| each_attempt(connection, work, take))
    }

    /// Increments that the attempts of a sweep checked and lost, for each turn in order: position of the
    /// cell, counts. Meant for cells whose attempts differ in their increments.
    pub fn increments(
        &self,
        record: &Record,
    ) -> Result<Vec<(usize, IncrementCounts)>, HistoryError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT cell, sum(increments), sum(max(increments - final, 0)) FROM attempts \
                     WHERE work = ? GROUP BY cell, sequence ORDER BY cell, sequence",
                )?
                .query_map([record.number], |row| {
                    let (checked, lost) = (unsigned(row.get(1)?), unsigned(row.get(2)?));
                    Ok((row.get::<_, u32>(0)? as usize, IncrementCounts { checked, lost }))
                })?
                .collect()
        })
    }

    /// Ended jobs that were created before a time, or that are not among the `newest` ended jobs of
    /// their kind; oldest first.
    pub fn outdated(
        &self,
        before_ns: Option<u64>,
        newest: Option<u32>,
        owners: Option<&[Owner]>,
    ) -> Result<Vec<Outdated>, HistoryError> {
        let outdated = |row: &rusqlite::Row<'_>| {
            let (id, kind, bytes) =
                (row.get(0)?, Kind::read(row.get_ref(1)?.as_str()?), row.get(2)?);
            Ok(Outdated { id, kind, bytes: unsigned(bytes) })
        };
        let before_ns = before_ns.map_or(i64::MIN, signed);
        let newest = newest.map_or(i64::MAX, i64::from);
        let owners = owners.map(|owners| {
            serde_json::Value::from(owners.iter().map(Owner::to_string).collect::<Vec<_>>())
                .to_string()
        });
        self.read(|connection| {
            connection
                .prepare_cached(OUTDATED)?
                .query_map(params![before_ns, newest, owners], outdated)?
                .collect()
        })
    }
}

/// Events of numbers, times and ends in bytes that they share.
fn sliced(numbers: Vec<(u64, u64, usize)>, bytes: &Bytes) -> Vec<StoredEvent> {
    let mut begin = 0;
    let one = |(sequence, time_ns, end)| {
        let body = bytes.slice(begin..end);
        begin = end;
        StoredEvent { sequence, time_ns, body }
    };
    numbers.into_iter().map(one).collect()
}

/// Passes each attempt of a sweep to `take`, by cell and then in order, and returns its turns in order.
fn each_attempt(
    connection: &mut Connection,
    work: i64,
    take: &mut dyn FnMut(&AttemptRow),
) -> rusqlite::Result<Vec<TurnRow>> {
    // One snapshot: otherwise a running sweep could have attempts without a turn.
    let connection = connection.transaction()?;
    let mut attempts = connection.prepare_cached(
        "SELECT cell, sequence, bodies_per_second, final FROM attempts WHERE work = ? \
         ORDER BY cell, attempt",
    )?;
    let mut rows = attempts.query([work])?;
    while let Some(row) = rows.next()? {
        take(&AttemptRow {
            cell: row.get::<_, u32>(0)? as usize,
            sequence: unsigned(row.get(1)?),
            rate: row.get(2)?,
            total: unsigned(row.get(3)?),
        });
    }
    connection
        .prepare_cached(
            "SELECT cell, sequence, disturbance FROM turns WHERE work = ? ORDER BY sequence",
        )?
        .query_map([work], |row| {
            Ok(TurnRow {
                cell: row.get::<_, u32>(0)? as usize,
                sequence: unsigned(row.get(1)?),
                disturbance: attempt_rows::from_json(row, "disturbance")?,
            })
        })?
        .collect()
}
