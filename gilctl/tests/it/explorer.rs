//! The explorer's commands against a daemon that only acts.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

use proto::v1::{Exploration, SweepState};
use serde_json::Value;

use crate::acting::{Actor, perform, run};
use crate::daemon::{Mood, command, told};
use crate::explored::{SCRIPT, ended, found, impossible, witnessed};

fn json(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).expect("one document")
}

const EXPLORE: [&str; 3] = ["explore", "--strategy", "unlocked"];
const NDJSON: [&str; 5] = ["explore", "--strategy", "unlocked", "--output", "ndjson"];
const WITNESS: [&str; 5] = ["witness", "--strategy", "unlocked", "--value", "2"];

#[test]
fn an_exploration_is_followed_to_its_verdict() {
    let (code, out, err) = run(&Actor::new(Mood::Kind), &EXPLORE);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("exploration 7fghij · unlocked · 2 workers"), "{out}");
    assert!(out.ends_with("\n\n2 is possible: 8 of 137,846,528,820 interleavings\n"), "{out}");
    assert_eq!(err, "next: gilctl witness --value 2, with the same flags\n");
}

#[test]
fn what_was_typed_is_what_is_asked() {
    let actor = Actor::new(Mood::Kind);
    let flags = ["--workers", "3", "--steps", "L.S", "--scheduler", "switch-q", "--q", "1/20"];
    let (code, _, err) = run(&actor, &[&EXPLORE[..], &flags, &["--exact"]].concat());
    assert_eq!(code, Some(0), "{err}");
    let heard = actor.heard.lock().expect("no panic").join("\n");
    for part in ["workers: Some(3)", "steps: \"L.S\"", "q: \"1/20\"", "exact: true", "value: None"]
    {
        assert!(heard.contains(part), "{heard}");
    }
}

