//! Random choices that a seed decides: picks, odds, and numbers near every limit. Makes no input
//! itself.

use engine::limits::{
    ATTEMPTS_MAX, CELLS_MAX, PLAYED_MOVES_MAX, PRECISION_MAX_PERMILLE, SWEEP_ATTEMPTS_MAX,
    WORKERS_MAX,
};
use gild::limits::PAGE_MAX;
use strategies::explore::round_robin::K_MAX;
use strategies::harness::rng::SplitMix64;
use strategies::model::{long_program, program};
use strategies::program::era::{INTERVAL_MAX_PS, TICKS_MAX};
use strategies::program::workload::{
    ARRIVALS_MAX_PER_S, DURATION_NS, INCREMENTS_MAX, LOCKS_MAX, READS_MAX_PERCENT, REQUESTS_MAX,
    STEP_COST_MAX_NS, STRETCH_MAX_NS, TASK_STEPS_MAX, TASKS_MAX,
};

/// Every limit of a number that a request can carry, and the ends of its types.
const EDGES: [u64; 28] = [
    0,
    1,
    CELLS_MAX as u64,
    ATTEMPTS_MAX as u64,
    SWEEP_ATTEMPTS_MAX,
    WORKERS_MAX as u64,
    PAGE_MAX as u64,
    PLAYED_MOVES_MAX as u64,
    PRECISION_MAX_PERMILLE as u64,
    INTERVAL_MAX_PS,
    TICKS_MAX as u64,
    program::WORKERS_MAX as u64,
    program::INCREMENTS_MAX as u64,
    long_program::INCREMENTS_MAX as u64,
    K_MAX as u64,
    ARRIVALS_MAX_PER_S,
    *DURATION_NS.start(),
    *DURATION_NS.end(),
    INCREMENTS_MAX,
    LOCKS_MAX as u64,
    READS_MAX_PERCENT as u64,
    REQUESTS_MAX,
    STEP_COST_MAX_NS,
    STRETCH_MAX_NS,
    TASK_STEPS_MAX as u64,
    TASKS_MAX,
    u32::MAX as u64,
    u64::MAX,
];

/// All decisions about one input.
#[derive(Debug, Clone)]
pub(crate) struct Chance(SplitMix64);

impl Chance {
    /// The decisions that these numbers name.
    pub(crate) fn of(parts: &[u64]) -> Self {
        Self(SplitMix64::of(parts))
    }

    /// A number below `end`, which is at least 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.below(end as u64)).unwrap_or(0)
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several, of which there is at least one.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Any number of 64 bits.
    pub(crate) fn draw(&mut self) -> u64 {
        self.0.draw()
    }

    /// A byte.
    pub(crate) fn byte(&mut self) -> u8 {
        self.draw().to_le_bytes()[0]
    }

    /// A number at a limit, just below or just beyond it, of any size, or small.
    pub(crate) fn number(&mut self) -> u64 {
        match self.below(8) {
            0..4 => self.pick(&EDGES).wrapping_add(self.pick(&[0, 0, 1, u64::MAX])),
            4 => self.draw() >> self.below(64),
            _ => self.0.below(70),
        }
    }

    /// The same in 32 bits: what is beyond them wraps.
    #[expect(clippy::cast_possible_truncation, reason = "any number will do")]
    pub(crate) fn small_number(&mut self) -> u32 {
        self.number() as u32
    }

    /// How many entries a list has: few, mostly; now and then as many as a grid, rarely far more.
    pub(crate) fn length(&mut self) -> usize {
        match self.below(2000) {
            0 => self.below(200_000),
            1..6 => CELLS_MAX - 1 + self.below(3),
            6..16 => self.below(2 * CELLS_MAX),
            16..200 => self.below(12),
            _ => 1 + self.below(2),
        }
    }
}
