//! Backoff between attempts to reconnect.

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
    /// The wait before the next attempt; absent after [`RECONNECTS_MAX`] of them.
    pub fn next_wait(&mut self) -> Option<Duration> {
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
            std::iter::from_fn(|| backoff.next_wait()).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3000, 3000, 3000]);
        backoff.succeeded();
        assert_eq!(backoff.next_wait(), Some(FIRST));
    }
}
