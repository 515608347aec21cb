//! Rows of `attempts`, `timed_attempts` and `turns`, read as observations, as a resumed sweep needs them.
//! Computes nothing from them. `writing/turn_rows.rs` writes them.

use std::ops::ControlFlow;

use rusqlite::{Connection, Row, params};
use serde_json::Value;
use strategies::harness::counters::{ProbeStats, WAIT_RANKS, WorkerStats};
use strategies::harness::durations::Durations;

use crate::store::record::{count, signed, unsigned};
use engine::exec::attempt::Observation;
use engine::exec::timed::Timed;
use engine::limits::{ABORT_GRACE, ATTEMPT_TIME_MAX, TURN_ATTEMPTS_MAX, WORKERS_MAX};
use engine::measure::turn::StoredTurn;
use engine::stats::fairness::WorkerShares;
use engine::stats::warmup::WarmUp;
use engine::sys::rusage::{ContextSwitches, CpuTime};

/// JSON in columns holds counts of a turn as numbers. They stay below 2^53: each thing that is counted
/// takes a worker at least a nanosecond.
const _: () = {
    let attempt_ns = ATTEMPT_TIME_MAX.as_nanos() + ABORT_GRACE.as_nanos();
    assert!(attempt_ns * WORKERS_MAX as u128 * (TURN_ATTEMPTS_MAX as u128) < 1 << 53);
};

