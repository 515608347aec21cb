//! Percentages with one decimal at most: `2%`, `0.5 %`, `2`.

use crate::request::parse::ValueError;

const PERCENTAGES: &str = "write a percentage like 2% or 0.5%";

/// Reads a percentage as thousandths; at least a thousandth is asked for, and no more digits than
/// that.
///
/// ```
/// use view::request::parse::percent::permille;
/// assert_eq!(permille("--precision", "2%"), Ok(20));
/// assert_eq!(permille("--precision", "0.5"), Ok(5));
/// ```
pub fn permille(flag: &'static str, text: &str) -> Result<u32, ValueError> {
    let text = text.trim();
    let refuse = |problem: &str| ValueError::new(flag, text, problem, PERCENTAGES);
    let bare = text.strip_suffix('%').unwrap_or(text).trim_end();
    let (whole, fraction) = bare.split_once('.').unwrap_or((bare, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(refuse("is not a percentage"));
    }
    if fraction.len() > 1 {
        return Err(refuse("has more than one decimal"));
    }
    let thousandths = format!("{whole}{fraction}").parse();
    thousandths.map_err(|_| refuse("is beyond any percentage"))
}

/// Thousandths as a percentage that [`permille`] reads.
pub fn show_permille(permille: u32) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_exactly() {
        let read = ["2%", "2", "0.5%", " 10.0 % ", "0"].map(|text| permille("--precision", text));
        assert_eq!(read, [Ok(20), Ok(20), Ok(5), Ok(100), Ok(0)]);
    }

    #[test]
    fn what_is_none_is_refused_with_the_way_out() {
        for text in ["", "%", "-2%", "2.", ".5", "1.25%", "two", "99999999999999999999"] {
            let error = permille("--precision", text).expect_err(text).to_string();
            assert!(error.contains("--precision") && error.contains("2% or 0.5%"), "{error}");
        }
    }
}
