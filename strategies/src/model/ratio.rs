//! Ratios of whole numbers that no float can hold, as people read them: lowest terms, logarithms,
//! digits in groups.

use num_bigint::BigUint;
use num_integer::Integer;

/// A fraction in lowest terms.
pub fn lowest(numerator: &BigUint, denominator: &BigUint) -> (BigUint, BigUint) {
    let divisor = numerator.gcd(denominator);
    if divisor.bits() == 0 {
        return (numerator.clone(), denominator.clone());
    }
    (numerator / &divisor, denominator / &divisor)
}

/// The common logarithm of a fraction; `None` for 0.
pub fn log10(numerator: &BigUint, denominator: &BigUint) -> Option<f64> {
    (numerator.bits() > 0).then(|| log2(numerator) - log2(denominator)).map(|l| l * 2_f64.log10())
}

/// A fraction as a float; 0 where it is too small for one.
pub fn as_f64(numerator: &BigUint, denominator: &BigUint) -> f64 {
    let (top, up) = leading(numerator);
    let (bottom, down) = leading(denominator);
    if top == 0.0 { 0.0 } else { top / bottom * 2_f64.powf(up - down) }
}

fn log2(number: &BigUint) -> f64 {
    let (leading, shift) = leading(number);
    leading.log2() + shift
}

/// The leading 64 bits as a float, and how many follow them.
fn leading(number: &BigUint) -> (f64, f64) {
    let shift = number.bits().saturating_sub(64);
    let leading = (number >> shift).iter_u64_digits().next().unwrap_or(0);
    (leading as f64, shift as f64)
}

/// Digits in groups of three.
pub fn grouped(number: &BigUint) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_that_no_float_holds() {
        let (one, huge) = (BigUint::from(3_u32), BigUint::from(2_u32).pow(2000));
        let wanted = 3_f64.log10() - 2000.0 * 2_f64.log10();
        assert!((log10(&one, &huge).expect("not 0") - wanted).abs() < 1e-9);
        assert_eq!(log10(&BigUint::default(), &huge), None);
        assert!((as_f64(&huge, &(&huge * 4_u32)) - 0.25).abs() < 1e-15);
    }

    #[test]
    fn digits_are_grouped() {
        let shown = [1_u64, 999, 1000, 137_846_528_820].map(|n| grouped(&BigUint::from(n)));
        assert_eq!(shown, ["1", "999", "1,000", "137,846,528,820"]);
    }

    #[test]
    fn fractions_are_in_lowest_terms() {
        let [six, eight] = [6_u32, 8].map(BigUint::from);
        assert_eq!(lowest(&six, &eight), (BigUint::from(3_u32), BigUint::from(4_u32)));
    }
}
