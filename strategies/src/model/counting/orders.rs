//! Count of the orders in which workers can take their turns: `(workers x turns)! / turns!^workers`,
//! to the last digit or to 17 digits at any size.

use num_bigint::BigUint;

use crate::model::counting::fixed_point::{Fixed, exp, ln, ln_of_pi};
use crate::model::ratio::{DIGITS, scientific, with_exponent};

/// Most turns of all workers together whose orders are counted to the last digit: up to 90,309 digits,
/// in some tenths of a second.
pub const EXACT_TURNS_MAX: u64 = 100_000;
/// Fewest turns of one worker from which Stirling's series is used: its error is below 1e-39 there.
const STIRLING_FROM: u64 = 1000;
/// Stirling's series: numerators and denominators at the odd powers of 1/n.
const STIRLING: [(i64, i64); 6] =
    [(1, 12), (-1, 360), (1, 1260), (-1, 1680), (1, 1188), (-691, 360_360)];

/// The orders of so many turns of each of so many workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orders {
    /// How many workers.
    pub workers: u32,
    /// Turns of each; at least 1.
    pub turns: u64,
}

impl Orders {
    /// Turns of all workers.
    pub fn turns_of_all(self) -> u64 {
        self.turns * u64::from(self.workers)
    }

    /// The count, up to [`EXACT_TURNS_MAX`] turns.
    pub fn exact(self) -> Option<BigUint> {
        (self.turns_of_all() <= EXACT_TURNS_MAX).then(|| self.count())
    }

    fn count(self) -> BigUint {
        product(1, self.turns_of_all()) / product(1, self.turns).pow(self.workers)
    }

    /// The count to 17 digits and a power of ten: `1.3784652882000000e11`.
    pub fn rounded(self) -> String {
        if self.turns < STIRLING_FROM || self.workers < 2 {
            return scientific(&self.count().to_string());
        }
        let ten = ln(&Fixed::of(10));
        let log10 = &self.ln() / &ten;
        let power = log10.floor();
        let mantissa = exp(&(&(&log10 - &Fixed::of(power)) * &ten));
        let places = u32::try_from(DIGITS - 1).unwrap_or(u32::MAX);
        with_exponent(&mantissa.times_rounded(10_u64.pow(places)).to_string(), power.unsigned_abs())
    }

    /// The natural logarithm, by Stirling's series for each factorial.
    fn ln(self) -> Fixed {
        let [workers, turns, all] = [u64::from(self.workers), self.turns, self.turns_of_all()]
            .map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        let [of_workers, of_turns] = [workers, turns].map(|count| ln(&Fixed::of(count)));
        // all ln(all) - workers turns ln(turns) is all ln(workers): the large terms cancel.
        let large = &Fixed::of(all) * &of_workers;
        let halves = &(&of_workers + &of_turns) - &(&of_turns * &Fixed::of(workers));
        let two_pi = &ln(&Fixed::of(2)) + &ln_of_pi();
        let constants = &two_pi * &Fixed::of(1 - workers);
        let half = &(&halves + &constants) / &Fixed::of(2);
        let series = &stirling(all) - &(&stirling(turns) * &Fixed::of(workers));
        &(&large + &half) + &series
    }
}

fn stirling(n: i64) -> Fixed {
    let inverse = &Fixed::of(1) / &Fixed::of(n);
    let square = &inverse * &inverse;
    let (mut power, mut sum) = (inverse, Fixed::of(0));
    for (numerator, denominator) in STIRLING {
        let factor = &Fixed::of(numerator) / &Fixed::of(denominator);
        sum = &sum + &(&power * &factor);
        power = &power * &square;
    }
    sum
}

/// The product of all whole numbers from one to another, by halves: long factors of one length are
/// multiplied faster.
fn product(from: u64, to: u64) -> BigUint {
    const FEW: u64 = 16;
    if to < from + FEW {
        return (from..=to).fold(BigUint::from(1_u32), |product, factor| product * factor);
    }
    let between = from + (to - from) / 2;
    product(from, between) * product(between + 1, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_known() {
        let count = |workers, turns| Orders { workers, turns }.exact().map(|it| it.to_string());
        assert_eq!(count(2, 20).as_deref(), Some("137846528820"));
        assert_eq!(count(8, 1).as_deref(), Some("40320"));
        assert_eq!(count(1, 5).as_deref(), Some("1"));
        assert_eq!(count(2, EXACT_TURNS_MAX / 2 + 1), None);
        assert_eq!(Orders { workers: 2, turns: 20 }.rounded(), "1.3784652882000000e11");
    }

    /// Where every digit can be computed, the first 17 are those of the series.
    #[test]
    fn rounded_counts_are_those_of_every_digit() {
        for workers in 2..=8 {
            for turns in [1000, 1001, 1234, 2000, 4321, 10_000] {
                let orders = Orders { workers, turns };
                assert_eq!(orders.rounded(), scientific(&orders.count().to_string()), "{orders:?}");
            }
        }
    }

    /// Figures of a decimal arithmetic with 80 digits; the second is also that of all 1,204,117 digits.
    #[test]
    fn large_counts_are_known() {
        let rounded = |workers, turns| Orders { workers, turns }.rounded();
        assert_eq!(rounded(2, 20_000), "6.3202449561848590e12038");
        assert_eq!(rounded(2, 2_000_000), "3.8332395770380506e1204116");
        assert_eq!(rounded(3, 1_000_000), "1.6015468581687367e1431357");
        assert_eq!(rounded(8, 2_000_000), "2.4898972428220841e14449415");
        assert_eq!(rounded(8, 35_000_000), "4.0871586399952199e252865167");
    }
}
