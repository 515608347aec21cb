//! Requests that a browser is made to send, and requests that no browser sends.

use std::io::Read as _;
use std::io::Write as _;

use gild::limits::HANDSHAKE_TIMEOUT;

use crate::daemon::PATIENCE;
use crate::http::client::{JSON, ask, connected, get, open_daemon};

/// A sweep that takes no time.
const SWEEP: &str = r#"{"flags":{"strategy":["atomic"],"workers":["2"],"attempts":"3"}}"#;
/// Largest body, in bytes.
const BODY_BYTES_MAX: usize = 64 << 10;

#[test]
fn rebound_name_is_refused_for_the_page_and_for_grpc() {
    let daemon = open_daemon();
    let port = daemon.port();
    let (_, number) = port.rsplit_once(':').expect("a port");
    let rebound = format!("evil.example:{number}");
    for line in ["GET /", "GET /api/v1/jobs", "POST /api/v1/sweeps", "DELETE /session"] {
        let answer = ask(&daemon, line, &[JSON, ("host", &rebound)], SWEEP);
        assert_eq!(answer.problem(403)["code"], "PERMISSION_DENIED", "{line}");
    }
    let grpc = [("host", rebound.as_str()), ("content-type", "application/grpc")];
    let answer = ask(&daemon, "POST /gild.v1.LabService/GetLab", &grpc, "");
    assert_eq!(answer.header("grpc-status"), Some("7"), "PERMISSION_DENIED: {answer:?}");
    assert_eq!(ask(&daemon, "GET /", &[("host", "localhost")], "").status, 200);
}

#[test]
fn request_of_another_sites_page_is_refused_and_changes_nothing() {
    let daemon = open_daemon();
    for foreign in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for line in ["POST /api/v1/sweeps", "GET /api/v1/jobs", "POST /session"] {
            ask(&daemon, line, &[JSON, foreign], SWEEP).problem(403);
        }
    }
    let listed = get(&daemon, "/api/v1/jobs").json();
    assert_eq!(listed["sweeps"].as_array().map(Vec::len), Some(0), "{listed}");
    let own = format!("http://{}", daemon.port());
    let own = [JSON, ("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(ask(&daemon, "POST /api/v1/sweeps", &own, SWEEP).status, 201);
}

#[test]
fn body_that_is_not_json_is_refused() {
    let daemon = open_daemon();
    for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
        for path in ["/session", "/api/v1/sweeps", "/api/v1/explorations"] {
            ask(&daemon, &format!("POST {path}"), &[("content-type", media)], SWEEP).problem(415);
        }
    }
    ask(&daemon, "POST /api/v1/sweeps", &[JSON], "{").problem(400);
    ask(&daemon, "POST /api/v1/sweeps", &[JSON], &"[".repeat(10_000)).problem(400);
}

#[test]
fn body_beyond_the_limit_is_refused() {
    let daemon = open_daemon();
    let body = |bytes: usize| format!("{SWEEP}{}", " ".repeat(bytes - SWEEP.len()));
    for path in ["/session", "/api/v1/sweeps", "/api/v1/explorations"] {
        let line = format!("POST {path}");
        ask(&daemon, &line, &[JSON], &body(BODY_BYTES_MAX + 1)).problem(413);
    }
    let most = ask(&daemon, "POST /api/v1/sweeps", &[JSON], &body(BODY_BYTES_MAX));
    assert_eq!(most.status, 201, "{most:?}");
}

#[test]
fn path_out_of_the_assets_leads_nowhere() {
    let daemon = open_daemon();
    for path in [
        "/assets/../tokens",
        "/assets/%2e%2e/tokens",
        "/assets/..%2ftokens",
        "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/assets//etc/passwd",
        "/assets/style.css%00.js",
        "/assets/",
        "/../etc/passwd",
    ] {
        get(&daemon, path).problem(404);
    }
}

#[test]
fn head_that_never_ends_is_cut_off() {
    let daemon = open_daemon();
    let mut slow = connected(&daemon.port());
    assert!(HANDSHAKE_TIMEOUT < PATIENCE);
    slow.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n").expect("it is open");
    let mut answer = Vec::new();
    // A reset is an end too.
    let _ = slow.read_to_end(&mut answer);
    assert_eq!(answer, b"");
    let seconds = format!("within {} s", HANDSHAKE_TIMEOUT.as_secs());
    daemon.wait_for_log(&["\"audit\"", "refused", &seconds]);
    assert_eq!(get(&daemon, "/").status, 200, "others are answered");
}
