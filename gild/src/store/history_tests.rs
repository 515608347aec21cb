//! The store by itself: refused databases, restarts, ordering, subscriptions.

use crate::store::queries;
use crate::store::record::Kind;
use crate::store::record::Since;
use crate::store::sqlite::schema;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rusqlite::Connection;

use super::*;
use engine::jobs::event::sweep::SweepEvent;
use engine::jobs::owner::Owner;
use engine::jobs::state::State;

pub(crate) fn kept(directory: &tempfile::TempDir) -> DataDir {
    DataDir::Kept(directory.path().join("gild"))
}

pub(crate) fn new(id: &str) -> NewJob {
    NewJob {
        id: id.into(),
        kind: Kind::Sweep,
        owner: Owner::User(7),
        request_id: String::new(),
        create_time_ns: 5,
        attempts_requested: 3,
        seed: u64::MAX,
        brief: vec![1],
        created: vec![1, 2],
        cells: Vec::new(),
    }
}

pub(crate) fn ended(state: State) -> JobEvent {
    let (verdict, notes, error) = ("right".into(), Vec::new(), String::new());
    SweepEvent::Ended { state, verdict, notes, error }.into()
}

pub(crate) fn database(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().join("gild/lab.db")
}

fn refused(directory: &tempfile::TempDir) -> HistoryError {
    Store::open(kept(directory)).expect_err("it is refused")
}

#[test]
fn stored_job_survives_a_restart_in_private_files() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = Store::open(kept(&directory)).expect("it begins");
    history.create(new("a")).expect("stored");
    EventSink::append(&history, "a", ended(State::Succeeded)).expect("stored");
    drop(history);
    let mode =
        |path: PathBuf| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(directory.path().join("gild")), 0o700);
    assert_eq!(mode(database(&directory)), 0o600);
    let history = Store::open(kept(&directory)).expect("it goes on");
    let record = history.record("a").expect("kept");
    assert_eq!((record.state, record.last_sequence), (State::Succeeded, 1));
    assert_eq!((record.owner, record.create_time_ns), (Owner::User(7), 5));
    assert_eq!(history.list(Kind::Sweep, Since::Newest, None, None, 9).expect("read").len(), 1);
    assert_eq!(
        history.list(Kind::Exploration, Since::Newest, None, None, 9).expect("read").len(),
        0
    );
}

#[test]
fn event_is_committed_with_its_state_change() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = Store::open(kept(&directory)).expect("it begins");
    history.create(new("a")).expect("stored");
    EventSink::append(&history, "a", ended(State::Failed)).expect("stored");
    let other = Connection::open(database(&directory)).expect("any tool opens it");
    let row = other.query_row("SELECT state, last_sequence FROM works", [], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
    });
    assert_eq!(row, Ok(("failed".into(), 1)));
    let full: i64 = other
        .pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))
        .map(|mode| i64::from(mode == "wal"))
        .expect("a mode");
    assert_eq!(full, 1);
    assert_eq!(
        EventSink::append(&history, "a", ended(State::Failed)),
        Err(AppendError::Unknown),
        "it is over"
    );
}

/// The schema refuses to count an attempt twice, whatever writes.
#[test]
fn attempt_stored_twice_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = Store::open(kept(&directory)).expect("it begins");
    history.create(new("a")).expect("stored");
    let other = Connection::open(database(&directory)).expect("any tool opens it");
    let insert = "INSERT INTO attempts VALUES (1, 0, 0, 1, 0, 0, 1, 1.0, 0.0, 1.0, 0, 0, 0, 0, 0, \
                  0, 0, NULL, NULL)";
    assert_eq!(other.execute(insert, []), Ok(1));
    assert!(other.execute(insert, []).is_err());
}

#[test]
fn second_lab_on_a_history_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let _first = Store::open(kept(&directory)).expect("it begins");
    let error = refused(&directory);
    assert!(matches!(error, HistoryError::InUse { .. }), "{error}");
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
}

