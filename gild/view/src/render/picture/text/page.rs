//! The page that the text pen draws on: its width, its characters, its colour.

use crate::render::format::color::Color;

/// Least width that a picture is drawn in, in characters; a narrower terminal breaks its lines.
pub const WIDTH_MIN: usize = 40;
/// Greatest width: a wider picture says no more.
pub const WIDTH_MAX: usize = 120;

/// Which characters there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// Lines, blocks and Braille.
    Unicode,
    /// Only ASCII.
    Ascii,
}

impl Charset {
    /// That of a locale, from the values of `LC_ALL`, `LC_CTYPE` and `LANG`: the first that is not empty
    /// counts.
    pub fn of_locale(values: [Option<&str>; 3]) -> Self {
        let first = values.into_iter().flatten().find(|value| !value.is_empty());
        let name = first.unwrap_or_default().to_ascii_lowercase();
        if name.contains("utf-8") || name.contains("utf8") { Self::Unicode } else { Self::Ascii }
    }

    /// One of two characters.
    pub fn pick(self, unicode: char, ascii: char) -> char {
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }
}

/// How a picture is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextPage {
    /// Characters of a line, at least [`WIDTH_MIN`].
    pub width: usize,
    /// Which characters there are.
    pub charset: Charset,
    /// Whether to paint.
    pub color: Color,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_locale_that_is_set_decides() {
        let of = |values| Charset::of_locale(values);
        assert_eq!(of([Some("C"), Some("en_US.UTF-8"), None]), Charset::Ascii);
        assert_eq!(of([Some(""), None, Some("de_DE.utf8")]), Charset::Unicode);
        assert_eq!(of([None, None, None]), Charset::Ascii);
    }
}
