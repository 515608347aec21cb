//! Documents, lines and rows of a real lab: fields that do not apply are absent, as the tables say.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::check::{assert_is_document, assert_is_header, assert_is_line};
use super::filled::ELSEWHERE;
use crate::real_lab::end_to_end::run;

/// Sweeps of every way to end an attempt, and what was left out of one.
const SWEEPS: [&str; 5] = [
    "sweep --strategy gil,unlocked --switch-interval 5ms --workers 1,2 --tasks 20 --attempts 10 --seed 1 --turns",
    "sweep --strategy gil,atomic --switch-interval 5ms --workers 1,2 --tasks 20 --attempts 10 --seed 2 --turns",
    "sweep --strategy fair-mutex,rwlock --duration 10ms --reads 0,20 --arrivals 0,5000 --attempts 2 --turns",
    "sweep --strategy gil --switch-interval 20us --era 3.9 --cpu-workers 1 --io-workers 1 --io 1us,echo \
     --requests 20 --attempts 3",
    "sweep --strategy all --body call,increment --tasks 2 --attempts 1",
];
/// Commands that read what those stored, the latest being the last of them, and others.
const COMMANDS: [&str; 32] = [
    "sweep --strategy gil --dry-run",
    "show latest",
    "show latest~2",
    "show latest --as-command",
    "list",
    "compare latest~4 latest~3",
    "compare latest~4 latest~2",
    "compare latest~4 latest~3 --force",
    "compare latest~4 latest~3 --by workers,strategy",
    "plot latest~4 --picture rate",
    "plot latest~4 --picture right",
    "plot latest~4 --picture outcomes",
    "plot latest~2 --picture shares",
    "plot latest~2 --picture waits",
    "plot latest~4 --picture rounds",
    "plot latest --picture heatmap",
    "plot latest --picture workers",
    "plot latest~4 latest~3",
    "explain latest~4",
    "explain latest~2",
    "explore --strategy unlocked --increments 3",
    "explore --strategy gil --era 3.9 --increments 2 --exact",
    "explore --strategy unlocked --increments 2 --scheduler every-k --k 2",
    "explore --strategy unlocked --increments 100000",
    "explore --strategy fair-mutex --increments 2 --dry-run",
    "witness --strategy unlocked --increments 3 --value 2",
    "replay SCRIPT",
    "strategies",
    "strategies --body call,increment",
    "status",
    "doctor",
    "list",
];

/// What a command prints; those of a refused one are nothing.
fn printed(directory: &Path, words: &str, format: &str, script: &str) -> String {
    let mut words: Vec<&str> = words.split_whitespace().collect();
    words.retain(|word| *word != "--turns" || format == "ndjson");
    words.iter_mut().filter(|it| **it == "SCRIPT").for_each(|it| *it = script);
    let directory = directory.to_str().expect("a path of text");
    let lab = ["--output", format, "--embedded", "--quiet", "--data-dir", directory];
    let output = run(&[&words[..], &lab].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.stdout.is_empty(), "{words:?}: {said}");
    String::from_utf8(output.stdout).expect("text")
}

/// A schedule that can be replayed.
fn script(directory: &Path) -> String {
    let words = "witness --strategy unlocked --increments 2 --value 2";
    let found: Value = serde_json::from_str(&printed(directory, words, "json", "")).expect("JSON");
    found["trace"]["script"].as_str().expect("a script").to_owned()
}

#[test]
fn every_document_of_a_real_lab_has_its_schema() {
    let home = tempfile::tempdir().expect("a directory");
    let script = script(home.path());
    let mut seen = BTreeSet::new();
    for words in SWEEPS.iter().chain(&COMMANDS) {
        // Sweeps are measured once, in the format that has the most.
        let formats: &[&str] =
            if SWEEPS.contains(words) { &["ndjson"] } else { &["json", "ndjson", "csv"] };
        for format in formats {
            let text = printed(home.path(), words, format, &script);
            match *format {
                "csv" => assert_is_header(words, &text),
                "json" => text.lines().for_each(|it| assert_is_document(words, it)),
                _ => text.lines().for_each(|it| {
                    assert_is_line(words, it);
                    note(it, &mut seen);
                }),
            }
        }
    }
    for (section, name) in ELSEWHERE {
        assert!(seen.contains(&(section.to_owned(), name.to_owned())), "{section}: {name}");
    }
}

/// Adds the names of a line's fields with its kind.
fn note(line: &str, seen: &mut BTreeSet<(String, String)>) {
    let line: Value = serde_json::from_str(line).expect("a line");
    let kind = line["kind"].as_str().expect("a kind");
    let names = line.as_object().expect("an object").keys();
    seen.extend(names.map(|name| (kind.to_owned(), name.clone())));
}

#[test]
fn what_moves_and_deletes_sweeps_has_its_schema() {
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join("sweep.db");
    let file = file.to_str().expect("text");
    let sweep = "sweep --strategy atomic --tasks 2 --attempts 2";
    for format in ["json", "ndjson", "csv"] {
        let commands = [
            sweep.to_owned(),
            "rerun latest".to_owned(),
            format!("export latest --out {file} --force"),
            "delete latest --yes".to_owned(),
            format!("import {file}"),
            "prune --keep-newest 0 --dry-run".to_owned(),
            "prune --keep-newest 0 --yes".to_owned(),
        ];
        for words in commands {
            if words.starts_with("export") {
                let data = home.path().to_str().expect("text");
                let lab = ["--embedded", "--quiet", "--data-dir", data];
                run(&[&words.split(' ').collect::<Vec<_>>()[..], &lab].concat());
                continue;
            }
            let text = printed(home.path(), &words, format, "");
            match format {
                "csv" => assert_is_header(&words, &text),
                "json" => text.lines().for_each(|it| assert_is_document(&words, it)),
                _ => text.lines().for_each(|it| assert_is_line(&words, it)),
            }
        }
    }
}
