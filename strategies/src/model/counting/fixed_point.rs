//! Real numbers with 192 bits after the binary point, and their logarithms and exponentials: enough for
//! 17 digits of numbers with a hundred million.

use std::ops::{Add, Div, Mul, Sub};

use num_bigint::BigInt;
use num_integer::Integer;

/// Bits after the point.
const BITS: usize = 192;
/// Halvings of an exponent before its series, and squarings after it.
const HALVINGS: u32 = 8;

/// A number, rounded down to a multiple of 2^-192.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fixed(BigInt);

impl Fixed {
    /// A whole number.
    pub fn of(whole: i64) -> Self {
        Self(BigInt::from(whole) << BITS)
    }

    /// The greatest whole number that is not above it; 0 if that is beyond 64 bits.
    pub fn floor(&self) -> i64 {
        i64::try_from(&self.0 >> BITS).unwrap_or(0)
    }

    /// So many times the number, rounded to a whole one.
    pub fn times_rounded(&self, times: u64) -> BigInt {
        let half = BigInt::from(1) << (BITS - 1);
        (&self.0 * times + half) >> BITS
    }

    /// The number with as many bits again after the point.
    fn doubled(&self) -> BigInt {
        &self.0 << BITS
    }

    fn is_negligible(&self) -> bool {
        self.0 <= BigInt::from(0)
    }
}

impl Add for &Fixed {
    type Output = Fixed;

    fn add(self, other: Self) -> Fixed {
        Fixed(&self.0 + &other.0)
    }
}

impl Sub for &Fixed {
    type Output = Fixed;

    fn sub(self, other: Self) -> Fixed {
        Fixed(&self.0 - &other.0)
    }
}

impl Mul for &Fixed {
    type Output = Fixed;

    fn mul(self, other: Self) -> Fixed {
        Fixed((&self.0 * &other.0) >> BITS)
    }
}

impl Div for &Fixed {
    type Output = Fixed;

    fn div(self, other: Self) -> Fixed {
        Fixed(self.doubled().div_floor(&other.0))
    }
}

/// The natural logarithm of a number of at least 1.
pub fn ln(number: &Fixed) -> Fixed {
    let halvings = number.0.bits().saturating_sub(BITS as u64 + 1);
    let scaled = Fixed(&number.0 >> halvings);
    let whole = i64::try_from(halvings).unwrap_or(i64::MAX);
    &ln_up_to_two(&scaled) + &(&ln_up_to_two(&Fixed::of(2)) * &Fixed::of(whole))
}

/// 2 artanh((x - 1) / (x + 1)), whose argument is at most 1/3.
fn ln_up_to_two(number: &Fixed) -> Fixed {
    let one = Fixed::of(1);
    let argument = &(number - &one) / &(number + &one);
    &series(&argument, Sign::Same) * &Fixed::of(2)
}

/// Signs of a series of odd powers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Same,
    Alternating,
}

/// The sum of x^k / k over all odd k: artanh with equal signs, arctan with alternating ones.
fn series(argument: &Fixed, sign: Sign) -> Fixed {
    let square = argument * argument;
    let (mut power, mut sum) = (argument.clone(), Fixed::of(0));
    for odd in (1..).step_by(2) {
        let term = &power / &Fixed::of(odd);
        if term.is_negligible() {
            break;
        }
        let is_subtracted = sign == Sign::Alternating && odd % 4 == 3;
        sum = if is_subtracted { &sum - &term } else { &sum + &term };
        power = &power * &square;
    }
    sum
}

/// The natural logarithm of pi, by Machin's formula.
pub fn ln_of_pi() -> Fixed {
    let of_inverse = |number: i64| series(&(&Fixed::of(1) / &Fixed::of(number)), Sign::Alternating);
    let pi = &(&of_inverse(5) * &Fixed::of(16)) - &(&of_inverse(239) * &Fixed::of(4));
    ln(&pi)
}

/// The exponential of a number from 0 to 3.
pub fn exp(number: &Fixed) -> Fixed {
    let small = Fixed(&number.0 >> HALVINGS);
    let (mut term, mut sum) = (Fixed::of(1), Fixed::of(0));
    for factor in 1.. {
        if term.is_negligible() {
            break;
        }
        sum = &sum + &term;
        term = &(&term * &small) / &Fixed::of(factor);
    }
    (0..HALVINGS).fold(sum, |root, _| &root * &root)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty places of each, as tables have them.
    #[test]
    fn logarithms_and_exponentials_are_those_of_tables() {
        let places = |number: &Fixed| number.times_rounded(10_u64.pow(19)).to_string();
        assert_eq!(places(&ln(&Fixed::of(2))), "6931471805599453094");
        assert_eq!(places(&ln(&Fixed::of(10))), "23025850929940456840");
        assert_eq!(places(&ln(&Fixed::of(1_000_000))), "138155105579642741041");
        assert_eq!(places(&ln_of_pi()), "11447298858494001741");
        assert_eq!(places(&exp(&Fixed::of(0))), "10000000000000000000");
        assert_eq!(places(&exp(&Fixed::of(1))), "27182818284590452354");
        assert_eq!((Fixed::of(7).floor(), ln(&Fixed::of(1))), (7, Fixed::of(0)));
    }
}
