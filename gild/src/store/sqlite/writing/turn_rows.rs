//! Rows of a turn, written: its attempts several rows a statement, and what is kept of it as a whole.

use std::fmt::Write as _;
use std::sync::LazyLock;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql, params};
use serde::Serialize;
use strategies::harness::counters::{ProbeStats, WAIT_RANKS, WorkerStats};
use strategies::harness::durations::Durations;

use crate::store::record::{count, signed};
use engine::exec::attempt::Observation;
use engine::exec::timed::Timed;
use engine::measure::turn::Turn;
use engine::measure::validity::Disturbance;
use engine::plan::seed::of_attempt;
use engine::stats::fairness::WorkerShares;
use engine::stats::warmup::WarmUp;

/// Most attempts that one statement inserts: a turn has five by default.
const ROWS_MAX: usize = 8;
/// Columns of an attempt that all attempts of a turn share: job, cell and event.
const SHARED: usize = 3;
/// Its other columns.
const OWN: usize = 16;

/// Statements that insert 1 to [`ROWS_MAX`] attempts.
static INSERT_ATTEMPTS: LazyLock<[String; ROWS_MAX]> =
    LazyLock::new(|| std::array::from_fn(|at| insert_attempts(at + 1)));

fn insert_attempts(rows: usize) -> String {
    let row = |at: usize| {
        let first = SHARED + at * OWN + 1;
        let own: Vec<_> = (first + 1..first + OWN).map(|n| format!("?{n}")).collect();
        format!("(?1, ?2, ?{first}, ?3, {})", own.join(", "))
    };
    let rows: Vec<_> = (0..rows).map(row).collect();
    // A failure undoes the whole transaction, so that no statement needs a journal of its own.
    format!("INSERT OR FAIL INTO attempts VALUES {}", rows.join(", "))
}

const INSERT_TIMED: &str =
    "INSERT INTO timed_attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const INSERT_TURN: &str = "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
                           ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// The statements of one transaction, each prepared when it is first needed.
pub(super) struct TurnRows<'c> {
    connection: &'c Connection,
    attempts: [Option<CachedStatement<'c>>; ROWS_MAX],
    turn: Option<CachedStatement<'c>>,
    text: String,
    json: Json,
}

/// Documents of a row, in memory that is used again.
#[derive(Default)]
struct Json {
    wait_ranks: Document<[u64; WAIT_RANKS]>,
    watched: Document<WatchedCounts>,
    disturbance: Document<Disturbance>,
    shares: Document<WorkerShares>,
}

/// A column of JSON and the value that it was written from: most turns have the same as the one before.
#[derive(Default)]
struct Document<T> {
    of: Option<T>,
    bytes: Vec<u8>,
}

impl<T: Serialize + PartialEq> Document<T> {
    /// The document of a value, as a column takes it.
    fn column(&mut self, value: T) -> ToSqlOutput<'_> {
        if self.of.as_ref() != Some(&value) {
            self.bytes.clear();
            // Numbers and names that are fields; memory takes every write.
            if serde_json::to_writer(&mut self.bytes, &value).is_err() {
                self.bytes.clear();
            }
            self.of = Some(value);
        }
        ToSqlOutput::Borrowed(ValueRef::Text(&self.bytes))
    }
}

impl<'c> TurnRows<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        let (attempts, json) = ([const { None }; ROWS_MAX], Json::default());
        Self { connection, attempts, turn: None, text: String::new(), json }
    }

    /// Stores a turn with its attempts.
    pub(super) fn insert(&mut self, work: i64, sequence: i64, turn: &Turn) -> rusqlite::Result<()> {
        let mut first = turn.first_attempt;
        for (seen, rates) in turn.seen.chunks(ROWS_MAX).zip(turn.rates.chunks(ROWS_MAX)) {
            self.insert_attempts((work, sequence, first), turn, (seen, rates))?;
            first += u32::try_from(seen.len()).unwrap_or(u32::MAX);
        }
        for (seen, attempt) in turn.seen.iter().zip(i64::from(turn.first_attempt)..) {
            if let Some(timed) = &seen.timed {
                insert_timed(self.connection, (work, count(turn.cell), attempt), timed)?;
            }
        }
        self.insert_turn(work, sequence, turn)
    }

    /// As many attempts as one statement takes, from number `first` of their cell.
    fn insert_attempts(
        &mut self,
        (work, sequence, first): (i64, i64, u32),
        turn: &Turn,
        (seen, rates): (&[Observation], &[f64]),
    ) -> rusqlite::Result<()> {
        let (connection, at) = (self.connection, seen.len() - 1);
        let prepare = || connection.prepare_cached(&INSERT_ATTEMPTS[at]);
        let mut row = Row::of(prepared(&mut self.attempts[at], prepare)?);
        row.put(work)?;
        row.put(count(turn.cell))?;
        row.put(sequence)?;
        for ((seen, rate), attempt) in seen.iter().zip(rates).zip(first..) {
            let drawn = of_attempt(turn.sweep_seed, turn.cell, attempt);
            self.text.clear();
            // A text takes every write.
            let _ = write!(self.text, "{drawn}");
            put_attempt(&mut row, attempt, &self.text, *rate, seen)?;
        }
        row.statement.raw_execute().map(drop)
    }

    fn insert_turn(&mut self, work: i64, sequence: i64, turn: &Turn) -> rusqlite::Result<()> {
        let mut sums = WorkerStats::default();
        let mut shares = WorkerShares::default();
        for seen in &turn.seen {
            sums.merge(&seen.tally);
            shares.merge(&seen.worker_shares);
        }
        let json = &mut self.json;
        let connection = self.connection;
        let prepare = || connection.prepare_cached(INSERT_TURN);
        let mut row = Row::of(prepared(&mut self.turn, prepare)?);
        row.put(work)?;
        row.put(sequence)?;
        row.put(count(turn.cell))?;
        row.put(turn.round)?;
        row.put(turn.first_attempt)?;
        row.put(count(turn.seen.len()))?;
        row.put(signed(sums.tasks))?;
        row.put(signed(sums.unserved))?;
        row.put(signed(sums.torn_reads))?;
        row.put(json.wait_ranks.column(sums.wait_ranks))?;
        row.put(json.watched.column(WatchedCounts::of(&sums.probe)))?;
        row.put(json.disturbance.column(turn.disturbance))?;
        let times = [
            &sums.waits,
            &sums.hand_overs,
            &sums.slices,
            &sums.latencies,
            &sums.probe.acquisitions,
            &sums.probe.hand_overs,
        ];
        times.iter().try_for_each(|times| row.put(times.to_hdr()))?;
        times.iter().try_for_each(|times| row.put(longest(times)))?;
        row.put(json.shares.column(shares))?;
        row.statement.raw_execute().map(drop)
    }
}

