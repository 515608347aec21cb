//! Stored inputs and fresh ones: neither breaks a property.

use std::path::Path;

use crate::fuzz::corpus::{self, CORPUS, KEPT_BYTES_MAX};
use crate::fuzz::door::Door;
use crate::fuzz::guard::{INPUT_BYTES_MAX, INPUT_TIME_MAX};
use crate::fuzz::report;
use crate::fuzz::session::Session;
use crate::fuzz::target::Target;
use crate::fuzz::watchdog::{Watchdog, end_process};

/// Fresh inputs of each of the two threads.
const FRESH: u64 = 100_000;
/// Most inputs that are kept.
const KEPT_MAX: usize = 600;

fn session() -> Session {
    let seeds = corpus::read(Path::new(CORPUS)).expect("the corpus can be read");
    Session::new(Watchdog::start(INPUT_TIME_MAX, end_process(None)), seeds)
}

#[track_caller]
fn found_nothing(session: &Session) {
    assert!(session.findings.is_empty(), "{}", report::text(session));
}

#[test]
fn corpus_is_small_and_covers_every_target() {
    let inputs = corpus::read(Path::new(CORPUS)).expect("the corpus can be read");
    assert!(inputs.len() <= KEPT_MAX, "{} inputs", inputs.len());
    for door in Door::ALL {
        assert!(inputs.iter().any(|input| input.door == door), "nothing for {}", door.name());
    }
    for input in &inputs {
        assert!(input.bytes.len() <= KEPT_BYTES_MAX, "{} bytes", input.bytes.len());
        let name = format!("{:016x}", corpus::hash(&input.bytes));
        let path = Path::new(CORPUS).join(input.door.name()).join(&name);
        assert!(path.is_file(), "{} is not named by its content", path.display());
    }
}

/// Two threads, for the sake of time; each with inputs of its own.
#[test]
fn fresh_inputs_violate_nothing() {
    let run = |half: u64| {
        let mut session = session();
        session.replay();
        session.run(1, half * FRESH..(half + 1) * FRESH, None);
        session
    };
    let sessions = std::thread::scope(|scope| {
        let both = [0, 1].map(|half| scope.spawn(move || run(half)));
        both.map(|half| half.join().expect("it does not panic"))
    });
    for session in &sessions {
        found_nothing(session);
        let of = |target: Target| session.counts[target.name()];
        assert_eq!(Target::ALL.map(|target| of(target).inputs).iter().sum::<u64>(), FRESH);
        for target in Target::ALL {
            assert!(of(target).inputs > FRESH / 100, "few {}", target.name());
            assert!(of(target).bytes <= INPUT_BYTES_MAX && of(target).time <= INPUT_TIME_MAX);
        }
        assert!(session.signatures() > 200, "only {} signatures", session.signatures());
        let refuses_all = |door: &Door| *door == Door::CalibratePython;
        for (door, [undecoded, refused, accepted]) in &session.doors {
            assert!(*undecoded + *refused > 0, "{} never refuses", door.name());
            assert!(*accepted > 0 || refuses_all(door), "{} never accepts", door.name());
        }
    }
}

/// Without a corpus one is made, and what it keeps is read again as what it was.
#[test]
fn new_signature_adds_its_input_to_corpus() {
    let watchdog = || Watchdog::start(INPUT_TIME_MAX, end_process(None));
    let mut first = Session::new(watchdog(), Vec::new());
    first.run(2, 0..3000, Some(Target::Texts));
    found_nothing(&first);
    let kept = tempfile::tempdir().expect("a directory");
    corpus::keep(kept.path(), &first.unseen()).expect("it can be written");
    let mut second = Session::new(watchdog(), corpus::read(kept.path()).expect("it can be read"));
    second.replay();
    found_nothing(&second);
    assert!(second.signatures() > 40, "{} signatures", second.signatures());
    assert!(second.signatures() <= first.signatures());
    assert_eq!(second.unseen(), []);
}
