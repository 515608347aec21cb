//! Addresses and limits, each a named constant with its unit and its motive. Reads no file and
//! checks nothing: [`crate::plan::sweep_spec`] refuses what breaks a limit.

use std::path::PathBuf;
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
/// Most attempts of a turn: keeps an event far below [`MESSAGE_BYTES_MAX`].
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
/// Most bytes of its newest events that the end of a live log keeps in memory, so that followers
/// who keep up need no disk.
pub const TAIL_BYTES_MAX: usize = 1 << 20;
/// Most events and requests on their way to the history before a sender has to wait.
pub const HISTORY_INBOX_MAX: usize = 64;
/// Most of them that are made durable together: what is lost with a power cut was never shown.
pub const HISTORY_GROUP_MAX: usize = 64;
/// Longest that another program's transaction is waited for before the lab gives up: a person with
/// a database browser has noticed by then, and what is measured waits meanwhile.
pub const HISTORY_LOCKED_MAX: Duration = Duration::from_mins(5);
/// Memory for pages of the database, each connection, in KiB.
pub const HISTORY_CACHE_KIB: i64 = 512;
/// Connections that are kept for reading while idle.
pub const HISTORY_READERS_KEPT: usize = 2;
/// Bytes that the write-ahead log keeps on disk after it was emptied.
pub const HISTORY_WAL_BYTES_KEPT: i64 = 8 << 20;
/// Pages of what was forgotten that are given back to the file system at a time, a megabyte: a writer that
/// brings something to be stored meanwhile waits for them.
pub const HISTORY_PAGES_GIVEN_BACK: u32 = 256;
/// Greatest database that is checked for damage at each start: that takes a third of a second.
pub const HISTORY_CHECKED_BYTES_MAX: u64 = 256 << 20;
/// Greatest event of a sweep that came from elsewhere, in bytes.
pub const EVENT_BYTES_MAX: usize = MESSAGE_BYTES_MAX;
/// Greatest file that is imported: twice what the largest sweep takes.
pub const IMPORT_BYTES_MAX: u64 = 512 << 20;
/// Most files that come in at a time, and as many that go out; further ones are refused for a while.
pub const TRANSFERS_MAX: usize = 4;
/// Longest that the next part of a file may take to come, or to be taken.
pub const TRANSFER_PAUSE_MAX: Duration = Duration::from_secs(30);
/// Longest that a whole file may: the greatest one at a megabyte a second.
pub const TRANSFER_TIME_MAX: Duration = Duration::from_mins(10);
/// Most stored sweeps that are computed again at a time, each of up to a million attempts.
pub const CALCULATIONS_MAX: usize = 2;
/// Bytes of a file that a message carries.
pub const FILE_CHUNK_BYTES: usize = 64 << 10;
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

/// Most sweeps that are compared at once: a reader holds no more columns against the first.
pub const COMPARED_MAX: usize = 8;
/// Fewest rounds of either side from which equal speeds are called the same: of fewer, no rank test
/// can tell anything apart, so that nothing is known.
pub const COMPARED_ROUNDS_LEAST: usize = 5;

/// Longest name that a similar one is looked for, in letters: no typing error is longer, and
/// comparing two takes memory by the product of their lengths.
pub const SUGGEST_LETTERS_MAX: usize = 64;
/// Longest id of a sweep or an exploration in a name, in letters: the lab's own have 26.
pub const ID_LETTERS_MAX: usize = 64;
/// Longest request id, in characters.
pub const REQUEST_ID_MAX: usize = 64;

/// The health service that says whether figures are to be trusted: `NOT_SERVING` while the lab is
/// degraded. The lab as such serves on then, and `""` says so: who balances load must not take it
/// away from clients that want their results.
pub const MEASURING_SERVICE: &str = "gild.v1.Measuring";

/// Most sweeps on a page.
pub const PAGE_MAX: u32 = 1000;
/// Bytes of sweeps on a page, beyond the first: clients take four megabytes unless they are configured
/// otherwise.
pub const PAGE_BYTES_MAX: usize = 2 << 20;
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
/// Least that it can be set to: an aborted attempt comes back within some milliseconds, an
/// interpreter within [`INTERPRETER_SLICE`], and the last events take as long again to every
/// watcher.
pub const DRAIN_TIMEOUT_MIN: Duration = Duration::from_millis(500);
/// Most that it can be set to: service managers kill what takes longer (90 s is systemd's default).
pub const DRAIN_TIMEOUT_MAX: Duration = Duration::from_secs(90);

/// How long an examination of the machine watches what others use: fifty of the kernel's ticks a
/// core.
pub const EXAMINATION_TIME: Duration = Duration::from_millis(500);

/// Largest config file, in bytes: every key at its longest takes a few thousand.
pub const CONFIG_BYTES_MAX: u64 = 64 << 10;
/// Most scrapes of the metrics at once: a scraper or two, and a person who looks.
pub const SCRAPES_MAX: usize = 8;
/// Longest a scrape may take, from its connection to its last byte.
pub const SCRAPE_TIME_MAX: Duration = Duration::from_secs(5);
/// How often the service manager hears what the lab does, where there is one.
pub const STATUS_INTERVAL: Duration = Duration::from_secs(5);

