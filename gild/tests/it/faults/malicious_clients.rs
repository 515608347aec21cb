//! Clients that mean ill, or are broken: they are cut, others are answered meanwhile, and the
//! daemon still stops in time.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CreateSweepRequest, ExportSweepRequest, GetLabRequest, SweepSpec, WatchSweepRequest,
    WatchSweepResponse,
};
use tonic::transport::Channel;
use tonic::{Code, Streaming};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use crate::daemon::{
    Daemon, PATIENCE, UNHURRIED, command, connect, create, endless, many_attempts, stops_in_time,
    watch,
};

const OPEN: [&str; 3] = ["--listen", "127.0.0.1:0", "--insecure-loopback"];
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Requests of one client that wait for their answers.
const REQUESTS_AT_A_TIME: usize = 500;
/// Open files that the tests need.
const FILES: u64 = 4096;

fn allow_files() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("it answers");
    setrlimit(Resource::RLIMIT_NOFILE, FILES.min(most), most).expect("within the hard limit");
}

fn knock(daemon: &Daemon) -> TcpStream {
    let stream = TcpStream::connect(daemon.port()).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    stream
}

/// Asks the daemon something over a new connection, within a generous limit.
async fn still_answers(daemon: &Daemon, occasion: &str) {
    let address = daemon.tcp.clone().expect("it listens");
    let asked = Instant::now();
    let answer = tokio::time::timeout(PATIENCE, async {
        LabServiceClient::new(connect(address).await).get_lab(GetLabRequest {}).await
    });
    answer.await.expect("it answers").expect("it lets us in");
    println!("{occasion}: a new client is answered after {:?}; wanted: 50 ms", asked.elapsed());
}

/// Whether the other end closes the connection, before our patience ends.
fn is_cut(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 64]) {
        Ok(0) => true,
        Ok(_) => is_cut(stream),
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

/// Says these bytes, one now and then, until it is cut or they end.
fn drip(mut stream: TcpStream, bytes: Vec<u8>) -> JoinHandle<bool> {
    std::thread::spawn(move || {
        for byte in bytes {
            if stream.write_all(&[byte]).is_err() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(300));
        }
        is_cut(&mut stream)
    })
}

#[tokio::test]
async fn silent_and_slow_clients_are_dropped_and_others_served() {
    stops_in_time(beside_silent_and_slow_clients).await;
}

async fn beside_silent_and_slow_clients() -> Duration {
    let mut daemon = Daemon::start(&OPEN);
    let mut silent = knock(&daemon);
    let slow = drip(knock(&daemon), PREFACE.to_vec());
    let mut half_open = knock(&daemon);
    half_open.write_all(PREFACE).expect("it is open");
    half_open.shutdown(Shutdown::Write).expect("it is open");
    let mut unix = std::os::unix::net::UnixStream::connect(daemon.socket()).expect("it listens");
    unix.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    still_answers(&daemon, "beside silent clients").await;
    assert!(is_cut(&mut silent), "it may be silent for ever");
    assert!(slow.join().expect("no panic"), "it may be slow for ever");
    assert!(is_cut(&mut half_open), "it may be half there for ever");
    assert_eq!(unix.read(&mut [0; 1]).expect("it is closed"), 0);
    daemon.wait_for_log(&[
        "\"audit\"",
        "refused",
        "127.0.0.1",
        "no HTTP/2 preface and no request within 5 s",
    ]);
    daemon.wait_for_log(&[
        "\"audit\"",
        "refused",
        "uid",
        "no HTTP/2 preface and no request within 5 s",
    ]);
    still_answers(&daemon, "after them").await;
    daemon.stop().await
}

#[tokio::test]
async fn slow_tls_handshake_is_dropped() {
    let files = tempfile::tempdir().expect("a directory");
    let out = files.path().join("certs");
    let mut certs = std::process::Command::new(env!("CARGO_BIN_EXE_gild"));
    let made = certs.arg("certs").arg("--out").arg(&out).output().expect("it runs");
    assert!(made.status.success(), "{made:?}");
    let path = |name: &str| out.join(name).to_str().expect("text").to_owned();
    let (ca, cert, key) = (path("ca.pem"), path("server.pem"), path("server-key.pem"));
    let tls = ["--tls-cert", &cert, "--tls-key", &key, "--client-ca", &ca];
    stops_in_time(async || {
        let mut daemon = Daemon::start(&[&OPEN[..2], &tls].concat());
        // The head of a handshake that announces more than ever comes.
        let hello = [&[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3][..], &[7; 32]].concat();
        let slow = drip(knock(&daemon), hello);
        assert!(slow.join().expect("no panic"), "it may be slow for ever");
        daemon.wait_for_log(&[
            "\"audit\"",
            "refused",
            "no HTTP/2 preface and no request within 5 s",
        ]);
        let silent = knock(&daemon);
        let took = daemon.stop().await;
        drop(silent);
        took
    })
    .await;
}