/// A statement that is prepared when it is first needed.
pub(super) fn prepared<'a, 'c>(
    kept: &'a mut Option<CachedStatement<'c>>,
    prepare: impl FnOnce() -> rusqlite::Result<CachedStatement<'c>>,
) -> rusqlite::Result<&'a mut CachedStatement<'c>> {
    match kept {
        Some(statement) => Ok(statement),
        None => Ok(kept.insert(prepare()?)),
    }
}

/// Values of a statement, in order.
struct Row<'a, 'c> {
    statement: &'a mut CachedStatement<'c>,
    next: usize,
}

impl<'a, 'c> Row<'a, 'c> {
    fn of(statement: &'a mut CachedStatement<'c>) -> Self {
        Self { statement, next: 1 }
    }

    fn put(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.statement.raw_bind_parameter(self.next, value)?;
        self.next += 1;
        Ok(())
    }
}

/// The columns of an attempt that are its own.
fn put_attempt(
    row: &mut Row<'_, '_>,
    attempt: u32,
    drawn: &str,
    rate: f64,
    seen: &Observation,
) -> rusqlite::Result<()> {
    let Observation {
        total,
        duration_ns,
        overlap,
        jain,
        worker_shares: _,
        tally,
        cpu,
        timed: _,
        context_switches,
    } = seen;
    row.put(attempt)?;
    row.put(drawn)?;
    row.put(signed(*total))?;
    row.put(signed(*duration_ns))?;
    row.put(rate)?;
    row.put(overlap)?;
    row.put(jain)?;
    row.put(signed(tally.increments))?;
    row.put(signed(tally.reads))?;
    row.put(signed(tally.switches_forced))?;
    row.put(signed(tally.switches_voluntary))?;
    row.put(signed(tally.requests))?;
    row.put(signed(cpu.user_ns))?;
    row.put(signed(cpu.system_ns))?;
    row.put(context_switches.map(|switches| signed(switches.voluntary)))?;
    row.put(context_switches.map(|switches| signed(switches.forced)))
}

fn insert_timed(
    connection: &Connection,
    (work, cell, attempt): (i64, i64, i64),
    timed: &Timed,
) -> rusqlite::Result<()> {
    let Timed { rate: _, jain, jain_whole, warm_up, slowest, overlap, watching, longest_ns } =
        *timed;
    let is_steady = matches!(warm_up, WarmUp::Ends(_));
    connection.prepare_cached(INSERT_TIMED)?.execute(params![
        work,
        cell,
        attempt,
        jain[0],
        jain[1],
        jain[2],
        jain_whole,
        slowest,
        overlap,
        watching,
        count(warm_up.windows()),
        is_steady,
        signed(longest_ns),
    ])?;
    Ok(())
}

/// The longest of some durations, beside their histogram: that knows only its bucket.
fn longest(times: &Durations) -> Option<i64> {
    times.max_ns().map(|ns| i64::try_from(ns).unwrap_or(i64::MAX))
}

/// What watching workers counted, as a column names it.
#[derive(Serialize, PartialEq, Default)]
struct WatchedCounts {
    bodies: u64,
    owner_switches: u64,
    ticketed: u64,
    bypassed: u64,
    sampled: u64,
    contested: u64,
    overtaken: u64,
    others_most: u64,
    overlapped: u64,
}

impl WatchedCounts {
    fn of(seen: &ProbeStats) -> Self {
        let &ProbeStats { bodies, owner_switches, ticketed, bypassed, sampled, .. } = seen;
        let &ProbeStats { contested, overtaken, others_most, overlapped, .. } = seen;
        Self {
            bodies,
            owner_switches,
            ticketed,
            bypassed,
            sampled,
            contested,
            overtaken,
            others_most,
            overlapped,
        }
    }
}
