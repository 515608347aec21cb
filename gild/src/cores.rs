//! Which core a worker runs on. Best effort: where the system refuses, the kernel places the thread,
//! and the row's overlap shows what came of it.

use std::sync::OnceLock;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Where a thread may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Wherever this process may.
    Free,
    /// On the core of that number among those that this process may use.
    On(usize),
}

impl Placement {
    /// Workers have a core each if there are enough.
    pub fn of(index: usize, workers: usize) -> Self {
        if workers <= allowed().len() { Self::On(index) } else { Self::Free }
    }
}

/// The cores on which so many workers have one each; empty if there are too few.
pub fn one_each(workers: usize) -> Vec<usize> {
    allowed().get(..workers).unwrap_or_default().to_vec()
}

/// How many cores this process may use; at least one.
pub fn count() -> usize {
    allowed().len().max(1)
}

/// The calling thread's new placement; costs a system call only if it differs from the old.
pub fn place(old: Placement, new: Placement) -> Placement {
    if old == new {
        return old;
    }
    let mut set = CpuSet::new();
    for (number, &core) in allowed().iter().enumerate() {
        if new == Placement::Free || new == Placement::On(number) {
            // A core that the kernel named fits the kernel's own set.
            let _ = set.set(core);
        }
    }
    match sched_setaffinity(Pid::from_raw(0), &set) {
        Ok(()) => new,
        Err(_) => old,
    }
}

/// The cores that this process may use, read once.
fn allowed() -> &'static [usize] {
    static ALLOWED: OnceLock<Vec<usize>> = OnceLock::new();
    ALLOWED.get_or_init(|| {
        let set = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
        (0..CpuSet::count()).filter(|&core| set.is_set(core).unwrap_or(false)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_have_a_core_each_while_there_are_enough() {
        let cores = allowed().len();
        assert!(cores >= 1);
        assert_eq!(Placement::of(0, cores), Placement::On(0));
        assert_eq!(Placement::of(0, cores + 1), Placement::Free);
    }

    #[test]
    fn a_thread_goes_where_it_is_put_and_is_let_go_again() {
        let here = || sched_getaffinity(Pid::from_raw(0)).expect("a thread knows its cores");
        let all = here();
        let placed = place(Placement::Free, Placement::On(0));
        assert_eq!(placed, Placement::On(0));
        assert!(here().is_set(allowed()[0]).expect("within the set"));
        assert_eq!((place(placed, Placement::Free), here()), (Placement::Free, all));
    }
}
