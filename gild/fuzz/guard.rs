//! One input, guarded: a panic is caught, the bytes it holds at once are counted, and a watchdog
//! looks how long it takes. Knows no target and keeps nothing.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::door::Door;
use super::outcome::{Breach, Outcome};
use super::watchdog::Watchdog;

/// Most bytes that an input may hold at once. The most that ten million held is 19 MB: a message of
/// a mebibyte that lists nothing but empty texts, each of which takes 24 bytes for two, while the
/// list grows.
pub(crate) const INPUT_BYTES_MAX: u64 = 32 << 20;
/// Longest that an input may take. The longest that one of ten million took is 0.8 s, optimised and
/// on a core shared with others.
pub(crate) const INPUT_TIME_MAX: Duration = Duration::from_secs(20);

/// What an input came to and what it took.
#[derive(Debug, Clone)]
pub(crate) struct Guarded {
    /// What came of it.
    pub(crate) outcome: Result<Outcome, Breach>,
    /// Most bytes held at once.
    pub(crate) bytes: u64,
    /// How long it took.
    pub(crate) time: Duration,
}

/// Runs `target`, which is what the door does, unless a test says otherwise.
pub(crate) fn guarded(
    watchdog: &Watchdog,
    door: Door,
    input: &[u8],
    target: impl FnOnce(&[u8]) -> Result<Outcome, Breach>,
) -> Guarded {
    let began = Instant::now();
    let mut caught = None;
    let held = watchdog.watch(door, input, || {
        allocation_counter::measure(|| {
            caught = Some(catch_unwind(AssertUnwindSafe(|| target(input))));
        })
    });
    let outcome = match caught {
        Some(Ok(outcome)) => outcome,
        Some(Err(panic)) => Err(Breach(format!("it panicked: {}", message(&*panic)))),
        None => Err(Breach("it never ran".into())),
    };
    let (bytes, time) = (held.bytes_max, began.elapsed());
    let too_much = format!("it held {bytes} bytes at once, and the limit is {INPUT_BYTES_MAX}");
    let outcome =
        outcome.and_then(
            |outcome| {
                if bytes > INPUT_BYTES_MAX { Err(Breach(too_much)) } else { Ok(outcome) }
            },
        );
    Guarded { outcome, bytes, time }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
