//! Colour of text for a terminal.

use anstream::ColorChoice;

use crate::request::output::Colour;

const RED: &str = "\u{1b}[31m";
const LOUD: &str = "\u{1b}[1;97;41m";
const BOLD: &str = "\u{1b}[1m";
const RESET: &str = "\u{1b}[0m";

/// Whether text may carry colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Text alone.
    Plain,
    /// ANSI colours.
    Ansi,
}

/// How a line is highlighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emphasis {
    /// Not at all.
    None,
    /// A heading.
    Heading,
    /// Updates were lost, which the strategy permits.
    Lost,
    /// A promise was broken.
    Broken,
}

impl Color {
    /// The flag takes precedence over what the stream and the environment allow: `NO_COLOR`, `CLICOLOR`,
    /// `CLICOLOR_FORCE`, `TERM=dumb`, and whether it is a terminal.
    pub fn choose(flag: Colour, allowed: ColorChoice) -> Self {
        match (flag, allowed) {
            (Colour::Never, _) | (Colour::Auto, ColorChoice::Never) => Self::Plain,
            (Colour::Always | Colour::Auto, _) => Self::Ansi,
        }
    }

    /// Paints a line.
    pub fn paint(self, emphasis: Emphasis, line: &str) -> String {
        let code = match (self, emphasis) {
            (Self::Plain, _) | (Self::Ansi, Emphasis::None) => return line.to_owned(),
            (Self::Ansi, Emphasis::Heading) => BOLD,
            (Self::Ansi, Emphasis::Lost) => RED,
            (Self::Ansi, Emphasis::Broken) => LOUD,
        };
        format!("{code}{line}{RESET}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_takes_precedence_over_stream_and_environment() {
        assert_eq!(Color::choose(Colour::Auto, ColorChoice::Always), Color::Ansi);
        assert_eq!(Color::choose(Colour::Auto, ColorChoice::Never), Color::Plain);
        assert_eq!(Color::choose(Colour::Always, ColorChoice::Never), Color::Ansi);
        assert_eq!(Color::choose(Colour::Never, ColorChoice::Always), Color::Plain);
    }

    #[test]
    fn plain_text_has_no_escape_codes() {
        assert_eq!(Color::Plain.paint(Emphasis::Broken, "x"), "x");
        assert_eq!(Color::Ansi.paint(Emphasis::None, "x"), "x");
        assert_eq!(Color::Ansi.paint(Emphasis::Lost, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