/// Most requests at a time on one connection: a thousand watchers may share one.
pub const STREAMS_MAX: u32 = 1024;
/// Most bytes of a request's headers: path and token take a few hundred.
pub const HEADER_BYTES_MAX: u32 = 16 << 10;
/// Bytes that a client may send ahead on one request, and on one connection: what is not read yet
/// stays with the sender, however many requests it opens.
pub const STREAM_WINDOW_BYTES: u32 = 64 << 10;
/// See [`STREAM_WINDOW_BYTES`].
pub const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;
/// Most requests that a client took back before they were looked at; one that goes on opening and
/// resetting costs work and reads nothing.
pub const PENDING_RESETS_MAX: usize = 64;
/// Most requests on one connection that had to be reset for what the client did wrong.
pub const FAULTY_RESETS_MAX: usize = 256;
/// Most connections through the socket, and as many through the port: each has its own count, so
/// that a flood of one never shuts the other. A thousand watchers with a connection each fit.
pub const CONNECTIONS_MAX: usize = 1200;
/// Most connections of one peer (a user, or an address): leaves a sixth of all for others.
pub const PEER_CONNECTIONS_MAX: usize = 1024;
/// Most connections of a door that have not greeted yet. Beyond it the one that has been silent for
/// longest is cut, so that a client that speaks at once gets in through any crowd.
pub const GREETINGS_MAX: usize = 512;
/// How long a connection may take for its TLS handshake and the first words of HTTP/2: three lost
/// packets in a row.
pub const GREETING_TIMEOUT: Duration = Duration::from_secs(5);
/// Age at which a connection is asked to end, so that who was let in under an old certificate has
/// to show a new one some day; streams on it may go on for [`CONNECTION_GRACE`].
pub const CONNECTION_AGE_MAX: Duration = Duration::from_hours(12);
/// How long the streams of a connection that is too old may go on: then its watchers reattach.
pub const CONNECTION_GRACE: Duration = Duration::from_mins(10);
/// How long the daemon accepts no connection after the system refused it a further connection: others are
/// to be let in within 50 ms once there is room again, and a hundred looks a second cost nothing.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(10);
/// Open files that the daemon wants to be allowed: two full doors, and its own.
pub const OPEN_FILES_WANTED: u64 = 4096;
/// Requests per second of one owner in the long run: a person with scripts stays far below.
pub const REQUESTS_PER_S: u32 = 200;
/// Requests of one owner at once: a thousand watchers that all come back after a cut.
pub const REQUESTS_BURST: u32 = 2000;
/// Most owners and peers whose requests are counted; those with nothing on their account make room.
pub const ACCOUNTS_MAX: usize = 4096;
/// Most requests of one owner that are read and answered at a time, the others wait: bounds the
/// memory that half-sent messages can take to so many times [`MESSAGE_BYTES_MAX`].
pub const CALLS_MAX: usize = 64;
/// Refused visitors that the log names at once, and per second in the long run; the others are
/// counted.
pub const REFUSALS_LOGGED_BURST: u32 = 20;
/// See [`REFUSALS_LOGGED_BURST`].
pub const REFUSALS_LOGGED_PER_S: u32 = 2;

/// Fewest characters of a token: 32 random ones cannot be guessed.
pub const TOKEN_CHARS_MIN: usize = 32;
/// Most characters of a token: it must fit the headers.
pub const TOKEN_CHARS_MAX: usize = 512;
/// Most characters of a token's name: it stands in logs and lists.
pub const TOKEN_NAME_CHARS_MAX: usize = 64;
/// Most tokens: each request is compared with all of them.
pub const TOKENS_MAX: usize = 1000;
/// Greatest file of tokens, certificates or a key, in bytes: a system's whole list of authorities
/// fits.
pub const CREDENTIAL_BYTES_MAX: u64 = 1 << 20;
/// How long development certificates are valid: long enough to forget where they came from.
pub const CERTIFICATE_VALIDITY: Duration = Duration::from_hours(365 * 24);
/// How far they reach back: the clocks of two machines need not agree.
pub const CERTIFICATE_HEAD_START: Duration = Duration::from_hours(24);
/// Most names of a development certificate.
pub const CERTIFICATE_NAMES_MAX: usize = 100;

/// Where the daemon listens and where clients look for it, by default:
/// `$XDG_RUNTIME_DIR/gild/gild.sock`, or a directory of the user's own in the temporary directory.
pub fn default_socket() -> PathBuf {
    let directory = match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(runtime) if !runtime.is_empty() => PathBuf::from(runtime).join("gild"),
        _ => std::env::temp_dir().join(format!("gild-{}", nix::unistd::getuid())),
    };
    directory.join("gild.sock")
}
