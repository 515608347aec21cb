//! Requests for pictures: when the next one is due, so that the lab draws seldom while it measures.

use std::time::Duration;

/// Least time between two requests for the picture of a running job.
pub const PICTURE_INTERVAL: Duration = Duration::from_secs(3);

/// Whether the picture on the screen is the newest, and when another may be asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PictureRequests {
    asked_ns: u64,
    is_asked: bool,
    is_stale: bool,
}

impl PictureRequests {
    /// The job has changed since it was drawn.
    pub fn changed(&mut self) {
        self.is_stale = true;
    }

    /// The lab has answered, or will not.
    pub fn answered(&mut self) {
        self.is_asked = false;
    }

    /// Whether to ask at this time, in nanoseconds since the Unix epoch; then it counts as asked.
    pub fn is_due(&mut self, now_ns: u64) -> bool {
        let interval = u64::try_from(PICTURE_INTERVAL.as_nanos()).unwrap_or(u64::MAX);
        let is_due =
            self.is_stale && !self.is_asked && now_ns.saturating_sub(self.asked_ns) >= interval;
        if is_due {
            *self = Self { asked_ns: now_ns, is_asked: true, is_stale: false };
        }
        is_due
    }

    /// Asks at once, whatever was asked before.
    pub fn at_once(&mut self, now_ns: u64) {
        *self = Self { asked_ns: now_ns, is_asked: true, is_stale: false };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_job_is_drawn_again_after_the_interval_and_the_answer() {
        let interval = u64::try_from(PICTURE_INTERVAL.as_nanos()).expect("it fits");
        let mut requests = PictureRequests::default();
        assert!(!requests.is_due(interval));
        requests.at_once(interval);
        requests.changed();
        assert!(!requests.is_due(3 * interval), "the lab has not answered");
        requests.answered();
        assert!(!requests.is_due(2 * interval - 1));
        assert!(requests.is_due(2 * interval));
        requests.answered();
        assert!(!requests.is_due(9 * interval), "nothing has changed");
    }
}