/// As long as a person with `sqlite3` takes, within reason.
#[test]
fn writer_waits_for_a_foreign_transaction() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = Store::open(kept(&directory)).expect("it begins");
    let other = Connection::open(database(&directory)).expect("any tool opens it");
    other.execute_batch("BEGIN IMMEDIATE").expect("it is free");
    std::thread::scope(|scope| {
        let creating = scope.spawn(|| history.create(new("a")).map(|record| record.id));
        // Longer than a transaction is waited for at once.
        std::thread::sleep(std::time::Duration::from_millis(1500));
        assert!(!creating.is_finished(), "it cannot be stored yet");
        other.execute_batch("COMMIT").expect("it is ours");
        assert_eq!(creating.join().expect("no panic"), Ok("a".to_owned()));
    });
    assert_eq!(*history.failure().borrow(), None);
}

/// A subscription to a withdrawn job ends.
#[tokio::test]
async fn withdrawn_job_ends_its_subscriptions() {
    let history = Store::temporary().expect("a directory");
    history.create(new("a")).expect("stored");
    let mut follower = history.follow(Kind::Sweep, "a", 0).expect("it is there");
    history.withdraw("a").expect("it has not begun");
    assert_eq!(follower.next().await, Ok(None));
}

#[test]
fn newer_history_is_refused_unchanged() {
    let directory = tempfile::tempdir().expect("a directory");
    drop(Store::open(kept(&directory)).expect("it begins"));
    let other = Connection::open(database(&directory)).expect("any tool opens it");
    other.pragma_update(None, "user_version", 99).expect("writable");
    drop(other);
    let before = std::fs::read(database(&directory)).expect("readable");
    let error = refused(&directory);
    assert!(matches!(error, HistoryError::Newer { found: 99, .. }), "{error}");
    assert_eq!(std::fs::read(database(&directory)).expect("readable"), before);
}

#[test]
fn foreign_file_is_refused_unchanged() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(directory.path().join("gild")).expect("writable");
    let other = Connection::open(database(&directory)).expect("it begins");
    other.execute_batch("CREATE TABLE accounts (number INTEGER)").expect("writable");
    drop(other);
    assert!(matches!(refused(&directory), HistoryError::Foreign { .. }));
    std::fs::write(database(&directory), [b'x'; 8192]).expect("writable");
    let error = refused(&directory);
    assert!(matches!(error, HistoryError::Damaged { .. }), "{error}");
    assert_eq!(std::fs::read(database(&directory)).expect("readable"), [b'x'; 8192]);
}

#[test]
fn damaged_page_is_found_when_opening() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = Store::open(kept(&directory)).expect("it begins");
    for number in 0..50 {
        history
            .create(NewJob { created: vec![7; 3000], ..new(&number.to_string()) })
            .expect("stored");
    }
    drop(history);
    let mut bytes = std::fs::read(database(&directory)).expect("readable");
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(database(&directory), &bytes).expect("writable");
    let error = refused(&directory);
    assert!(matches!(error, HistoryError::Damaged { .. }), "{error}");
    assert_eq!(std::fs::read(database(&directory)).expect("readable"), bytes, "left as it was");
}

#[test]
fn unusable_directory_error_names_the_way_out() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("gild"), "a file").expect("writable");
    let error = refused(&directory);
    assert!(matches!(error, HistoryError::CannotOpen { .. }), "{error}");
    assert!(error.to_string().contains("--data-dir"), "{error}");
}

#[test]
fn jobs_are_ordered_by_creation_not_by_clock() {
    let history = Store::temporary().expect("a directory");
    for (id, create_time_ns) in [("c", 30), ("b", 20), ("a", 10)] {
        history.create(NewJob { create_time_ns, ..new(id) }).expect("stored");
    }
    let ids = |since| -> Vec<String> {
        let found = history.list(Kind::Sweep, since, None, None, 2).expect("readable");
        found.into_iter().map(|record| record.id).collect()
    };
    assert_eq!(
        (ids(Since::Newest), ids(Since::Before("b"))),
        (vec!["a".into(), "b".into()], vec!["c".into()])
    );
    assert_eq!(history.latest_time_ns(), Ok(30));
}