#[tokio::test]
async fn oversized_message_is_rejected_and_connection_stays_open() {
    let daemon = Daemon::start(&OPEN);
    let channel = connect(daemon.tcp.clone().expect("it listens")).await;
    let strategies = vec!["x".repeat(1 << 21)];
    let spec = Some(SweepSpec { strategies, ..SweepSpec::default() });
    let request = CreateSweepRequest { spec, ..CreateSweepRequest::default() };
    let refused = SweepServiceClient::new(channel.clone()).create_sweep(request).await;
    let code = refused.expect_err("too long").code();
    assert!([Code::ResourceExhausted, Code::OutOfRange].contains(&code), "{code:?}");
    LabServiceClient::new(channel).get_lab(GetLabRequest {}).await.expect("it lives on");
}

#[tokio::test]
async fn connection_flood_does_not_block_others() {
    allow_files();
    stops_in_time(beside_a_flood).await;
}

async fn beside_a_flood() -> Duration {
    let mut daemon = Daemon::start(&OPEN);
    let mut crowd = std::collections::VecDeque::new();
    for _ in 0..10_000 {
        crowd.push_back(knock(&daemon));
        if crowd.len() > 1500 {
            crowd.pop_front();
        }
    }
    still_answers(&daemon, "in a crowd of silent clients").await;
    let mut unix = LabServiceClient::new(daemon.channel().await);
    unix.get_lab(GetLabRequest {}).await.expect("the socket is another door");
    let took = daemon.stop().await;
    drop(crowd);
    took
}

#[tokio::test]
async fn connections_per_peer_are_limited() {
    allow_files();
    let daemon = Daemon::start(&OPEN);
    let mut crowd = Vec::new();
    for _ in 0..=gild::limits::PEER_CONNECTIONS_MAX {
        let mut stream = knock(&daemon);
        stream.write_all(PREFACE).expect("it is open");
        crowd.push(stream);
    }
    daemon.wait_for_log(&["\"audit\"", "refused", "this peer has 1024 connections already"]);
    let mut unix = LabServiceClient::new(daemon.channel().await);
    unix.get_lab(GetLabRequest {}).await.expect("the socket is another door");
    drop(crowd);
    let deadline = Instant::now() + PATIENCE;
    let address = daemon.tcp.clone().expect("it listens");
    let again = async || {
        let channel = tonic::transport::Endpoint::from_shared(address.clone()).expect("an address");
        let channel = channel.connect().await.ok()?;
        LabServiceClient::new(channel).get_lab(GetLabRequest {}).await.ok()
    };
    while again().await.is_none() {
        assert!(Instant::now() < deadline, "their places are not given back");
    }
}

type Watched = Streaming<WatchSweepResponse>;

async fn watcher(channel: Channel, name: String) -> Watched {
    let request = WatchSweepRequest { name, after_sequence: 0 };
    let stream = SweepServiceClient::new(channel).watch_sweep(request).await;
    let mut stream = stream.expect("a stream").into_inner();
    stream.message().await.expect("no error").expect("the first event");
    stream
}

