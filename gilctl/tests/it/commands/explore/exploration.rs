//! `gilctl explore`, and commands about explorations, against a fake server.

use std::sync::atomic::Ordering;

use proto::v1::{Exploration, SweepState};
use serde_json::Value;

use crate::support::explorations::{ended, found};
use crate::support::fake_explorations::{FakeExplorations, run, serve_all};
use crate::support::server::{ServerBehavior, command, interrupt, signal};

fn json(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).expect("one document")
}

const EXPLORE: [&str; 3] = ["explore", "--strategy", "unlocked"];

const NDJSON: [&str; 5] = ["explore", "--strategy", "unlocked", "--output", "ndjson"];

#[test]
fn followed_exploration_prints_its_verdict() {
    let (code, out, err) = run(&FakeExplorations::new(ServerBehavior::Serves), &EXPLORE);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("exploration 7fghij · unlocked · 2 workers"), "{out}");
    assert!(out.ends_with("\n\n2 is possible: 8 of 137,846,528,820 interleavings\n"), "{out}");
    assert_eq!(err, "next: gilctl witness --strategy unlocked --value 2\n");
}

#[test]
fn typed_flags_arrive_in_the_request() {
    let server = FakeExplorations::new(ServerBehavior::Serves);
    let flags = ["--workers", "3", "--steps", "L.S", "--scheduler", "switch-q", "--q", "1/20"];
    let (code, _, err) = run(&server, &[&EXPLORE[..], &flags, &["--exact"]].concat());
    assert_eq!(code, Some(0), "{err}");
    let requests = server.requests.lock().expect("no panic").join("\n");
    for part in ["workers: Some(3)", "steps: \"L.S\"", "q: \"1/20\"", "exact: true", "value: None"]
    {
        assert!(requests.contains(part), "{requests}");
    }
}

