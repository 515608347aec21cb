//! Durations as exact decimals: `0.5ns` is 500 picoseconds and never passes through a float.

use std::num::IntErrorKind;

use crate::request::parse::ValueError;

/// Picoseconds in each unit that can be typed, longest first.
const UNITS: [(&str, u64); 9] = [
    ("h", 3_600_000_000_000_000),
    ("min", 60_000_000_000_000),
    ("s", 1_000_000_000_000),
    ("ms", 1_000_000_000),
    ("us", 1_000_000),
    ("µs", 1_000_000),
    ("μs", 1_000_000),
    ("ns", 1_000),
    ("ps", 1),
];
/// Nanoseconds in each unit of an age, longest first.
const AGE_UNITS: [(&str, u64); 6] = [
    ("w", 604_800_000_000_000),
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];
/// Units in which a duration is shown, longest first.
const SHOWN: [(&str, u64); 4] =
    [("s", 1_000_000_000_000), ("ms", 1_000_000_000), ("us", 1_000_000), ("ns", 1_000)];
/// Most digits after the point: a picosecond is 16 digits below an hour, rounded up.
const FRACTION_DIGITS_MAX: usize = 18;
const PICOS_PER_NANO: u64 = 1_000;
const ACCEPTED: &str = "write it like 5ms, 1.5us or 0.5ns (units h, min, s, ms, us, ns, ps)";
const AGES: &str = "write it like 30d or 4w (units w, d, h, min, s, ms)";

/// Reads a duration in picoseconds.
///
/// ```
/// use view::request::parse::duration::picoseconds;
/// assert_eq!(picoseconds("--switch-interval", "0.5ns"), Ok(500));
/// assert!(picoseconds("--switch-interval", "-5ms").is_err());
/// ```
pub fn picoseconds(flag: &'static str, text: &str) -> Result<u64, ValueError> {
    let refuse = |problem: &str, way_out: &str| ValueError::new(flag, text, problem, way_out);
    read(flag, text, &UNITS, ACCEPTED).map_err(|misfit| match misfit {
        Unread::Refused(error) => error,
        Unread::TooFine => refuse("is finer than a picosecond", "round it to whole picoseconds"),
        Unread::TooLong => refuse("is too long", "the longest that can be carried is 5124h"),
    })
}

/// Reads an age in nanoseconds: days and weeks, too, which picoseconds could not carry for long.
///
/// ```
/// use view::request::parse::duration::age_nanoseconds;
/// assert_eq!(age_nanoseconds("--keep", "30d"), Ok(30 * 86_400_000_000_000));
/// ```
pub fn age_nanoseconds(flag: &'static str, text: &str) -> Result<u64, ValueError> {
    let refuse = |problem: &str, way_out: &str| ValueError::new(flag, text, problem, way_out);
    read(flag, text, &AGE_UNITS, AGES).map_err(|misfit| match misfit {
        Unread::Refused(error) => error,
        Unread::TooFine => refuse("is finer than a nanosecond", "round it"),
        Unread::TooLong => refuse("is too long", "the longest that can be carried is 30500w"),
    })
}

/// Reads a duration that travels in whole nanoseconds.
pub fn nanoseconds(flag: &'static str, text: &str) -> Result<u64, ValueError> {
    let picos = picoseconds(flag, text)?;
    if picos.is_multiple_of(PICOS_PER_NANO) {
        return Ok(picos / PICOS_PER_NANO);
    }
    Err(ValueError::new(flag, text, "is not a whole number of nanoseconds", "round it to 1ns"))
}

/// Shows picoseconds in the longest unit that leaves at least 1, exactly.
///
/// ```
/// use view::request::parse::duration::show;
/// assert_eq!([show(5_000_000_000), show(500), show(1_500_000)], ["5 ms", "0.5 ns", "1.5 us"]);
/// ```
pub fn show(picos: u64) -> String {
    if picos == 0 {
        return "0".to_owned();
    }
    let found = SHOWN.iter().find(|(_, scale)| picos >= *scale);
    let (unit, scale) = *found.unwrap_or(&("ns", PICOS_PER_NANO));
    let (whole, rest) = (picos / scale, picos % scale);
    if rest == 0 {
        return format!("{whole} {unit}");
    }
    let digits = scale.ilog10() as usize;
    let fraction = format!("{rest:0digits$}");
    format!("{whole}.{} {unit}", fraction.trim_end_matches('0'))
}

/// Shows nanoseconds like [`show`].
pub fn show_nanoseconds(nanos: u64) -> String {
    nanos.checked_mul(PICOS_PER_NANO).map_or_else(|| format!("{nanos} ns"), show)
}

/// Why a text is no duration in some units.
enum Unread {
    Refused(ValueError),
    TooFine,
    TooLong,
}

