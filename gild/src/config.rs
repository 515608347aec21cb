//! Addresses and limits, each a named constant with its unit and its motive. Reads no file and
//! checks nothing: [`crate::plan`] refuses what breaks a limit.

use std::path::PathBuf;
use std::time::Duration;

/// Most workers of an attempt: a crew's threads exist for good, and no lock tells more beyond.
pub const WORKERS_MAX: u32 = 64;
/// Most attempts of a cell: enough to see what one in ten thousand does.
pub const ATTEMPTS_MAX: u32 = 100_000;
/// Most attempts of a cell that its medians and quartiles are taken from: a sample of so many places a
/// quartile within two percent of the ranks, in 112 KiB a cell.
pub const SAMPLE_MAX: usize = 2048;
/// Most cells of a sweep.
pub const CELLS_MAX: usize = 1024;
/// Most attempts of a sweep: up to [`ATTEMPT_BYTES`] of each stay in the log.
pub const SWEEP_ATTEMPTS_MAX: u64 = 1_000_000;
/// Most that the log keeps of an attempt, in bytes: final value and increments (below 2^42, five times
/// what 64 workers can do in an attempt's time, 6 bytes each), duration (below 2^35 ns, 5 bytes), switches
/// (below 2^35, 5 bytes), overlap in thousandths (2 bytes). Mostly it is a quarter of that.
pub const ATTEMPT_BYTES: usize = 24;
/// Longest an attempt may take before it is aborted and its sweep fails.
pub const ATTEMPT_TIME_MAX: Duration = Duration::from_secs(10);
/// How long aborted workers have to come back before they are given up.
pub const ABORT_GRACE: Duration = Duration::from_secs(5);
/// Most further runs of a turn during which others kept the machine busy: noise that outlasts three is
/// no passing moment, and the row says so instead.
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
/// Most attempts with a duration that a cell keeps for the medians of their fairness: each takes ten
/// milliseconds at least, and tells more than one of tasks.
pub const TIMED_SAMPLE_MAX: usize = 256;
/// Rounds before a cell may be precise enough: of fewer, a bootstrap's interval is too narrow.
pub const PRECISE_FROM_ROUNDS: u32 = 10;
/// Most thousandths that a median may be uncertain by and still be called precise.
pub const PRECISION_MAX_PERMILLE: u32 = 500;
/// Most attempts of a turn: keeps an event far below [`MESSAGE_BYTES_MAX`].
pub const TURN_ATTEMPTS_MAX: u32 = 1000;
/// Most sweeps and explorations that wait for the lane.
pub const QUEUE_MAX: usize = 64;
/// When a client may try again after the queue was full.
pub const QUEUE_RETRY: Duration = Duration::from_secs(5);
/// Most sweeps that are kept, and most explorations; the oldest that have ended make room.
pub const KEPT_MAX: usize = 1000;
/// Most bytes of events that are kept of sweeps, and as many of explorations, counting what those that
/// wait will come to; the oldest that have ended make room.
pub const KEPT_BYTES_MAX: usize = 256 << 20;
/// Least further share of a part of an exploration that is worth an event.
pub const PROGRESS_STEP: f64 = 0.02;
/// Least time between two such events: a screen shows no more.
pub const PROGRESS_PAUSE: Duration = Duration::from_millis(200);
/// Most such events of an exploration: at one each [`PROGRESS_PAUSE`] almost two minutes, and the
/// longest ones have few parts of fifty steps each.
pub const PROGRESS_EVENTS_MAX: u32 = 500;
/// Most bytes of text that an exploration finds: all of it must fit a message to any client.
pub const FINDINGS_BYTES_MAX: usize = 2 << 20;
/// Most moves of a schedule that is shown move by move, or played on threads: a hand-over from thread
/// to thread takes some ten microseconds, and an answer must fit a message.
pub const PLAYED_MOVES_MAX: usize = 50_000;

/// Longest name that a similar one is looked for, in letters: no typing error is longer, and comparing
/// two takes memory by the product of their lengths.
pub const SUGGEST_LETTERS_MAX: usize = 64;
/// Longest id of a sweep or an exploration in a name, in letters: the lab's own have 26.
pub const ID_LETTERS_MAX: usize = 64;
/// Longest request id, in characters.
pub const REQUEST_ID_MAX: usize = 64;

/// Most sweeps on a page.
pub const PAGE_MAX: u32 = 1000;
/// Sweeps on a page when the client does not say.
pub const PAGE_DEFAULT: u32 = 50;
/// Events read from the store at a time for one watcher.
pub const WATCH_BATCH: usize = 64;
/// Events on their way to one watcher before the store is read further.
pub const WATCH_BUFFER: usize = 16;
/// Greatest message that is accepted, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// How often an idle connection is asked whether it lives.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// How long it has to answer.
pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long connections have to end once the daemon stops; it must be gone within two seconds.
pub const DRAIN_TIMEOUT: Duration = Duration::from_millis(1200);

/// Where the daemon listens and where clients look for it, unless told otherwise:
/// `$XDG_RUNTIME_DIR/gild/gild.sock`, or a directory of the user's own in the temporary directory.
pub fn default_socket() -> PathBuf {
    let directory = match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(runtime) if !runtime.is_empty() => PathBuf::from(runtime).join("gild"),
        _ => std::env::temp_dir().join(format!("gild-{}", nix::unistd::getuid())),
    };
    directory.join("gild.sock")
}
