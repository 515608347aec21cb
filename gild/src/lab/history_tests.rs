//! Stored jobs under concurrent requests, hostile files and restarts.

use std::path::Path;

use prost::Message as _;
use proto::v1::sweep_event::Happening;
use rusqlite::Connection;
use tempfile::TempPath;

use super::*;
use crate::lab::QueuedJobs;
use crate::lab::tests::{all_events, create, endless, lab, spec};
use crate::store::Store;
use crate::store::location::DataDir;
use crate::store::portable::temporary_file;
use engine::jobs::scheduler::config::{SchedulerConfig, ShutdownPolicy};
use engine::python::registry::Interpreters;

const SOON: Duration = Duration::from_secs(30);

/// A sweep that was stopped in the middle, with its events so far.
async fn stopped(lab: &Lab) -> String {
    let id = create(lab, &endless());
    let mut follower = lab.follow(Kind::Sweep, &id, 0).expect("kept");
    let mut events = 0;
    while events < 3 {
        events += follower.next().await.expect("readable").expect("it goes on").len();
    }
    lab.cancel(Kind::Sweep, &id).expect("it runs");
    all_events(lab, &id, 0).await;
    id
}

#[tokio::test]
async fn concurrent_resumes_let_one_through() {
    let lab = lab();
    let id = stopped(&lab).await;
    let resumed = std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| lab.resume(&id)));
        both.map(|one| one.join().expect("no panic").is_ok())
    });
    assert_eq!(resumed.iter().filter(|&&resumed| resumed).count(), 1);
    assert!(lab.stop(SOON), "and the lab goes on");
}

#[tokio::test]
async fn cancelled_resumption_keeps_earlier_results() {
    let lab = lab();
    let id = stopped(&lab).await;
    let before =
        lab.results(&lab.record(Kind::Sweep, &id).expect("kept")).expect("readable").newest;
    let busy = create(&lab, &endless());
    lab.resume(&id).expect("something is missing");
    lab.cancel(Kind::Sweep, &id).expect("it waits");
    all_events(&lab, &id, 0).await;
    let record = lab.record(Kind::Sweep, &id).expect("kept");
    assert_eq!(
        (record.state, lab.results(&record).expect("readable").newest),
        (State::Cancelled, before)
    );
    lab.cancel(Kind::Sweep, &busy).expect("it runs");
    assert!(lab.stop(SOON));
}

/// What a file says is bounded before any of it is taken.
#[tokio::test]
async fn forged_file_is_refused() {
    let lab = lab();
    let id = create(&lab, &spec(20));
    all_events(&lab, &id, 0).await;
    let whole = std::fs::read(lab.export(&id).expect("ended")).expect("readable");
    lab.delete(Kind::Sweep, &id).expect("it has ended");
    let forgeries = [
        "UPDATE attempts SET cell = 4294967295",
        "UPDATE turns SET cell = -1",
        "UPDATE works SET runs = -1",
        "UPDATE works SET brief = x'ffff'",
        "UPDATE works SET created = x'ffff'",
        "UPDATE works SET state = 'running'",
        "UPDATE works SET id = '../../etc'",
        "DELETE FROM events WHERE sequence = 2",
        "UPDATE turns SET attempts = attempts + 1",
        "UPDATE turns SET first_attempt = 0",
        "DELETE FROM turns WHERE sequence = (SELECT max(sequence) FROM turns)",
        "UPDATE works SET brief = zeroblob(200000)",
        "UPDATE works SET error = hex(zeroblob(600000))",
        "UPDATE events SET body = zeroblob(1048576) WHERE sequence = 2",
        "DROP VIEW sweeps",
        "CREATE TABLE costly (a INTEGER, b TEXT AS (hex(zeroblob(a)))) STRICT",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL, ', \
         ' NOT NULL CHECK (length(hex(zeroblob(1000000))) > 0), ') WHERE name = 'attempts'",
        "CREATE TRIGGER t AFTER INSERT ON cells BEGIN DELETE FROM works; END",
    ];
    for forgery in forgeries {
        let path = temporary_file().expect("a file");
        std::fs::write(&path, &whole).expect("writable");
        Connection::open(&path).and_then(|file| file.execute_batch(forgery)).expect("forged");
        let refused = lab.import(path, Owner::Anyone).map(drop);
        assert!(matches!(refused, Err(LabError::Export(_))), "{forgery}: {refused:?}");
    }
    assert_eq!(lab.stored_sweeps(), Ok(0));
    assert!(lab.stop(SOON));
}

