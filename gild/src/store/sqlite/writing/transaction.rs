//! Write requests, and how each is performed within one transaction. Commits nothing.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use crate::store::codec::labelled;
use crate::store::live_log::{LiveLog, LogEnd, StoredEvent};
use crate::store::record::{NewJob, count, signed, state_word};
use crate::store::sqlite::import::{Imported, Package};
use crate::store::sqlite::writing::turn_rows::{TurnRows, prepared};
use engine::jobs::event::sink::StateChange;
use engine::jobs::state::State;

const INSERT_EVENT: &str = "INSERT INTO events (work, sequence, time_ns, kind, cell, body) \
                            VALUES (?, ?, ?, ?, ?, ?)";
const START: &str = "UPDATE works SET state = iif(state = 'queued', 'running', state), \
                     runs = runs + 1 WHERE number = ?";
const CANCELLING: &str =
    "UPDATE works SET state = 'cancelling' WHERE number = ? AND state IN ('queued', 'running')";
const REQUEUE: &str = "UPDATE works SET state = 'queued', end_time_ns = 0, error = '', \
                       queue_rank = (SELECT max(queue_rank) + 1 FROM works) \
                       WHERE number = ? AND state IN ('interrupted', 'cancelled')";
const DELETE: &str = "DELETE FROM works WHERE id = ? \
                      AND state IN ('succeeded', 'failed', 'cancelled', 'interrupted')";
const INSERT_WORK: &str = "INSERT INTO works (id, kind, state, owner, request_id, queue_rank, \
                           create_time_ns, attempts_requested, seed, version, brief, created) \
                           VALUES (?, ?, 'queued', ?, ?, \
                           (SELECT coalesce(max(queue_rank), 0) + 1 FROM works), \
                           ?, ?, ?, ?, ?, ?)";
const INSERT_CELL: &str = "INSERT INTO cells (work, cell, strategy, era, workers, tasks, \
                           increments, body, duration_ns, expected, attempts_requested) \
                           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// An event to be stored.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) id: String,
    pub(crate) log: Arc<LiveLog>,
    pub(crate) stored: Arc<StoredEvent>,
    pub(crate) word: &'static str,
    pub(crate) cell: Option<usize>,
    pub(crate) change: StateChange,
}

impl Append {
    /// The end of the log after this event.
    pub(crate) fn log_end(&self) -> LogEnd {
        match self.change {
            StateChange::Ends { .. } => LogEnd::Closed,
            StateChange::Nothing | StateChange::Starts | StateChange::Attempts(_) => LogEnd::Open,
        }
    }
}

/// A request to the writer.
#[derive(Debug)]
pub(crate) enum WriteRequest {
    Append(Box<Append>),
    Create(Box<NewJob>),
    Requeue(i64),
    Cancelling(i64),
    /// Replaces the labels of a sweep.
    Label {
        work: i64,
        labels: Vec<String>,
    },
    /// Deletes the job with that id, if it has ended.
    Delete(String),
    Withdraw(String),
    /// Folds the write-ahead log into the database file.
    Checkpoint,
    /// Copies the rows of a sweep of another lab.
    Import(Box<Package>),
}

/// The outcome of a write request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WriteOutcome {
    Nothing,
    Created {
        number: i64,
    },
    /// The same request created that job before, or it was there already.
    Known {
        id: String,
    },
    /// How many rows were changed.
    Changed(usize),
    /// An imported file is not valid.
    Refused(String),
    /// The disk has no room for it; nothing was changed.
    NoRoom(String),
}

impl WriteRequest {
    pub(crate) fn create(new: NewJob) -> Self {
        Self::Create(Box::new(new))
    }

    pub(crate) fn requeue(number: i64) -> Self {
        Self::Requeue(number)
    }

    pub(crate) fn cancelling(number: i64) -> Self {
        Self::Cancelling(number)
    }

    pub(crate) fn delete(id: &str) -> Self {
        Self::Delete(id.to_owned())
    }

