//! Limits of the engine, each a named constant with its unit and its reason. Checks nothing:
//! [`crate::plan::sweep_plan`] refuses what breaks a limit.

use std::time::Duration;

/// Most workers of an attempt: threads of the pool live as long as the pool, and no lock behaves
/// differently with more.
pub const WORKERS_MAX: u32 = 64;
/// Most attempts of a cell: enough to observe what happens once in ten thousand attempts.
pub const ATTEMPTS_MAX: u32 = 100_000;
/// Most attempts of a cell from which its medians and quartiles are computed: a sample of this size
/// places a quartile within two percent of the ranks and takes 112 KiB per cell.
pub const SAMPLE_MAX: usize = 2048;
/// Most cells of a sweep.
pub const CELLS_MAX: usize = 1024;
/// Most attempts of a sweep: each takes about a hundred bytes of the history.
pub const SWEEP_ATTEMPTS_MAX: u64 = 1_000_000;
/// Longest an attempt may take before it is aborted and its sweep fails.
pub const ATTEMPT_TIME_MAX: Duration = Duration::from_secs(10);
/// Time within which aborted workers must return before they are abandoned.
pub const ABORT_GRACE: Duration = Duration::from_secs(5);
/// Most reruns of a turn during which other processes kept the machine busy: noise that outlasts
/// three runs is lasting, and the row is marked as noisy instead.
pub const RERUNS_MAX: u32 = 2;
/// Reruns in a row that do not help, after which no turn is run again until one is quiet by itself:
/// the noise lasts.
pub const FUTILE_RERUNS_MAX: u32 = 3;

/// Time within which an interpreter must report its version: a cold start from a slow disk takes a
/// second.
pub const PROBE_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest path of an interpreter, in bytes: it is part of each of a sweep's cells.
pub const INTERPRETER_PATH_BYTES_MAX: usize = 384;
/// Interval at which a wait for an interpreter checks for an abort.
pub const INTERPRETER_SLICE: Duration = Duration::from_millis(20);
/// Longest line that is read from an interpreter, in bytes: a million latencies of a few
/// milliseconds.
pub const INTERPRETER_LINE_BYTES_MAX: usize = 16 << 20;
/// Duration of the calibration of an interpreter.
pub const CALIBRATION_TIME: Duration = Duration::from_secs(2);

/// Most intervals that a cell names beside its own, because they are one setting with it.
pub const ALSO_NAMED_MAX: usize = 4;
/// Rounds over which a cell's attempts are spread, if there are that many attempts.
pub const ROUNDS: u32 = 20;
/// Most timed attempts that a cell keeps for its fairness medians: each takes at least ten
/// milliseconds and carries more information than an attempt of tasks.
pub const TIMED_SAMPLE_MAX: usize = 256;
/// Rounds before a cell can count as precise enough: with fewer, a bootstrap's interval is too
/// narrow.
pub const PRECISE_FROM_ROUNDS: u32 = 10;
/// Relative half-width of the interval of the median rate, in thousandths of the median, at which a
/// cell that cannot lose ends, where no number of attempts was asked for.
pub const SETTLED_PERMILLE: u32 = 30;
/// Largest precision that can be requested, in thousandths of the median.
pub const PRECISION_MAX_PERMILLE: u32 = 500;
/// Most labels of a sweep: all of them stand in a list's row and over a table.
pub const LABELS_MAX: usize = 8;
/// Most characters of a label, each of one byte: two of them fit a line of 80 columns.
pub const LABEL_CHARS_MAX: usize = 32;
/// Most attempts of a turn: keeps an event far below the largest message of a server.
pub const TURN_ATTEMPTS_MAX: u32 = 1000;
/// Most bytes of the notes of a sweep, which are one event: a thousand cells with a note each.
pub const NOTES_BYTES_MAX: usize = 512 << 10;
/// Most sweeps and explorations that wait for a lane, by default.
pub const QUEUE_MAX: usize = 64;
/// Most jobs of one owner that wait or run, by default: a quarter of the queue, so that one user
/// cannot fill it, while an afternoon's sweeps still fit.
pub const QUOTA: usize = 16;
/// Largest value of [`QUEUE_MAX`] and [`QUOTA`] settings: queued jobs stay in memory.
pub const QUEUE_LIMIT: usize = 1000;
/// Delay after which a refused client may retry, where the end of the running job is unknown.
pub const QUEUE_RETRY: Duration = Duration::from_secs(5);
/// Shortest and longest retry delay where it can be estimated: one call per second is cheap, and an
/// estimate from a sweep's first turns may be far off.
pub const QUEUE_RETRY_BOUNDS: [Duration; 2] = [Duration::from_secs(1), Duration::from_mins(1)];
/// Fewest cores of a lane where there are several lanes: with one core, two workers never run at
/// the same time.
pub const LANE_CORES_MIN: usize = 2;
/// Smallest progress of a part of an exploration that is reported as an event, as a share.
pub const PROGRESS_STEP: f64 = 0.02;
/// Shortest time between two progress events: a screen shows no more.
pub const PROGRESS_PAUSE: Duration = Duration::from_millis(200);
/// Most progress events of an exploration: almost two minutes at one per [`PROGRESS_PAUSE`], and
/// the longest explorations have few parts of fifty steps each.
pub const PROGRESS_EVENTS_MAX: u32 = 500;
/// Most bytes of text in an exploration's result: it is one resource, which a client reads at once.
pub const FINDINGS_BYTES_MAX: usize = 2 << 20;
/// Most bytes of text of one final value, which is one event: only exact fractions of schedules of
/// tens of thousands of moves take more.
pub const OUTCOME_BYTES_MAX: usize = 960 << 10;
/// Most moves of a schedule that is shown move by move, after which repeated increments are shown as
/// one; and most turns of one that is replayed on threads: a hand-over between threads takes some ten
/// microseconds.
pub const PLAYED_MOVES_MAX: usize = 50_000;

/// Fewest rounds of each side for two speeds to be reported as the same: with fewer, no rank test
/// can reject equality.
pub const COMPARED_ROUNDS_LEAST: usize = 5;
/// Factor by which two speeds may differ and still be reported as the same, if the whole interval of
/// their ratio lies within it: the order of linking and the size of the environment alone change a
/// program's speed by up to a tenth (Mytkowicz and others 2009), so that a smaller difference of two
/// sweeps says little about a lock.
pub const EQUIVALENT_FACTOR: f64 = 1.1;
