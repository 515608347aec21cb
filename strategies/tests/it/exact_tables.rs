//! Summaries of whole distributions in the tables of `tests/data/exact`, where the distribution
//! itself would be too long to keep.
//!
//! Chances as small as 1e-200 are compared by their own size too, not as if they were 0: all of the
//! chain's sums are of positive numbers, so that none of its digits are lost.

use num_bigint::BigUint;
use strategies::explore::reverse::chain;
use strategies::model::bounds::Bounds;
use strategies::model::scheduler::{Bits, Probability, Scheduler};

use crate::exact::{close, number, rows, unlocked};

/// Moves of all workers up to which interleavings are counted one by one and not only in floats.
const COUNTED_MOVES: usize = 120;
/// Below it floats keep fewer digits, and the tables have 0.
const DIGITS_KEPT_FROM: f64 = 1e-290;

/// The chances of all final values.
struct Chances(Vec<f64>);

impl Chances {
    fn of(ways: &[f64]) -> Self {
        let all: f64 = ways.iter().sum();
        Self(ways.iter().map(|ways| ways / all).collect())
    }

    fn mean(&self) -> f64 {
        self.0.iter().enumerate().map(|(value, chance)| value as f64 * chance).sum()
    }

    /// The standard deviation.
    fn sd(&self) -> f64 {
        let mean = self.mean();
        let square = |(value, chance): (usize, &f64)| (value as f64 - mean).powi(2) * chance;
        self.0.iter().enumerate().map(square).sum::<f64>().sqrt()
    }

    /// Of two values that are equally likely either will do, so it is asked of one.
    fn is_mode(&self, value: usize) -> bool {
        self.0.iter().all(|&chance| chance <= self.0[value] * (1.0 + 1e-9))
    }
}

/// To 1e-9 of the value, down to where floats lose digits.
#[track_caller]
fn as_likely(found: f64, wanted: &str, what: &str) {
    let wanted: f64 = number(wanted);
    let is_lost = found < DIGITS_KEPT_FROM && wanted < DIGITS_KEPT_FROM;
    let off = (found - wanted).abs();
    assert!(is_lost || off <= 1e-9 * wanted, "{what}: {found} is not {wanted}");
}

#[test]
fn summaries_under_the_uniform_schedulers() {
    for row in rows("summary_random.csv") {
        let (workers, increments) = (number(&row[0]), number(&row[1]));
        let scheduler = match row[3].as_str() {
            "interleavings" => Scheduler::Interleavings,
            _ => Scheduler::UniformStep,
        };
        let program = unlocked(workers, increments, &row[2]);
        let what = &row[..4].join(" ");
        let ways = chain::outcomes::<f64>(&program, scheduler, Bounds::ALL).expect("small");
        if scheduler == Scheduler::Interleavings {
            close(ways.iter().sum::<f64>(), number(&row[4]), what);
            if program.moves() <= COUNTED_MOVES {
                let ways = chain::outcomes::<BigUint>(&program, scheduler, Bounds::ALL);
                assert_eq!(ways.expect("small").iter().sum::<BigUint>().to_string(), row[4]);
            }
        }
        let reached = chain::outcomes::<Bits>(&program, scheduler, Bounds::ALL).expect("small");
        let reached = Bits::values(&reached);
        let ends = [reached.first(), reached.last()].map(|value| *value.expect("one"));
        assert_eq!(ends, [number::<u32>(&row[5]), number(&row[6])], "{what}");
        assert_eq!(reached.len(), number::<usize>(&row[7]), "{what}");

        let chances = Chances::of(&ways);
        as_likely(chances.0[program.expected() as usize], &row[8], what);
        as_likely(chances.0[ends[0] as usize], &row[9], what);
        close(chances.mean(), number(&row[10]), what);
        close(chances.sd(), number(&row[11]), what);
        assert!(chances.is_mode(number(&row[12])), "{what}");
        close(chances.mean() / f64::from(program.expected()), number(&row[13]), what);
    }
}

#[test]
fn summaries_under_switching() {
    for row in rows("random_switch.csv") {
        let (workers, increments) = (number(&row[0]), number::<u32>(&row[1]));
        let scheduler = Scheduler::SwitchQ(Probability::parse(&row[3]).expect("a probability"));
        let program = unlocked(workers, increments, &row[2]);
        let what = &row[..4].join(" ");
        let ways = chain::outcomes::<f64>(&program, scheduler, Bounds::ALL).expect("small");
        close(ways.iter().sum::<f64>(), 1.0, what);
        let chances = Chances::of(&ways);
        // The least that any scheduler could reach, whether this one does or not.
        let least = if increments == 1 { 1 } else { 2 };
        as_likely(chances.0[program.expected() as usize], &row[4], what);
        close(chances.mean(), number(&row[5]), what);
        close(chances.mean() / f64::from(program.expected()), number(&row[6]), what);
        close(chances.sd(), number(&row[7]), what);
        as_likely(chances.0[least], &row[8], what);
    }
}
