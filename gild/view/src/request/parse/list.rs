//! Lists and ranges: `1,2,4`, `1..4` (exclusive), `1..=8` (inclusive), and their mixtures.

use crate::request::parse::ValueError;
use crate::request::parse::duration::nanoseconds;

/// Most values on one axis: a grid beyond that is a typing error.
pub const LIST_LENGTH_MAX: usize = 1024;

const NUMBERS: &str = "write whole numbers like 4, 1,2,4, 1..4 or 1..=8";
const NUMBER: &str = "write one whole number, like 4";

/// Reads whole numbers and ranges of them, each at most `greatest`.
///
/// ```
/// use view::request::parse::list::numbers;
/// let typed = ["1,2".to_owned(), "4..=6".to_owned()];
/// assert_eq!(numbers("--workers", &typed, u64::MAX), Ok(vec![1, 2, 4, 5, 6]));
/// ```
pub fn numbers(
    flag: &'static str,
    typed: &[String],
    greatest: u64,
) -> Result<Vec<u64>, ValueError> {
    let mut values = Vec::new();
    for part in parts(typed) {
        let (first, last) = span(flag, part, greatest)?;
        let room = (LIST_LENGTH_MAX - values.len()) as u64;
        if last - first >= room {
            return Err(too_long(flag, part));
        }
        values.extend(first..=last);
    }
    Ok(values)
}

/// Like [`numbers`], for fields of 32 bits.
pub fn small_numbers(flag: &'static str, typed: &[String]) -> Result<Vec<u32>, ValueError> {
    let wide = numbers(flag, typed, u64::from(u32::MAX))?;
    Ok(wide.into_iter().filter_map(|value| u32::try_from(value).ok()).collect())
}

/// Reads one whole number, at most `greatest`.
pub fn number(flag: &'static str, text: &str, greatest: u64) -> Result<u64, ValueError> {
    number_or(flag, text, greatest, NUMBER)
}

fn number_or(
    flag: &'static str,
    text: &str,
    greatest: u64,
    way_out: &str,
) -> Result<u64, ValueError> {
    let text = text.trim();
    let refuse = |problem: String, way_out: &str| ValueError::new(flag, text, problem, way_out);
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
        return Err(refuse("is not a whole number".to_owned(), way_out));
    }
    if text.starts_with('-') {
        return Err(refuse("is negative".to_owned(), "numbers start at 0"));
    }
    match digits.replace('_', "").parse::<u64>() {
        Ok(value) if value <= greatest => Ok(value),
        Err(error) if *error.kind() == std::num::IntErrorKind::Empty => {
            Err(refuse("is not a whole number".to_owned(), way_out))
        }
        _ => Err(refuse(format!("is beyond {greatest}"), "choose a smaller number")),
    }
}

/// Numbers from which on a double is a multiple of 32: of smaller ones too many look as a double's.
const ROUNDED_FROM: u64 = 1 << 57;

/// Whether a number is what a double makes of others: it is large, and is either a double's exact value
/// or its shortest digits, filled up with zeros as JavaScript and jq write them.
pub fn looks_rounded(number: u64) -> bool {
    let bits = u64::BITS - number.leading_zeros();
    let is_exact = bits - number.trailing_zeros().min(bits) <= f64::MANTISSA_DIGITS;
    let is_shortest = (number as f64).to_string() == number.to_string();
    number > ROUNDED_FROM && (is_exact || is_shortest)
}

/// Like [`number`], for a field of 32 bits.
pub fn small_number(flag: &'static str, text: &str) -> Result<u32, ValueError> {
    let wide = number(flag, text, u64::from(u32::MAX))?;
    Ok(u32::try_from(wide).unwrap_or(u32::MAX))
}

