//! Questions about everything that can come out of a program, and their answers.

use num_bigint::BigUint;

use crate::model::long_program::LongProgram;
use crate::model::schedule::Schedule;
use crate::model::scheduler::Scheduler;

/// How likely schedules are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SchedulerChoice {
    /// By chance.
    Random(Scheduler),
    /// Another worker after every `k` moves.
    EveryK {
        /// Moves between two switches.
        k: u32,
        /// Moves before the first; without one, over all from 1 to `k`.
        phase: Option<u32>,
    },
}

/// What is wanted of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryOptions {
    /// How likely schedules are.
    pub choice: SchedulerChoice,
    /// Whether probabilities are wanted as fractions.
    pub exact: bool,
    /// Only this value.
    pub value: Option<u32>,
}

/// One final value.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The counter in the end.
    pub value: u32,
    /// Interleavings that lead to it; not counted under fixed turns, nor by a closed form.
    pub count: Option<BigUint>,
    /// How likely it is; 0 where no float can hold it, and where neither it nor the count is known.
    pub probability: f64,
    /// Its common logarithm, where it is known.
    pub probability_log10: Option<f64>,
    /// It as a fraction in lowest terms, if wanted.
    pub ratio: Option<(BigUint, BigUint)>,
    /// A schedule that leads to it; absent where it would take too much.
    pub witness: Option<Schedule>,
    /// Its preemptions, if no schedule has fewer.
    pub fewest_preemptions: Option<u32>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// What was explored.
    pub program: LongProgram,
    /// All interleavings; under fixed turns only where they are counted at once, and of a closed form
    /// only if all digits are wanted.
    pub interleavings: Option<BigUint>,
    /// They to 17 digits and a power of ten, where only a closed form counts them.
    pub interleavings_rounded: Option<String>,
    /// Machine states; absent beyond [`COUNTED_STATES_MAX`](super::analysis::COUNTED_STATES_MAX).
    pub states: Option<u64>,
    /// Interleavings that differ in more than the order of independent moves, where counted.
    pub classes: Option<BigUint>,
    /// Deadlocked states: some worker is not done and none can move.
    pub deadlocks: u64,
    /// What can come out, in order; only the wanted value, if one was. Of a closed form the least and
    /// the greatest.
    pub outcomes: Vec<Outcome>,
    /// What there is to say, in one sentence.
    pub verdict: String,
}

/// Receives the phase and its progress from 0 to 1; returning `false` stops the survey.
pub type GoOn<'a> = &'a dyn Fn(&'static str, f64) -> bool;

impl Outcome {
    /// A value of which nothing more is known.
    pub fn of(value: u32) -> Self {
        Self {
            value,
            count: None,
            probability: 0.0,
            probability_log10: None,
            ratio: None,
            witness: None,
            fewest_preemptions: None,
        }
    }
}
