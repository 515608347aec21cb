//! Configuration of the scheduler: lanes, length of the queue, quota of an owner. Checks the limits;
//! starts nothing.

use strategies::program::limit::{LimitError, within};

use crate::limits::{QUEUE_LIMIT, QUEUE_MAX, QUOTA};
use crate::sys::affinity::CpuSet;

/// Configuration of the scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchedulerConfig {
    /// Jobs that run at once, each on cores of its own: from 1 to as many as leave each lane
    /// [`LANE_CORES_MIN`](crate::limits::LANE_CORES_MIN) cores. An exploration takes a whole lane, so
    /// that no search runs on cores that are measured. Each of them may use as much memory as a
    /// single one.
    pub lanes: usize,
    /// Most jobs in the queue, 1 to [`QUEUE_LIMIT`].
    pub queue_max: usize,
    /// Most jobs of one owner that are queued or run, 1 to [`QUEUE_LIMIT`]; does not apply to
    /// [`Owner::Local`](crate::jobs::owner::Owner::Local). All unauthenticated clients share one
    /// quota.
    pub quota: usize,
    /// What happens to the queue once a worker was abandoned.
    pub when_degraded: DegradedPolicy,
    /// What happens to the queue once the lanes stop.
    pub when_stopped: ShutdownPolicy,
}

/// What happens to the queue once the lanes stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShutdownPolicy {
    /// Its jobs are interrupted, because no later lab would run them.
    #[default]
    Interrupt,
    /// Its jobs stay queued, for the next lab that opens the history.
    Keep,
}

/// What happens to the queue once a worker was abandoned that may never come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DegradedPolicy {
    /// Lanes go on, and the measurements are marked.
    #[default]
    GoOn,
    /// No job starts until the worker has come back or the process was replaced, by the caller of
    /// [`once_degraded_and_idle`](super::Scheduler::once_degraded_and_idle).
    Hold,
}

impl Default for SchedulerConfig {
    fn default() -> Self {
        let when_degraded = DegradedPolicy::default();
        let when_stopped = ShutdownPolicy::default();
        Self { lanes: 1, queue_max: QUEUE_MAX, quota: QUOTA, when_degraded, when_stopped }
    }
}

impl SchedulerConfig {
    /// The cores of each lane; the error names the first field that breaks a limit.
    pub fn checked(&self) -> Result<Vec<CpuSet>, LimitError> {
        self.split(&CpuSet::default())
    }

    /// The same on a machine of these cores.
    pub(super) fn split(&self, all: &CpuSet) -> Result<Vec<CpuSet>, LimitError> {
        within("queue_max", self.queue_max, 1, QUEUE_LIMIT)?;
        within("quota", self.quota, 1, QUEUE_LIMIT)?;
        all.split(self.lanes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::affinity::count;

    #[test]
    fn default_config_has_one_lane_with_all_cores() {
        assert_eq!(SchedulerConfig::default().checked(), Ok(vec![CpuSet::default()]));
    }

    #[test]
    fn config_beyond_a_limit_is_refused_by_field() {
        let good = SchedulerConfig::default();
        let cases = [
            ("queue_max", SchedulerConfig { queue_max: 0, ..good }),
            ("queue_max", SchedulerConfig { queue_max: QUEUE_LIMIT + 1, ..good }),
            ("quota", SchedulerConfig { quota: 0, ..good }),
            ("quota", SchedulerConfig { quota: QUEUE_LIMIT + 1, ..good }),
            ("lanes", SchedulerConfig { lanes: 0, ..good }),
            ("lanes", SchedulerConfig { lanes: count(), ..good }),
            ("lanes", SchedulerConfig { lanes: usize::MAX, ..good }),
        ];
        for (field, config) in cases {
            if config.lanes == 1 && field == "lanes" {
                // A machine of one core has one lane.
                continue;
            }
            let error = config.checked().expect_err("beyond a limit");
            assert_eq!(error.field, field, "{error}");
            // A machine of few cores has one lane.
            let said = error.to_string();
            let names_range = said.contains("; choose a value from 1 to ");
            assert!(names_range || field == "lanes" && said.contains("; choose 1"), "{error}");
        }
    }
}
