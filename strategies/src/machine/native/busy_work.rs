//! Busy work of a known length, without a clock in the loop.
//!
//! The unit is one turn of a dependent chain of a xor and a multiplication: about 1.1 ns on
//! current processors, unaffected by memory, PAUSE or the other core. PAUSE itself is useless as a
//! unit: 26 ns on Zen 4, 140 cycles on Skylake.
//!
//! A stretch of work ends with a fence that the processor does not run ahead of. Without it, the
//! chains of consecutive steps overlap (14 turns take 5 ns instead of 16), and the load of one step
//! runs during the work of the one before: windows would be narrower than their cost says. The
//! fence costs a fixed 5 to 7 ns, which is measured and taken off; so the shortest work is about 8
//! ns.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::Instant;

use crate::machine::Work;

/// Stretches timed per sample: long against the clock's 25 ns, short against a time slice.
const STRETCHES: u64 = 1_000;
/// How long a sample of [`BusyWork::check_ns`] may take.
const CHECK_SAMPLE_NS: u64 = 100_000;
/// Samples; the fastest counts, since interference only ever slows one down.
const SAMPLES: u32 = 20;
/// The two lengths whose difference gives the cost of a turn.
const SHORT_TURNS: u64 = 8;
const LONG_TURNS: u64 = 108;

/// How much work a nanosecond holds on this machine.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "units are part of the names")]
pub struct BusyWork {
    turn_ns: f64,
    fixed_ns: f64,
    spin_ns: f64,
}

impl BusyWork {
    /// The pace of this machine, measured once a process (about 4 ms).
    pub fn measured() -> Self {
        static PACE: OnceLock<BusyWork> = OnceLock::new();
        *PACE.get_or_init(Self::measure)
    }

    fn measure() -> Self {
        let (short, long) = (fastest_ns(SHORT_TURNS), fastest_ns(LONG_TURNS));
        // No processor does a dependent multiplication in a tenth of a nanosecond.
        let turn_ns = ((long - short) / (LONG_TURNS - SHORT_TURNS) as f64).max(0.1);
        // Nor does any spin in less.
        let spin_ns = fastest(STRETCHES, std::hint::spin_loop).max(0.1);
        Self { turn_ns, spin_ns, fixed_ns: (short - turn_ns * SHORT_TURNS as f64).max(0.0) }
    }

    /// The work that takes `nanoseconds`; at least one turn unless it is zero.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small, positive")]
    pub fn work_for(self, nanoseconds: u64) -> Work {
        if nanoseconds == 0 {
            return Work::NONE;
        }
        let turns = (nanoseconds as f64 - self.fixed_ns) / self.turn_ns;
        Work(turns.round().max(1.0) as u64)
    }

    /// Rounds of busy waiting ([`std::hint::spin_loop`]) that take about so many nanoseconds; at
    /// least 1.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small, positive")]
    pub fn spins_for(self, nanoseconds: u64) -> u32 {
        (nanoseconds as f64 / self.spin_ns).round().max(1.0) as u32
    }

    /// How long work of asked `nanoseconds` takes here, now: the fastest of a few samples, together
    /// some milliseconds.
    pub fn check_ns(self, nanoseconds: u64) -> f64 {
        match self.work_for(nanoseconds) {
            Work::NONE => 0.0,
            Work(turns) => fastest_of(turns, (CHECK_SAMPLE_NS / nanoseconds).clamp(1, STRETCHES)),
        }
    }
}

/// Nanoseconds that a stretch of so many turns takes at best.
fn fastest_ns(turns: u64) -> f64 {
    fastest_of(turns, STRETCHES)
}

fn fastest_of(turns: u64, stretches: u64) -> f64 {
    let turns = black_box(turns);
    fastest(stretches, || burn(turns))
}

/// Nanoseconds that something takes at best, repeated so many times.
fn fastest(stretches: u64, something: impl Fn()) -> f64 {
    let sample = |_| {
        let start = Instant::now();
        for _ in 0..stretches {
            something();
        }
        start.elapsed().as_nanos() as f64 / stretches as f64
    };
    (0..SAMPLES).map(sample).fold(f64::INFINITY, f64::min)
}

/// Keeps the core busy for `turns` turns of the chain, and until they are done.
#[inline]
pub(super) fn burn(turns: u64) {
    let mut x = turns;
    for _ in 0..turns {
        // The xor keeps the optimiser from folding several multiplications into one.
        x = (x ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    black_box(x);
    finish();
}

/// Waits until all that came before has been executed.
#[inline]
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "the intrinsic counts as unsafe outside functions for SSE2")]
fn finish() {
    // SAFETY: every x86-64 processor has SSE2, and the fence touches nothing.
    unsafe { std::arch::x86_64::_mm_lfence() };
}

/// Other processors have no such fence in safe Rust; there short steps may overlap, and the
/// measured step cost in each row says by how much.
#[inline]
#[cfg(not(target_arch = "x86_64"))]
fn finish() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_no_work() {
        assert_eq!(BusyWork::measured().work_for(0), Work::NONE);
    }

    #[test]
    fn more_time_is_more_work() {
        let pace = BusyWork::measured();
        assert!(pace.work_for(15) < pace.work_for(1_000));
        assert!(pace.work_for(1_000) < pace.work_for(1_000_000));
    }
}
