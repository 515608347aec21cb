//! Busy work of a known length, without a clock in the loop.
//!
//! The unit is one turn of a dependent chain of a xor and a multiplication: about 1.1 ns on
//! current processors, unaffected by memory, PAUSE or the other core. PAUSE itself is useless as a
//! unit: 26 ns on Zen 4, 140 cycles on Skylake.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::Instant;

use crate::machine::Work;

/// Turns timed per sample, about 0.2 ms: long against the clock's 25 ns, short against a time slice.
const SAMPLE_TURNS: u64 = 200_000;
/// Samples; the fastest counts, since interference only ever slows one down.
const SAMPLES: usize = 20;

/// How much work a nanosecond holds on this machine.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    turns_per_ns: f64,
}

impl Pace {
    /// The pace of this machine, measured once a process (about 5 ms).
    pub fn measured() -> Self {
        static PACE: OnceLock<Pace> = OnceLock::new();
        *PACE.get_or_init(Self::measure)
    }

    fn measure() -> Self {
        let fastest_ns = (0..SAMPLES)
            .map(|_| {
                let start = Instant::now();
                burn(SAMPLE_TURNS);
                start.elapsed().as_nanos()
            })
            .min()
            .unwrap_or(1)
            .max(1);
        Self { turns_per_ns: SAMPLE_TURNS as f64 / fastest_ns as f64 }
    }

    /// The work that takes `nanoseconds`; at least one turn unless it is zero.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small, positive")]
    pub fn work_for(self, nanoseconds: u64) -> Work {
        if nanoseconds == 0 {
            return Work::NONE;
        }
        Work(((nanoseconds as f64 * self.turns_per_ns).round() as u64).max(1))
    }
}

/// Keeps the core busy for `turns` turns of the chain.
#[inline]
pub(super) fn burn(turns: u64) {
    let mut x = turns;
    for _ in 0..turns {
        // The xor keeps the optimiser from folding several multiplications into one.
        x = (x ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    black_box(x);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_no_work() {
        assert_eq!(Pace::measured().work_for(0), Work::NONE);
    }

    #[test]
    fn more_time_is_more_work() {
        let pace = Pace::measured();
        assert!(pace.work_for(15) < pace.work_for(1_000));
        assert!(pace.work_for(1_000) < pace.work_for(1_000_000));
    }
}
