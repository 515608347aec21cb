//! How often and how fast a broken connection is tried again.

use std::time::Duration;

/// Most tries after a cut, before the user is asked to come back: about ten seconds in all.
pub const RECONNECTS_MAX: u32 = 8;
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(3);

/// Counts tries since the last success.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backoff {
    tries: u32,
}

impl Backoff {
    /// How long to wait before the next try; nothing once there were enough.
    pub fn next_wait(&mut self) -> Option<Duration> {
        let wait = FIRST.saturating_mul(1 << self.tries.min(RECONNECTS_MAX)).min(LONGEST);
        self.tries += 1;
        (self.tries <= RECONNECTS_MAX).then_some(wait)
    }

    /// Something arrived: the next cut starts from the beginning.
    pub fn succeeded(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_bounded_and_start_anew_after_a_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> =
            std::iter::from_fn(|| backoff.next_wait()).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3000, 3000, 3000]);
        backoff.succeeded();
        assert_eq!(backoff.next_wait(), Some(FIRST));
    }
}
