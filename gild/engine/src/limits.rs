//! Addresses and limits, each a named constant with its unit and its motive. Reads no file and
//! checks nothing: [`crate::plan::sweep_plan`] refuses what breaks a limit.

use std::time::Duration;

/// Most workers of an attempt: a crew's threads exist for good, and no lock tells more beyond.
pub const WORKERS_MAX: u32 = 64;
/// Most attempts of a cell: enough to see what one in ten thousand does.
pub const ATTEMPTS_MAX: u32 = 100_000;
/// Most attempts of a cell that its medians and quartiles are taken from: a sample of so many
/// places a quartile within two percent of the ranks, in 112 KiB a cell.
pub const SAMPLE_MAX: usize = 2048;
/// Most cells of a sweep.
pub const CELLS_MAX: usize = 1024;
/// Most attempts of a sweep: about a hundred bytes of each stay in the history.
pub const SWEEP_ATTEMPTS_MAX: u64 = 1_000_000;
/// Longest an attempt may take before it is aborted and its sweep fails.
pub const ATTEMPT_TIME_MAX: Duration = Duration::from_secs(10);
/// How long aborted workers have to come back before they are given up.
pub const ABORT_GRACE: Duration = Duration::from_secs(5);
/// Most further runs of a turn during which others kept the machine busy: noise that outlasts three
/// is no passing moment, and the row says so instead.
pub const RERUNS_MAX: u32 = 2;

/// How long an interpreter has to say who it is: a cold start from a slow disk takes a second.
pub const PROBE_TIME_MAX: Duration = Duration::from_secs(5);
/// How often a wait for an interpreter looks whether it was aborted.
pub const INTERPRETER_SLICE: Duration = Duration::from_millis(20);
/// Longest line of an interpreter's, in bytes: a million latencies of a few milliseconds.
pub const INTERPRETER_LINE_BYTES_MAX: usize = 16 << 20;
/// How long an interpreter is measured for its costs.
pub const CALIBRATION_TIME: Duration = Duration::from_secs(2);

/// Rounds that a cell's attempts are spread over, where it has so many.
pub const ROUNDS: u32 = 20;
/// Most attempts with a duration that a cell keeps for the medians of their fairness: each takes
/// ten milliseconds at least, and tells more than one of tasks.
pub const TIMED_SAMPLE_MAX: usize = 256;
/// Rounds before a cell may be precise enough: of fewer, a bootstrap's interval is too narrow.
pub const PRECISE_FROM_ROUNDS: u32 = 10;
/// Most thousandths that a median may be uncertain by and still be called precise.
pub const PRECISION_MAX_PERMILLE: u32 = 500;
/// Most attempts of a turn: keeps an event far below the largest message of a server.
pub const TURN_ATTEMPTS_MAX: u32 = 1000;
/// Most sweeps and explorations that wait for a lane, by default.
pub const QUEUE_MAX: usize = 64;
/// Most of one owner's that wait or run, by default: a quarter of the queue, so that one
/// user cannot fill it, and an afternoon's sweeps still fit.
pub const QUOTA: usize = 16;
/// Most that either may be set to: what waits is kept in memory, and cannot make room there.
pub const QUEUE_LIMIT: usize = 1000;
/// When a client may try again after it was refused, where the end of a running job is unknown.
pub const QUEUE_RETRY: Duration = Duration::from_secs(5);
/// The least and the most that it is told to wait where that can be estimated: a call a second is
/// no burden, and an estimate from a sweep's first turns may be far off.
pub const QUEUE_RETRY_BOUNDS: [Duration; 2] = [Duration::from_secs(1), Duration::from_mins(1)];
/// Fewest cores of a lane where there are several: with one, no two workers could be measured at
/// once.
pub const LANE_CORES_MIN: usize = 2;
/// Least further share of a part of an exploration that is worth an event.
pub const PROGRESS_STEP: f64 = 0.02;
/// Least time between two such events: a screen shows no more.
pub const PROGRESS_PAUSE: Duration = Duration::from_millis(200);
/// Most such events of an exploration: at one each [`PROGRESS_PAUSE`] almost two minutes, and the
/// longest ones have few parts of fifty steps each.
pub const PROGRESS_EVENTS_MAX: u32 = 500;
/// Most bytes of text that an exploration finds: all of it must fit a message to any client.
pub const FINDINGS_BYTES_MAX: usize = 2 << 20;
/// Most moves of a schedule that is shown move by move, or played on threads: a hand-over from
/// thread to thread takes some ten microseconds, and an answer must fit a message.
pub const PLAYED_MOVES_MAX: usize = 50_000;

/// Fewest rounds of either side from which equal speeds are called the same: of fewer, no rank test
/// can tell anything apart, so that nothing is known.
pub const COMPARED_ROUNDS_LEAST: usize = 5;
