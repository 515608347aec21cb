//! Sanitized input: text of a client as it is shown back, short and without characters that a terminal or a
//! header would obey. Never changes what is kept or compared.

use std::borrow::Cow;

/// Most letters of a refused value that are shown; the sender knows the rest.
pub const VALUE_LETTERS_MAX: usize = 120;
/// Most letters of a reason, which may quote what was sent.
pub const REASON_LETTERS_MAX: usize = 300;
/// Most letters of a way out: the longest lists all strategies.
pub const WAY_OUT_LETTERS_MAX: usize = 700;

/// At most so many letters of a text, with `...` for the rest; `nothing` for an empty one.
///
/// ```
/// use strategies::program::sanitize::shown;
/// assert_eq!(shown("gil", 120), "gil");
/// assert_eq!(shown("\u{1b}[2J", 120), "\\u{1b}[2J");
/// assert_eq!(shown("abcdef", 3), "abc...");
/// ```
pub fn shown(text: &str, letters: usize) -> Cow<'_, str> {
    if text.is_empty() {
        return "nothing".into();
    }
    let ends = text.char_indices().nth(letters).map(|(end, _)| end);
    let (begin, rest) = ends.map_or((text, ""), |end| (&text[..end], "..."));
    if rest.is_empty() && !begin.chars().any(is_obeyed) {
        return begin.into();
    }
    let mut spelled = String::with_capacity(begin.len() + rest.len());
    for letter in begin.chars() {
        if is_obeyed(letter) {
            spelled.extend(letter.escape_unicode());
        } else {
            spelled.push(letter);
        }
    }
    (spelled + rest).into()
}

/// Whether it moves, hides or turns other letters: controls, and the marks of direction (Boucher
/// and Anderson 2021).
fn is_obeyed(letter: char) -> bool {
    let turns = ['\u{200e}', '\u{200f}', '\u{61c}'].contains(&letter);
    letter.is_control()
        || turns
        || ('\u{2028}'..='\u{202e}').contains(&letter)
        || ('\u{2066}'..='\u{2069}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_texts_stay_as_they_are() {
        for text in ["3.99", "`gli`", r"`L\0S`", "µ", "1,2,4"] {
            assert!(matches!(shown(text, VALUE_LETTERS_MAX), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn nothing_that_is_shown_is_obeyed() {
        assert_eq!(shown("a\nb\u{7}\u{202e}c", 9), "a\\u{a}b\\u{7}\\u{202e}c");
        assert_eq!(shown("", 9), "nothing");
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        assert_eq!(shown(&"😀".repeat(9), 2), "😀😀...");
        assert_eq!(shown("😀😀", 2), "😀😀");
        let long = "\u{10ffff}\n".repeat(1 << 19);
        let most = shown(&long, VALUE_LETTERS_MAX);
        assert!(most.len() < 8 * VALUE_LETTERS_MAX, "{} bytes", most.len());
    }
}
