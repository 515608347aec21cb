//! A thread that notices an input that takes too long. Its action is a parameter: the fuzzer
//! ends the process, for a thread that hangs cannot be ended alone. Looks at no input itself.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::corpus;
use super::door::Door;
use super::report::hex;

/// How often it looks, in parts of the limit.
const LOOKS: u32 = 20;

/// What is done about a hang: the input is kept and named, and the process ends, for what hangs
/// cannot be ended alone.
pub(crate) fn end_process(kept: Option<PathBuf>) -> impl Fn(Door, &[u8]) {
    move |door, input| {
        if let Some(directory) = &kept
            && let Err(error) = corpus::write(directory, door, input)
        {
            eprintln!("fuzz: the input cannot be kept: {error}");
        }
        eprintln!("fuzz: this takes too long: {} {}", door.name(), hex(input));
        std::process::abort();
    }
}

/// What is being done, if anything.
#[derive(Debug, Default)]
struct Watched {
    since: Option<Instant>,
    door: Option<Door>,
    input: Vec<u8>,
}

/// Watches one thread's inputs; its own thread ends with it.
#[derive(Debug)]
pub(crate) struct Watchdog(Arc<Mutex<Watched>>);

impl Watchdog {
    /// Calls `bite` once for an input that takes longer than `limit`.
    pub(crate) fn start(limit: Duration, bite: impl Fn(Door, &[u8]) + Send + 'static) -> Self {
        let watched = Arc::new(Mutex::new(Watched::default()));
        let weak = Arc::downgrade(&watched);
        std::thread::spawn(move || look_on(&weak, limit, bite));
        Self(watched)
    }

    /// Watches `act`, which is about this input.
    pub(crate) fn watch<T>(&self, door: Door, input: &[u8], act: impl FnOnce() -> T) -> T {
        {
            let mut watched = lock(&self.0);
            watched.input.clear();
            watched.input.extend_from_slice(input);
            watched.door = Some(door);
            watched.since = Some(Instant::now());
        }
        let done = act();
        lock(&self.0).since = None;
        done
    }
}

fn look_on(watched: &Weak<Mutex<Watched>>, limit: Duration, bite: impl Fn(Door, &[u8])) {
    loop {
        std::thread::sleep(limit / LOOKS);
        let Some(watched) = watched.upgrade() else { return };
        let mut watched = lock(&watched);
        let is_late = watched.since.is_some_and(|since| since.elapsed() > limit);
        if let (true, Some(door)) = (is_late, watched.door) {
            watched.since = None;
            bite(door, &watched.input);
        }
    }
}

fn lock(watched: &Mutex<Watched>) -> MutexGuard<'_, Watched> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}
