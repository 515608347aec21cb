//! What the lab itself costs beside its workers. Pure; reads no clock.

use std::time::Duration;

use crate::sys::rusage::CpuTime;

/// Time on a processor during the turns of a sweep: the process's, and its workers' within
/// attempts. What is not theirs is the lab's: starting and judging attempts, the log, clients that
/// watches. So is the time that the crew's threads stay awake between attempts and at the gate:
/// where attempts are shorter than that, the share is large, and can pass a whole core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overhead {
    process_ns: u64,
    workers_ns: u64,
    wall: Duration,
}

impl Overhead {
    /// Adds a turn of which every attempt was completed: an aborted attempt's workers are in the
    /// process's time only.
    pub fn add_turn(&mut self, process: CpuTime, workers: CpuTime, wall: Duration) {
        self.process_ns += process.total_ns();
        self.workers_ns += workers.total_ns();
        self.wall += wall;
    }

    /// The lab's own time by the time that passed, 1 for a whole core; `None` before the first
    /// turn.
    pub fn share_of_a_core(&self) -> Option<f64> {
        let own = Duration::from_nanos(self.process_ns.saturating_sub(self.workers_ns));
        (!self.wall.is_zero()).then(|| own.as_secs_f64() / self.wall.as_secs_f64())
    }

    /// Time that passed in the turns.
    pub fn wall(&self) -> Duration {
        self.wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpu(user_ns: u64, system_ns: u64) -> CpuTime {
        CpuTime { user_ns, system_ns }
    }

    #[test]
    fn what_is_not_the_workers_is_the_labs() {
        let mut own = Overhead::default();
        assert_eq!(own.share_of_a_core(), None);
        own.add_turn(cpu(1_500, 30), cpu(1_500, 10), Duration::from_micros(1));
        own.add_turn(cpu(1_900, 40), cpu(1_900, 20), Duration::from_micros(1));
        let share = own.share_of_a_core().expect("two turns");
        assert!((share - 0.02).abs() < 1e-12, "{share}");
        assert_eq!(own.wall(), Duration::from_micros(2));
    }

    #[test]
    fn clocks_that_disagree_make_no_negative_share() {
        let mut own = Overhead::default();
        own.add_turn(cpu(99, 0), cpu(100, 0), Duration::from_nanos(50));
        assert_eq!(own.share_of_a_core(), Some(0.0));
    }
}
