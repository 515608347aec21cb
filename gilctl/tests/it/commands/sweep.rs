//! `gilctl sweep`, `watch` and `cancel` against a fake server.

use std::io::{BufRead as _, BufReader};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use proto::v1::SweepState;

use crate::support::fake_sweeps::{FakeSweeps, run, serve_sweeps};
use crate::support::server::{
    ServerBehavior, command, command_with_default_signals, interrupt, outcome, signal,
};

const SWEEP: [&str; 3] = ["sweep", "--strategy", "gil"];

const NDJSON: [&str; 5] = ["sweep", "--strategy", "gil", "--output", "ndjson"];

#[test]
fn followed_sweep_prints_its_table() {
    let (code, out, err) = run(FakeSweeps::new(ServerBehavior::Serves), &SWEEP);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("\nsweep 4abcde · seed 42"), "{out}");
    assert!(out.contains("note: 500 ns and 0.5 ns are one setting"), "{out}");
    assert_eq!(err, "next: gilctl show 4abcde\n");
}

#[test]
fn lost_connection_resumes_without_gap_or_repetition() {
    let server = FakeSweeps::new(ServerBehavior::DropsAfter(5));
    let watched_after = Arc::clone(&server.watched_after);
    let (code, out, err) = run(server, &NDJSON);
    let (_, whole, _) = run(FakeSweeps::new(ServerBehavior::Serves), &NDJSON);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out, whole);
    assert_eq!(*watched_after.lock().expect("no panic"), [0, 5, 10]);
}

#[test]
fn absent_daemon_exits_69() {
    let (code, out, err) = run(FakeSweeps::new(ServerBehavior::Unavailable), &SWEEP);
    assert_eq!((code, out.as_str()), (Some(69), ""), "{err}");
    assert!(err.contains("`gilctl watch 4abcde` follows on"), "{err}");
}

#[test]
fn refused_sweep_names_its_flags() {
    let (code, _, err) = run(FakeSweeps::new(ServerBehavior::Refuses), &SWEEP);
    assert_eq!(code, Some(2));
    assert_eq!(err, "gilctl: the sweep is refused\n  --workers: 0 is outside 1 to 64\n");
}

#[test]
fn watch_with_after_skips_earlier_events() {
    let arguments = ["watch", "latest", "--after", "12", "--output", "ndjson"];
    let (code, out, err) = run(FakeSweeps::new(ServerBehavior::Serves), &arguments);
    assert_eq!(code, Some(0), "{err}");
    let kinds: Vec<&str> = out.lines().map(|line| &line[..13]).collect();
    assert_eq!(kinds, [r#"{"kind":"swee"#, r#"{"kind":"cell"#, r#"{"kind":"end""#]);
}

#[test]
fn unknown_id_exits_8() {
    let (code, _, err) = run(FakeSweeps::new(ServerBehavior::Serves), &["cancel", "zzz"]);
    assert_eq!(code, Some(8));
    assert_eq!(err, "gilctl: no id begins or ends with zzz; `gilctl list` shows what there is\n");
}

#[test]
fn detached_sweep_prints_only_its_id() {
    let detach = [&SWEEP[..], &["--detach"]].concat();
    let (code, out, err) = run(FakeSweeps::new(ServerBehavior::Unavailable), &detach);
    assert_eq!((code, out.as_str()), (Some(0), "06a1f0zzzz9k3v7q2m8x4abcde\n"));
    assert_eq!(err, "next: gilctl watch 4abcde\n");
}

#[test]
fn first_ctrl_c_cancels_and_prints_partial_results() {
    let server = FakeSweeps {
        state: SweepState::Cancelled,
        ..FakeSweeps::new(ServerBehavior::WaitsForCancel)
    };
    let cancels = Arc::clone(&server.cancels);
    let (_runtime, url) = serve_sweeps(server);
    let (code, out, err) = interrupt(command(&url, &NDJSON), 1);
    assert_eq!(code, Some(7), "{err}");
    assert!(err.starts_with("cancelling; Ctrl-C again leaves at once\n"), "{err}");
    assert!(out.contains("\"complete\":false"), "{out}");
    assert!(out.contains("\"state\":\"CANCELLED\""), "{out}");
    assert_eq!(cancels.load(Ordering::SeqCst), 1);
}

#[test]
fn every_signal_that_asks_to_stop_cancels_and_prints_partial_results() {
    for name in ["INT", "TERM", "HUP"] {
        let server = FakeSweeps {
            state: SweepState::Cancelled,
            ..FakeSweeps::new(ServerBehavior::WaitsForCancel)
        };
        let cancels = Arc::clone(&server.cancels);
        let (_runtime, url) = serve_sweeps(server);
        let (code, out, err) = signal(command_with_default_signals(&url, &NDJSON), name, 1);
        assert_eq!(code, Some(7), "SIG{name}: {err}");
        assert!(out.contains("\"state\":\"CANCELLED\""), "SIG{name}: {out}");
        assert_eq!(cancels.load(Ordering::SeqCst), 1, "SIG{name}");
    }
}

/// A sweep that has no event for long: it takes the ten seconds between two lines.
#[test]
fn progress_is_a_line_from_time_to_time_where_stderr_is_not_a_terminal() {
    let (_runtime, url) = serve_sweeps(FakeSweeps::new(ServerBehavior::Hangs));
    for arguments in [&SWEEP[..], &["watch", "latest"]] {
        let mut gilctl = command(&url, arguments).spawn().expect("gilctl runs");
        let mut lines = BufReader::new(gilctl.stderr.take().expect("piped")).lines();
        let line = lines.next().expect("a line").expect("text");
        gilctl.kill().expect("it follows");
        gilctl.wait().expect("it ends");
        assert!(line.contains(" attempts") && line.contains('/'), "{line}");
    }
}

#[test]
fn second_ctrl_c_exits_130() {
    let server = FakeSweeps::new(ServerBehavior::Hangs);
    let cancels = Arc::clone(&server.cancels);
    let (_runtime, url) = serve_sweeps(server);
    let (code, _, err) = interrupt(command(&url, &NDJSON), 2);
    assert_eq!((code, cancels.load(Ordering::SeqCst)), (Some(130), 1));
    assert!(err.ends_with("left; next: gilctl watch 4abcde\n"), "{err}");
}

#[test]
fn ctrl_c_in_watch_exits_without_cancelling() {
    let server = FakeSweeps::new(ServerBehavior::WaitsForCancel);
    let cancels = Arc::clone(&server.cancels);
    let (_runtime, url) = serve_sweeps(server);
    let (code, _, err) = interrupt(command(&url, &["watch", "latest", "--output", "ndjson"]), 1);
    assert_eq!((code, cancels.load(Ordering::SeqCst)), (Some(130), 0));
    assert_eq!(err, "left; next: gilctl watch 4abcde\n");
}

#[test]
fn broken_pipe_exits_0_without_message() {
    for arguments in [&SWEEP[..], &NDJSON] {
        let (_runtime, url) = serve_sweeps(FakeSweeps::new(ServerBehavior::Serves));
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = command(&url, arguments).stdout(writer).output().expect("gilctl runs");
        assert_eq!(outcome(&output), (Some(0), String::new(), String::new()));
    }
}
