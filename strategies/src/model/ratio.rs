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

/// A decimal number in groups of three: `137,846,528,820`. Other texts are returned unchanged.
pub fn grouped(digits: &str) -> String {
    const GROUP: usize = 3;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.to_owned();
    }
    let apart = |(at, digit): (usize, char)| {
        let is_first_of_group = at > 0 && (digits.len() - at).is_multiple_of(GROUP);
        is_first_of_group.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(apart).collect()
}

/// Digits of a rounded number.
pub const DIGITS: usize = 17;
/// Digits up to which a number is shown in full.
pub const SHOWN_DIGITS_MAX: usize = 30;

/// A number as it is shown: all digits in groups, or 17 of them and a power of ten.
pub fn shown(number: &BigUint) -> String {
    let digits = number.to_string();
    if digits.len() <= SHOWN_DIGITS_MAX { grouped(&digits) } else { scientific(&digits) }
}

/// A decimal number of any length to 17 digits and a power of ten: `1.3784652882000000e11`.
pub fn scientific(digits: &str) -> String {
    let power = digits.len().saturating_sub(1) as u64;
    let kept = digits.get(..DIGITS).unwrap_or(digits);
    let is_up = digits.as_bytes().get(DIGITS).is_some_and(|next| *next >= b'5');
    let mantissa = kept.parse::<u64>().unwrap_or(0) + u64::from(is_up);
    let padding = 10_u64.pow(u32::try_from(DIGITS - kept.len()).unwrap_or(0));
    with_exponent(&format!("{:0>DIGITS$}", mantissa * padding), power)
}

/// At least 17 digits as `1.3784652882000000e11`, the first of which counts so many powers of ten. One
/// more digit, where rounding carries, makes it one power more.
pub(crate) fn with_exponent(digits: &str, power: u64) -> String {
    let power = power + (digits.len() - DIGITS) as u64;
    format!("{}.{}e{power}", &digits[..1], &digits[1..DIGITS])
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
        let shown = ["", "0", "999", "1000", "137846528820", "3/8"].map(grouped);
        assert_eq!(shown, ["", "0", "999", "1,000", "137,846,528,820", "3/8"]);
    }

    #[test]
    fn long_numbers_are_rounded() {
        let number = |text: &str| text.parse::<BigUint>().expect("a number");
        assert_eq!(scientific("137846528820"), "1.3784652882000000e11");
        assert_eq!(scientific("123456789012345674"), "1.2345678901234567e17");
        assert_eq!(scientific("123456789012345675"), "1.2345678901234568e17");
        assert_eq!(scientific("999999999999999995"), "1.0000000000000000e18");
        assert_eq!(scientific("0"), "0.0000000000000000e0");
        assert_eq!(shown(&number(&"9".repeat(30))).len(), 39);
        assert_eq!(shown(&number(&"1".repeat(31))), "1.1111111111111111e30");
    }

    #[test]
    fn fractions_are_in_lowest_terms() {
        let [six, eight] = [6_u32, 8].map(BigUint::from);
        assert_eq!(lowest(&six, &eight), (BigUint::from(3_u32), BigUint::from(4_u32)));
    }
}
