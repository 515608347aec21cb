//! CPU affinity: the core of each worker and the cores of each lane. Best effort: where the system
//! refuses, the kernel places the thread, and the row's overlap shows the effect.

use std::sync::{Arc, OnceLock};

use nix::sched::{self, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use strategies::program::limit::{LimitError, WayOut};

use crate::limits::LANE_CORES_MIN;

/// Rule for placing workers on cores; one for all cells of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pin {
    /// A separate core for each worker if there are enough; otherwise the kernel decides.
    #[default]
    Auto,
    /// The kernel decides.
    None,
    /// Round robin over the cores.
    Spread,
    /// All workers on the first core.
    Pack,
}

/// Placement of a thread; cores are indices into those of its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Any core of its lane.
    Free,
    /// A core with no other worker of the attempt.
    Alone(usize),
    /// A core that other workers may use as well.
    Shared(usize),
}

impl Placement {
    /// Placement of worker `index`, from 0, of `workers` on `cores` cores (at least 1).
    pub fn of(pin: Pin, index: usize, workers: usize, cores: usize) -> Self {
        match pin {
            Pin::Auto | Pin::Spread if workers <= cores => Self::Alone(index),
            Pin::Auto | Pin::None => Self::Free,
            Pin::Spread => Self::Shared(index % cores),
            Pin::Pack if workers == 1 => Self::Alone(0),
            Pin::Pack => Self::Shared(0),
        }
    }

    /// The core's index; `None` where the kernel decides.
    fn core(self) -> Option<usize> {
        match self {
            Self::Free => None,
            Self::Alone(core) | Self::Shared(core) => Some(core),
        }
    }
}

impl Pin {
    /// Number of cores that workers can use under this rule, of `all`; at least 1.
    pub fn cores(self, all: usize) -> usize {
        match self {
            Self::Auto | Self::None | Self::Spread => all,
            Self::Pack => 1,
        }
    }
}

/// Extent of a set of cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CpuScope {
    /// All cores that this process may use: threads need not be confined.
    Whole,
    /// The cores of one of several lanes.
    Share,
}

/// The cores on which attempts may run; clones share the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpuSet {
    /// The system's core numbers, ascending.
    numbers: Arc<[usize]>,
    extent: CpuScope,
}

impl Default for CpuSet {
    /// All cores that this process may use.
    fn default() -> Self {
        Self { numbers: allowed().into(), extent: CpuScope::Whole }
    }
}

impl CpuSet {
    /// The share of a lane, without regard to other lanes: for tests on machines with few cores.
    #[cfg(test)]
    pub(crate) fn share(numbers: &[usize]) -> Self {
        Self { numbers: numbers.into(), extent: CpuScope::Share }
    }

    /// Number of cores; at least 1.
    pub fn count(&self) -> usize {
        self.numbers.len().max(1)
    }

    /// The system's core numbers; empty only if the system does not report them.
    pub fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// Whether the set is the whole or a lane's share.
    pub fn extent(&self) -> CpuScope {
        self.extent
    }

    /// Placement of worker `index` of `workers`.
    pub fn placement(&self, pin: Pin, index: usize, workers: usize) -> Placement {
        Placement::of(pin, index, workers, self.count())
    }

    /// The system's number of a placement's core; `None` where the kernel decides.
    pub fn number(&self, placement: Placement) -> Option<usize> {
        self.numbers.get(placement.core()?).copied()
    }

    /// The system's core number of each worker; empty where the kernel decides.
    pub fn worker_cores(&self, pin: Pin, workers: usize) -> Vec<usize> {
        let core = |index| self.number(self.placement(pin, index, workers));
        (0..workers).map_while(core).collect()
    }

    /// Moves the calling thread from `old` to `new` and returns its placement; costs a system call
    /// only if they differ.
    pub fn place(&self, old: Placement, new: Placement) -> Placement {
        if old == new || !self.move_to(new) { old } else { new }
    }

    /// Confines the calling thread, and all threads that it starts, to a share; does nothing for
    /// the whole.
    pub fn confine(&self) {
        match self.extent {
            CpuScope::Whole => {}
            // If the system refuses, interference and overlap show it.
            CpuScope::Share => drop(self.move_to(Placement::Free)),
        }
    }

    /// Moves the calling thread; returns whether the system did so.
    fn move_to(&self, placement: Placement) -> bool {
        let mut set = sched::CpuSet::new();
        for (number, &core) in self.numbers.iter().enumerate() {
            if placement.core().is_none_or(|wanted| wanted == number) {
                // A core number from the kernel fits the kernel's own set.
                let _ = set.set(core);
            }
        }
        sched_setaffinity(Pid::from_raw(0), &set).is_ok()
    }

    /// Splits the cores into `lanes` shares of equal size, so that their figures are comparable;
    /// remaining cores are unused. Hardware threads of one core stay together where the system
    /// reports them. Refuses shares below [`LANE_CORES_MIN`].
    pub fn split(&self, lanes: usize) -> Result<Vec<Self>, LimitError> {
        self.split_by(lanes, first_sibling)
    }

