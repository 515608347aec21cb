//! What the writer is asked to do, and how each of it is done within one transaction. Commits
//! nothing.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::live_log::{LiveLog, LogEnd, StoredEvent};
use crate::store::record::{NewJob, count, signed, state_word};
use crate::store::sqlite::attempt_rows;
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
const FORGET: &str = "DELETE FROM works WHERE id = ? \
                      AND state IN ('succeeded', 'failed', 'cancelled', 'interrupted')";
const INSERT_WORK: &str = "INSERT INTO works (id, kind, state, owner, request_id, queue_rank, \
                           create_time_ns, attempts_requested, seed, version, brief, created) \
                           VALUES (?, ?, 'queued', ?, ?, \
                           (SELECT coalesce(max(queue_rank), 0) + 1 FROM works), \
                           ?, ?, ?, ?, ?, ?)";
const INSERT_CELL: &str = "INSERT INTO cells (work, cell, strategy, era, workers, tasks, \
                           increments, body, duration_ns, expected, attempts_requested) \
                           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// An event on its way to the database.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) id: String,
    pub(crate) tail: Arc<LiveLog>,
    pub(crate) stored: Arc<StoredEvent>,
    pub(crate) word: &'static str,
    pub(crate) cell: Option<usize>,
    pub(crate) change: StateChange,
}

impl Append {
    /// What comes after it.
    pub(crate) fn next(&self) -> LogEnd {
        match self.change {
            StateChange::Ends { .. } => LogEnd::Nothing,
            StateChange::Nothing | StateChange::Starts | StateChange::Attempts(_) => {
                LogEnd::Another
            }
        }
    }
}

/// Something to be written.
#[derive(Debug)]
pub(crate) enum WriteRequest {
    Append(Box<Append>),
    Create(Box<NewJob>),
    Requeue(i64),
    Cancelling(i64),
    /// The work with that id, if it has ended.
    Forget(String),
    Withdraw(String),
    /// Nothing, but what was written shall be one file.
    Settle,
    /// Rows of another lab's history, for a work that is not here.
    Import(Box<crate::store::portable::Package>),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WriteOutcome {
    Nothing,
    Created {
        number: i64,
    },
    /// The same request made that one before, or it was there already.
    Known {
        id: String,
    },
    /// So many rows were.
    Changed(usize),
    /// A file from elsewhere is not what it should be.
    Refused(String),
    /// The disk has no room for it; nothing of it was done.
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

    pub(crate) fn forget(id: &str) -> Self {
        Self::Forget(id.to_owned())
    }

    /// Whether it has a transaction of its own: it may be large, and others shall not fail with it.
    pub(crate) const fn is_alone(&self) -> bool {
        match self {
            Self::Import(_) | Self::Forget(_) => true,
            Self::Append(_)
            | Self::Create(_)
            | Self::Requeue(_)
            | Self::Cancelling(_)
            | Self::Withdraw(_)
            | Self::Settle => false,
        }
    }

    /// Does it within the transaction that is open.
    pub(crate) fn perform(&self, connection: &Connection) -> rusqlite::Result<WriteOutcome> {
        match self {
            Self::Append(one) => append(connection, one).map(|()| WriteOutcome::Nothing),
            Self::Create(new) => create(connection, new),
            Self::Requeue(number) => requeue(connection, *number),
            Self::Cancelling(number) => cancelling(connection, *number),
            Self::Forget(id) => forget(connection, id),
            Self::Settle => Ok(WriteOutcome::Nothing),
            Self::Withdraw(id) => withdraw(connection, id),
            Self::Import(package) => package.insert(connection),
        }
    }
}

fn append(connection: &Connection, one: &Append) -> rusqlite::Result<()> {
    let Append { tail, stored, word, cell, change, .. } = one;
    let StoredEvent { sequence, time_ns, body } = &**stored;
    let (work, sequence) = (tail.number, signed(*sequence));
    let cell = cell.map(count);
    connection.prepare_cached(INSERT_EVENT)?.execute(params![
        work,
        sequence,
        signed(*time_ns),
        word,
        cell,
        &body[..]
    ])?;
    match change {
        StateChange::Nothing | StateChange::Ends { .. } => {}
        StateChange::Starts => {
            connection.prepare_cached(START)?.execute([work])?;
        }
        StateChange::Attempts(turn) => {
            attempt_rows::insert(connection, work, sequence, turn)?;
        }
    }
    if let StateChange::Ends { state, error } = change {
        end(connection, work, *state, error, *time_ns)?;
    }
    Ok(())
}

/// How far a group brings its works, all events of a work at once.
#[derive(Debug, Default)]
pub(crate) struct Progress(Vec<(i64, u64, usize)>);

impl Progress {
    /// Takes account of what is written.
    pub(crate) fn add(&mut self, write: &WriteRequest) {
        let WriteRequest::Append(one) = write else { return };
        let attempts = match &one.change {
            StateChange::Attempts(turn) => turn.seen.len(),
            StateChange::Nothing | StateChange::Starts | StateChange::Ends { .. } => 0,
        };
        let (work, sequence) = (one.tail.number, one.stored.sequence);
        match self.0.iter_mut().find(|(known, ..)| *known == work) {
            Some(known) => *known = (work, sequence, known.2 + attempts),
            None => self.0.push((work, sequence, attempts)),
        }
    }

    /// Notes it in the works' rows.
    pub(crate) fn perform(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut update = connection.prepare_cached(
            "UPDATE works SET last_sequence = ?, attempts = attempts + ? WHERE number = ?",
        )?;
        for (work, sequence, attempts) in &self.0 {
            update.execute(params![signed(*sequence), count(*attempts), work])?;
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
        signed(new.seed),
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

fn withdraw(connection: &Connection, id: &str) -> rusqlite::Result<WriteOutcome> {
    let changed = connection
        .prepare_cached(
            "DELETE FROM works WHERE id = ? AND state IN ('queued', 'cancelling') AND runs = 0",
        )?
        .execute([id])?;
    Ok(WriteOutcome::Changed(changed))
}

fn forget(connection: &Connection, id: &str) -> rusqlite::Result<WriteOutcome> {
    let changed = connection.prepare_cached(FORGET)?.execute([id])?;
    Ok(WriteOutcome::Changed(changed))
}