#[tokio::test]
async fn imported_sweep_is_not_resumable() {
    let (here, there) = (lab(), lab());
    let id = stopped(&here).await;
    there.import(here.export(&id).expect("ended"), Owner::Local).expect("a sweep");
    let refused = there.resume(&id).expect_err("another machine").to_string();
    assert!(refused.contains("measured elsewhere") && refused.contains("rerun"), "{refused}");
    assert!(here.stop(SOON) && there.stop(SOON));
}

/// Forgetting what another has just put back into the queue takes nothing of it.
#[tokio::test]
async fn queued_sweep_is_not_deleted() {
    let lab = lab();
    let busy = create(&lab, &endless());
    let id = create(&lab, &spec(5));
    assert_eq!(lab.history().delete(&id), Ok(false));
    lab.cancel(Kind::Sweep, &busy).expect("it runs");
    let events = all_events(&lab, &id, 0).await;
    assert!(events.len() > 3, "it ran and its events are stored");
    assert!(lab.stop(SOON));
}

/// As a daemon does that is restarted.
#[tokio::test]
async fn queued_jobs_resume_in_the_next_lab() {
    let directory = tempfile::tempdir().expect("a directory");
    let open = || {
        let history = Store::open(DataDir::Kept(directory.path().join("gild")));
        let terms =
            SchedulerConfig { when_stopped: ShutdownPolicy::Keep, ..SchedulerConfig::default() };
        let history = history.expect("it is not open elsewhere");
        Lab::open(history, terms, Interpreters::default(), QueuedJobs::Requeue).expect("a thread")
    };
    let lab = open();
    let resumed = create(&lab, &endless());
    let mut running = lab.follow(Kind::Sweep, &resumed, 0).expect("kept");
    running.next().await.expect("readable").expect("it runs");
    lab.cancel(Kind::Sweep, &resumed).expect("it runs");
    all_events(&lab, &resumed, 0).await;
    drop(running);
    let (runs, waits) = (create(&lab, &endless()), create(&lab, &spec(5)));
    lab.resume(&resumed).expect("it was cancelled");
    let gone = create(&lab, &spec(5));
    let mut follower = lab.follow(Kind::Sweep, &waits, 0).expect("kept");
    let mut running = lab.follow(Kind::Sweep, &runs, 0).expect("kept");
    running.next().await.expect("readable").expect("it runs");
    assert!(lab.stop(SOON));
    let suspended = crate::store::error::HistoryError::Suspended;
    assert_eq!(follower.next().await, Err(suspended.clone()));
    let mut late = lab.follow(Kind::Sweep, &waits, 0).expect("kept");
    assert_eq!(late.next().await, Err(suspended));
    assert_eq!(lab.cancel(Kind::Sweep, &gone).map(|it| it.state), Ok(State::Cancelled), "even now");
    assert_eq!(
        lab.record(Kind::Sweep, &resumed).map(|it| (it.state, it.runs)),
        Ok((State::Queued, 1))
    );
    drop((follower, late, running, lab));
    let lab = open();
    let events = all_events(&lab, &waits, 0).await;
    assert!(events.len() > 2, "it ran");
    let states = [&runs, &waits, &gone].map(|id| lab.record(Kind::Sweep, id).expect("kept").state);
    assert_eq!(states, [State::Interrupted, State::Succeeded, State::Cancelled]);
    let mut again = lab.follow(Kind::Sweep, &resumed, 0).expect("kept");
    while lab.record(Kind::Sweep, &resumed).expect("kept").state != State::Running {
        again.next().await.expect("readable").expect("it goes on");
    }
    assert!(lab.stop(SOON));
}

