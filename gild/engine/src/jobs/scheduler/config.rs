//! How many lanes there are, how long their queue is, and whose share of it. Checks its limits;
//! starts nothing.

use strategies::program::workload::{LimitError, within};

use crate::limits::{QUEUE_LIMIT, QUEUE_MAX, QUOTA};
use crate::sys::affinity::Cores;

/// The terms on which a lab takes work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
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
    pub when_degraded: WhenDegraded,
    /// What becomes of the queue once the lanes stop.
    pub when_stopped: WhenStopped,
}

/// What becomes of the queue once the lanes stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenStopped {
    /// It is interrupted, for nobody runs it later.
    #[default]
    Interrupt,
    /// It stays as it is, for the next lab that opens the history.
    Keep,
}

/// What becomes of the queue once a worker was given up that may run for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenDegraded {
    /// It goes on, and what is measured says so.
    #[default]
    GoOn,
    /// Nothing starts until the worker has come back or the process was replaced: for whoever waits
    /// in [`once_degraded_and_idle`](super::Lane::once_degraded_and_idle).
    Hold,
}

impl Default for Terms {
    fn default() -> Self {
        let when_degraded = WhenDegraded::default();
        let when_stopped = WhenStopped::default();
        Self { lanes: 1, queue_max: QUEUE_MAX, quota: QUOTA, when_degraded, when_stopped }
    }
}

impl Terms {
    /// The cores of each lane; the error names the first field that breaks a limit. For whoever
    /// reads them from a user, before anything starts.
    pub fn checked(&self) -> Result<Vec<Cores>, LimitError> {
        self.split(&Cores::default())
    }

    /// The same on a machine of these cores.
    pub(super) fn split(&self, all: &Cores) -> Result<Vec<Cores>, LimitError> {
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
        assert_eq!(Terms::default().checked(), Ok(vec![Cores::default()]));
    }

    #[test]
    fn a_broken_limit_names_its_field() {
        let good = Terms::default();
        let cases = [
            ("queue_max", Terms { queue_max: 0, ..good }),
            ("queue_max", Terms { queue_max: QUEUE_LIMIT + 1, ..good }),
            ("quota", Terms { quota: 0, ..good }),
            ("quota", Terms { quota: QUEUE_LIMIT + 1, ..good }),
            ("lanes", Terms { lanes: 0, ..good }),
            ("lanes", Terms { lanes: count(), ..good }),
            ("lanes", Terms { lanes: usize::MAX, ..good }),
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
