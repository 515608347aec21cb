//! Colour of text for a terminal.

use crate::cli::Colour;

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

/// What a stream is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// A terminal.
    Terminal,
    /// A file or a pipe.
    Pipe,
}

impl Color {
    /// The flag takes precedence over `NO_COLOR` (set and not empty), and that over the terminal.
    pub fn choose(flag: Colour, no_color: Option<&str>, kind: OutputKind) -> Self {
        let forbidden = no_color.is_some_and(|value| !value.is_empty());
        match (flag, kind) {
            (Colour::Always, _) => Self::Ansi,
            (Colour::Auto, OutputKind::Terminal) if !forbidden => Self::Ansi,
            _ => Self::Plain,
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
    fn flag_takes_precedence_over_environment_and_terminal() {
        use OutputKind::{Pipe, Terminal};
        assert_eq!(Color::choose(Colour::Auto, None, Terminal), Color::Ansi);
        assert_eq!(Color::choose(Colour::Auto, None, Pipe), Color::Plain);
        assert_eq!(Color::choose(Colour::Auto, Some("1"), Terminal), Color::Plain);
        assert_eq!(Color::choose(Colour::Auto, Some(""), Terminal), Color::Ansi);
        assert_eq!(Color::choose(Colour::Always, Some("1"), Pipe), Color::Ansi);
        assert_eq!(Color::choose(Colour::Never, None, Terminal), Color::Plain);
    }

    #[test]
    fn plain_text_has_no_escape_codes() {
        assert_eq!(Color::Plain.paint(Emphasis::Broken, "x"), "x");
        assert_eq!(Color::Ansi.paint(Emphasis::None, "x"), "x");
        assert_eq!(Color::Ansi.paint(Emphasis::Lost, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
