//! Crowds that open the events of a sweep and read nothing: refused beyond the limits, bounded in memory, and
//! others are answered meanwhile.

use std::io::{ErrorKind, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use axum::body::to_bytes;
use gild::limits::{
    EVENT_STREAM_CELLS_MAX, EVENT_STREAMS_MAX, PEER_CONNECTIONS_MAX, WATCH_BATCH_BYTES,
};
use http::{Response, StatusCode};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::net::TcpSocket;
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tower::ServiceExt as _;

use crate::auth::fixtures::{Files, LOOPBACK, TOKEN};
use crate::daemon::{Daemon, PATIENCE};
use crate::http::client::{JSON, ask, connected, exchange, get, head, open_daemon};

/// Clients that read nothing.
const CROWD: usize = 10_000;
/// A crowd that waits longer has failed: on a busy machine the daemon, which serves at the lowest priority, lets a
/// hundred in a second.
const CROWD_PATIENCE: Duration = PATIENCE.saturating_mul(5);
/// Files of a test beside those of its crowd.
const OTHER_FILES: usize = 200;
/// Most memory that streams which are not read may take, in KiB: two batches of events of each, and 8 KiB of each
/// cell.
const MEMORY_KIB_MAX: u64 =
    (2 * WATCH_BATCH_BYTES * EVENT_STREAMS_MAX + (8 << 10) * EVENT_STREAM_CELLS_MAX) as u64 / 1024;
/// Requests of others in a crowd.
const ASKED: usize = 20;
/// The answer to each that is wanted; printed, and no test decides by it.
const WANTED: Duration = Duration::from_millis(50);
/// Connections that share the streams over HTTP/2.
const CONNECTIONS: usize = 4;
/// What a client of HTTP/2 takes without reading, of a stream and of a connection: the least that is
/// usual (RFC 9113, section 6.9.2). Less than one stream has.
const WINDOW_BYTES: u32 = 65_535;
/// A sweep that runs longer than any test, and sleeps: what is slow here is not its doing.
const ENDLESS: &str = r#"{"flags":{"strategy":["atomic"],"workers":["1"],"attempts":"10000",
    "tasks":["1"],"increments":["1"],"io":["900ms"]}}"#;
/// A sweep with more events than HTTP/2 lets through to a client that reads nothing.
const LONG: &str =
    r#"{"flags":{"strategy":["atomic"],"workers":["1"],"tasks":["1..=300"],"attempts":"1"}}"#;
/// Its cells.
const LONG_CELLS: usize = 300;