/// Once the lab is again as it was, so is the sweep.
#[tokio::test]
async fn sweep_with_another_plan_is_interrupted_and_resumable_later() {
    let directory = tempfile::tempdir().expect("a directory");
    let open = || {
        let history = Store::open(DataDir::Kept(directory.path().join("gild")));
        Lab::start(history.expect("it is not open elsewhere"), Interpreters::default())
            .expect("a thread")
    };
    let lab = open();
    let id = create(&lab, &spec(5));
    all_events(&lab, &id, 0).await;
    assert!(lab.stop(SOON));
    drop(lab);
    let change = |sql: &str| {
        let file =
            Connection::open(directory.path().join("gild/lab.db")).expect("any tool opens it");
        file.execute_batch(sql).expect("writable");
    };
    // Without its cells it is another plan than this lab makes.
    change("CREATE TABLE spare AS SELECT created FROM works");
    change("UPDATE works SET state = 'queued', created = brief, attempts = 2");
    let lab = open();
    let record = lab.record(Kind::Sweep, &id).expect("kept");
    assert_eq!((record.state, record.attempts), (State::Interrupted, 2));
    let refused = lab.resume(&id).expect_err("it is planned otherwise");
    assert!(refused.to_string().contains("would plan other cells"), "{refused}");
    assert!(lab.stop(SOON));
    drop(lab);
    change("UPDATE works SET created = (SELECT created FROM spare)");
    let lab = open();
    assert_eq!(lab.resume(&id).map(|(_, missing)| missing), Ok(3));
    assert!(lab.stop(SOON));
}

/// A history that goes on elsewhere, or after a new kernel: the sweep's figures come from both.
#[tokio::test]
async fn sweep_that_goes_on_elsewhere_says_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let open = || {
        let history = Store::open(DataDir::Kept(directory.path().join("gild")));
        Lab::start(history.expect("it is not open elsewhere"), Interpreters::default())
            .expect("a thread")
    };
    let lab = open();
    let id = create(&lab, &spec(5));
    all_events(&lab, &id, 0).await;
    assert!(lab.stop(SOON));
    drop(lab);
    let file = Connection::open(directory.path().join("gild/lab.db")).expect("any tool opens it");
    let created: Vec<u8> =
        file.query_row("SELECT created FROM works", [], |row| row.get(0)).expect("one");
    let mut sweep = proto::v1::Sweep::decode(created.as_slice()).expect("a sweep");
    let machine = sweep.machine.as_mut().expect("where it began");
    (machine.kernel, machine.governor) = ("Linux 0.01".into(), "unknown".into());
    let changed = "UPDATE works SET state = 'interrupted', attempts = 2, created = ?";
    file.execute(changed, [sweep.encode_to_vec()]).expect("writable");
    drop(file);
    let lab = open();
    lab.resume(&id).expect("something is missing");
    let events = all_events(&lab, &id, 0).await;
    let ended = events.iter().rev().find_map(|event| match &event.happening {
        Some(Happening::Ended(ended)) => Some(ended.notes.join(" ")),
        _ => None,
    });
    let notes = ended.expect("it ends");
    assert!(notes.contains("Resumed, and rows mix what both runs measured: "), "{notes}");
    assert!(notes.contains("machine.kernel differs (Linux 0.01 | "), "{notes}");
    assert!(notes.contains("machine.governor"), "{notes}");
    assert!(lab.stop(SOON));
}

/// The rows of an exported file in the first schema, as an older gild wrote them but for the seeds,
/// which are 0. A column that a later version renamed has kept its place.
fn of_version_1(file: &Path) -> TempPath {
    let older = tempfile::NamedTempFile::new().expect("a file").into_temp_path();
    let database = Connection::open(&older).expect("it begins");
    database
        .execute_batch(include_str!("../store/sqlite/migrations/schema_1.sql"))
        .expect("it is SQL");
    database.execute("ATTACH ? AS newer", [file.to_str()]).expect("a database");
    let columns = |schema: &str, table: &str| -> Vec<String> {
        let sql = format!("SELECT name FROM pragma_table_info('{table}', '{schema}')");
        let mut names = database.prepare(&sql).expect("it is SQL");
        names.query_map([], |row| row.get(0)).expect("read").map(|it| it.expect("text")).collect()
    };
    for table in ["works", "cells", "events", "attempts", "timed_attempts", "turns"] {
        let newer = columns("newer", table);
        let copied = columns("main", table).into_iter().enumerate().map(|(at, name)| {
            let is_kept = newer.contains(&name);
            if name == "seed" {
                "0".to_owned()
            } else if is_kept {
                name
            } else {
                newer[at].clone()
            }
        });
        let copied = copied.collect::<Vec<_>>().join(", ");
        let copy = format!("INSERT INTO main.{table} SELECT {copied} FROM newer.{table}");
        database.execute(&copy, []).expect("rows of the same types");
    }
    let version = "PRAGMA main.application_id = 0x67696c64; PRAGMA main.user_version = 1";
    database.execute_batch(version).expect("writable");
    older
}

