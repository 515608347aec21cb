//! Overhead of the lab: processor time of the process beyond that of its workers. Pure.

use std::time::Duration;

use crate::sys::rusage::CpuTime;

/// Processor time during the turns of a sweep: of the process, and of its workers within attempts.
/// The difference is the lab's overhead: starting and judging attempts, the log, serving clients.
/// It includes the time that pool threads spin between attempts and at the gate: where attempts are
/// shorter than that, the share is large and can exceed a whole core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overhead {
    process_ns: u64,
    workers_ns: u64,
    wall: Duration,
}

impl Overhead {
    /// Adds a turn in which every attempt was completed: workers of an aborted attempt appear in
    /// the process's time only.
    pub fn add_turn(&mut self, process: CpuTime, workers: CpuTime, wall: Duration) {
        self.process_ns += process.total_ns();
        self.workers_ns += workers.total_ns();
        self.wall += wall;
    }

    /// The overhead divided by wall time, 1 for a whole core; `None` before the first turn.
    pub fn share_of_a_core(&self) -> Option<f64> {
        let overhead = Duration::from_nanos(self.process_ns.saturating_sub(self.workers_ns));
        (!self.wall.is_zero()).then(|| overhead.as_secs_f64() / self.wall.as_secs_f64())
    }

    /// Wall time of the turns.
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
    fn overhead_is_process_time_beyond_the_workers() {
        let mut overhead = Overhead::default();
        assert_eq!(overhead.share_of_a_core(), None);
        overhead.add_turn(cpu(1_500, 30), cpu(1_500, 10), Duration::from_micros(1));
        overhead.add_turn(cpu(1_900, 40), cpu(1_900, 20), Duration::from_micros(1));
        let share = overhead.share_of_a_core().expect("two turns");
        assert!((share - 0.02).abs() < 1e-12, "{share}");
        assert_eq!(overhead.wall(), Duration::from_micros(2));
    }

    #[test]
    fn overhead_share_is_never_negative() {
        let mut overhead = Overhead::default();
        overhead.add_turn(cpu(99, 0), cpu(100, 0), Duration::from_nanos(50));
        assert_eq!(overhead.share_of_a_core(), Some(0.0));
    }
}
