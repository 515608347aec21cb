//! Copies of a database file without its write-ahead log.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::store::Store;
use crate::store::error::HistoryError;
use crate::store::record::NewJob;
use crate::store::tests::{database, ended, kept, new};
use engine::jobs::event::sink::EventSink;
use engine::jobs::state::State;

/// How many jobs a copy of the database file alone shows, or that its log is missing.
fn jobs_without_log(directory: &tempfile::TempDir) -> Result<i64, HistoryError> {
    let copy = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(copy.path().join("gild")).expect("ours");
    std::fs::copy(database(directory), database(&copy)).expect("a copy");
    let history = Store::open(kept(&copy))?;
    let count = history
        .0
        .readers
        .read(|it| it.query_row("SELECT count(*) FROM works", [], |row| row.get(0)));
    drop(history);
    assert!(Store::open(kept(&copy)).is_ok(), "it goes on as a whole history");
    count
}

#[test]
fn copy_without_its_log_is_refused_or_complete() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = Store::open(kept(&directory)).expect("it begins");
    let refused = |shown: Result<i64, HistoryError>| match shown {
        Err(HistoryError::LogMissing { .. }) => true,
        Err(other) => panic!("{other}"),
        Ok(_) => false,
    };
    // The writer may just fold what the migrations left: then nothing is missing.
    let schema_alone = jobs_without_log(&directory);
    assert!(schema_alone == Ok(0) || refused(schema_alone), "the schema alone");
    let log = directory.path().join("gild/lab.db-wal");
    let (mut folded, mut length, mut complete) = (0, 0, 0);
    // Each takes about fifty pages of the log.
    for number in 1..=60 {
        let created = vec![7; 200 << 10];
        history.create(NewJob { created, ..new(&format!("job {number}")) }).expect("stored");
        let shown = jobs_without_log(&directory);
        let is_complete = shown == Ok(number);
        complete += u32::from(is_complete);
        assert!(is_complete || refused(shown), "{number} jobs");
        let now = std::fs::metadata(database(&directory)).expect("it is there").len();
        folded += u32::from(now > length);
        length = now;
    }
    assert!(complete <= 5, "only between two steps of a fold: {complete} times");
    assert!(folded >= 3, "the log was folded in {folded} times");
    let kept_of_log = std::fs::metadata(&log).expect("it is there").len();
    assert!(kept_of_log < 8 << 20, "the log begins anew: {kept_of_log} bytes");
    drop(history);
    assert!(!log.exists());
    assert_eq!(jobs_without_log(&directory), Ok(60));
}

/// A reader keeps the log from being folded in; the file alone is refused all the same.
#[test]
fn copy_without_its_log_is_refused_beside_a_reader() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = Store::open(kept(&directory)).expect("it begins");
    history.create(new("a")).expect("stored");
    drop(history);
    let reader = Connection::open(database(&directory)).expect("any tool opens it");
    reader.execute_batch("BEGIN; SELECT count(*) FROM works").expect("a snapshot");
    let history = Store::open(kept(&directory)).expect("it goes on");
    for number in 1..=30 {
        let created = vec![7; 200 << 10];
        history.create(NewJob { created, ..new(&format!("job {number}")) }).expect("stored");
        let shown = jobs_without_log(&directory);
        assert!(matches!(shown, Err(HistoryError::LogMissing { .. })), "{number}: {shown:?}");
    }
    drop(history);
    drop(reader);
    assert_eq!(jobs_without_log(&directory), Ok(31), "the last connection folded it in");
}

/// As kills leave it, before and after each of several folds.
#[test]
fn log_of_a_killed_lab_folded_in_by_another_program_is_not_missing() {
    let directory = tempfile::tempdir().expect("a directory");
    // Its migrations leave free pages, which the writer of a new history gives back by itself.
    drop(Store::open(kept(&directory)).expect("it begins"));
    let history = Store::open(kept(&directory)).expect("it goes on");
    for number in 1..=45 {
        let created = vec![7; 200 << 10];
        history.create(NewJob { created, ..new(&format!("job {number}")) }).expect("stored");
        let killed = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(killed.path().join("gild")).expect("ours");
        for file in ["gild/lab.db", "gild/lab.db-wal"] {
            std::fs::copy(directory.path().join(file), killed.path().join(file)).expect("a copy");
        }
        let other = Connection::open(database(&killed)).expect("any tool opens it");
        let count = |row: &rusqlite::Row<'_>| row.get(0);
        assert_eq!(other.query_row("SELECT count(*) FROM works", [], count), Ok(number));
        drop(other);
        assert!(!killed.path().join("gild/lab.db-wal").exists(), "it folded the log in");
        let history = Store::open(kept(&killed)).expect("nothing is missing");
        assert!(history.record(&format!("job {number}")).is_ok());
    }
}

#[test]
fn log_folded_in_by_another_program_is_not_missing() {
    let directory = tempfile::tempdir().expect("a directory");
    let copy = tempfile::tempdir().expect("a directory");
    let history = Store::open(kept(&directory)).expect("it begins");
    history.create(new("a")).expect("stored");
    // As a kill leaves it.
    std::fs::create_dir(copy.path().join("gild")).expect("ours");
    for file in ["gild/lab.db", "gild/lab.db-wal"] {
        std::fs::copy(directory.path().join(file), copy.path().join(file)).expect("a copy");
    }
    let other = Connection::open(database(&copy)).expect("any tool opens it");
    let count = |row: &rusqlite::Row<'_>| row.get(0);
    assert_eq!(other.query_row("SELECT count(*) FROM works", [], count), Ok(1));
    drop(other);
    assert!(!copy.path().join("gild/lab.db-wal").exists(), "closing it folded the log in");
    let history = Store::open(kept(&copy)).expect("it is complete");
    assert_eq!(history.record("a").expect("kept").state, State::Queued);
}

/// Giving space back moves pages, in many commits of their own.
#[test]
fn log_stays_short_while_space_is_given_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = Store::open(kept(&directory)).expect("it begins");
    let id = |number: u32| format!("job {number}");
    for number in 0..200 {
        let created = vec![7; 200 << 10];
        history.create(NewJob { created, ..new(&id(number)) }).expect("stored");
        EventSink::append(&history, &id(number), ended(State::Succeeded)).expect("stored");
    }
    let bytes =
        |file: &str| std::fs::metadata(directory.path().join(file)).map_or(0, |file| file.len());
    let full = bytes("gild/lab.db");
    // Every second one, so that what is kept has to move.
    for number in (0..200).step_by(2) {
        assert_eq!(history.delete(&id(number)), Ok(true));
    }
    let mut longest = 0;
    let deadline = Instant::now() + Duration::from_mins(1);
    while bytes("gild/lab.db") > full * 2 / 3 {
        assert!(Instant::now() < deadline, "{} of {full} bytes", bytes("gild/lab.db"));
        longest = longest.max(bytes("gild/lab.db-wal"));
    }
    assert!(longest < 12 << 20, "the log had {longest} bytes");
}
