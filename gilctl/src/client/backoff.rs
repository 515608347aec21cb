//! Backoff between attempts to reconnect, with jitter: watchers that lost one daemon come back one
//! after another.

use std::time::Duration;

/// Most attempts after a lost connection, about ten seconds in all.
pub const RECONNECTS_MAX: u32 = 8;
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(3);

/// Attempts since the last success.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backoff {
    tries: u32,
}

impl Backoff {
    /// The wait before the next attempt, half of the step and a random part of its other half; absent
    /// after [`RECONNECTS_MAX`] of them.
    pub fn next_wait(&mut self) -> Option<Duration> {
        self.next_step().map(|step| step.mul_f64(0.5 + 0.5 * fastrand::f64()))
    }

    /// The wait before the next attempt of a program that goes on trying.
    pub fn next_wait_of_many(&mut self) -> Duration {
        self.next_wait().unwrap_or(LONGEST)
    }

    fn next_step(&mut self) -> Option<Duration> {
        let wait = FIRST.saturating_mul(1 << self.tries.min(RECONNECTS_MAX)).min(LONGEST);
        self.tries += 1;
        (self.tries <= RECONNECTS_MAX).then_some(wait)
    }

    /// Resets the count after a message arrived.
    pub fn succeeded(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_bounded_and_reset_by_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> =
            std::iter::from_fn(|| backoff.next_step()).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3000, 3000, 3000]);
        backoff.succeeded();
        assert_eq!(backoff.next_step(), Some(FIRST));
    }

    #[test]
    fn watchers_of_one_daemon_wait_for_different_times() {
        let waits: Vec<Duration> =
            (0..1000).filter_map(|_| Backoff { tries: 5 }.next_wait()).collect();
        assert!(waits.iter().all(|wait| (LONGEST / 2..=LONGEST).contains(wait)));
        let distinct: std::collections::HashSet<_> = waits.iter().collect();
        assert!(distinct.len() > 900, "{} of 1000 waits differ", distinct.len());
    }
}