#[tokio::test]
async fn thousand_watchers_are_served_on_one_or_many_connections() {
    allow_files();
    let mut daemon = Daemon::start(&[&OPEN[..], &UNHURRIED].concat());
    let address = daemon.tcp.clone().expect("it listens");
    let name = create(&mut daemon.sweeps().await, endless()).await;
    let shared = connect(address.clone()).await;
    let (mut tasks, mut watching) = (tokio::task::JoinSet::new(), Vec::new());
    for _ in 0..1000 {
        tasks.spawn(watcher(shared.clone(), name.clone()));
        let (address, name) = (address.clone(), name.clone());
        tasks.spawn(async move { watcher(connect(address).await, name).await });
        // The backlog of a listening socket is shorter than a thousand.
        if tasks.len() >= 200 {
            watching.push(tasks.join_next().await.expect("there are some").expect("no panic"));
        }
    }
    watching.extend(tasks.join_all().await);
    assert_eq!(watching.len(), 2000);
    let mut unix = LabServiceClient::new(daemon.channel().await);
    unix.get_lab(GetLabRequest {}).await.expect("it answers");
    let asked = Instant::now();
    daemon.terminate();
    let mut last = watching.pop().expect("a watcher");
    while last.message().await.expect("the stream ends in order").is_some() {}
    drop(watching);
    assert_eq!(daemon.ended().await.code(), Some(0));
    println!("it stopped after {:?}", asked.elapsed());
}

/// What is not read takes neither threads nor files without end.
#[tokio::test]
async fn stalled_exports_do_not_block_others() {
    stops_in_time(beside_stalled_exports).await;
}

async fn beside_stalled_exports() -> Duration {
    let mut daemon = Daemon::start(&OPEN);
    let mut sweeps = daemon.sweeps().await;
    let name = create(&mut sweeps, many_attempts(20_000)).await;
    watch(&mut sweeps, &name, 0).await;
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for _ in 0..600 {
        let request = ExportSweepRequest { name: name.clone() };
        match sweeps.export_sweep(request).await {
            Ok(file) => taken.push(file),
            Err(status) => refused.push(status),
        }
    }
    // Those that fit the buffers on the way may be over already.
    let most = 4 * gild::limits::TRANSFERS_MAX;
    assert!(taken.len() < most, "{} were sent at once", taken.len());
    let refusal = refused.pop().expect("there is an end");
    assert_eq!(refusal.code(), Code::ResourceExhausted, "{refusal}");
    assert!(refusal.get_details_retry_info().is_some(), "it says when");
    still_answers(&daemon, "beside files that no client takes").await;
    daemon.stop().await
}

#[tokio::test]
async fn rate_limited_client_gets_a_retry_delay() {
    let daemon = Daemon::start(&OPEN);
    let health = HealthClient::new(connect(daemon.tcp.clone().expect("it listens")).await);
    // Many at a time, or a busy machine sends them no faster than is allowed.
    let mut requests = tokio::task::JoinSet::new();
    let mut refused = None;
    for _ in 0..100_000 {
        let mut health = health.clone();
        requests.spawn(async move { health.check(HealthCheckRequest::default()).await });
        if requests.len() < REQUESTS_AT_A_TIME {
            continue;
        }
        let answer = requests.join_next().await.expect("there are some").expect("no panic");
        refused = answer.err();
        if refused.is_some() {
            break;
        }
    }
    requests.abort_all();
    let status = refused.expect("there is no end of requests");
    assert_eq!(status.code(), Code::ResourceExhausted);
    let retry = status.get_details_retry_info().and_then(|info| info.retry_delay);
    assert!(retry.expect("it says when") <= Duration::from_secs(1));
    let mut unix = LabServiceClient::new(daemon.channel().await);
    unix.get_lab(GetLabRequest {}).await.expect("others are answered");
}

#[tokio::test]
async fn exhausted_file_descriptors_pause_accepting() {
    stops_in_time(beside_exhausted_descriptors).await;
}

async fn beside_exhausted_descriptors() -> Duration {
    let directory = tempfile::tempdir().expect("a directory");
    let serve = command(&directory.path().join("private/gild.sock"), &OPEN);
    // The hard limit too, or the daemon would raise it again.
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "ulimit -n 48; exec \"$0\" \"$@\""]);
    shell.arg(serve.get_program()).args(serve.get_args()).env_remove("RUST_LOG");
    let mut daemon = Daemon::run(std::sync::Arc::new(directory), shell, &OPEN);
    let mut crowd = Vec::new();
    for _ in 0..100 {
        let mut stream = knock(&daemon);
        stream.write_all(PREFACE).expect("it is open");
        crowd.push(stream);
    }
    daemon.wait_for_log(&["WARN", "a connection cannot be accepted; going on"]);
    drop(crowd);
    still_answers(&daemon, "after it had no files").await;
    let times = daemon.log().matches("cannot be accepted").count();
    assert!(times <= 2, "it logged {times} times");
    daemon.stop().await
}
