//! Seeds of 64 bits on their way through commands, documents, the history and exported files.

use std::path::Path;
use std::process::Output;

use rusqlite::Connection;
use serde_json::Value;

use crate::compat::history::copied_history;
use crate::compat::record::fixture;
use crate::real_lab::end_to_end::run;

/// Seeds that no double holds, or that are negative as an integer of 64 bits.
const SEEDS: [u64; 4] = [(1 << 53) + 1, 1 << 63, 11_946_239_087_243_094_137, u64::MAX];
const SWEEP: [&str; 6] = ["sweep", "--strategy", "atomic,unlocked", "--tasks", "2", "--turns"];

fn gilctl(directory: &Path, arguments: &[&str]) -> Output {
    let directory = directory.to_str().expect("a path of text");
    run(&[arguments, &["--embedded", "--data-dir", directory, "--quiet"]].concat())
}

/// The lines of NDJSON that a command prints.
#[track_caller]
fn lines(directory: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = gilctl(directory, &[arguments, &["--output", "ndjson"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a document")).collect()
}

/// The seeds of all attempts, by cell and number.
fn attempt_seeds(lines: &[Value]) -> Vec<(u64, u64, Vec<String>)> {
    let number = |line: &Value, name: &str| line[name].as_u64().expect("a number");
    let turns = lines.iter().filter(|line| line["kind"] == "turn").map(|line| {
        let seeds = line["seeds"].as_array().expect("a list");
        let seeds = seeds.iter().map(|seed| seed.as_str().expect("digits").to_owned()).collect();
        (number(line, "cell"), number(line, "first_attempt"), seeds)
    });
    let mut turns: Vec<_> = turns.collect();
    turns.sort();
    turns
}

/// Of the newest sweep: its seed, and those of its attempts by cell and number.
fn stored_seeds(directory: &Path) -> (String, Vec<String>) {
    let database = Connection::open(directory.join("lab.db")).expect("a database");
    let newest = "SELECT number, seed FROM works WHERE kind = 'sweep' ORDER BY number DESC LIMIT 1";
    let (work, seed): (i64, String) =
        database.query_row(newest, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("a sweep");
    let attempts = "SELECT seed FROM attempts WHERE work = ? ORDER BY cell, attempt";
    let mut query = database.prepare(attempts).expect("it is SQL");
    let seeds = query.query_map([work], |row| row.get(0)).expect("rows");
    (seed, seeds.map(|seed| seed.expect("text")).collect())
}

#[test]
fn seed_survives_documents_history_export_import_and_rerun() {
    for seed in SEEDS.map(|seed| seed.to_string()) {
        let [here, there] = [0; 2].map(|_| tempfile::tempdir().expect("a temporary directory"));
        let swept =
            lines(here.path(), &[&SWEEP[..], &["--attempts", "3", "--seed", &seed]].concat());
        assert_eq!(swept[0]["seed"], seed);
        let attempts = attempt_seeds(&swept);
        let all: Vec<&String> = attempts.iter().flat_map(|(.., seeds)| seeds).collect();
        let (stored, of_attempts) = stored_seeds(here.path());
        assert_eq!((&stored, of_attempts.iter().collect()), (&seed, all));
        let shown = gilctl(here.path(), &["show", "latest", "--as-command"]);
        let command = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(command.contains(&format!("--seed {seed}")), "{command}");
        let file = here.path().join("sweep.db");
        let file = file.to_str().expect("a path of text");
        assert!(gilctl(here.path(), &["export", "latest", "--out", file]).status.success());
        assert!(gilctl(there.path(), &["import", file]).status.success());
        assert_eq!(stored_seeds(there.path()), (seed.clone(), of_attempts.clone()));
        for directory in [here.path(), there.path()] {
            let again = lines(directory, &["rerun", "latest", "--turns"]);
            assert_eq!(again[0]["seed"], seed);
            assert_eq!(attempt_seeds(&again), attempts);
        }
    }
}

/// A seed as a document of `gild.v1` has it is a number, and a reader may have made a double of it.
#[test]
fn seed_of_an_old_document_is_exact_or_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let plan = |seed: &str| {
        let dry = ["sweep", "--strategy", "atomic", "--dry-run", "--output", "json"];
        gilctl(directory.path(), &[&dry[..], &["--seed", seed]].concat())
    };
    for seed in SEEDS {
        let output = plan(&seed.to_string());
        let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
        assert_eq!(document["sweep"]["seed"], seed.to_string());
        let spelled_by_javascript = format!("{:e}", seed as f64);
        let refused = plan(&spelled_by_javascript);
        let message = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{spelled_by_javascript}: {message}");
        let names_it = message.contains("--seed") && message.contains(&spelled_by_javascript);
        assert!(names_it && message.contains("is not a whole number"), "{message}");
    }
    for (seed, problem) in [
        ("18446744073709551616", "is beyond 18446744073709551615"),
        ("\"42\"", "is not a whole number"),
        ("42.0", "is not a whole number"),
        ("-1", "is negative"),
    ] {
        let refused = plan(seed);
        let message = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(2) && message.contains(problem), "{message}");
    }
}

/// The seeds of a sweep's attempts by cell and number, as commit 2c8d602 stored their bits.
fn recorded_seeds(id: &str) -> Vec<String> {
    let database = Connection::open(fixture("history.db")).expect("a database");
    let attempts = "SELECT attempts.seed FROM attempts JOIN works ON work = number WHERE id = ? \
                    ORDER BY cell, attempt";
    let mut query = database.prepare(attempts).expect("it is SQL");
    let bits = query.query_map([id], |row| row.get::<_, i64>(0)).expect("rows");
    bits.map(|bits| bits.expect("an integer").cast_unsigned().to_string()).collect()
}

/// A seed between the doubles, and what jq, node and Python's `int(float)` make of it.
#[test]
fn rounded_seed_gets_a_hint_and_an_exact_one_none() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let directory = directory.path().to_str().expect("a path of text");
    let lab = ["--dry-run", "--embedded", "--data-dir", directory];
    for (seed, is_rounded) in [
        ("11946239087243094137", false),
        ("11946239087243094000", true),
        ("11946239087243094016", true),
        ("18446744073709551615", false),
        ("18446744073709552000", true),
        ("9007199254740993", false),
        ("9007199254740992", false),
        ("42", false),
    ] {
        let output = run(&[&["sweep", "--strategy", "atomic", "--seed", seed], &lab[..]].concat());
        let hints = String::from_utf8_lossy(&output.stderr).into_owned();
        // The one beyond 64 bits is refused.
        let is_named = hints.contains("looks rounded") || hints.contains("is beyond");
        assert_eq!(is_named, is_rounded, "{seed}: {hints}");
    }
}

#[test]
fn sweep_of_2c8d602_is_run_again_with_its_seeds() {
    let directory = copied_history();
    let sweeps = lines(directory.path(), &["list"]);
    let ended =
        sweeps.iter().filter(|line| line["kind"] == "listed" && line["state"] == "SUCCEEDED");
    let mut compared = 0;
    for sweep in ended {
        let id = sweep["id"].as_str().expect("an id");
        lines(directory.path(), &["rerun", id]);
        let recorded = recorded_seeds(id);
        compared += recorded.len();
        assert_eq!(stored_seeds(directory.path()).1, recorded, "{id}");
    }
    assert!(compared > 50, "{compared} seeds of {sweeps:?}");
}
