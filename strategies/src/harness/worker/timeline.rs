//! Timeline of a worker: the number of its bodies in each window of an attempt.

/// Length of a window.
pub const WINDOW_NS: u64 = 1_000_000;

/// A worker's bodies over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// Number of bodies done in each window of [`WINDOW_NS`]: at most 2,048 a nanosecond, so that
    /// 32 bits hold it.
    pub bodies: Box<[u32]>,
    /// Longest time between two readings of the clock; no wait was longer.
    pub longest_ns: u64,
}

impl Timeline {
    /// An empty timeline of this length.
    pub fn new(duration_ns: u64) -> Self {
        let windows = usize::try_from(duration_ns / WINDOW_NS).unwrap_or(0);
        Self { bodies: vec![0; windows].into(), longest_ns: 0 }
    }

    /// Counts bodies that took `took_ns` together and were done `at_ns` after the start.
    pub(crate) fn add(&mut self, at_ns: u64, took_ns: u64, bodies: u64) {
        let window = usize::try_from(at_ns / WINDOW_NS).unwrap_or(usize::MAX);
        if let Some(count) = self.bodies.get_mut(window) {
            *count = count.saturating_add(u32::try_from(bodies).unwrap_or(u32::MAX));
        }
        self.longest_ns = self.longest_ns.max(took_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_after_the_end_are_in_no_window() {
        let mut timeline = Timeline::new(3 * WINDOW_NS);
        timeline.add(0, 10, 5);
        timeline.add(2 * WINDOW_NS + 1, 20, 7);
        timeline.add(3 * WINDOW_NS, 90, 11);
        assert_eq!((&*timeline.bodies, timeline.longest_ns), (&[5, 0, 7][..], 90));
    }
}
