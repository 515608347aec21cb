//! Every variant of the errors with which a lab refuses a request or ends a job, as gilctl prints it. A
//! new variant fails to compile until it has a sample.

use std::path::PathBuf;
use std::time::Duration;

use engine::exec::attempt::AttemptError;
use engine::exec::replay::ThreadReplayError;
use engine::exec::worker_status::WorkerStatuses;
use engine::jobs::owner::Owner;
use engine::jobs::scheduler::error::QueueError;
use engine::jobs::state::{IllegalTransition, State, Transition};
use engine::python::error::PythonError;
use engine::python::version::{GlobalLock, Version};
use gilctl::client::failures::from_status;
use gild::lab::error::LabError;
use gild::rpc::status::status;
use gild::store::error::HistoryError;
use gild::store::portable::ExportError;
use strategies::model::bounds::SearchError;
use strategies::model::replay::ReplayError;
use strategies::program::limit::{LimitError, WayOut};

use crate::errors::{check, text};

/// A sample of each variant with what it must name. The match has no wildcard.
macro_rules! samples {
    ($error:ty { $($pattern:pat => $sample:expr, names $name:expr;)* }) => {{
        fn assert_every_variant_has_a_sample(error: &$error) {
            match error { $($pattern => {})* }
        }
        let samples: Vec<($error, &str)> = vec![$(($sample, $name)),*];
        for (error, _) in &samples {
            assert_every_variant_has_a_sample(error);
        }
        let mut left: Vec<fn(&$error) -> bool> = vec![$(|error| matches!(error, $pattern)),*];
        left.retain(|is| !samples.iter().any(|(error, _)| is(error)));
        assert_eq!(left.len(), 0, "variants without a sample");
        samples
    }};
}
pub(crate) use samples;

const ID: &str = "06h2deutolocj5rik80nunq73o";

fn id() -> String {
    ID.to_owned()
}

fn path() -> PathBuf {
    PathBuf::from("/data/lab.db")
}

fn reason() -> String {
    "no space left on the device".to_owned()
}

/// Histories.
pub(crate) fn histories() -> Vec<(HistoryError, &'static str)> {
    use HistoryError as E;
    let damaged = <proto::v1::Sweep as prost::Message>::decode(&b"\xff"[..]);
    samples!(HistoryError {
        E::NoPlace => E::NoPlace, names "XDG_DATA_HOME";
        E::CannotOpen { .. } => E::CannotOpen { path: path(), reason: reason() }, names "/data/lab.db";
        E::BeingRead { .. } => E::BeingRead { path: path() }, names "/data/lab.db";
        E::CannotRead { .. } => E::CannotRead {
            path: path(),
            reason: "it is yours to read only as root; make it readable".into(),
        }, names "/data/lab.db";
        E::ReadOnly { .. } => E::ReadOnly { path: path() }, names "/data/lab.db";
        E::LogMissing { .. } => E::LogMissing { path: path() }, names "/data/lab.db";
        E::NotFollowed { .. } => E::NotFollowed {
            id: id(),
            reason: "a lab of an older gild has the history open; name its socket with --server",
        }, names ID;
        E::InUse { .. } => E::InUse { path: path(), holder: "process 7, gild serve".into() },
            names "process 7";
        E::Newer { .. } => E::Newer { path: path(), found: 9, known: 3 }, names "version 9";
        E::Foreign { .. } => E::Foreign { path: path() }, names "/data/lab.db";
        E::Damaged { .. } => E::Damaged { path: path(), reason: reason() }, names "/data/lab.db";
        E::Full { .. } => E::Full { path: path(), reason: reason() }, names "no space left";
        E::NoRoom { .. } => E::NoRoom { path: path(), reason: reason() }, names "no space left";
        E::Suspended => E::Suspended, names "shutting down";
        E::NotFound(_) => E::NotFound(id()), names ID;
        E::Unreadable(_) => E::Unreadable(damaged.expect_err("it is damaged").into()),
            names "what is stored of it";
        E::Gone => E::Gone, names "closed";
        E::Failed { .. } => E::Failed { path: path(), reason: reason() }, names "/data/lab.db";
    })
}

fn exports() -> Vec<(ExportError, &'static str)> {
    use ExportError as E;
    samples!(ExportError {
        E::History(_) => E::History(HistoryError::Gone), names "closed";
        E::Unended => E::Unended, names "not ended";
        E::NoSweep(_) => E::NoSweep("it has no table of events".into()), names "no table of events";
        E::Known(_) => E::Known(id()), names ID;
        E::NoFile(_) => E::NoFile(reason()), names "no space left";
        E::NoRoom(_) => E::NoRoom(reason()), names "no space left";
    })
}