/// Passes each turn of a job, in order, to `take` until it breaks; one at a time, because a million
/// attempts take a third of a gigabyte.
pub(crate) fn each_turn(
    connection: &mut Connection,
    work: i64,
    take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
) -> rusqlite::Result<ControlFlow<()>> {
    // One snapshot: otherwise a running sweep could have turns without attempts.
    let connection = connection.transaction()?;
    let mut turns =
        connection.prepare_cached("SELECT * FROM turns WHERE work = ? ORDER BY sequence")?;
    let mut of_turn = connection.prepare_cached(
        "SELECT * FROM attempts LEFT JOIN timed_attempts AS timed USING (work, cell, attempt) \
         WHERE work = ?1 AND cell = ?2 AND attempt >= ?3 AND attempt < ?3 + ?4 AND sequence = ?5 \
         ORDER BY attempt",
    )?;
    for turn in turns.query_map([work], read_turn)? {
        let (mut turn, sums, shares, attempts) = turn?;
        let (cell, sequence) = (count(turn.cell), signed(turn.sequence));
        let key = params![work, cell, turn.first_attempt, attempts, sequence];
        turn.seen = of_turn.query_map(key, read_attempt)?.collect::<Result<_, _>>()?;
        if let Some(first) = turn.seen.first_mut() {
            first.tally.merge(&sums);
            first.worker_shares = shares;
        }
        if take(&turn).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// A turn without its attempts, the sums that are stored per turn, the shares of its workers, and the number
/// of attempts.
fn read_turn(row: &Row<'_>) -> rusqlite::Result<(StoredTurn, WorkerStats, WorkerShares, i64)> {
    let turn = StoredTurn {
        sequence: unsigned(row.get("sequence")?),
        cell: row.get::<_, u32>("cell")? as usize,
        round: row.get("round")?,
        first_attempt: row.get("first_attempt")?,
        seen: Vec::new(),
        disturbance: from_json(row, "disturbance")?,
    };
    let sums = WorkerStats {
        tasks: unsigned(row.get("tasks")?),
        unserved: unsigned(row.get("unserved")?),
        torn_reads: unsigned(row.get("torn_reads")?),
        wait_ranks: from_json::<[u64; WAIT_RANKS]>(row, "wait_ranks")?,
        waits: times(row, "strategy_wait_ns")?,
        hand_overs: times(row, "strategy_hand_over_ns")?,
        slices: times(row, "slice_ns")?,
        latencies: times(row, "latency_ns")?,
        probe: ProbeStats {
            acquisitions: times(row, "watched_wait_ns")?,
            hand_overs: times(row, "watched_hand_over_ns")?,
            ..probe_counts(&from_json(row, "watched_counts")?)
        },
        // Stored per attempt.
        increments: 0,
        reads: 0,
        switches_forced: 0,
        switches_voluntary: 0,
        requests: 0,
    };
    // Earlier versions kept none.
    let has_shares = row.get::<_, Option<String>>("worker_shares")?.is_some();
    let mut shares: WorkerShares =
        if has_shares { from_json(row, "worker_shares")? } else { WorkerShares::default() };
    shares.workers.truncate(WORKERS_MAX as usize);
    Ok((turn, sums, shares, row.get("attempts")?))
}

/// The counts of a probe; its durations are columns of their own.
fn probe_counts(value: &Value) -> ProbeStats {
    let count = |name: &str| value.get(name).and_then(Value::as_u64).unwrap_or(0);
    ProbeStats {
        bodies: count("bodies"),
        owner_switches: count("owner_switches"),
        ticketed: count("ticketed"),
        bypassed: count("bypassed"),
        sampled: count("sampled"),
        contested: count("contested"),
        overtaken: count("overtaken"),
        others_most: count("others_most"),
        overlapped: count("overlapped"),
        acquisitions: Durations::default(),
        hand_overs: Durations::default(),
    }
}

fn read_attempt(row: &Row<'_>) -> rusqlite::Result<Observation> {
    let left: (Option<i64>, Option<i64>) =
        (row.get("context_switches_voluntary")?, row.get("context_switches_forced")?);
    let both = |(voluntary, forced)| ContextSwitches {
        voluntary: unsigned(voluntary),
        forced: unsigned(forced),
    };
    let tally = WorkerStats {
        increments: unsigned(row.get("increments")?),
        reads: unsigned(row.get("reads")?),
        switches_forced: unsigned(row.get("switches_forced")?),
        switches_voluntary: unsigned(row.get("switches_voluntary")?),
        requests: unsigned(row.get("requests")?),
        // Stored per turn.
        tasks: 0,
        unserved: 0,
        torn_reads: 0,
        wait_ranks: [0; WAIT_RANKS],
        waits: Durations::default(),
        hand_overs: Durations::default(),
        slices: Durations::default(),
        latencies: Durations::default(),
        probe: ProbeStats::default(),
    };
    Ok(Observation {
        total: unsigned(row.get("final")?),
        duration_ns: unsigned(row.get("duration_ns")?),
        // By place: a timed attempt has columns of the same names.
        overlap: row.get(8)?,
        jain: row.get(9)?,
        // Stored per turn.
        worker_shares: WorkerShares::default(),
        tally,
        cpu: CpuTime {
            user_ns: unsigned(row.get("cpu_user_ns")?),
            system_ns: unsigned(row.get("cpu_system_ns")?),
        },
        timed: read_timed(row)?.map(Box::new),
        context_switches: left.0.zip(left.1).map(both),
    })
}

fn read_timed(row: &Row<'_>) -> rusqlite::Result<Option<Timed>> {
    let Some(longest_ns) = row.get::<_, Option<i64>>("longest_ns")? else { return Ok(None) };
    let windows = row.get::<_, u32>("warm_up_windows")? as usize;
    let warm_up =
        if row.get("is_steady")? { WarmUp::Ends(windows) } else { WarmUp::Outlasts(windows) };
    Ok(Some(Timed {
        rate: row.get("bodies_per_second")?,
        jain: [row.get("jain_1ms")?, row.get("jain_10ms")?, row.get("jain_100ms")?],
        jain_whole: row.get("jain_whole")?,
        warm_up,
        slowest: row.get("slowest")?,
        overlap: row.get(TIMED_OVERLAP)?,
        watching: row.get("watching")?,
        longest_ns: unsigned(longest_ns),
    }))
}

/// Where the overlap of a timed attempt stands: after 19 columns of `attempts`, as the sixth of its
/// own.
const TIMED_OVERLAP: usize = 19 + 5;

/// Durations from a histogram and their longest. Earlier versions kept no longest.
fn times(row: &Row<'_>, name: &str) -> rusqlite::Result<Durations> {
    let column = format!("{name}_hdr");
    let bytes: Option<Vec<u8>> = row.get(&*column)?;
    let longest: Option<i64> = row.get(&*format!("{name}_max"))?;
    let read = bytes.map(|bytes| Durations::from_hdr(&bytes, longest.map(unsigned))).transpose();
    read.map(Option::unwrap_or_default).map_err(|why| unreadable(row, &column, why))
}

/// A column of JSON.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|why| unreadable(row, column, why))
}

fn unreadable(
    row: &Row<'_>,
    column: &str,
    why: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    let at = row.as_ref().column_index(column).unwrap_or(0);
    rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Blob, Box::new(why))
}
