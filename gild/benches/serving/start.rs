//! Start of a daemon: its duration, and what an idle daemon takes.

use std::time::Duration;

use crate::daemon::Daemon;
use crate::page::Page;

const ROUNDS: usize = 11;
/// Whatever start-up leaves to do is done by then.
const SETTLED: Duration = Duration::from_millis(500);

pub(super) fn run(page: &mut Page) {
    page.part(
        "Start and idle",
        "A release daemon with an empty history, from the start of the \
                                 process until it listens, and its resident memory half a second \
                                 later.",
    );
    let (mut started, mut resident) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let daemon = Daemon::start();
        started.push(daemon.started_after.as_secs_f64() * 1e3);
        std::thread::sleep(SETTLED);
        resident.push(daemon.resident_mib());
    }
    page.figure("until it listens", started, 1, " ms");
    page.figure("resident when idle", resident, 1, " MiB");
}
