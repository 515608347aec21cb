//! Which core a worker runs on, and which cores a lane has. Best effort: where the system refuses,
//! the kernel places the thread, and the row's overlap shows what came of it.

use std::sync::{Arc, OnceLock};

use nix::sched::{self, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use strategies::program::limit::LimitError;

use crate::limits::LANE_CORES_MIN;

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

/// Where a thread may run; cores are numbered among those of its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Wherever its lane may.
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
    /// Cores that workers can be on under this rule, of so many; at least 1.
    pub fn cores(self, all: usize) -> usize {
        match self {
            Self::Auto | Self::None | Self::Spread => all,
            Self::Pack => 1,
        }
    }
}

/// Whose cores a set holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CpuScope {
    /// All cores that this process may use: no thread needs to be confined to them.
    Whole,
    /// One lane's of several, which have the others.
    Share,
}

/// The cores that attempts may run on; clones are the same set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpuSet {
    /// As the system numbers them, in that order.
    numbers: Arc<[usize]>,
    extent: CpuScope,
}

impl Default for CpuSet {
    /// All that this process may use.
    fn default() -> Self {
        Self { numbers: allowed().into(), extent: CpuScope::Whole }
    }
}

impl CpuSet {
    /// A lane's share, whatever else there is: tests have lanes on machines that are too small for
    /// them.
    #[cfg(test)]
    pub(crate) fn share(numbers: &[usize]) -> Self {
        Self { numbers: numbers.into(), extent: CpuScope::Share }
    }

    /// How many; at least 1.
    pub fn count(&self) -> usize {
        self.numbers.len().max(1)
    }

    /// As the system numbers them; empty only where it does not tell.
    pub fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// Whether they are all, or a lane's share.
    pub fn extent(&self) -> CpuScope {
        self.extent
    }

    /// Where the worker of that index belongs, of so many.
    pub fn placement(&self, pin: Pin, index: usize, workers: usize) -> Placement {
        Placement::of(pin, index, workers, self.count())
    }

    /// The core of a placement, as the system numbers it; `None` where the kernel decides.
    pub fn number(&self, placement: Placement) -> Option<usize> {
        self.numbers.get(placement.core()?).copied()
    }

    /// The core of each worker, as the system numbers them; empty where the kernel decides.
    pub fn worker_cores(&self, pin: Pin, workers: usize) -> Vec<usize> {
        let core = |index| self.number(self.placement(pin, index, workers));
        (0..workers).map_while(core).collect()
    }

    /// The calling thread's new placement; costs a system call only if it differs from the old.
    pub fn place(&self, old: Placement, new: Placement) -> Placement {
        if old == new || !self.move_to(new) { old } else { new }
    }

    /// Keeps the calling thread, and all that it starts, on a share; does nothing for the whole.
    pub fn confine(&self) {
        match self.extent {
            CpuScope::Whole => {}
            // Where the system refuses, noise and overlap show it.
            CpuScope::Share => drop(self.move_to(Placement::Free)),
        }
    }

    /// Whether the system moved the calling thread there.
    fn move_to(&self, placement: Placement) -> bool {
        let mut set = sched::CpuSet::new();
        for (number, &core) in self.numbers.iter().enumerate() {
            if placement.core().is_none_or(|wanted| wanted == number) {
                // A core that the kernel named fits the kernel's own set.
                let _ = set.set(core);
            }
        }
        sched_setaffinity(Pid::from_raw(0), &set).is_ok()
    }

    /// As many shares of these cores, all of one size so that their figures can be compared; what
    /// is left over is unused. Threads of one core stay together where the system tells which
    /// those are. Refuses shares below [`LANE_CORES_MIN`].
    pub fn split(&self, lanes: usize) -> Result<Vec<Self>, LimitError> {
        self.split_by(lanes, first_sibling)
    }

    /// The same, where `first_sibling` says which core a hardware thread belongs to.
    fn split_by(
        &self,
        lanes: usize,
        first_sibling: impl Fn(usize) -> usize,
    ) -> Result<Vec<Self>, LimitError> {
        let all = self.count();
        let lanes_max = (all / LANE_CORES_MIN).max(1);
        if lanes == 1 {
            return Ok(vec![self.clone()]);
        }
        if !(1..=lanes_max).contains(&lanes) {
            return Err(LimitError {
                field: "lanes",
                value: lanes.to_string(),
                reason: format!(
                    "does not go into the {all} cores that this process may use: every lane needs \
                     at least {LANE_CORES_MIN}, and there is at least one lane"
                ),
                way_out: format!("choose a value from 1 to {lanes_max}"),
            });
        }
        let mut numbers = self.numbers.to_vec();
        numbers.sort_by_key(|&core| (first_sibling(core), core));
        let share = |numbers: &[usize]| {
            let mut numbers = numbers.to_vec();
            numbers.sort_unstable();
            Self { numbers: numbers.into(), extent: CpuScope::Share }
        };
        Ok(numbers.chunks_exact(all / lanes).take(lanes).map(share).collect())
    }
}

/// The first hardware thread of a core's, which stands for the core; the thread itself where the
/// system does not tell.
fn first_sibling(core: usize) -> usize {
    let file = format!("/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list");
    let siblings = std::fs::read_to_string(file).unwrap_or_default();
    let first = siblings.split([',', '-']).next().unwrap_or_default();
    first.trim().parse().unwrap_or(core)
}

