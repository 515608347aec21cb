//! Cores as a waiting worker may know them: how many there are, and which one it is on.

#![allow(unsafe_code, reason = "one POSIX call without arguments")]

use std::sync::OnceLock;

/// Greatest number of a core, as [`crate::machine::Machine::core`] says it.
const CORE_MAX: u64 = (1 << 12) - 1;

/// Cores that this process may use; read once, since asking costs a system call and file reads.
pub(super) fn allowed() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// The core that the caller runs on just now; 0 where the system does not say.
#[inline]
pub(super) fn current() -> u64 {
    // SAFETY: takes no arguments and touches no memory of ours.
    let core = unsafe { libc::sched_getcpu() };
    u64::try_from(core).unwrap_or(0) & CORE_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_may_use_one_core_is_on_it() {
        use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
        use nix::unistd::Pid;
        let me = Pid::from_raw(0);
        let all = sched_getaffinity(me).expect("a thread knows its cores");
        let mine: Vec<usize> =
            (0..CpuSet::count()).filter(|&core| all.is_set(core).unwrap_or(false)).collect();
        assert_eq!(mine.len(), allowed());
        for core in mine {
            let mut one = CpuSet::new();
            one.set(core).expect("the kernel named it");
            sched_setaffinity(me, &one).expect("a core of its own");
            assert_eq!(current(), core as u64);
        }
        sched_setaffinity(me, &all).expect("as before");
    }
}
