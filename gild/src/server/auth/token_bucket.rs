//! Token bucket: a number of permissions that refills at a fixed rate. The caller passes the time.

use std::time::{Duration, Instant};

/// A bucket with the permissions left in it.
#[derive(Debug, Clone)]
pub(crate) struct TokenBucket {
    per_second: f64,
    capacity: f64,
    left: f64,
    filled: Instant,
}

impl TokenBucket {
    /// A full bucket of `capacity` permissions that gains `per_second` more each second.
    pub(crate) fn new(capacity: u32, per_second: u32, now: Instant) -> Self {
        let capacity = f64::from(capacity);
        Self { per_second: f64::from(per_second), capacity, left: capacity, filled: now }
    }

    /// Takes a permission, or returns the time until the next one.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.fill(now);
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.left) / self.per_second))
    }

    /// Whether all permissions are back.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.left >= self.capacity
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.left = (self.left + passed * self.per_second).min(self.capacity);
        self.filled = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burst_is_followed_by_steady_rate() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(3, 10, start);
        assert!((0..3).all(|_| bucket.take(start).is_ok()));
        let wait = bucket.take(start).expect_err("empty");
        assert_eq!(wait.as_millis(), 100);
        let later = start + Duration::from_millis(101);
        assert_eq!(bucket.take(later), Ok(()));
        assert!(bucket.take(later).is_err());
        assert!(!bucket.is_full(later));
        let much_later = start + Duration::from_mins(1);
        assert!(bucket.is_full(much_later));
        assert_eq!((0..9).filter(|_| bucket.take(much_later).is_ok()).count(), 3);
    }

    #[test]
    fn clock_going_back_adds_no_tokens() {
        let start = Instant::now() + Duration::from_secs(10);
        let mut bucket = TokenBucket::new(1, 1, start);
        assert_eq!(bucket.take(start), Ok(()));
        let before = start.checked_sub(Duration::from_secs(5)).expect("not that early");
        assert!(bucket.take(before).is_err());
    }
}
