//! Colour, or none.

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

/// How much a line asks to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emphasis {
    /// Like any other.
    None,
    /// A heading.
    Heading,
    /// Updates were lost, as may be.
    Lost,
    /// A promise was broken.
    Broken,
}

/// Whether a stream goes to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// A terminal.
    Person,
    /// A file or a pipe.
    Program,
}

impl Color {
    /// The flag wins over `NO_COLOR` (set and not empty), and that over the terminal.
    pub fn choose(flag: Colour, no_color: Option<&str>, reader: OutputKind) -> Self {
        let forbidden = no_color.is_some_and(|value| !value.is_empty());
        match (flag, reader) {
            (Colour::Always, _) => Self::Ansi,
            (Colour::Auto, OutputKind::Person) if !forbidden => Self::Ansi,
            _ => Self::Plain,
        }
    }

    /// Paints a line.
    pub fn paint(self, mark: Emphasis, line: &str) -> String {
        let code = match (self, mark) {
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
    fn the_flag_wins_then_the_environment_then_the_terminal() {
        use OutputKind::{Person, Program};
        assert_eq!(Color::choose(Colour::Auto, None, Person), Color::Ansi);
        assert_eq!(Color::choose(Colour::Auto, None, Program), Color::Plain);
        assert_eq!(Color::choose(Colour::Auto, Some("1"), Person), Color::Plain);
        assert_eq!(Color::choose(Colour::Auto, Some(""), Person), Color::Ansi);
        assert_eq!(Color::choose(Colour::Always, Some("1"), Program), Color::Ansi);
        assert_eq!(Color::choose(Colour::Never, None, Person), Color::Plain);
    }

    #[test]
    fn plain_ink_leaves_no_trace() {
        assert_eq!(Color::Plain.paint(Emphasis::Broken, "x"), "x");
        assert_eq!(Color::Ansi.paint(Emphasis::None, "x"), "x");
        assert_eq!(Color::Ansi.paint(Emphasis::Lost, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