#[test]
fn every_format_has_its_beginning() {
    for (format, beginning) in [
        ("table", "exploration 7fghij · "),
        ("markdown", "exploration 7fghij · "),
        ("json", r#"{"kind":"explore","id":"06a1g0"#),
        ("ndjson", r#"{"kind":"started","exploration":"06a1g0"#),
        ("csv", "exploration,strategy,era,"),
    ] {
        let arguments = [&EXPLORE[..], &["--output", format]].concat();
        let (code, out, err) = run(&Actor::new(Mood::Kind), &arguments);
        assert_eq!(code, Some(0), "{err}");
        assert!(out.starts_with(beginning), "{out}");
    }
}

#[test]
fn cuts_are_mended_without_a_gap_or_a_repeat() {
    let actor = Actor::new(Mood::Drops(3));
    let (code, out, err) = run(&actor, &NDJSON);
    let (_, whole, _) = run(&Actor::new(Mood::Kind), &NDJSON);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out, whole);
    let kinds: Vec<&str> = out.lines().filter_map(|line| line.split('"').nth(3)).collect();
    let wanted = ["started", "progress", "outcome", "outcome", "outcome", "outcome", "end"];
    assert_eq!(kinds, wanted);
    assert_eq!(*actor.asked_after.lock().expect("no panic"), [0, 3, 6]);
}

#[test]
fn a_daemon_that_stays_away_is_unreachable() {
    let (code, out, err) = run(&Actor::new(Mood::Gone), &EXPLORE);
    assert_eq!((code, out.as_str()), (Some(69), ""), "{err}");
    assert!(err.contains("`gilctl watch 7fghij` follows on"), "{err}");
}

#[test]
fn a_refused_question_names_its_flag() {
    let (code, out, err) = run(&Actor::new(Mood::Refuses), &EXPLORE);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(err, "gilctl: --q: 2 is no probability; choose a value from 0 to 1\n");
}

#[test]
fn a_dry_run_explores_nothing() {
    let actor = Actor::new(Mood::Kind);
    let (code, out, err) = run(&actor, &[&EXPLORE[..], &["--dry-run"]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("an estimate, nothing explored · unlocked"), "{out}");
    assert!(out.contains("reverse chain: at most 9,261 states, 74.1 kB, under 0.1 s\n"), "{out}");
    assert!(actor.asked_after.lock().expect("no panic").is_empty());
}

#[test]
fn detach_prints_the_id_alone() {
    let detach = [&EXPLORE[..], &["--detach"]].concat();
    let (code, out, err) = run(&Actor::new(Mood::Gone), &detach);
    assert_eq!((code, out.as_str()), (Some(0), "06a1g0zzzz9k3v7q2m8x7fghij\n"));
    assert_eq!(err, "next: gilctl watch 7fghij\n");
    let (_, out, _) = run(&Actor::new(Mood::Gone), &[&detach[..], &["--output", "json"]].concat());
    assert_eq!(json(&out)["id"], "06a1g0zzzz9k3v7q2m8x7fghij");
}

#[test]
fn ends_have_their_exit_codes() {
    let exit = |state: SweepState, arguments: &[&str]| {
        let end = Exploration { state: state.into(), ..found() };
        run(&Actor::ending(end), arguments).0
    };
    for arguments in [&EXPLORE[..], &["show", "7FGHIJ"], &["watch", "7fghij"]] {
        assert_eq!(exit(SweepState::Succeeded, arguments), Some(0));
        assert_eq!(exit(SweepState::Failed, arguments), Some(6));
        assert_eq!(exit(SweepState::Cancelled, arguments), Some(7));
        assert_eq!(exit(SweepState::Interrupted, arguments), Some(7));
    }
}

/// Sends Ctrl-C as soon as the first line of NDJSON shows that gilctl follows, and again after each
/// line that it then says on stderr, `times` in all.
fn interrupt(actor: &Actor, times: u32) -> (Option<i32>, String, String) {
    let (_runtime, url) = perform(actor);
    let mut child = command(&url, &NDJSON).spawn().expect("gilctl runs");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut err = BufReader::new(child.stderr.take().expect("piped"));
    let (mut printed, mut said) = (String::new(), String::new());
    out.read_line(&mut printed).expect("a line");
    for _ in 0..times {
        let interrupt = ["-INT".to_owned(), child.id().to_string()];
        assert!(Command::new("kill").args(interrupt).status().expect("kill runs").success());
        err.read_line(&mut said).expect("a line");
    }
    out.read_to_string(&mut printed).expect("text");
    err.read_to_string(&mut said).expect("text");
    (child.wait().expect("gilctl ends").code(), printed, said)
}

#[test]
fn ctrl_c_cancels_and_prints_what_there_is() {
    let end = Exploration { state: SweepState::Cancelled.into(), ..ended() };
    let actor = Actor { mood: Mood::Waits, ..Actor::ending(end) };
    let (code, out, err) = interrupt(&actor, 1);
    assert_eq!(code, Some(7), "{err}");
    assert!(err.starts_with("cancelling; Ctrl-C again leaves at once\n"), "{err}");
    assert!(out.contains("\"state\":\"CANCELLED\""), "{out}");
    assert_eq!(actor.cancels.load(Ordering::SeqCst), 1);
}

#[test]
fn a_second_ctrl_c_leaves() {
    let actor = Actor::new(Mood::Hangs);
    let (code, _, err) = interrupt(&actor, 2);
    assert_eq!((code, actor.cancels.load(Ordering::SeqCst)), (Some(130), 1));
    assert!(err.ends_with("left; next: gilctl watch 7fghij\n"), "{err}");
}

#[test]
fn a_witness_is_drawn_in_the_terminal_and_into_a_file() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("race.svg");
    let path = path.to_str().expect("text");
    let (code, out, err) =
        run(&Actor::ending(witnessed()), &[&WITNESS[..], &["--svg", path]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("\n1      ┌ reads 0 "), "{out}");
    assert!(out.contains(&format!("\ngilctl replay {SCRIPT}\n")), "{out}");
    let drawing = std::fs::read_to_string(path).expect("drawn");
    assert!(drawing.contains("steps LS: the counter ends at 2 of 20</title>"), "{drawing}");
    assert_eq!(err, format!("drawn to {path}\n"));
}

#[test]
fn a_value_that_cannot_be_is_not_found() {
    for format in ["table", "csv", "markdown"] {
        let arguments = [&WITNESS[..], &["--output", format]].concat();
        let (code, out, err) = run(&Actor::ending(impossible()), &arguments);
        assert_eq!((code, out.as_str()), (Some(8), ""), "{err}");
        assert_eq!(err, "gilctl: 1 is impossible: what can come out is 2 to 20\n");
    }
    let arguments = [&WITNESS[..], &["--output", "json"]].concat();
    let (code, out, _) = run(&Actor::ending(impossible()), &arguments);
    assert_eq!((code, &json(&out)["outcomes"]), (Some(8), &Value::Array(Vec::new())));
    let silent = Exploration { verdict: String::new(), ..impossible() };
    let (_, _, err) = run(&Actor::ending(silent), &WITNESS);
    assert_eq!(err, "gilctl: no schedule ends with 2\n");
}

#[test]
fn a_value_without_a_schedule_is_told_from_one_that_cannot_be() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("race.svg");
    let arguments = [&WITNESS[..], &["--svg", path.to_str().expect("text")]].concat();
    let end = Exploration { trace: None, ..witnessed() };
    let (code, out, err) = run(&Actor::ending(end.clone()), &arguments);
    assert_eq!((code, path.exists()), (Some(1), false));
    assert!(out.ends_with("\n2 is possible: 8 of 137,846,528,820 interleavings\n"), "{out}");
    assert!(err.contains("2 can come out, but the lab names no schedule"), "{err}");
    let stopped = Exploration { state: SweepState::Cancelled.into(), ..end };
    assert_eq!(run(&Actor::ending(stopped), &arguments).0, Some(7));
}

#[test]
fn a_place_where_nothing_can_be_drawn_is_refused_before_the_search() {
    let actor = Actor::ending(witnessed());
    for place in ["/", "/nonexistent/race.svg"] {
        let (code, out, err) = run(&actor, &[&WITNESS[..], &["--svg", place]].concat());
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.starts_with(&format!("gilctl: --svg: {place} is ")), "{err}");
    }
    assert!(actor.heard.lock().expect("no panic").is_empty());
}

