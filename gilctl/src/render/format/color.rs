//! Colour, or none.

use crate::cli::Colour;

const RED: &str = "\u{1b}[31m";
const LOUD: &str = "\u{1b}[1;97;41m";
const BOLD: &str = "\u{1b}[1m";
const RESET: &str = "\u{1b}[0m";

/// Whether text may carry colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Text alone.
    Plain,
    /// ANSI colours.
    Ansi,
}

/// How much a line asks to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
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
pub enum Reader {
    /// A terminal.
    Person,
    /// A file or a pipe.
    Program,
}

impl Ink {
    /// The flag wins over `NO_COLOR` (set and not empty), and that over the terminal.
    pub fn choose(flag: Colour, no_color: Option<&str>, reader: Reader) -> Self {
        let forbidden = no_color.is_some_and(|value| !value.is_empty());
        match (flag, reader) {
            (Colour::Always, _) => Self::Ansi,
            (Colour::Auto, Reader::Person) if !forbidden => Self::Ansi,
            _ => Self::Plain,
        }
    }

    /// Paints a line.
    pub fn paint(self, mark: Mark, line: &str) -> String {
        let code = match (self, mark) {
            (Self::Plain, _) | (Self::Ansi, Mark::None) => return line.to_owned(),
            (Self::Ansi, Mark::Heading) => BOLD,
            (Self::Ansi, Mark::Lost) => RED,
            (Self::Ansi, Mark::Broken) => LOUD,
        };
        format!("{code}{line}{RESET}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_then_the_environment_then_the_terminal() {
        use Reader::{Person, Program};
        assert_eq!(Ink::choose(Colour::Auto, None, Person), Ink::Ansi);
        assert_eq!(Ink::choose(Colour::Auto, None, Program), Ink::Plain);
        assert_eq!(Ink::choose(Colour::Auto, Some("1"), Person), Ink::Plain);
        assert_eq!(Ink::choose(Colour::Auto, Some(""), Person), Ink::Ansi);
        assert_eq!(Ink::choose(Colour::Always, Some("1"), Program), Ink::Ansi);
        assert_eq!(Ink::choose(Colour::Never, None, Person), Ink::Plain);
    }

    #[test]
    fn plain_ink_leaves_no_trace() {
        assert_eq!(Ink::Plain.paint(Mark::Broken, "x"), "x");
        assert_eq!(Ink::Ansi.paint(Mark::None, "x"), "x");
        assert_eq!(Ink::Ansi.paint(Mark::Lost, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