/// Cores that this process may use; at least 1.
pub fn count() -> usize {
    allowed().len().max(1)
}

/// The core of each worker among all cores, as the system numbers them; empty where the kernel
/// decides.
pub fn worker_cores(pin: Pin, workers: usize) -> Vec<usize> {
    CpuSet::default().worker_cores(pin, workers)
}

/// The cores that this process may use, as the system numbers them; read once.
pub fn allowed() -> &'static [usize] {
    static ALLOWED: OnceLock<Vec<usize>> = OnceLock::new();
    ALLOWED.get_or_init(|| {
        let set = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
        (0..sched::CpuSet::count()).filter(|&core| set.is_set(core).unwrap_or(false)).collect()
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
        assert!(worker_cores(Pin::None, 1).is_empty());
    }

    #[test]
    fn who_is_spread_goes_round_the_cores() {
        assert_eq!(all(Pin::Spread, 2, 4), [Alone(0), Alone(1)]);
        assert_eq!(all(Pin::Spread, 5, 2), [0, 1, 0, 1, 0].map(Shared));
        let twice = worker_cores(Pin::Spread, 2 * count());
        assert_eq!(twice, [allowed(), allowed()].concat());
    }

    #[test]
    fn who_is_packed_shares_the_first_core() {
        assert_eq!(all(Pin::Pack, 1, 4), [Alone(0)]);
        assert_eq!(all(Pin::Pack, 3, 4), [Shared(0); 3]);
        assert_eq!(worker_cores(Pin::Pack, 3), [allowed()[0]; 3]);
    }

    #[test]
    fn a_thread_goes_where_it_is_put_and_is_let_go_again() {
        let here = || sched_getaffinity(Pid::from_raw(0)).expect("a thread knows its cores");
        let (all, cores) = (here(), CpuSet::default());
        let last = count() - 1;
        for wanted in [Alone(0), Shared(last)] {
            let placed = cores.place(Free, wanted);
            assert_eq!(placed, wanted);
            let mut only = sched::CpuSet::new();
            only.set(allowed()[wanted.core().expect("a core")]).expect("within the set");
            assert_eq!(here(), only);
        }
        assert_eq!((cores.place(Shared(last), Free), here()), (Free, all));
    }

    /// A machine with these cores.
    fn machine(numbers: &[usize]) -> CpuSet {
        CpuSet { numbers: numbers.into(), extent: CpuScope::Whole }
    }

    #[test]
    fn lanes_have_disjoint_shares_of_one_size() {
        let shares = machine(&[0, 1, 2, 3, 8, 9, 10]).split_by(3, |core| core).expect("two each");
        let numbers: Vec<_> = shares.iter().map(CpuSet::numbers).collect();
        assert_eq!(numbers, [[0, 1], [2, 3], [8, 9]], "the odd one is unused");
        assert!(shares.iter().all(|share| share.extent() == CpuScope::Share));
        assert_eq!(shares[2].worker_cores(Pin::Auto, 2), [8, 9]);
        assert_eq!(shares[2].worker_cores(Pin::Spread, 3), [8, 9, 8]);
        assert!(shares[2].worker_cores(Pin::Auto, 3).is_empty(), "the kernel decides, in the lane");
    }

    #[test]
    fn threads_of_one_core_go_to_one_lane() {
        let shares = machine(&[0, 1, 2, 3]).split_by(2, |core| core % 2).expect("two each");
        let numbers: Vec<_> = shares.iter().map(CpuSet::numbers).collect();
        assert_eq!(numbers, [[0, 2], [1, 3]]);
    }

    #[test]
    fn one_lane_has_all_there_is() {
        for all in [machine(&[5]), CpuSet::default()] {
            assert_eq!(all.split(1), Ok(vec![all.clone()]));
        }
    }

    #[test]
    fn lanes_that_cores_do_not_go_into_are_refused() {
        for (lanes, cores, most) in [(2, 2, 1), (2, 3, 1), (3, 4, 2), (0, 4, 2)] {
            let numbers: Vec<_> = (0..cores).collect();
            let error = machine(&numbers).split(lanes).expect_err("too few").to_string();
            let wanted = format!(
                "lanes: {lanes} does not go into the {cores} cores that this process may use: \
                 every lane needs at least 2, and there is at least one lane; choose a value from \
                 1 to {most}"
            );
            assert_eq!(error, wanted);
        }
    }

    #[test]
    fn a_confined_thread_stays_in_its_share() {
        let here = || sched_getaffinity(Pid::from_raw(0)).expect("a thread knows its cores");
        let (all, last) = (here(), allowed()[count() - 1]);
        let share = CpuSet::share(&[last]);
        let confined = std::thread::spawn(move || {
            share.confine();
            std::thread::spawn(here).join().expect("it looks")
        });
        let mut only = sched::CpuSet::new();
        only.set(last).expect("within the set");
        assert_eq!(confined.join().expect("it looks"), only, "and what it starts");
        CpuSet::default().confine();
        assert_eq!(here(), all, "no thread is confined to the whole");
    }
}
