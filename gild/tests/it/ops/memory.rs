//! Memory of an idle daemon, as far as it is the process's own. What it shares, its code, the kernel maps
//! as it likes; `cargo bench -p gild --bench serving` measures both.

use std::time::{Duration, Instant};

use crate::daemon::{Daemon, PATIENCE};

/// Most that an idle daemon holds of its own; an unoptimised one holds 2.5 MiB, an optimised one 1.4.
const OWN_KIB_MAX: u64 = 4 << 10;
/// The runtime's two, the history's, a lane's, those of restarts and of health, and the first.
const THREADS: u64 = 7;

fn own_kib(daemon: &Daemon) -> u64 {
    daemon.status("RssAnon:")
}

#[test]
fn idle_daemon_holds_little_memory_of_its_own() {
    let daemon = Daemon::start(&[]);
    let deadline = Instant::now() + PATIENCE;
    // What only the start needed is given back a moment later.
    while own_kib(&daemon) > OWN_KIB_MAX || daemon.status("Threads:") > THREADS {
        assert!(Instant::now() < deadline, "{} KiB of its own", own_kib(&daemon));
        std::thread::sleep(Duration::from_millis(20));
    }
}