/// Reads durations with a reader of one.
pub fn durations(
    flag: &'static str,
    typed: &[String],
    one: fn(&'static str, &str) -> Result<u64, ValueError>,
) -> Result<Vec<u64>, ValueError> {
    let mut values = Vec::new();
    for part in parts(typed) {
        if values.len() == LIST_LENGTH_MAX {
            return Err(too_long(flag, part));
        }
        values.push(duration(flag, part, one)?);
    }
    Ok(values)
}

/// Reads a list of sleeps, in nanoseconds, and of requests by name: whatever begins with a letter
/// is a name, and whether there is such a request is the daemon's to say.
///
/// ```
/// use view::request::parse::list::requests;
/// let typed = ["1ms,echo".to_owned()];
/// assert_eq!(requests("--io", &typed), Ok((vec![1_000_000], vec!["echo".to_owned()])));
/// ```
pub fn requests(
    flag: &'static str,
    typed: &[String],
) -> Result<(Vec<u64>, Vec<String>), ValueError> {
    let (mut sleeps, mut names) = (Vec::new(), Vec::new());
    for part in parts(typed) {
        if sleeps.len() + names.len() == LIST_LENGTH_MAX {
            return Err(too_long(flag, part));
        }
        if part.starts_with(char::is_alphabetic) {
            names.push(part.to_owned());
        } else {
            sleeps.push(duration(flag, part, nanoseconds)?);
        }
    }
    Ok((sleeps, names))
}

fn duration(
    flag: &'static str,
    part: &str,
    read: fn(&'static str, &str) -> Result<u64, ValueError>,
) -> Result<u64, ValueError> {
    if part.contains("..") {
        let way_out = "ranges are for whole numbers; list the durations, e.g. 1ms,5ms";
        return Err(ValueError::new(flag, part, "is a range of durations", way_out));
    }
    read(flag, part)
}

/// Reads names.
pub fn names(flag: &'static str, typed: &[String]) -> Result<Vec<String>, ValueError> {
    let names: Vec<String> = parts(typed).map(str::to_owned).collect();
    if names.iter().any(String::is_empty) {
        let way_out = "write names with commas between them, e.g. gil,atomic";
        return Err(ValueError::new(flag, "", "is not a name", way_out));
    }
    match names.get(LIST_LENGTH_MAX) {
        Some(beyond) => Err(too_long(flag, beyond)),
        None => Ok(names),
    }
}

fn parts(typed: &[String]) -> impl Iterator<Item = &str> {
    typed.iter().flat_map(|text| text.split(',')).map(str::trim)
}

/// First and last value of a number or a range.
fn span(flag: &'static str, part: &str, greatest: u64) -> Result<(u64, u64), ValueError> {
    let Some((from, to)) = part.split_once("..") else {
        return number_or(flag, part, greatest, NUMBERS).map(|value| (value, value));
    };
    let (to, end) = match to.strip_prefix('=') {
        Some(to) => (to, End::Inclusive),
        None => (to, End::Exclusive),
    };
    let read = |text| number_or(flag, text, greatest, NUMBERS);
    let (first, to) = (read(from)?, read(to)?);
    let last = match end {
        End::Inclusive => Some(to),
        End::Exclusive => to.checked_sub(1),
    };
    last.filter(|last| *last >= first).map(|last| (first, last)).ok_or_else(|| {
        let way_out = "write the smaller end first, e.g. 1..4 (1 to 3) or 1..=8 (1 to 8)";
        ValueError::new(flag, part, "is an empty range", way_out)
    })
}

enum End {
    Inclusive,
    Exclusive,
}

fn too_long(flag: &'static str, part: &str) -> ValueError {
    let problem = format!("makes the list longer than {LIST_LENGTH_MAX} values");
    ValueError::new(flag, part, problem, "split it into several sweeps")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::request::parse::duration;

    fn typed(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    #[track_caller]
    fn refuses(text: &str, message: &str) {
        let error = small_numbers("--workers", &typed(text)).expect_err("refused").to_string();
        assert!(error.starts_with(&format!("--workers: {message}")), "{error}");
    }

    #[test]
    fn lists_and_ranges() {
        let read = |text: &str| numbers("--workers", &typed(text), u64::MAX);
        assert_eq!(read("1,2,4"), Ok(vec![1, 2, 4]));
        assert_eq!(read("1..4"), Ok(vec![1, 2, 3]));
        assert_eq!(read("1..=8"), Ok((1..=8).collect()));
        assert_eq!(read("1, 4..=5 ,9"), Ok(vec![1, 4, 5, 9]));
        assert_eq!(read("2_000_000"), Ok(vec![2_000_000]));
        assert_eq!(read("18446744073709551615"), Ok(vec![u64::MAX]));
        assert_eq!(read("0..=1023").map(|list| list.len()), Ok(LIST_LENGTH_MAX));
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        refuses("8..=1", "8..=1 is an empty range; write the smaller end first");
        refuses("3..3", "3..3 is an empty range");
        refuses("0..0", "0..0 is an empty range");
        refuses("-2", "-2 is negative; numbers start at 0");
        refuses("1,,2", "\"\" is not a whole number");
        refuses("two", "two is not a whole number");
        refuses("1.5", "1.5 is not a whole number");
        refuses("_", "_ is not a whole number");
        refuses("1..", "\"\" is not a whole number");
        refuses("5000000000", "5000000000 is beyond 4294967295; choose a smaller");
        refuses("99999999999999999999", "99999999999999999999 is beyond 4294967295");
        refuses("0..=1024", "0..=1024 makes the list longer than 1024 values");
        refuses("0..=4294967295", "0..=4294967295 makes the list longer");
    }

    #[test]
    fn durations_are_lists_without_ranges() {
        let read = |text: &str| durations("--inside", &typed(text), duration::nanoseconds);
        assert_eq!(read("0,1us,2ns"), Ok(vec![0, 1000, 2]));
        let error = read("1ms..5ms").expect_err("refused").to_string();
        assert!(error.contains("is a range of durations"), "{error}");
    }

    #[test]
    fn requests_are_sleeps_and_names() {
        let read = |text: &str| requests("--io", &typed(text));
        assert_eq!(
            read("echo, 0,2us ,ecko"),
            Ok((vec![0, 2000], vec!["echo".into(), "ecko".into()]))
        );
        let refused = |text: &str, problem: &str| {
            let error = read(text).expect_err("refused").to_string();
            assert!(error.starts_with(&format!("--io: {text} {problem}")), "{error}");
        };
        refused("-5ms", "is negative; durations start at 0");
        refused("1ms..5ms", "is a range of durations");
        refused("0.5ns", "is not a whole number of nanoseconds");
        refused("--every", "is not a duration");
        assert!(read("echo,").is_err());
        assert!(read(&vec!["echo,0"; LIST_LENGTH_MAX].join(",")).is_err());
    }

    #[test]
    fn a_name_is_not_empty() {
        assert_eq!(names("--strategy", &typed("gil, atomic")).map(|names| names.len()), Ok(2));
        assert!(names("--strategy", &typed("gil,")).is_err());
    }

    proptest! {
        #[test]
        fn an_inclusive_range_is_its_numbers(first in 0_u64..10_000, length in 1_u64..1000) {
            let text = format!("{first}..={}", first + length - 1);
            let wanted: Vec<u64> = (first..first + length).collect();
            prop_assert_eq!(numbers("--tasks", &typed(&text), u64::MAX), Ok(wanted));
        }

        #[test]
        fn lists_read_back(values in prop::collection::vec(any::<u64>(), 1..20)) {
            let text: Vec<String> = values.iter().map(u64::to_string).collect();
            prop_assert_eq!(numbers("--tasks", &typed(&text.join(",")), u64::MAX), Ok(values));
        }

        #[test]
        fn no_text_panics(text in "[-0-9.=,_ a]{0,24}") {
            let _ = small_numbers("--tasks", &typed(&text));
        }
    }
}