#[test]
fn a_script_is_replayed_word_by_word_or_from_stdin() {
    let actor = Actor::new(Mood::Kind);
    let words: Vec<&str> = ["replay"].into_iter().chain(SCRIPT.split(' ')).collect();
    let (code, out, err) = run(&actor, &words);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.ends_with("\n2 in the model, 2 on real threads\n"), "{out}");
    let (_runtime, url) = perform(&actor);
    let mut child = command(&url, &["replay", "-", "--output", "json"]);
    let mut child = child.stdin(Stdio::piped()).spawn().expect("gilctl runs");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(format!("\n {SCRIPT}\r\n").as_bytes()).expect("written");
    drop(stdin);
    let (code, out, err) = told(&child.wait_with_output().expect("gilctl ends"));
    assert_eq!(code, Some(0), "{err}");
    assert_eq!((&json(&out)["agrees"], &json(&out)["value"]), (&true.into(), &2.into()));
    let wanted = format!("{SCRIPT:?}");
    assert_eq!(*actor.heard.lock().expect("no panic"), [wanted.clone(), wanted]);
}

#[test]
fn threads_that_differ_break_a_promise() {
    let actor = Actor { on_threads: 20, ..Actor::new(Mood::Kind) };
    let (code, out, err) = run(&actor, &["replay", SCRIPT]);
    assert_eq!(code, Some(3), "{err}");
    assert!(out.ends_with("\n2 in the model, 20 on real threads\n"), "{out}");
}

#[test]
fn a_refused_script_is_refused_in_the_daemons_words() {
    let (code, out, err) = run(&Actor::new(Mood::Refuses), &["replay", SCRIPT]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(err, "gilctl: hash: 00 is the hash of another experiment\n");
    let (code, _, err) = run(&Actor::new(Mood::Kind), &["replay", " "]);
    assert_eq!(
        (code, err.as_str()),
        (Some(2), "gilctl: the script is empty; `gilctl witness` prints one\n")
    );
}

#[test]
fn a_sweep_is_explained_cell_by_cell() {
    let actor = Actor::new(Mood::Kind);
    let (code, out, err) = run(&actor, &["explain", "latest", "--cell", "0"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("cell 0: unlocked, 2 workers, 10 increments each\n\nLAW "), "{out}");
    let heard = actor.heard.lock().expect("no panic").join("");
    assert_eq!(heard, r#"("sweeps/06a1f0zzzz9k3v7q2m8x4abcde", Some(0))"#);
    let (code, _, err) = run(&actor, &["explain", "7fghij"]);
    assert_eq!(code, Some(8), "{err}");
}

#[test]
fn both_kinds_are_listed_and_found() {
    let actor = Actor::new(Mood::Kind);
    let (code, out, err) = run(&actor, &["list"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("\n4abcde  QUEUED") && out.contains("\n7fghij  SUCCEEDED"), "{out}");
    let (_, out, _) = run(&actor, &["list", "--output", "json"]);
    let listed = json(&out);
    assert_eq!(listed["sweeps"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["explorations"][0]["strategy"], "unlocked");
    let (_, out, _) = run(&actor, &["list", "--output", "csv"]);
    let ends: Vec<&str> = out.lines().filter_map(|line| line.rsplit(',').next()).collect();
    assert_eq!(ends, ["kind", "sweep", "exploration"]);
    let (_, out, _) = run(&actor, &["list", "--output", "ndjson"]);
    assert!(out.lines().nth(1).expect("two").starts_with(r#"{"kind":"listed_exploration","id""#));
    // The exploration is the newer one.
    let (_, shown, _) = run(&actor, &["show", "latest"]);
    assert!(shown.starts_with("exploration 7fghij · "), "{shown}");
    let (_, shown, _) = run(&actor, &["show", "latest~1"]);
    assert!(shown.starts_with("sweep 4abcde · "), "{shown}");
}

#[test]
fn show_is_what_was_printed_and_watch_starts_where_it_is_told() {
    let actor = Actor::new(Mood::Kind);
    let (_, explored, _) = run(&actor, &EXPLORE);
    let (code, shown, err) = run(&actor, &["show", "7fghij"]);
    assert_eq!((code, shown), (Some(0), explored), "{err}");
    let (_, streamed, _) = run(&actor, &NDJSON);
    let watch = |after| {
        run(
            &actor,
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
fn an_exploration_is_cancelled_by_its_id() {
    let actor = Actor::new(Mood::Kind);
    let (code, _, err) = run(&actor, &["cancel", "7fghij"]);
    assert_eq!((code, actor.cancels.load(Ordering::SeqCst)), (Some(0), 1));
    assert_eq!(err, "exploration 7fghij is CANCELLING; next: gilctl show 7fghij\n");
}