fn queues() -> Vec<(QueueError, &'static str)> {
    use QueueError as E;
    let retry = Duration::from_secs(4);
    samples!(QueueError {
        E::Crowded { .. } => E::Crowded { limit: 64, retry }, names "when one has ended; that may take 4 s";
        E::Quota { .. } => E::Quota { owner: Owner::User(7), limit: 16, retry }, names "16";
        E::Stopping => E::Stopping, names "shutting down";
    })
}

fn replays() -> Vec<(ReplayError, &'static str)> {
    use ReplayError as E;
    let who = || "T0 can".to_owned();
    samples!(ReplayError {
        E::NoSuchWorker { .. } => E::NoSuchWorker { at: 3, worker: 9, last: 1 }, names "T9";
        E::NotItsTurn { .. } => E::NotItsTurn { at: 3, worker: 1, who: who() }, names "T1";
        E::TooShort { .. } => E::TooShort { moves: 3, of: 8, who: who() }, names "3 of 8";
        E::TooManyEvents { .. } => E::TooManyEvents { at: 3, limit: 50_000 }, names "50000";
        E::Limit(_) => E::Limit(LimitError::range("workers", 9, 1, 8)), names "9";
    })
}

fn thread_replays() -> Vec<(ThreadReplayError, &'static str)> {
    use ThreadReplayError as E;
    samples!(ThreadReplayError {
        E::Stopped => E::Stopped, names "stopped";
        E::TooLong => E::TooLong, names "10s";
        E::Stuck => E::Stuck, names "5s";
        E::NoThread(_) => E::NoThread("no memory".into()), names "no memory";
        E::UnknownWorker(_) => E::UnknownWorker(9), names "T9";
        E::Refused { .. } => E::Refused { at: 3, worker: 1 }, names "T1";
        E::Panicked(_) => E::Panicked("index out of bounds".into()), names "index out of bounds";
    })
}

/// Interpreters.
pub(crate) fn pythons() -> Vec<(PythonError, &'static str)> {
    use PythonError as E;
    let path = || PathBuf::from("/opt/python");
    let version = |minor| Version { major: 3, minor, micro: 1, lock: GlobalLock::Held };
    let limit = Duration::from_secs(5);
    samples!(PythonError {
        E::Missing { .. } => E::Missing { path: path() }, names "/opt/python";
        E::LongPath { .. } => E::LongPath { bytes: 400 }, names "400 bytes";
        E::NotRunnable { .. } => E::NotRunnable { path: path(), reason: "permission denied".into() },
            names "/opt/python";
        E::Silent { .. } => E::Silent { path: path(), limit }, names "5s";
        E::Garbage { .. } => E::Garbage {
            path: path(),
            answer: "\"hello\"".into(),
            expected: "a line such as `CPython 3.11.7 held`",
        }, names "\"hello\"";
        E::NotCpython { .. } => E::NotCpython { path: path(), found: "PyPy 7.3.11".into() },
            names "PyPy 7.3.11";
        E::TooOld { .. } => E::TooOld { path: path(), found: version(1) }, names "3.1.1";
        E::Changed { .. } => E::Changed { path: path(), expected: version(11), found: version(12) },
            names "3.12.1";
        E::Ended { .. } => E::Ended {
            path: path(),
            status: "exit status: 2".into(),
            complaint: "no encodings".into(),
        }, names "no encodings";
        E::TooMuch { .. } => E::TooMuch { path: path() }, names "/opt/python";
        E::OtherRule { .. } => E::OtherRule { rule: "ticks", version: version(11), other: "intervals" },
            names "3.11.1";
        E::Failed { .. } => E::Failed { version: version(11), message: "MemoryError".into() },
            names "MemoryError";
        E::Stopped => E::Stopped, names "stopped";
        E::TooLong { .. } => E::TooLong { limit }, names "5s";
        E::Used => E::Used, names "earlier error";
    })
}

fn limit() -> LimitError {
    LimitError {
        field: "precision_permille",
        value: "600".into(),
        reason: "is outside the limits".into(),
        way_out: WayOut::within(1, 500),
    }
}