    /// [`Self::split`] with `first_sibling` as the function from a hardware thread to its core.
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
                way_out: WayOut::within(1, lanes_max),
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

/// The first hardware thread of the core of thread `core`; the thread itself where the system does
/// not report siblings.
fn first_sibling(core: usize) -> usize {
    let file = format!("/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list");
    let siblings = std::fs::read_to_string(file).unwrap_or_default();
    let first = siblings.split([',', '-']).next().unwrap_or_default();
    first.trim().parse().unwrap_or(core)
}

/// Number of cores that this process may use; at least 1.
pub fn count() -> usize {
    allowed().len().max(1)
}

/// The system's core number of each worker, among all cores; empty where the kernel decides.
pub fn worker_cores(pin: Pin, workers: usize) -> Vec<usize> {
    CpuSet::default().worker_cores(pin, workers)
}

/// The system's numbers of the cores that this process may use; read once.
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

    /// The placements of all workers.
    fn all(pin: Pin, workers: usize, cores: usize) -> Vec<Placement> {
        (0..workers).map(|index| Placement::of(pin, index, workers, cores)).collect()
    }

    #[test]
    fn auto_pin_gives_each_worker_a_core_while_there_are_enough() {
        assert_eq!(all(Pin::Auto, 2, 2), [Alone(0), Alone(1)]);
        assert_eq!(all(Pin::Auto, 3, 2), [Free; 3]);
    }

    #[test]
    fn no_pin_leaves_all_workers_free() {
        assert_eq!(all(Pin::None, 2, 4), [Free; 2]);
        assert!(worker_cores(Pin::None, 1).is_empty());
    }

    #[test]
    fn spread_pin_cycles_through_the_cores() {
        assert_eq!(all(Pin::Spread, 2, 4), [Alone(0), Alone(1)]);
        assert_eq!(all(Pin::Spread, 5, 2), [0, 1, 0, 1, 0].map(Shared));
        let twice = worker_cores(Pin::Spread, 2 * count());
        assert_eq!(twice, [allowed(), allowed()].concat());
    }

    #[test]
    fn pack_pin_puts_all_workers_on_the_first_core() {
        assert_eq!(all(Pin::Pack, 1, 4), [Alone(0)]);
        assert_eq!(all(Pin::Pack, 3, 4), [Shared(0); 3]);
        assert_eq!(worker_cores(Pin::Pack, 3), [allowed()[0]; 3]);
    }

    #[test]
    fn placed_thread_moves_to_its_core_and_back() {
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

    /// The set of a machine with these cores.
    fn machine(numbers: &[usize]) -> CpuSet {
        CpuSet { numbers: numbers.into(), extent: CpuScope::Whole }
    }

    #[test]
    fn split_gives_disjoint_shares_of_equal_size() {
        let shares = machine(&[0, 1, 2, 3, 8, 9, 10]).split_by(3, |core| core).expect("two each");
        let numbers: Vec<_> = shares.iter().map(CpuSet::numbers).collect();
        assert_eq!(numbers, [[0, 1], [2, 3], [8, 9]], "the odd one is unused");
        assert!(shares.iter().all(|share| share.extent() == CpuScope::Share));
        assert_eq!(shares[2].worker_cores(Pin::Auto, 2), [8, 9]);
        assert_eq!(shares[2].worker_cores(Pin::Spread, 3), [8, 9, 8]);
        assert!(shares[2].worker_cores(Pin::Auto, 3).is_empty(), "the kernel decides, in the lane");
    }

    #[test]
    fn split_keeps_hardware_threads_of_a_core_together() {
        let shares = machine(&[0, 1, 2, 3]).split_by(2, |core| core % 2).expect("two each");
        let numbers: Vec<_> = shares.iter().map(CpuSet::numbers).collect();
        assert_eq!(numbers, [[0, 2], [1, 3]]);
    }

    #[test]
    fn split_into_one_lane_keeps_all_cores() {
        for all in [machine(&[5]), CpuSet::default()] {
            assert_eq!(all.split(1), Ok(vec![all.clone()]));
        }
    }

    #[test]
    fn split_into_too_many_lanes_is_refused() {
        for (lanes, cores, most) in [(2, 2, 1), (2, 3, 1), (3, 4, 2), (0, 4, 2)] {
            let numbers: Vec<_> = (0..cores).collect();
            let error = machine(&numbers).split(lanes).expect_err("too few").to_string();
            let choice =
                if most == 1 { "1".to_owned() } else { format!("a value from 1 to {most}") };
            let wanted = format!(
                "lanes: {lanes} does not go into the {cores} cores that this process may use: \
                 every lane needs at least 2, and there is at least one lane; choose {choice}"
            );
            assert_eq!(error, wanted);
        }
    }

    #[test]
    fn confined_thread_and_its_children_stay_in_the_share() {
        let here = || sched_getaffinity(Pid::from_raw(0)).expect("a thread knows its cores");
        let (all, last) = (here(), allowed()[count() - 1]);
        let share = CpuSet::share(&[last]);
        let confined = std::thread::spawn(move || {
            share.confine();
            std::thread::spawn(here).join().expect("it returns its set")
        });
        let mut only = sched::CpuSet::new();
        only.set(last).expect("within the set");
        assert_eq!(
            confined.join().expect("it returns its set"),
            only,
            "and threads that it starts"
        );
        CpuSet::default().confine();
        assert_eq!(here(), all, "no thread is confined to the whole");
    }
}
