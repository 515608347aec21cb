//! Programs that a test needs and this repository does not hold, such as a Python interpreter. One
//! rule for all: a missing one skips the test with a line that names both, and fails it where
//! `GILD_REQUIRE_ALL=1`, as in `.ci/run`.

use std::io::Write;

/// Set to 1 where every outside program must be there.
const REQUIRE_ALL: &str = "GILD_REQUIRE_ALL";

/// Hands on what was `found`, or says on standard error that the test is skipped because `missing`.
///
/// # Panics
/// If nothing was found and `GILD_REQUIRE_ALL` is 1.
#[track_caller]
pub(crate) fn required<T>(found: Option<T>, missing: &str) -> Option<T> {
    let all_required = std::env::var(REQUIRE_ALL).is_ok_and(|value| value == "1");
    assert!(found.is_some() || !all_required, "{REQUIRE_ALL}=1, and {missing}");
    welcome(found, missing)
}

/// As [`required`], for a program that no package of the gate's system brings: never fails.
pub(crate) fn welcome<T>(found: Option<T>, missing: &str) -> Option<T> {
    if found.is_none() {
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("a test");
        // Written past the capture of a passing test's output: a skipped test should be seen.
        let line = format!("skipped {test}: {missing}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    found
}