/// Jobs end with these; they are stored, and shown with the job.
#[test]
fn every_error_that_ends_a_job_is_plain_and_has_a_way_out() {
    use AttemptError as A;
    use SearchError as S;
    let attempts = samples!(AttemptError {
        A::Stopped => A::Stopped, names "stopped";
        A::TooLong(_) => A::TooLong(WorkerStatuses::default()), names "10s";
        A::Stuck(_) => A::Stuck(WorkerStatuses::default()), names "5s";
        A::NoThread(_) => A::NoThread("no memory".into()), names "no memory";
        A::Python(_) => A::Python(pythons()[0].0.to_string()), names "/opt/python";
        A::Panicked(_) => A::Panicked("index out of bounds".into()), names "index out of bounds";
    });
    let searches = samples!(SearchError {
        S::Stopped { .. } => S::Stopped { moves: 3, of: 8 }, names "3 of 8";
        S::TooLarge { .. } => S::TooLarge {
            what: "states of the search",
            needed: 9_000_000,
            limit: 3_000_000,
            proved: "nothing was explored".into(),
        }, names "3000000";
        S::Refused(_) => S::Refused("workers: 9 is outside; choose 8".into()), names "9";
        S::NotApplicable(_) => S::NotApplicable("a queue has no chain"), names "queue";
    });
    let attempts = attempts.iter().map(|(error, names)| (error.to_string(), *names));
    let searches = searches.iter().map(|(error, names)| (error.to_string(), *names));
    let pythons = pythons();
    let pythons = pythons.iter().map(|(error, names)| (error.to_string(), *names));
    for (said, names) in attempts.chain(searches).chain(pythons) {
        check(&said);
        assert!(said.contains(names), "{names}: {said}");
    }
}

/// The whole way: error, status with its details, failure, text.
#[test]
fn every_error_of_the_lab_is_plain_names_what_was_typed_and_has_a_way_out() {
    use LabError as E;
    let kind = "sweep";
    let why = IllegalTransition { state: State::Succeeded, transition: Transition::Cancel };
    let owner = || Owner::Token("ann".into());
    let own = samples!(LabError {
        E::Limit(_) => E::Limit(limit()), names "--precision: 60% is outside the limits; choose a value \
                                                 from 0.1% to 50%";
        E::Queue(_) => E::Queue(QueueError::Stopping), names "shutting down";
        E::History(_) => E::History(HistoryError::NoPlace), names "--data-dir";
        E::Export(_) => E::Export(ExportError::Unended), names "not ended";
        E::NotResumable { .. } => E::NotResumable {
            id: id(),
            reason: "it was measured elsewhere; `gilctl rerun` runs it anew".into(),
        }, names ID;
        E::Unended { .. } => E::Unended { kind, id: id(), state: State::Running }, names "RUNNING";
        E::NotOwner { .. } => E::NotOwner { kind, id: id(), owner: owner(), caller: Owner::Anyone },
            names "ann";
        E::Private { .. } => E::Private { kind, id: id(), caller: owner() }, names "ann";
        E::NotFound { .. } => E::NotFound { kind, id: id() }, names ID;
        E::Busy => E::Busy, names "try again";
        E::Replay(_) => E::Replay(replays()[0].0.clone()), names "T9";
        E::ThreadReplay(_) => E::ThreadReplay(ThreadReplayError::TooLong), names "10s";
        E::Python(_) => E::Python(PythonError::Used), names "earlier error";
        E::Ended { .. } => E::Ended { kind, why }, names "SUCCEEDED";
        E::Ending { .. } => E::Ending { kind }, names "about to end";
        E::BeyondEnd { .. } => E::BeyondEnd { after: 99, last: 5 }, names "--after: 99 lies beyond";
    });
    let own = own.into_iter();
    let histories = histories().into_iter().map(|(error, names)| (E::History(error), names));
    let exports = exports().into_iter().map(|(error, names)| (E::Export(error), names));
    let queues = queues().into_iter().map(|(error, names)| (E::Queue(error), names));
    let replays = replays().into_iter().map(|(error, names)| (E::Replay(error), names));
    let threads = thread_replays().into_iter().map(|(it, names)| (E::ThreadReplay(it), names));
    let pythons = pythons().into_iter().map(|(error, names)| (E::Python(error), names));
    let all = own.chain(histories).chain(exports).chain(queues).chain(replays);
    for (error, names) in all.chain(threads).chain(pythons) {
        let said = text(&from_status(&status(error)));
        check(&said);
        assert!(said.contains(names), "{names}: {said}");
        assert!(said.matches("try again").count() < 2, "twice the same: {said}");
    }
}
