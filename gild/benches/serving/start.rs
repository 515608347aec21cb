//! Start of a daemon: its duration.

use crate::daemon::Daemon;
use crate::page::Page;

const ROUNDS: usize = 11;

pub(super) fn run(page: &mut Page) {
    page.part(
        "Start",
        "A release daemon with an empty history, from the start of the process until it listens.",
    );
    let mut started = Vec::new();
    for _ in 0..ROUNDS {
        let daemon = Daemon::start();
        started.push(daemon.started_after.as_secs_f64() * 1e3);
    }
    page.figure("until it listens", started, 1, " ms");
}