/// As an older gild wrote them, and a newer one may.
#[tokio::test]
async fn older_file_is_imported_and_newer_one_refused() {
    let lab = lab();
    let id = create(&lab, &spec(5));
    let events = all_events(&lab, &id, 0).await;
    let changed = |sql: &str| {
        let file = lab.export(&id).expect("it has ended");
        Connection::open(&file).expect("a database").execute_batch(sql).expect("writable");
        file
    };
    let older = of_version_1(&changed(""));
    let newer = changed("PRAGMA user_version = 99");
    let foreign = changed("PRAGMA application_id = 7");
    lab.delete(Kind::Sweep, &id).expect("it has ended");
    for (file, reason) in [(newer, "use the newer gild"), (foreign, "of another program")] {
        let refused = lab.import(file, Owner::Local).expect_err("it is another's");
        assert!(refused.to_string().contains(reason), "{refused}");
    }
    lab.import(older, Owner::Local).expect("it is as it was then");
    assert_eq!(all_events(&lab, &id, 0).await, events);
    let record = lab.record(Kind::Sweep, &id).expect("imported");
    let (_, computed) = lab.recompute(&record).expect("its plan is valid");
    let shares = computed.iter().flatten().map(|cell| cell.worker_shares.len());
    assert_eq!(shares.collect::<Vec<_>>(), [0], "no share of a worker was kept then");
    assert!(lab.stop(SOON));
}

/// While its last event is on its way to a disk that takes its time.
#[tokio::test]
async fn ending_sweep_is_ended_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = Store::open(DataDir::Kept(directory.path().join("gild")));
    let lab = Lab::start(history.expect("it is not open elsewhere"), Interpreters::default());
    let lab = lab.expect("a thread");
    let id = create(&lab, &endless());
    let mut follower = lab.follow(Kind::Sweep, &id, 0).expect("kept");
    follower.next().await.expect("readable").expect("it runs");
    let other = Connection::open(directory.path().join("gild/lab.db")).expect("any tool opens it");
    other.execute_batch("BEGIN IMMEDIATE").expect("it is waited for");
    lab.0.jobs.get(&id).expect("it runs").lifecycle().stop(StopReason::Interrupted);
    while lab.0.jobs.get(&id).is_some() {
        std::thread::yield_now();
    }
    assert_eq!(lab.cancel(Kind::Sweep, &id).map(drop), Err(LabError::Ending { kind: "sweep" }));
    other.execute_batch("COMMIT").expect("it is ours");
    let events = all_events(&lab, &id, 0).await;
    let is_end = |event: &&proto::v1::SweepEvent| {
        matches!(event.happening, Some(proto::v1::sweep_event::Happening::Ended(_)))
    };
    assert_eq!(events.iter().filter(is_end).count(), 1);
    assert!(matches!(lab.cancel(Kind::Sweep, &id), Err(LabError::Ended { .. })));
    assert!(lab.stop(SOON));
}

/// A lab with a shorter queue than the one before has no place for all that waits.
#[tokio::test]
async fn unqueued_job_can_be_cancelled() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = || DataDir::Kept(directory.path().join("gild"));
    let open = || {
        let history = Store::open(place()).expect("it is not open elsewhere");
        let (terms, interpreters) = (SchedulerConfig::default(), Interpreters::default());
        Lab::open(history, terms, interpreters, QueuedJobs::Leave).expect("a thread")
    };
    let lab = open();
    let id = create(&lab, &spec(5));
    all_events(&lab, &id, 0).await;
    assert!(lab.stop(SOON));
    drop(lab);
    let file = Connection::open(directory.path().join("gild/lab.db")).expect("any tool opens it");
    file.execute_batch("UPDATE works SET state = 'queued'").expect("writable");
    drop(file);
    let lab = open();
    assert!(matches!(lab.delete(Kind::Sweep, &id), Err(LabError::Unended { .. })));
    assert_eq!(lab.cancel(Kind::Sweep, &id).expect("it waits").state, State::Cancelled);
    assert!(lab.cancel(Kind::Sweep, &id).is_err(), "it has ended");
    lab.delete(Kind::Sweep, &id).expect("it has ended");
    assert!(lab.stop(SOON));
}