#[test]
fn exploration_is_printed_in_every_format() {
    for (format, beginning) in [
        ("table", "exploration 7fghij · "),
        ("markdown", "exploration 7fghij · "),
        ("json", r#"{"kind":"explore","schema":"gild.v2","id":"06a1g0"#),
        ("ndjson", r#"{"kind":"started","schema":"gild.v2","exploration":"06a1g0"#),
        ("csv", "exploration,strategy,era,"),
    ] {
        let arguments = [&EXPLORE[..], &["--output", format]].concat();
        let (code, out, err) = run(&FakeExplorations::new(ServerBehavior::Serves), &arguments);
        assert_eq!(code, Some(0), "{err}");
        assert!(out.starts_with(beginning), "{out}");
    }
}

#[test]
fn lost_connection_resumes_without_gap_or_repetition() {
    let server = FakeExplorations::new(ServerBehavior::DropsAfter(3));
    let (code, out, err) = run(&server, &NDJSON);
    let (_, whole, _) = run(&FakeExplorations::new(ServerBehavior::Serves), &NDJSON);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out, whole);
    let kinds: Vec<&str> = out.lines().filter_map(|line| line.split('"').nth(3)).collect();
    let wanted = ["started", "progress", "outcome", "outcome", "outcome", "outcome", "end"];
    assert_eq!(kinds, wanted);
    assert_eq!(*server.watched_after.lock().expect("no panic"), [0, 3, 6]);
}

#[test]
fn absent_daemon_exits_69() {
    let (code, out, err) = run(&FakeExplorations::new(ServerBehavior::Unavailable), &EXPLORE);
    assert_eq!((code, out.as_str()), (Some(69), ""), "{err}");
    assert!(err.contains("`gilctl watch 7fghij` follows on"), "{err}");
}

#[test]
fn refused_exploration_names_its_flag() {
    let (code, out, err) = run(&FakeExplorations::new(ServerBehavior::Refuses), &EXPLORE);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(err, "gilctl: --q: 2 is not a probability; choose a value from 0 to 1\n");
}

#[test]
fn dry_run_prints_the_estimate_and_explores_nothing() {
    let server = FakeExplorations::new(ServerBehavior::Serves);
    let (code, out, err) = run(&server, &[&EXPLORE[..], &["--dry-run"]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("an estimate, nothing explored · unlocked"), "{out}");
    assert!(
        out.contains("reverse chain: at most 9,261 states; about 74.1 kB, under 0.1 s\n"),
        "{out}"
    );
    assert!(server.watched_after.lock().expect("no panic").is_empty());
}

#[test]
fn detached_exploration_prints_only_its_id() {
    let detach = [&EXPLORE[..], &["--detach"]].concat();
    let (code, out, err) = run(&FakeExplorations::new(ServerBehavior::Unavailable), &detach);
    assert_eq!((code, out.as_str()), (Some(0), "06a1g0zzzz9k3v7q2m8x7fghij\n"));
    assert_eq!(err, "next: gilctl watch 7fghij\n");
    let (_, out, _) = run(
        &FakeExplorations::new(ServerBehavior::Unavailable),
        &[&detach[..], &["--output", "json"]].concat(),
    );
    assert_eq!(json(&out)["id"], "06a1g0zzzz9k3v7q2m8x7fghij");
}

#[test]
fn exploration_exits_by_its_state() {
    let exit = |state: SweepState, arguments: &[&str]| {
        let end = Exploration { state: state.into(), ..found() };
        run(&FakeExplorations::ending(end), arguments).0
    };
    for arguments in [&EXPLORE[..], &["show", "7FGHIJ"], &["watch", "7fghij"]] {
        assert_eq!(exit(SweepState::Succeeded, arguments), Some(0));
        assert_eq!(exit(SweepState::Failed, arguments), Some(6));
        assert_eq!(exit(SweepState::Cancelled, arguments), Some(7));
        assert_eq!(exit(SweepState::Interrupted, arguments), Some(7));
    }
}

#[test]
fn first_ctrl_c_cancels_and_prints_partial_results() {
    let end = Exploration { state: SweepState::Cancelled.into(), ..ended() };
    let server = FakeExplorations {
        behavior: ServerBehavior::WaitsForCancel,
        ..FakeExplorations::ending(end)
    };
    let (_runtime, url) = serve_all(&server);
    let (code, out, err) = interrupt(command(&url, &NDJSON), 1);
    assert_eq!(code, Some(7), "{err}");
    assert!(err.starts_with("cancelling; Ctrl-C again leaves at once\n"), "{err}");
    assert!(out.contains("\"state\":\"CANCELLED\""), "{out}");
    assert_eq!(server.cancels.load(Ordering::SeqCst), 1);
}

#[test]
fn sigterm_cancels_and_prints_partial_results() {
    let end = Exploration { state: SweepState::Cancelled.into(), ..ended() };
    let server = FakeExplorations {
        behavior: ServerBehavior::WaitsForCancel,
        ..FakeExplorations::ending(end)
    };
    let (_runtime, url) = serve_all(&server);
    let (code, out, err) = signal(command(&url, &NDJSON), "TERM", 1);
    assert_eq!(code, Some(7), "{err}");
    assert!(out.contains("\"state\":\"CANCELLED\""), "{out}");
    assert_eq!(server.cancels.load(Ordering::SeqCst), 1);
}

#[test]
fn second_ctrl_c_exits_130() {
    let server = FakeExplorations::new(ServerBehavior::Hangs);
    let (_runtime, url) = serve_all(&server);
    let (code, _, err) = interrupt(command(&url, &NDJSON), 2);
    assert_eq!((code, server.cancels.load(Ordering::SeqCst)), (Some(130), 1));
    assert!(err.ends_with("left; next: gilctl watch 7fghij\n"), "{err}");
}

#[test]
fn shown_or_watched_exploration_equals_the_followed_one() {
    let server = FakeExplorations::new(ServerBehavior::Serves);
    let (_, explored, _) = run(&server, &EXPLORE);
    let (code, shown, err) = run(&server, &["show", "7fghij"]);
    assert_eq!((code, shown), (Some(0), explored), "{err}");
    let (_, streamed, _) = run(&server, &NDJSON);
    let watch = |after| {
        run(
            &server,
            &[
                "watch",
                "explorations/06a1g0zzzz9k3v7q2m8x7fghij",
                "--output",
                "ndjson",
                "--after",
                after,
            ],
        )
        .1
    };
    assert_eq!(watch("0"), streamed);
    assert_eq!(watch("5").lines().count(), 2);
    let stored: Vec<String> = watch("7").lines().map(str::to_owned).collect();
    assert!(stored[0].starts_with(r#"{"kind":"exploration","#), "{stored:?}");
    assert_eq!(stored.len(), 6, "{stored:?}");
}

#[test]
fn exploration_is_cancelled_by_short_id() {
    let server = FakeExplorations::new(ServerBehavior::Serves);
    let (code, _, err) = run(&server, &["cancel", "7fghij"]);
    assert_eq!((code, server.cancels.load(Ordering::SeqCst)), (Some(0), 1));
    assert_eq!(err, "exploration 7fghij is CANCELLING; next: gilctl show 7fghij\n");
}

#[test]
fn explained_sweep_prints_the_claims_of_the_cell() {
    let server = FakeExplorations::new(ServerBehavior::Serves);
    let (code, out, err) = run(&server, &["explain", "latest", "--cell", "0"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("cell 0: unlocked, 2 workers, 10 increments each\n\nLAW "), "{out}");
    let requests = server.requests.lock().expect("no panic").join("");
    assert_eq!(requests, r#"("sweeps/06a1f0zzzz9k3v7q2m8x4abcde", Some(0))"#);
    for command in
        [&["explain", "7fghij"][..], &["rerun", "7fghij"], &["compare", "7fghij", "latest"]]
    {
        let (code, _, err) = run(&server, command);
        assert_eq!(code, Some(8), "{err}");
        assert!(err.contains("7fghij is an exploration, and this command takes sweeps"), "{err}");
    }
}
