//! The history of commit 2c8d602, read and continued by the present program.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::compat::documents::{
    has_wording, with_fields_in_words, with_load_by_increments, with_silent_figures_open,
    with_wide_intervals_undecided, without_wording,
};
use crate::compat::permitted::as_recorded;
use crate::compat::record::{Record, fixture, records};

/// A directory with a copy of the stored history.
pub(crate) fn copied_history() -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::copy(fixture("history.db"), directory.path().join("lab.db")).expect("a copy");
    directory
}

/// The present gilctl, with `lab` as the flags that choose the lab.
pub(crate) fn gilctl(arguments: &[String], lab: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gilctl"));
    command.args(arguments).args(lab).arg("--quiet").env_remove("GILCTL_SERVER");
    command.output().expect("gilctl runs")
}

fn embedded(arguments: &[String], directory: &Path) -> Output {
    let directory = directory.to_str().expect("a path of text");
    gilctl(arguments, &["--embedded", "--data-dir", directory])
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// Asserts the recorded exit code and output, but for permitted differences.
#[track_caller]
pub(crate) fn assert_as_recorded(record: &Record, output: &Output) {
    let command = record.arguments.join(" ");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(record.exit), "gilctl {command}: {stderr}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(as_recorded(record, &stdout), record.stdout, "gilctl {command}");
}

#[test]
fn stored_history_prints_the_recorded_documents() {
    let directory = copied_history();
    for mut record in records("printed.txt") {
        let mut output = embedded(&record.arguments, directory.path());
        record.stdout = with_wide_intervals_undecided(&record);
        record.stdout = with_load_by_increments(&record);
        record.stdout = with_silent_figures_open(&record);
        record.stdout = with_fields_in_words(&record.stdout);
        if has_wording(&record.arguments) {
            let format = record.arguments.last().expect("a format");
            let printed = String::from_utf8_lossy(&output.stdout);
            output.stdout = without_wording(format, &printed).into_bytes();
            record.stdout = without_wording(format, &record.stdout);
        }
        assert_as_recorded(&record, &output);
    }
}

#[test]
fn exported_file_is_imported_and_shown_as_recorded() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = fixture("exported.db").display().to_string();
    let imported = embedded(&["import".to_owned(), file], directory.path());
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let id = String::from_utf8_lossy(&imported.stdout).trim().to_owned();
    let shows = |record: &&Record| record.arguments[..2] == ["show".to_owned(), id.clone()];
    let all = records("printed.txt");
    let recorded: Vec<&Record> = all.iter().filter(shows).collect();
    assert!(!recorded.is_empty(), "no record shows {id}");
    for record in recorded {
        assert_as_recorded(record, &embedded(&record.arguments, directory.path()));
    }
}

#[test]
fn new_sweep_is_stored_after_the_recorded_ones() {
    let directory = copied_history();
    let before = embedded(&words("list --output ndjson"), directory.path());
    let sweep = "sweep --strategy atomic --tasks 2 --attempts 2 --seed 1 --output json";
    let swept = embedded(&words(sweep), directory.path());
    assert!(swept.status.success(), "{}", String::from_utf8_lossy(&swept.stderr));
    let after = embedded(&words("list --output ndjson"), directory.path());
    let (before, after) = (before.stdout, after.stdout);
    let (before, after) = (String::from_utf8_lossy(&before), String::from_utf8_lossy(&after));
    let (newest, earlier) = after.split_once('\n').expect("a first line");
    assert!(newest.contains(r#""strategies":"atomic""#), "{newest}");
    assert_eq!(earlier, before);
}