    /// Whether it gets a transaction of its own: it may be large, or deletes rows with those that refer
    /// to them, and other requests must not fail with it.
    pub(crate) const fn is_alone(&self) -> bool {
        match self {
            Self::Import(_) | Self::Delete(_) | Self::Withdraw(_) => true,
            Self::Append(_)
            | Self::Create(_)
            | Self::Requeue(_)
            | Self::Cancelling(_)
            | Self::Label { .. }
            | Self::Checkpoint => false,
        }
    }
}

/// Requests that are performed within one transaction, with what they share.
pub(crate) struct Group<'c> {
    connection: &'c Connection,
    event: Option<CachedStatement<'c>>,
    turns: TurnRows<'c>,
    totals: GroupTotals,
}

impl<'c> Group<'c> {
    /// A group of the open transaction of a connection.
    pub(crate) fn new(connection: &'c Connection) -> Self {
        let (turns, totals) = (TurnRows::new(connection), GroupTotals::default());
        Self { connection, event: None, turns, totals }
    }

    /// Performs a request.
    pub(crate) fn perform(&mut self, write: &WriteRequest) -> rusqlite::Result<WriteOutcome> {
        let connection = self.connection;
        match write {
            WriteRequest::Append(one) => self.append(one).map(|()| WriteOutcome::Nothing),
            WriteRequest::Create(new) => create(connection, new),
            WriteRequest::Requeue(number) => requeue(connection, *number),
            WriteRequest::Cancelling(number) => cancelling(connection, *number),
            WriteRequest::Label { work, labels } => label(connection, *work, labels),
            WriteRequest::Delete(id) => delete(connection, id),
            WriteRequest::Checkpoint => Ok(WriteOutcome::Nothing),
            WriteRequest::Withdraw(id) => withdraw(connection, id),
            WriteRequest::Import(package) => {
                package.insert(connection).map(|imported| match imported {
                    Imported::New => WriteOutcome::Nothing,
                    Imported::Known { id } => WriteOutcome::Known { id },
                })
            }
        }
    }

    /// Writes what the requests add up to.
    pub(crate) fn end(self) -> rusqlite::Result<()> {
        self.totals.perform(self.connection)
    }

    fn append(&mut self, one: &Append) -> rusqlite::Result<()> {
        let Append { log, stored, word, cell, change, .. } = one;
        let StoredEvent { sequence, time_ns, body } = &**stored;
        let (connection, work, sequence) = (self.connection, log.number, signed(*sequence));
        let event = prepared(&mut self.event, || connection.prepare_cached(INSERT_EVENT))?;
        let cell = cell.map(count);
        event.execute(params![work, sequence, signed(*time_ns), word, cell, &body[..]])?;
        match change {
            StateChange::Nothing => {}
            StateChange::Starts => {
                connection.prepare_cached(START)?.execute([work])?;
            }
            StateChange::Attempts(turn) => self.turns.insert(work, sequence, turn)?,
            StateChange::Ends { state, error } => end(connection, work, *state, error, *time_ns)?,
        }
        self.totals.add(one);
        Ok(())
    }
}

/// The last sequence number and the new attempts of each job of a group, written once per group.
#[derive(Debug, Default)]
struct GroupTotals(Vec<(i64, u64, usize)>);

impl GroupTotals {
    /// Adds an appended event.
    fn add(&mut self, one: &Append) {
        let attempts = match &one.change {
            StateChange::Attempts(turn) => turn.seen.len(),
            StateChange::Nothing | StateChange::Starts | StateChange::Ends { .. } => 0,
        };
        let (work, sequence) = (one.log.number, one.stored.sequence);
        match self.0.iter_mut().find(|(known, ..)| *known == work) {
            Some(known) => *known = (work, sequence, known.2 + attempts),
            None => self.0.push((work, sequence, attempts)),
        }
    }

    /// Writes them to the rows of the jobs. Without its row a job has no other rows either: then the whole
    /// group fails.
    fn perform(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut update = connection.prepare_cached(
            "UPDATE works SET last_sequence = ?, attempts = attempts + ? WHERE number = ?",
        )?;
        for (work, sequence, attempts) in &self.0 {
            match update.execute(params![signed(*sequence), count(*attempts), work])? {
                1 => {}
                rows => return Err(rusqlite::Error::StatementChangedRows(rows)),
            }
        }
        Ok(())
    }
}

