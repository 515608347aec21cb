//! Colour of help and of what the parser refuses, which are printed before flags are known.

use std::ffi::OsString;

use clap::{ColorChoice, Command, ValueEnum as _};

use view::request::output::Colour;

const FLAG: &str = "--color";

/// The command line with the colours that its arguments ask for by `--color`; the last counts. A value
/// that is none is left to the parser.
pub fn with_choice(command: Command, arguments: &[OsString]) -> Command {
    let words: Vec<&str> = arguments.iter().filter_map(|it| it.to_str()).collect();
    let apart = words.windows(2).filter(|it| it[0] == FLAG).map(|it| it[1]);
    let joined = words.iter().filter_map(|it| it.strip_prefix(FLAG)?.strip_prefix('='));
    let mut asked = apart.chain(joined).filter_map(|it| Colour::from_str(it, false).ok());
    match asked.next_back() {
        Some(Colour::Never) => command.color(ColorChoice::Never),
        Some(Colour::Always) => command.color(ColorChoice::Always),
        Some(Colour::Auto) | None => command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_value_that_is_one_decides() {
        let of = |words: &str| {
            let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
            with_choice(Command::new("gilctl"), &words).get_color()
        };
        assert_eq!(of("gilctl sweep -h"), ColorChoice::Auto);
        assert_eq!(of("gilctl --color never sweep -h"), ColorChoice::Never);
        assert_eq!(of("gilctl sweep --color=always -h"), ColorChoice::Always);
        assert_eq!(of("gilctl --color sometimes -h"), ColorChoice::Auto);
    }
}
