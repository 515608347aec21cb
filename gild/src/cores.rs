//! Which core a worker runs on. Best effort: where the system refuses, the kernel places the thread,
//! and the row's overlap shows what came of it.

use std::sync::OnceLock;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// By which rule workers are put on cores; one for all cells of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pin {
    /// Each has a core of its own if there are enough; else the kernel decides.
    #[default]
    Auto,
    /// The kernel decides.
    None,
    /// One core after the other, from the first on again where there are too few.
    Spread,
    /// All on the first core.
    Pack,
}

/// Where a thread may run; cores are numbered among those that this process may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Wherever this process may.
    Free,
    /// On a core that no other worker of its attempt is on.
    Alone(usize),
    /// On a core that others may need as well.
    Shared(usize),
}

impl Placement {
    /// Where the worker of that index belongs, from 0, of so many, on so many cores (at least 1).
    pub fn of(pin: Pin, index: usize, workers: usize, cores: usize) -> Self {
        match pin {
            Pin::Auto | Pin::Spread if workers <= cores => Self::Alone(index),
            Pin::Auto | Pin::None => Self::Free,
            Pin::Spread => Self::Shared(index % cores),
            Pin::Pack if workers == 1 => Self::Alone(0),
            Pin::Pack => Self::Shared(0),
        }
    }

    /// The core's number; `None` where the kernel decides.
    fn core(self) -> Option<usize> {
        match self {
            Self::Free => None,
            Self::Alone(core) | Self::Shared(core) => Some(core),
        }
    }
}

impl Pin {
    /// Cores that workers can be on under this rule; at least 1.
    pub fn cores(self) -> usize {
        match self {
            Self::Auto | Self::None | Self::Spread => count(),
            Self::Pack => 1,
        }
    }
}

/// Cores that this process may use; at least 1.
pub fn count() -> usize {
    allowed().len().max(1)
}

/// The core of each worker, as the system numbers them; empty where the kernel decides.
pub fn one_each(pin: Pin, workers: usize) -> Vec<usize> {
    let core = |index| Placement::of(pin, index, workers, count()).core();
    (0..workers).map_while(|index| allowed().get(core(index)?).copied()).collect()
}

/// The calling thread's new placement; costs a system call only if it differs from the old.
pub fn place(old: Placement, new: Placement) -> Placement {
    if old == new {
        return old;
    }
    let mut set = CpuSet::new();
    for (number, &core) in allowed().iter().enumerate() {
        if new.core().is_none_or(|wanted| wanted == number) {
            // A core that the kernel named fits the kernel's own set.
            let _ = set.set(core);
        }
    }
    match sched_setaffinity(Pid::from_raw(0), &set) {
        Ok(()) => new,
        Err(_) => old,
    }
}

/// The cores that this process may use, as the system numbers them; read once.
pub(crate) fn allowed() -> &'static [usize] {
    static ALLOWED: OnceLock<Vec<usize>> = OnceLock::new();
    ALLOWED.get_or_init(|| {
        let set = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
        (0..CpuSet::count()).filter(|&core| set.is_set(core).unwrap_or(false)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::Placement::{Alone, Free, Shared};
    use super::*;

    /// Where all workers belong.
    fn all(pin: Pin, workers: usize, cores: usize) -> Vec<Placement> {
        (0..workers).map(|index| Placement::of(pin, index, workers, cores)).collect()
    }

    #[test]
    fn workers_have_a_core_each_while_there_are_enough() {
        assert_eq!(all(Pin::Auto, 2, 2), [Alone(0), Alone(1)]);
        assert_eq!(all(Pin::Auto, 3, 2), [Free; 3]);
    }

    #[test]
    fn the_kernel_is_left_alone_where_it_shall_decide() {
        assert_eq!(all(Pin::None, 2, 4), [Free; 2]);
        assert!(one_each(Pin::None, 1).is_empty());
    }

    #[test]
    fn who_is_spread_goes_round_the_cores() {
        assert_eq!(all(Pin::Spread, 2, 4), [Alone(0), Alone(1)]);
        assert_eq!(all(Pin::Spread, 5, 2), [0, 1, 0, 1, 0].map(Shared));
        let twice = one_each(Pin::Spread, 2 * count());
        assert_eq!(twice, [allowed(), allowed()].concat());
    }

    #[test]
    fn who_is_packed_shares_the_first_core() {
        assert_eq!(all(Pin::Pack, 1, 4), [Alone(0)]);
        assert_eq!(all(Pin::Pack, 3, 4), [Shared(0); 3]);
        assert_eq!(one_each(Pin::Pack, 3), [allowed()[0]; 3]);
    }

    #[test]
    fn a_thread_goes_where_it_is_put_and_is_let_go_again() {
        let here = || sched_getaffinity(Pid::from_raw(0)).expect("a thread knows its cores");
        let all = here();
        let last = count() - 1;
        for wanted in [Alone(0), Shared(last)] {
            let placed = place(Free, wanted);
            assert_eq!(placed, wanted);
            let mut only = CpuSet::new();
            only.set(allowed()[wanted.core().expect("a core")]).expect("within the set");
            assert_eq!(here(), only);
        }
        assert_eq!((place(Shared(last), Free), here()), (Free, all));
    }
}