fn end(
    connection: &Connection,
    work: i64,
    state: State,
    error: &str,
    time_ns: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE works SET state = ?, error = ?, end_time_ns = ? WHERE number = ?")?
        .execute(params![state_word(state), error, signed(time_ns), work])?;
    Ok(())
}

fn create(connection: &Connection, new: &NewJob) -> rusqlite::Result<WriteOutcome> {
    let owner = new.owner.to_string();
    let request_id = Some(&new.request_id).filter(|id| !id.is_empty());
    if let Some(request_id) = request_id {
        let known = connection
            .prepare_cached("SELECT id FROM works WHERE owner = ? AND request_id = ?")?
            .query_row([&owner, request_id], |row| row.get(0))
            .optional()?;
        if let Some(id) = known {
            return Ok(WriteOutcome::Known { id });
        }
    }
    connection.prepare_cached(INSERT_WORK)?.execute(params![
        new.id,
        new.kind.word(),
        owner,
        request_id,
        signed(new.create_time_ns),
        signed(new.attempts_requested),
        new.seed.to_string(),
        env!("CARGO_PKG_VERSION"),
        new.brief,
        new.created,
    ])?;
    let number = connection.last_insert_rowid();
    insert_cells(connection, number, new)?;
    Ok(WriteOutcome::Created { number })
}

fn insert_cells(connection: &Connection, work: i64, new: &NewJob) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(INSERT_CELL)?;
    for (cell, at) in new.cells.iter().zip(0_i64..) {
        insert.execute(params![
            work,
            at,
            cell.strategy,
            cell.era,
            signed(cell.workers),
            signed(cell.tasks),
            signed(cell.increments),
            cell.body,
            cell.duration_ns.map(signed),
            signed(cell.expected),
            signed(cell.attempts),
        ])?;
    }
    Ok(())
}

fn requeue(connection: &Connection, work: i64) -> rusqlite::Result<WriteOutcome> {
    let changed = connection.prepare_cached(REQUEUE)?.execute([work])?;
    Ok(WriteOutcome::Changed(changed))
}

fn cancelling(connection: &Connection, work: i64) -> rusqlite::Result<WriteOutcome> {
    let changed = connection.prepare_cached(CANCELLING)?.execute([work])?;
    Ok(WriteOutcome::Changed(changed))
}

/// Labels are in what a sweep was created as, in lists and as a whole. Bytes that cannot be read stay.
fn label(connection: &Connection, work: i64, labels: &[String]) -> rusqlite::Result<WriteOutcome> {
    let stored: Option<[Vec<u8>; 2]> = connection
        .prepare_cached("SELECT brief, created FROM works WHERE number = ?")?
        .query_row([work], |row| Ok([row.get(0)?, row.get(1)?]))
        .optional()?;
    let Some([brief, created]) = stored else { return Ok(WriteOutcome::Changed(0)) };
    match (labelled(&brief, labels), labelled(&created, labels)) {
        (Ok(brief), Ok(created)) => {
            let changed = connection
                .prepare_cached("UPDATE works SET brief = ?, created = ? WHERE number = ?")?
                .execute(params![brief, created, work])?;
            Ok(WriteOutcome::Changed(changed))
        }
        (Err(error), _) | (_, Err(error)) => Ok(WriteOutcome::Refused(error.to_string())),
    }
}

fn withdraw(connection: &Connection, id: &str) -> rusqlite::Result<WriteOutcome> {
    let changed = connection
        .prepare_cached(
            "DELETE FROM works WHERE id = ? AND state IN ('queued', 'cancelling') AND runs = 0",
        )?
        .execute([id])?;
    Ok(WriteOutcome::Changed(changed))
}

fn delete(connection: &Connection, id: &str) -> rusqlite::Result<WriteOutcome> {
    let changed = connection.prepare_cached(DELETE)?.execute([id])?;
    Ok(WriteOutcome::Changed(changed))
}
