//! Stored sweeps of a real lab: printed as commands, repeated, and the status of the lab.

use serde_json::Value;
use std::process::Output;

use crate::real_lab::end_to_end::{Server, lines, run};

const GRID: [&str; 14] = [
    "sweep",
    "--strategy",
    "gil,unlocked",
    "--switch-interval",
    "5ms,0.5ns",
    "--attempts",
    "2",
    "--tasks",
    "4",
    "--inside=1us",
    "--label",
    "before the fix",
    "--label",
    "v1",
];

#[track_caller]
fn fine(server: &Server, arguments: &[&str]) -> Output {
    let output = run(&[arguments, &["--server", &server.unix()]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Seed and cells, without what was measured.
fn grid(output: &Output) -> (Value, Vec<Value>) {
    let lines = lines(output);
    let cell = |line: &Value| {
        let named = ["strategy", "era", "switch_interval_ns", "inside_ns", "attempts", "tasks"];
        named.map(|name| line[name].clone()).to_vec().into()
    };
    let cells = lines.iter().filter(|line| line["kind"] == "cell");
    (lines[0]["seed"].clone(), cells.map(cell).collect())
}

#[test]
fn printed_command_prints_itself_again() {
    let server = Server::start();
    let drawn = grid(&fine(&server, &[&GRID[..], &["--output", "ndjson"]].concat())).0;
    let printed = said(&fine(&server, &["show", "latest", "--as-command"]));
    let seed = format!(" --seed {}", drawn.as_str().expect("digits"));
    assert!(printed.contains(&seed), "{printed}");
    assert!(printed.contains(" --label 'before the fix' --label v1"), "{printed}");
    let words = shlex::split(&printed).expect("balanced quotes");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(words[..4], ["gilctl", "sweep", "--strategy", "gil,unlocked"], "{printed}");
    let again = fine(&server, &[&words[1..], &["--output", "ndjson"]].concat());
    assert_eq!(grid(&again).0, drawn);
    assert_eq!(said(&fine(&server, &["show", "latest", "--as-command"])), printed);
}

#[test]
fn rerun_has_the_same_cells_and_seed() {
    let server = Server::start();
    let ndjson = ["--output", "ndjson"];
    let first = fine(&server, &[&GRID[..], &ndjson].concat());
    let again = fine(&server, &[&["rerun", "latest"][..], &ndjson].concat());
    let (seed, mut cells) = grid(&first);
    let (same_seed, mut same_cells) = grid(&again);
    let text = |value: &Value| value.to_string();
    cells.sort_by_key(text);
    same_cells.sort_by_key(text);
    assert_eq!((&seed, cells.len()), (&same_seed, 3));
    assert_eq!(cells, same_cells);
    let other = fine(&server, &[&["rerun", "latest", "--new-seed"][..], &ndjson].concat());
    assert_ne!(grid(&other).0, seed);
}

#[test]
fn running_daemon_reports_its_status() {
    let server = Server::start();
    fine(&server, &GRID);
    let status = fine(&server, &["status", "--output", "json"]);
    let status: Value = serde_json::from_slice(&status.stdout).expect("one document");
    assert_eq!((&status["kept_sweeps"], &status["queued_sweeps"]), (&1.into(), &0.into()));
    let absent = ["status", "--server", "unix:///nonexistent/gild.sock"];
    assert_eq!(run(&absent).status.code(), Some(69));
}
