//! Answers that are prepared: `gilctl --version`, `gilctl --help` and `gilctl -h` without the command
//! line's parser, which takes two megabytes and most of the time. The texts of the help are clap's, kept in
//! files; a test compares them.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;

/// The whole help, as clap prints it where nothing is a terminal.
pub const LONG: &str = include_str!("long.txt");

/// The short help, likewise.
pub const SHORT: &str = include_str!("short.txt");

/// What is printed for these arguments, the program first. `None` if clap has to answer: for all other
/// arguments, on a terminal, of which the help has the width and the styles, or where a variable names
/// those, or a value of a flag (`GILCTL_*`), and under another name of the program.
pub fn answer(
    arguments: &[OsString],
    variables: impl IntoIterator<Item = OsString>,
) -> Option<&'static str> {
    let [program, asked] = arguments else { return None };
    let is_gilctl = std::path::Path::new(program).file_name() == Some(OsStr::new("gilctl"));
    match asked.to_str()? {
        "--version" | "-V" => Some(concat!("gilctl ", env!("CARGO_PKG_VERSION"), "\n")),
        asked @ ("--help" | "-h") if is_gilctl && !std::io::stdout().is_terminal() => {
            let is_named = |name: &OsString| {
                let name = name.to_string_lossy();
                ["GILCTL_", "CLICOLOR", "COLUMNS"].iter().any(|begin| name.starts_with(begin))
            };
            (!variables.into_iter().any(|name| is_named(&name))).then_some(if asked == "-h" {
                SHORT
            } else {
                LONG
            })
        }
        _ => None,
    }
}
