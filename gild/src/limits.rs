//! Limits of the store, the services and the server, each a named constant with its unit and its
//! motive. The limits of planning and measuring are [`engine::limits`].

use std::time::Duration;

/// Most bytes of its newest events that a live log keeps in memory, so that subscribers that keep
/// up need no disk.
pub const TAIL_BYTES_MAX: usize = 1 << 20;
/// Most events and requests queued for the writer before the next sender has to wait.
pub const HISTORY_INBOX_MAX: usize = 512;
/// Most of them that are committed together: an event lost in a power cut was never shown.
pub const HISTORY_GROUP_MAX: usize = 256;
/// Prepared statements that the writer keeps: those of all requests, and of turns of any length.
pub const HISTORY_STATEMENTS_KEPT: usize = 48;
/// Longest wait for another program's transaction before the lab gives up: a person with a
/// database browser has noticed by then, and measuring waits meanwhile.
pub const HISTORY_LOCKED_MAX: Duration = Duration::from_mins(5);
/// Memory for pages of the database per connection, in KiB.
pub const HISTORY_CACHE_KIB: i64 = 512;
/// Read connections that stay open while idle.
pub const HISTORY_READERS_KEPT: usize = 2;
/// Bytes that the write-ahead log keeps on disk after a checkpoint.
pub const HISTORY_WAL_BYTES_KEPT: i64 = 8 << 20;
/// Pages of the write-ahead log after which it is folded into the database, 4 MiB: SQLite's own default.
pub const HISTORY_LOG_PAGES_MAX: u32 = 1000;
/// Free pages that are returned to the file system at a time, a megabyte: writers wait meanwhile.
pub const HISTORY_PAGES_GIVEN_BACK: u32 = 256;
/// Largest database that is checked for damage at each start: the check takes a third of a second.
pub const HISTORY_CHECKED_BYTES_MAX: u64 = 256 << 20;
/// Largest event of an imported sweep, in bytes: it must fit a message.
pub const EVENT_BYTES_MAX: usize = PART_BYTES_MAX;
/// Most bytes of an imported sweep without its events: it must fit a message beside what a response
/// adds, such as the owner and the error.
pub const IMPORTED_BYTES_MAX: usize = MESSAGE_BYTES_MAX - (64 << 10);
/// Most letters of the machine that an imported sweep comes from, as lists name it.
pub const ORIGIN_LETTERS_MAX: usize = 300;
/// Most bytes of the request of a sweep: the longest list of the longest values takes 40 KiB, and the
/// request is part of each response about the sweep.
pub const SPEC_BYTES_MAX: usize = 128 << 10;
/// Largest file that is imported, in bytes: twice the size of the largest sweep.
pub const IMPORT_BYTES_MAX: u64 = 512 << 20;
/// Most concurrent imports, and most concurrent exports; further ones are rejected for a while.
pub const TRANSFERS_MAX: usize = 4;
/// Longest pause between two parts of a file, in either direction.
pub const TRANSFER_PAUSE_MAX: Duration = Duration::from_secs(30);
/// Longest transfer of a whole file: the largest one at a megabyte per second.
pub const TRANSFER_TIME_MAX: Duration = Duration::from_mins(10);
/// Most stored sweeps that are recomputed at a time, each of up to a million attempts.
pub const CALCULATIONS_MAX: usize = 2;
/// Bytes of a file per message.
pub const FILE_CHUNK_BYTES: usize = 64 << 10;
/// Chunks of a file that are read before the client takes them.
pub const FILE_CHUNKS_BUFFERED: usize = 16;

/// Most sweeps in one comparison: a reader cannot hold more columns against the first.
pub const COMPARED_MAX: usize = 8;

/// Longest id of a sweep or an exploration in a name, in letters: the lab's own have 26.
pub const ID_LETTERS_MAX: usize = 64;
/// Longest request id, in characters.
pub const REQUEST_ID_MAX: usize = 64;

/// Health service that reports whether measurements can be trusted: `NOT_SERVING` while the lab is
/// degraded. The lab itself keeps serving and `""` keeps reporting it: a load balancer must not
/// take it away from clients that fetch their results.
pub const MEASURING_SERVICE: &str = "gild.v1.Measuring";

/// Most sweeps per page.
pub const PAGE_MAX: u32 = 1000;
/// Sweeps per page when the client does not choose.
pub const PAGE_DEFAULT: u32 = 50;
/// Most events read at a time for one watcher.
pub const WATCH_BATCH: usize = 256;
/// Bytes of events after which no more are read at a time for one watcher. It has two such batches at
/// most, the one that it is sent and the next.
pub const WATCH_BATCH_BYTES: usize = 64 << 10;
/// Largest message that is accepted, in bytes, and the largest that is sent, apart from the
/// responses listed in [`crate::server::message_guard`]: a quarter of what gRPC clients accept by
/// default.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Most bytes of a part of a response, of an event, and of the items of a page: what surrounds them in
/// a message takes a few bytes.
pub const PART_BYTES_MAX: usize = MESSAGE_BYTES_MAX - 1024;
/// Largest response that is sent in one message to clients that do not ask for parts, in bytes: what the
/// gilctl of 2c8d602 accepts.
pub const WHOLE_BYTES_MAX: usize = 64 << 20;
/// Interval of HTTP/2 pings on an idle connection.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// Time for the reply to a ping.
pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// Default time for running work and connections to end once the daemon stops; the process must be
/// gone within two seconds.
pub const DRAIN_TIMEOUT: Duration = Duration::from_millis(1200);
/// Shortest drain time-out: an aborted attempt returns within some milliseconds, an interpreter
/// within [`engine::limits::INTERPRETER_SLICE`], and the last events take as long again to reach
/// every watcher.
pub const DRAIN_TIMEOUT_MIN: Duration = Duration::from_millis(500);
/// Longest drain time-out: service managers kill what takes longer (90 s is systemd's default).
pub const DRAIN_TIMEOUT_MAX: Duration = Duration::from_secs(90);