/// As many files as the crowd needs, or as the hard limit allows; the clients that fit.
fn allow_files() -> usize {
    let (soft, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("it answers");
    let wanted = ((CROWD + OTHER_FILES) as u64).min(most);
    if soft < wanted {
        setrlimit(Resource::RLIMIT_NOFILE, wanted, most).expect("within the hard limit");
    }
    let fit = usize::try_from(wanted.max(soft)).expect("a count").saturating_sub(OTHER_FILES);
    let crowd = CROWD.min(fit);
    if crowd < CROWD {
        println!("{crowd} clients instead of {CROWD}: the hard limit is {most} open files");
    }
    crowd
}

/// Starts a sweep in the name of the token; its path.
fn started(daemon: &Daemon, headers: &[(&str, &str)], form: &str) -> String {
    let created = ask(daemon, "POST /api/v1/sweeps", &[headers, &[JSON]].concat(), form);
    assert_eq!(created.status, 201, "{created:?}");
    format!("/api/v1/sweeps/{}", created.json()["sweep"]["id"].as_str().expect("an id"))
}

/// What the daemon did to a client: `None` as long as it did nothing.
fn is_refused(stream: &TcpStream) -> Option<bool> {
    match stream.peek(&mut [0]) {
        Ok(count) => Some(count == 0),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(_) => Some(true),
    }
}

/// Clients that were let in, once each was or was refused.
fn let_in(crowd: &[TcpStream]) -> usize {
    let deadline = Instant::now() + CROWD_PATIENCE;
    for stream in crowd {
        stream.set_nonblocking(true).expect("a socket");
    }
    loop {
        let fates: Vec<_> = crowd.iter().map(is_refused).collect();
        if fates.iter().all(Option::is_some) {
            return fates.iter().filter(|fate| **fate == Some(false)).count();
        }
        assert!(Instant::now() < deadline, "the daemon says nothing to some");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Asks for the state of the lab from another address, again and again, and prints how long that took.
async fn others_are_answered(daemon: &Daemon, occasion: &str, headers: &[(&str, &str)]) {
    let port = daemon.port();
    let close = [headers, &[("connection", "close")]].concat();
    let request = head(&port, "GET /api/v1/status", &close);
    let mut took = Vec::new();
    for _ in 0..ASKED {
        let asked = Instant::now();
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.2:0".parse().expect("an address")).expect("loopback");
        let stream = socket.connect(port.parse().expect("an address")).await.expect("it listens");
        let stream = stream.into_std().expect("a socket");
        stream.set_nonblocking(false).expect("a socket");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        assert_eq!(exchange(stream, &request).status, 200, "{occasion}");
        took.push(asked.elapsed());
    }
    took.sort_unstable();
    let (median, most) = (took[ASKED / 2], took[ASKED - 1]);
    println!(
        "{occasion}: another client is answered after {median:?}, at most {most:?}; wanted: {WANTED:?}"
    );
}

/// Memory that the daemon took since.
fn check_memory(daemon: &Daemon, before_kib: u64) {
    let took = daemon.resident_kib().saturating_sub(before_kib);
    println!("streams that are not read take {took} KiB");
    assert!(took < MEMORY_KIB_MAX, "{took} KiB");
}

/// Waits until the daemon has given the streams up.
fn wait_for_no_watchers(daemon: &Daemon, headers: &[(&str, &str)]) {
    let deadline = Instant::now() + PATIENCE;
    while ask(daemon, "GET /api/v1/status", headers, "").json()["watchers"] != 0 {
        assert!(Instant::now() < deadline, "streams are left");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn ten_thousand_readers_that_read_nothing_are_bounded_and_others_answered() {
    let files = Files::new();
    let daemon = Daemon::start(&[&LOOPBACK[..], &["--token-file", &files.tokens()]].concat());
    let bearer = format!("Bearer {TOKEN}");
    let token = [("authorization", bearer.as_str())];
    let sweep = started(&daemon, &token, ENDLESS);
    let (before, begun) = (daemon.resident_kib(), Instant::now());
    let request = head(&daemon.port(), &format!("GET {sweep}/events"), &token);
    let mut crowd: Vec<TcpStream> = Vec::new();
    for _ in 0..allow_files() {
        let mut stream = connected(&daemon.port());
        // What is refused may be closed by then.
        let _ = stream.write_all(request.as_bytes());
        crowd.push(stream);
    }
    let admitted = let_in(&crowd);
    assert_eq!(admitted, PEER_CONNECTIONS_MAX, "of {}", crowd.len());
    others_are_answered(&daemon, "beside readers of HTTP/1.1", &token).await;
    check_memory(&daemon, before);
    daemon.wait_for_log(&["\"audit\"", "refused", "this peer has 1024 connections already"]);
    let log = daemon.log();
    assert!(!log.contains(TOKEN), "the log has the token");
    let logged = log.lines().filter(|line| line.contains("connections already")).count();
    // The log is bounded in time, not in clients.
    let seconds = usize::try_from(begun.elapsed().as_secs()).expect("some") + 1;
    let most = gild::limits::REFUSALS_LOGGED_BURST as usize
        + seconds * gild::limits::REFUSALS_LOGGED_PER_S as usize;
    assert!(logged <= most, "{logged} lines, at most {most}");
    drop(crowd);
    // Their places are given back.
    others_are_answered(&daemon, "after them", &token).await;
    wait_for_no_watchers(&daemon, &token);
}

/// A connection of HTTP/2 that soon has all that it takes.
async fn unread(daemon: &Daemon) -> Channel {
    let address = daemon.tcp.clone().expect("it listens");
    let endpoint = Endpoint::from_shared(address).expect("an address");
    let endpoint = endpoint.initial_stream_window_size(WINDOW_BYTES);
    let endpoint = endpoint.initial_connection_window_size(WINDOW_BYTES);
    endpoint.connect().await.expect("it listens")
}

/// Opens a stream of events over HTTP/2; beyond the rate of requests it waits.
async fn opened(channel: &Channel, path: &str) -> Response<Body> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let request = http::Request::get(path).body(Body::empty()).expect("a request");
        let answer = channel.clone().oneshot(request).await.expect("the connection stands");
        if answer.status() != StatusCode::TOO_MANY_REQUESTS {
            return answer;
        }
        assert!(Instant::now() < deadline, "it asks to slow down for ever");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Opens the events of a sweep until no more streams are let in: those that were, of which none is read, and
/// what is said to the next one. Then ends one, and another is let in.
async fn check_limit(daemon: &Daemon, sweep: &str, most: usize) -> String {
    let path = format!("{sweep}/events");
    let mut channels = Vec::new();
    for _ in 0..CONNECTIONS {
        channels.push(unread(daemon).await);
    }
    let (before, mut open) = (daemon.resident_kib(), Vec::new());
    for at in 0..most {
        let answer = opened(&channels[at % CONNECTIONS], &path).await;
        assert_eq!(answer.status(), StatusCode::OK, "stream {at}");
        open.push(answer);
    }
    // The others take no more bytes, of a refusal neither.
    let fresh = unread(daemon).await;
    let refused = opened(&fresh, &path).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = to_bytes(axum::body::Body::new(refused.into_body()), 4096);
    let body = tokio::time::timeout(PATIENCE, body).await.expect("it comes").expect("short");
    let problem: serde_json::Value = serde_json::from_slice(&body).expect("a problem document");
    assert_eq!(problem["code"], "RESOURCE_EXHAUSTED", "{problem}");
    others_are_answered(daemon, "beside streams of HTTP/2", &[]).await;
    check_memory(daemon, before);
    println!("{most} streams of {sweep}");
    open.pop();
    let deadline = Instant::now() + PATIENCE;
    while opened(&fresh, &path).await.status() != StatusCode::OK {
        assert!(Instant::now() < deadline, "its place is not given back");
    }
    drop((open, channels, fresh));
    wait_for_no_watchers(daemon, &[]);
    problem["detail"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn stream_of_events_beyond_the_limit_is_refused_until_one_ends() {
    let daemon = open_daemon();
    let sweep = started(&daemon, &[], ENDLESS);
    let said = check_limit(&daemon, &sweep, EVENT_STREAMS_MAX).await;
    assert!(said.contains("2048 streams of events are open; close some"), "{said}");
}

#[tokio::test]
async fn streams_of_large_sweeps_are_limited_by_their_cells() {
    let daemon = open_daemon();
    let sweep = started(&daemon, &[], LONG);
    let deadline = Instant::now() + PATIENCE;
    while get(&daemon, &sweep).json()["end"]["state"] != "SUCCEEDED" {
        assert!(Instant::now() < deadline, "the sweep does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let said = check_limit(&daemon, &sweep, EVENT_STREAM_CELLS_MAX / LONG_CELLS).await;
    assert!(said.contains("sweeps with 65536 cells in all; close some"), "{said}");
}
