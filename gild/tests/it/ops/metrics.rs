//! Prometheus: figures over real sockets, and what is not a scrape.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use nix::sys::signal::Signal;
use proto::v1::GetLabRequest;
use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::sweep_service_client::SweepServiceClient;

use super::{Operated, gild, said};
use crate::daemon::{PATIENCE, connect, create, endless, spec, started, watch};

fn exchange(mut stream: impl Read + Write, request: &str) -> String {
    stream.write_all(request.as_bytes()).expect("it listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers and closes");
    answer
}

pub(super) fn request(stream: impl Read + Write, line: &str) -> String {
    exchange(stream, &format!("{line} HTTP/1.1\r\nHost: lab\r\n\r\n"))
}

/// A daemon that offers metrics on a port of the system's choice, and where.
fn scraped() -> (Operated, String) {
    let mut daemon = Operated::start("metrics = 0\n", |_, _| {});
    let line = daemon.logged("metrics are served");
    let at = line.find("127.0.0.1:").expect("an address");
    let address = line[at..].split('"').next().expect("split yields one").to_owned();
    (daemon, address)
}

pub(super) fn connected(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    stream
}

fn value(page: &str, name: &str) -> Option<f64> {
    page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[tokio::test]
async fn scrape_reports_measured_attempts() {
    let (daemon, address) = scraped();
    let channel = connect(format!("unix://{}", daemon.path("private/gild.sock").display())).await;
    let mut sweeps = SweepServiceClient::new(channel);
    let name = create(&mut sweeps, spec("atomic", 7)).await;
    let events = watch(&mut sweeps, &name, 0).await.len();
    let deadline = Instant::now() + PATIENCE;
    // Who sees the last event may be faster than its count.
    let page = loop {
        let page = request(connected(&address), "GET /metrics");
        if value(&page, "gild_sweeps_ended_total{state=\"succeeded\"}") == Some(1.0) {
            break page;
        }
        assert!(Instant::now() < deadline, "{page}");
        tokio::task::yield_now().await;
    };
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("content-type: text/plain; version=0.0.4\r\n"), "{page}");
    assert_eq!(value(&page, "gild_attempts_total"), Some(7.0));
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let events = events as f64;
    assert_eq!(value(&page, "gild_events_stored_total"), Some(events));
    for positive in ["gild_resident_memory_bytes", "gild_open_files", "gild_uptime_seconds"] {
        assert!(value(&page, positive).is_some_and(|found| found > 0.0), "{positive}\n{page}");
    }
}

#[tokio::test]
async fn lab_reports_running_work_and_watchers() {
    let (daemon, address) = scraped();
    let channel = connect(format!("unix://{}", daemon.path("private/gild.sock").display())).await;
    let mut sweeps = SweepServiceClient::new(channel.clone());
    let first = create(&mut sweeps, endless()).await;
    create(&mut sweeps, endless()).await;
    let _stream = started(&mut sweeps, &first).await;
    let answer =
        LabServiceClient::new(channel).get_lab(GetLabRequest {}).await.expect("it is there");
    let lab = answer.into_inner().lab.expect("a lab");
    assert_eq!((lab.running.as_str(), lab.queued_sweeps), (first.as_str(), 1));
    assert_eq!((lab.watchers, lab.lanes), (1, 1));
    assert!(lab.resident_bytes > 1 << 20);
    let page = request(connected(&address), "GET /metrics");
    assert_eq!(value(&page, "gild_lane_busy"), Some(1.0));
    assert_eq!(value(&page, "gild_queue_length"), Some(1.0));
    assert_eq!(value(&page, "gild_watchers"), Some(1.0));
    assert_eq!(value(&page, "gild_connections"), Some(1.0), "scrapers are not clients");
}

#[test]
fn invalid_scrape_is_rejected() {
    let (_daemon, address) = scraped();
    let answer = |line| request(connected(&address), line);
    let refused = answer("POST /metrics");
    assert!(
        refused.starts_with("HTTP/1.1 405 ") && refused.contains("allow: GET\r\n"),
        "{refused}"
    );
    assert!(answer("GET /").starts_with("HTTP/1.1 404 "));
    assert!(answer("HEAD /metrics").starts_with("HTTP/1.1 405 "));
    assert!(exchange(connected(&address), "gibberish\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

#[test]
fn silent_clients_do_not_block_scrapers() {
    let (_daemon, address) = scraped();
    let silent: Vec<_> = (0..gild::limits::SCRAPES_MAX).map(|_| connected(&address)).collect();
    let page = request(connected(&address), "GET /metrics");
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    drop(silent);
}

#[test]
fn metrics_bind_their_own_socket_or_exit_with_reason() {
    let mut daemon = Operated::start("", |command, directory| {
        command.arg("--metrics").arg(directory.join("private/metrics.sock"));
    });
    daemon.logged("metrics are served");
    let path = daemon.path("private/metrics.sock");
    let page = request(UnixStream::connect(&path).expect("it listens"), "GET /metrics");
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    daemon.signal(Signal::SIGTERM);
    assert_eq!(daemon.wait().code(), Some(0));
    assert!(!path.exists(), "no socket is left behind");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let directory = tempfile::tempdir().expect("a directory");
    let mut command = gild(&["serve", "--config", "/dev/null", "--metrics", &port]);
    command.env("GILD_SOCKET", directory.path().join("private/gild.sock"));
    let (code, _, err) = said(command);
    assert_eq!(code, Some(69), "{err}");
}
