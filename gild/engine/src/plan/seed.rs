//! Seeds of attempts, derived from the sweep's seed; the same on any machine.

use strategies::harness::rng::SplitMix64;

/// The seed of one attempt of one cell.
pub fn of_attempt(sweep: u64, cell: usize, attempt: u32) -> u64 {
    SplitMix64::of(&[sweep, cell as u64, u64::from(attempt)]).draw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attempt_has_its_own_seed() {
        let seeds = [(0, 0), (0, 1), (1, 0)].map(|(cell, attempt)| of_attempt(42, cell, attempt));
        assert!(seeds[0] != seeds[1] && seeds[0] != seeds[2] && seeds[1] != seeds[2]);
    }
}