/// Reads a decimal with one of these units, in the smallest of which all are counted.
fn read(
    flag: &'static str,
    text: &str,
    units: &[(&str, u64)],
    accepted: &str,
) -> Result<u64, Unread> {
    let refuse = |problem: &str, way_out: &str| {
        Err(Unread::Refused(ValueError::new(flag, text, problem, way_out)))
    };
    if text.starts_with('-') && text[1..].starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return refuse("is negative", "durations start at 0");
    }
    if text == "0" {
        return Ok(0);
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if number.is_empty() {
        return refuse("is not a duration", accepted);
    }
    if unit.is_empty() {
        return refuse("has no unit", accepted);
    }
    let Some((_, scale)) = units.iter().find(|(name, _)| *name == unit.trim_start()) else {
        return refuse("has an unknown unit", accepted);
    };
    scaled(number, *scale).or_else(|misfit| match misfit {
        Misfit::Malformed => refuse("is not a duration", accepted),
        Misfit::TooFine => Err(Unread::TooFine),
        Misfit::TooLong => Err(Unread::TooLong),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misfit {
    Malformed,
    TooFine,
    TooLong,
}

/// A decimal times a scale, exactly.
fn scaled(number: &str, scale: u64) -> Result<u64, Misfit> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() {
        return Err(Misfit::Malformed);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > FRACTION_DIGITS_MAX {
        return Err(if fraction.contains('.') { Misfit::Malformed } else { Misfit::TooFine });
    }
    let unit = 10_u128.pow(u32::try_from(fraction.len()).map_err(|_| Misfit::TooFine)?);
    let parts = u128::from(digits(fraction)?) * u128::from(scale);
    if !parts.is_multiple_of(unit) {
        return Err(Misfit::TooFine);
    }
    let total = u128::from(digits(whole)?)
        .checked_mul(u128::from(scale))
        .and_then(|whole| whole.checked_add(parts / unit))
        .ok_or(Misfit::TooLong)?;
    u64::try_from(total).map_err(|_| Misfit::TooLong)
}

fn digits(text: &str) -> Result<u64, Misfit> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse::<u64>().map_err(|error| match error.kind() {
        IntErrorKind::PosOverflow => Misfit::TooLong,
        _ => Misfit::Malformed,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FLAG: &str = "--inside";

    #[track_caller]
    fn reads(text: &str, picos: u64) {
        assert_eq!(picoseconds(FLAG, text), Ok(picos), "{text}");
    }

    #[track_caller]
    fn refuses(text: &str, message: &str) {
        let error = nanoseconds(FLAG, text).expect_err("refused").to_string();
        assert!(error.starts_with(&format!("--inside: {message}")), "{error}");
    }

    #[test]
    fn units_are_exact() {
        reads("0", 0);
        reads("0ns", 0);
        reads("5ms", 5_000_000_000);
        reads("0.5ns", 500);
        reads("1.5us", 1_500_000);
        reads("1.5µs", 1_500_000);
        reads("1.5μs", 1_500_000);
        reads("2s", 2_000_000_000_000);
        reads("1h", 3_600_000_000_000_000);
        reads("1.50 ms", 1_500_000_000);
        reads("0.001ns", 1);
        reads("0.1h", 360_000_000_000_000);
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        refuses("-5ms", "-5ms is negative; durations start at 0");
        refuses("5", "5 has no unit; write it like");
        refuses("", "\"\" is not a duration");
        refuses("ms", "ms is not a duration");
        refuses("--outside", "--outside is not a duration");
        refuses("5 parsecs", "5 parsecs has an unknown unit");
        refuses("1.2.3ms", "1.2.3ms is not a duration");
        refuses(".5ms", ".5ms is not a duration");
        refuses("5.ms", "5.ms is not a duration");
        refuses("0.5ns", "0.5ns is not a whole number of nanoseconds");
        refuses("0.0005ns", "0.0005ns is finer than a picosecond");
        refuses("0.0000000000000000001h", "0.0000000000000000001h is finer");
        refuses("6000h", "6000h is too long");
        refuses("99999999999999999999s", "99999999999999999999s is too long");
    }

    #[test]
    fn ages_have_days_and_weeks() {
        let read = |text| age_nanoseconds("--keep", text);
        assert_eq!(read("1.5d"), Ok(129_600_000_000_000));
        assert_eq!(read("520w"), Ok(520 * 604_800_000_000_000));
        assert_eq!(read("90 min"), Ok(5_400_000_000_000));
        let refused = |text| read(text).expect_err("refused").to_string();
        assert!(refused("30").contains("has no unit; write it like 30d or 4w"));
        assert!(refused("30y").contains("has an unknown unit"));
        assert!(refused("-1d").contains("is negative"));
        assert!(refused("99999w").contains("is too long; the longest"));
        assert!(refused("0.0000001ms").contains("finer than a nanosecond"));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(picos: u64) {
            prop_assert_eq!(picoseconds(FLAG, &show(picos)), Ok(picos));
        }

        #[test]
        fn weeks_are_seven_days(weeks in 0_u64..4000) {
            let read = |text: String| age_nanoseconds(FLAG, &text);
            prop_assert_eq!(read(format!("{weeks}w")), read(format!("{}d", weeks * 7)));
        }

        #[test]
        fn no_text_panics(text in ".{0,24}") {
            let _ = picoseconds(FLAG, &text);
        }

        #[test]
        fn no_near_miss_panics(text in "-?[0-9]{0,21}[.]?[0-9]{0,21} ?(h|min|s|ms|us|µs|ns|ps)?") {
            let _ = nanoseconds(FLAG, &text);
        }

        #[test]
        fn decimals_agree_with_whole_units(whole in 0_u64..1_000_000, milli in 0_u64..1000) {
            let text = format!("{whole}.{milli:03}us");
            prop_assert_eq!(picoseconds(FLAG, &text), Ok((whole * 1000 + milli) * 1000));
        }
    }
}
