//! Negative controls: each thing that must never happen is made to happen, and is noticed.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use strategies::program::limit::LimitError;

use crate::fuzz::corpus;
use crate::fuzz::door::Door;
use crate::fuzz::guard::{INPUT_BYTES_MAX, INPUT_TIME_MAX, guarded};
use crate::fuzz::outcome::{Breach, Outcome, REFUSAL_BYTES_MAX, accepted, refused, refused_as};
use crate::fuzz::watchdog::{Watchdog, end_process};

/// Far beyond what an input takes that does nothing, and short enough to wait for.
const SHORT: Duration = Duration::from_millis(200);
const INPUT: &[u8] = b"an input";
/// Set in the process that is to be ended: where it keeps its input.
const CHILD: &str = "FUZZ_CONTROL_DIRECTORY";

fn breach(target: impl FnOnce(&[u8]) -> Result<Outcome, Breach>) -> String {
    let watchdog = Watchdog::start(INPUT_TIME_MAX, end_process(None));
    let came = guarded(&watchdog, Door::Owner, INPUT, target);
    came.outcome.expect_err("it is noticed").0
}

#[test]
fn panicking_target_is_caught() {
    let text = breach(|input| panic!("no {}", String::from_utf8_lossy(input)));
    assert_eq!(text, "it panicked: no an input");
}

#[test]
fn target_beyond_memory_limit_is_caught() {
    let most = usize::try_from(INPUT_BYTES_MAX).expect("it fits");
    let take = |bytes: usize| move |_: &[u8]| accepted(format!("{}", vec![1_u8; bytes].len()));
    assert!(breach(take(most + 1)).contains("bytes at once, and the limit is"));
    // What is given back is not held.
    let watchdog = Watchdog::start(INPUT_TIME_MAX, end_process(None));
    let came = guarded(&watchdog, Door::Owner, INPUT, |input| {
        (0..3).try_for_each(|_| take(most / 2)(input).map(drop))?;
        accepted("three times half")
    });
    assert_eq!(came.outcome, accepted("three times half"));
    assert!((most as u64 / 2..=INPUT_BYTES_MAX).contains(&came.bytes), "{} bytes", came.bytes);
}

#[test]
fn error_with_too_short_or_too_long_message_is_a_violation() {
    let error = |field, reason: &str| LimitError {
        field,
        value: "1".into(),
        reason: reason.into(),
        way_out: "choose 2".into(),
    };
    assert!(breach(|_| refused(&error("", "is odd"))).contains("without a field"));
    assert!(breach(|_| refused(&error("tasks", ""))).contains("without a reason"));
    let long = "a".repeat(REFUSAL_BYTES_MAX + 1);
    assert!(breach(|_| refused_as("tasks", "is long", &long)).contains("can be sent"));
    assert!(breach(|_| refused_as("tasks", "is odd", "\u{1b}[2J")).contains("control letters"));
    let named = Outcome::Refused { field: "tasks".into(), reason: "is odd".into() };
    assert_eq!(refused(&error("tasks", "is odd")), Ok(named));
}

#[test]
fn hanging_target_is_named() {
    let bitten = Arc::new(AtomicBool::new(false));
    let (found, hears) = mpsc::channel();
    let own = Arc::clone(&bitten);
    let watchdog = Watchdog::start(SHORT, move |door, input| {
        drop(found.send((door, input.to_vec())));
        own.store(true, Ordering::Relaxed);
    });
    // It goes on until the watchdog notices, and would for ever.
    let came = guarded(&watchdog, Door::Steps, INPUT, |_| {
        while !bitten.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        accepted("late")
    });
    assert_eq!(hears.recv(), Ok((Door::Steps, INPUT.to_vec())));
    assert!(came.time > SHORT);
}

/// In a process of its own, for that is what ends.
#[test]
fn hanging_target_aborts_and_saves_its_input() {
    if let Some(directory) = std::env::var_os(CHILD) {
        let watchdog = Watchdog::start(SHORT, end_process(Some(directory.into())));
        watchdog.watch(Door::Steps, INPUT, || {
            loop {
                std::thread::yield_now();
            }
        });
    }
    let kept = tempfile::tempdir().expect("a directory");
    let itself = std::env::current_exe().expect("it knows where it is");
    let ended = Command::new(itself)
        .args(["--exact", "controls::hanging_target_aborts_and_saves_its_input", "--nocapture"])
        .env(CHILD, kept.path())
        .output()
        .expect("it can be run");
    assert_eq!(ended.status.signal(), Some(libc::SIGABRT));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("this takes too long: steps 616e20696e707574"), "{said}");
    let inputs = corpus::read(kept.path()).expect("it can be read");
    let [input] = inputs.as_slice() else { panic!("{inputs:?}") };
    assert_eq!((input.door, input.bytes.as_slice()), (Door::Steps, INPUT));
}
