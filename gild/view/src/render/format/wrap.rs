//! Wrapping of texts to a width in terminal columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::render::format::page::Width;

/// Separator of phrases on a line.
pub const SEPARATOR: &str = " · ";
/// Greatest width of a sentence, for legibility.
const SENTENCE_COLUMNS: usize = 100;

/// Terminal columns that a text without line breaks occupies.
pub fn columns_of(text: &str) -> usize {
    text.width()
}

/// The lines of `text`, at most `most` columns wide; a word that is wider alone is split. With 0 for
/// `most`, each word has a line.
pub fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    for word in text.split_whitespace().flat_map(|word| split(word, most)) {
        let letters = columns_of(word);
        match lines.last_mut() {
            Some(line) if length + 1 + letters <= most => {
                line.push(' ');
                line.push_str(word);
                length += 1 + letters;
            }
            _ => {
                lines.push(word.to_owned());
                length = letters;
            }
        }
    }
    lines
}

/// The sentences as lines of a page: not wider than the page, nor than is legible.
pub fn sentence(text: &str, width: Width) -> Vec<String> {
    match width {
        Width::Most(most) => wrapped(text, most.min(SENTENCE_COLUMNS)),
        Width::Any => vec![text.to_owned()],
    }
}

/// The phrases with separators; one that does not fit begins a new line.
pub fn phrases<T: AsRef<str>>(phrases: &[T], width: Width) -> Vec<String> {
    let most = width.most();
    let mut lines: Vec<String> = Vec::new();
    for phrase in phrases.iter().map(AsRef::as_ref) {
        let needed = columns_of(SEPARATOR) + columns_of(phrase);
        match lines.last_mut() {
            Some(line) if columns_of(line).saturating_add(needed) <= most => {
                line.push_str(SEPARATOR);
                line.push_str(phrase);
            }
            _ if columns_of(phrase) <= most => lines.push(phrase.to_owned()),
            _ => lines.extend(wrapped(phrase, most)),
        }
    }
    lines
}

/// The line, or its beginning with an ellipsis if it is wider than `most` columns.
pub fn cut(line: &str, most: usize) -> String {
    if columns_of(line) <= most {
        return line.to_owned();
    }
    let (kept, _) = line.split_at(fitting(line, most.saturating_sub(1)));
    format!("{kept}…")
}

/// Parts of a word that are at most so wide, of a letter at least; after a comma or a slash if there is
/// one.
fn split(word: &str, most: usize) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), word);
    while most > 0 && columns_of(rest) > most {
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let fits = fitting(rest, most).max(first);
        let end = rest[..fits].rfind([',', '/']).map(|at| at + 1).filter(|at| *at > 1);
        let (part, after) = rest.split_at(end.unwrap_or(fits));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// Bytes of the longest beginning that is at most so wide.
fn fitting(text: &str, most: usize) -> usize {
    let mut columns = 0;
    let end = text.char_indices().find(|(_, letter)| {
        columns += letter.width().unwrap_or(0);
        columns > most
    });
    end.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_filled_and_only_words_wider_than_a_line_are_split() {
        assert_eq!(wrapped("a bc def  g", 4), ["a bc", "def", "g"]);
        assert_eq!(wrapped("abcdef g", 4), ["abcd", "ef g"]);
        assert_eq!(wrapped("", 4), Vec::<String>::new());
        assert_eq!(wrapped("ab c", 0), ["ab", "c"]);
        assert_eq!(wrapped("unlocked,atomic,gil x", 10), ["unlocked,", "atomic,gil", "x"]);
    }

    #[test]
    fn phrase_that_does_not_fit_begins_a_line() {
        let all = ["one", "two", "three four"];
        assert_eq!(phrases(&all, Width::Most(9)), ["one · two", "three", "four"]);
        assert_eq!(phrases(&all, Width::Any), ["one · two · three four"]);
    }

    #[test]
    fn cut_line_says_so() {
        assert_eq!([cut("abc", 3), cut("abcd", 3)], ["abc", "ab…"]);
        assert_eq!(cut("日本語", 5), "日本…");
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_letter_is_lost(text in "[ a-zA-Z·日é]{0,80}", most in 2_usize..30) {
            let lines = wrapped(&text, most);
            let letters = |text: &str| text.chars().filter(|it| !it.is_whitespace()).collect::<String>();
            prop_assert!(lines.iter().all(|line| columns_of(line) <= most), "{lines:?}");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
            prop_assert!(columns_of(&cut(&text, most)) <= most);
        }
    }
}