#[tokio::test]
async fn slow_subscription_reads_older_events_from_disk() {
    let history = Store::temporary().expect("a directory");
    history.create(new("a")).expect("stored");
    let note = "x".repeat(crate::limits::TAIL_BYTES_MAX / 3);
    for _ in 0..9 {
        let cell_ended = SweepEvent::Ended {
            state: State::Succeeded,
            verdict: note.clone(),
            notes: Vec::new(),
            error: String::new(),
        };
        // Only the last one ends it: the others are put behind a log that goes on.
        EventSink::append(&history, "a", cell_ended.into()).expect("stored");
        let record = history.record("a").expect("kept");
        history.0.live_logs.insert(
            "a".into(),
            Arc::new(LiveLog::new(record.number, Vec::new(), record.last_sequence)),
        );
    }
    EventSink::append(&history, "a", ended(State::Succeeded)).expect("stored");
    let mut follower = history.follow(Kind::Sweep, "a", 0).expect("kept");
    let mut numbers = Vec::new();
    while let Some(events) = follower.next().await.expect("readable") {
        numbers.extend(events.iter().map(|event| event.sequence));
    }
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
}

/// The first version is what its file says.
#[test]
fn history_of_version_1_is_migrated() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(directory.path().join("gild")).expect("writable");
    let old = Connection::open(database(&directory)).expect("it begins");
    old.execute_batch(include_str!("sqlite/migrations/schema_1.sql")).expect("it is SQL");
    old.pragma_update(None, "application_id", 0x6769_6c64).expect("writable");
    old.pragma_update(None, "user_version", 1).expect("writable");
    let insert = "INSERT INTO works (id, kind, state, owner, queue_rank, create_time_ns, version, \
                  brief, created) VALUES ('a', 'sweep', 'failed', 'user 7', 1, 5, '0.1.0', x'', x'')";
    old.execute(insert, []).expect("a work");
    drop(old);
    let history = Store::open(kept(&directory)).expect("it is migrated");
    assert_eq!(history.record("a").expect("kept").create_time_ns, 5);
    history.create(new("b")).expect("stored");
    let other = Connection::open(database(&directory)).expect("any tool opens it");
    let version = |of: &Connection| -> i64 {
        of.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version")
    };
    let fresh = schema::open(&directory.path().join("fresh.db")).expect("it begins");
    assert_eq!(version(&other), version(&fresh));
    assert_eq!(schema::is_ours(&other), Ok(true));
}

/// What a long history is asked often does not read all of it.
#[test]
fn lists_and_ranks_use_an_index() {
    let directory = tempfile::tempdir().expect("a directory");
    let _history = Store::open(kept(&directory)).expect("it begins");
    let other = Connection::open(database(&directory)).expect("any tool opens it");
    let plan = |sql: &str| -> String {
        let mut plan = other.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("it is SQL");
        let nothing = rusqlite::params_from_iter(vec![None::<i64>; plan.parameter_count()]);
        let steps = plan.query_map(nothing, |row| row.get::<_, String>(3)).expect("it is planned");
        steps.map(|step| step.expect("words")).collect::<Vec<_>>().join("; ")
    };
    for (sql, index) in [
        (queries::list_in(None), "works_by_kind"),
        (queries::list_in(Some(State::Running)), "works_by_state"),
        ("SELECT max(queue_rank) FROM works".to_owned(), "works_by_rank"),
        (queries::COUNT.to_owned(), "works_by_kind"),
    ] {
        let plan = plan(&sql);
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
    let plan = plan(queries::OUTDATED);
    assert!(plan.contains("SEARCH works USING INTEGER PRIMARY KEY"), "only numbers: {plan}");
}

#[test]
fn deleted_job_gives_its_space_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = Store::open(kept(&directory)).expect("it begins");
    let size = || std::fs::metadata(database(&directory)).expect("it is there").len();
    for id in ["a", "b"] {
        history.create(NewJob { created: vec![7; 4 << 20], ..new(id) }).expect("stored");
        EventSink::append(&history, id, ended(State::Succeeded)).expect("stored");
    }
    history.checkpoint().expect("writable");
    let before = size();
    assert!(before > 8 << 20, "{before}");
    assert_eq!(history.delete("a"), Ok(true));
    assert_eq!(history.delete("a"), Ok(false), "it is gone");
    let since = std::time::Instant::now();
    while size() > before - (4 << 20) {
        assert!(since.elapsed() < std::time::Duration::from_mins(1), "it still takes {}", size());
        std::thread::yield_now();
    }
    assert_eq!(history.record("b").map(|record| record.resource.len()), Ok(4 << 20));
}