/// Time that a check of the machine observes the load of others: fifty kernel ticks per core.
pub const EXAMINATION_TIME: Duration = Duration::from_millis(500);

/// Largest config file, in bytes: every key at its longest takes a few thousand.
pub const CONFIG_BYTES_MAX: u64 = 64 << 10;
/// Most concurrent scrapes of the metrics: one or two scrapers, and a person.
pub const SCRAPES_MAX: usize = 8;
/// Longest scrape, from its connection to its last byte.
pub const SCRAPE_TIME_MAX: Duration = Duration::from_secs(5);
/// Interval of status reports to the service manager.
pub const STATUS_INTERVAL: Duration = Duration::from_secs(5);

/// Most concurrent requests per connection: a thousand watchers may share one.
pub const STREAMS_MAX: u32 = 1024;
/// Most bytes of a request's headers: path and token take a few hundred.
pub const HEADER_BYTES_MAX: u32 = 16 << 10;
/// HTTP/2 flow-control window per request, in bytes: unread data stays with the sender, however
/// many requests it opens.
pub const STREAM_WINDOW_BYTES: u32 = 64 << 10;
/// HTTP/2 flow-control window per connection, in bytes; see [`STREAM_WINDOW_BYTES`].
pub const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;
/// Most requests that the client reset before the server accepted them: a client that opens and
/// resets in a loop costs work and reads nothing.
pub const PENDING_RESETS_MAX: usize = 64;
/// Most requests per connection that the server had to reset for the client's errors.
pub const FAULTY_RESETS_MAX: usize = 256;
/// Most connections of the Unix socket, and as many of the TCP port: each listener counts its own,
/// so that flooding one never closes the other. A thousand watchers with a connection each fit.
pub const CONNECTIONS_MAX: usize = 1200;
/// Most connections of one peer (a user, or an address): leaves a sixth of all for others.
pub const PEER_CONNECTIONS_MAX: usize = 1024;
/// Most connections of a listener that have not completed their handshake. Beyond it the oldest
/// pending one is dropped, so that a prompt client gets in through any flood.
pub const PENDING_HANDSHAKES_MAX: usize = 512;
/// Longest TLS handshake and HTTP/2 preface: three packets in a row may be lost.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Age at which a connection is asked to end, so that a client with an expired certificate has to
/// present a new one; its streams may continue for [`CONNECTION_GRACE`].
pub const CONNECTION_AGE_MAX: Duration = Duration::from_hours(12);
/// Time for the streams of an aged connection to end; then its watchers reconnect.
pub const CONNECTION_GRACE: Duration = Duration::from_mins(10);
/// Pause of a listener after the system refused it a connection: clients are let in within 50 ms
/// once there is room again, and a hundred tries per second cost nothing.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(10);
/// Limit of open files that the daemon asks for: two full listeners, and its own files.
pub const OPEN_FILES_WANTED: u64 = 4096;
/// Requests per second and owner in the long run: a person with scripts stays far below.
pub const REQUESTS_PER_S: u32 = 200;
/// Requests per owner in a burst: a thousand watchers that all reconnect after a cut.
pub const REQUESTS_BURST: u32 = 2000;
/// Most owners and peers whose requests are counted; idle ones are evicted.
pub const RATE_LIMIT_KEYS_MAX: usize = 4096;
/// Most concurrent requests per owner, further ones wait: bounds the memory of half-sent messages
/// to this many times [`MESSAGE_BYTES_MAX`].
pub const OWNER_REQUESTS_MAX: usize = 64;
/// Most streams of events to pages at a time; a thousand pages, twice over.
pub const EVENT_STREAMS_MAX: usize = 2048;
/// Most cells of the sweeps whose events are streamed to pages at a time, each as often as it is streamed.
/// A stream keeps the state of its sweep, some 4 KiB a cell: a quarter of a GiB in all.
pub const EVENT_STREAM_CELLS_MAX: usize = 64 << 10;
/// Rejected clients that the log names in a burst; further ones are counted.
pub const REFUSALS_LOGGED_BURST: u32 = 20;
/// Rejected clients that the log names per second in the long run.
pub const REFUSALS_LOGGED_PER_S: u32 = 2;

/// Fewest characters of a token: 32 random ones cannot be guessed.
pub const TOKEN_CHARS_MIN: usize = 32;
/// Most characters of a token: it must fit the headers.
pub const TOKEN_CHARS_MAX: usize = 512;
/// Most characters of a token's name: it appears in logs and lists.
pub const TOKEN_NAME_CHARS_MAX: usize = 64;
/// Most tokens: each request is compared with all of them.
pub const TOKENS_MAX: usize = 1000;
/// Largest file of tokens, certificates or a key, in bytes: a system's whole list of authorities
/// fits.
pub const CREDENTIAL_BYTES_MAX: u64 = 1 << 20;
/// Validity of development certificates: a year.
pub const CERTIFICATE_VALIDITY: Duration = Duration::from_hours(365 * 24);
/// Time by which their validity starts early: the clocks of two machines may differ.
pub const CERTIFICATE_HEAD_START: Duration = Duration::from_hours(24);
/// Most names of a development certificate.
pub const CERTIFICATE_NAMES_MAX: usize = 100;
