//! How many lanes there are, how long their queue is, and whose share of it. Checks its limits;
//! starts nothing.

use strategies::program::limit::{LimitError, within};

use crate::limits::{QUEUE_LIMIT, QUEUE_MAX, QUOTA};
use crate::sys::affinity::CpuSet;

/// The terms on which a lab takes work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchedulerConfig {
    /// Sweeps and explorations at once, each on cores of its own: from 1 to as many as leave each
    /// lane [`LANE_CORES_MIN`](crate::limits::LANE_CORES_MIN) cores. An exploration takes a whole
    /// lane, so that no search runs on cores that are measured; each may hold as much memory as one
    /// alone.
    pub lanes: usize,
    /// Most sweeps and explorations that wait, 1 to [`QUEUE_LIMIT`].
    pub queue_max: usize,
    /// Most of one owner's that wait or run, 1 to [`QUEUE_LIMIT`]; none for
    /// [`Owner::Local`](crate::jobs::owner::Owner::Local). All whom nobody asked who they are share one.
    pub quota: usize,
    /// What becomes of the queue once a worker was given up.
    pub when_degraded: DegradedPolicy,
    /// What becomes of the queue once the lanes stop.
    pub when_stopped: ShutdownPolicy,
}

/// What becomes of the queue once the lanes stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShutdownPolicy {
    /// It is interrupted, for nobody runs it later.
    #[default]
    Interrupt,
    /// It stays as it is, for the next lab that opens the history.
    Keep,
}

/// What becomes of the queue once a worker was given up that may run for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DegradedPolicy {
    /// It goes on, and what is measured says so.
    #[default]
    GoOn,
    /// Nothing starts until the worker has come back or the process was replaced: for whoever waits
    /// in [`once_degraded_and_idle`](super::Lane::once_degraded_and_idle).
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
    /// The cores of each lane; the error names the first field that breaks a limit. For whoever
    /// reads them from a user, before anything starts.
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
    fn a_lab_that_was_told_nothing_has_one_lane_with_all_cores() {
        assert_eq!(SchedulerConfig::default().checked(), Ok(vec![CpuSet::default()]));
    }

    #[test]
    fn a_broken_limit_names_its_field() {
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
        for (field, terms) in cases {
            if terms.lanes == 1 && field == "lanes" {
                // A machine of one core has one lane.
                continue;
            }
            let error = terms.checked().expect_err("beyond a limit");
            assert_eq!(error.field, field, "{error}");
            assert!(error.to_string().contains("; choose a value from 1 to "), "{error}");
        }
    }
}
