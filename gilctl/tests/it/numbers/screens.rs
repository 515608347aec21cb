//! Screens: what commands show of a recorded history on terminals of four widths, in Unicode and in ASCII.
//! Colour changes nothing but colour, no line is wider than its terminal, and nothing is cut without a sign.

use std::path::Path;
use std::process::Command;

use unicode_width::UnicodeWidthStr as _;

use crate::compat::history::copied_history;
use crate::numbers::lab::shown_on_terminal;
use crate::numbers::widths::{is_to_be_copied, plain};

const WIDTHS: [u16; 4] = [40, 80, 120, 200];
const LOCALES: [(&str, &str); 2] = [("unicode", "C.UTF-8"), ("ascii", "C")];
/// Commands whose screens depend on nothing but the history; of searches, on nothing but the model.
const COMMANDS: [&str; 16] = [
    "show 9gf6ps",
    "show 9gf6ps -v",
    "show h25nn0",
    "show 5lhe8k --columns strategy,right,rate",
    "show ep38b4",
    "show v9lqlc",
    "plot 9gf6ps --picture right",
    "plot 9gf6ps --picture rate",
    "plot 9gf6ps --picture outcomes",
    "plot 9gf6ps --picture rounds",
    "plot v9lqlc",
    "explain 9gf6ps",
    "strategies --body call --era 2.7,3.12",
    "show n34u1s",
    "replay gild1 unlocked 2x2 LS 6d0c8a292d5b0687 T0x3 T1x4 T0x1",
    "sweep -h",
];

fn screen(directory: &Path, command: &str, columns: u16, locale: &str, colour: &str) -> String {
    let mut gilctl = Command::new(env!("CARGO_BIN_EXE_gilctl"));
    let script = command.strip_prefix("replay ");
    match script {
        Some(script) => gilctl.args(["replay", script]),
        None => gilctl.args(command.split(' ')),
    };
    gilctl.args(["--embedded", "--color", colour, "--data-dir"]).arg(directory);
    gilctl.env_remove("GILCTL_SERVER");
    shown_on_terminal(gilctl, columns, &[("LC_ALL", locale)])
}

/// What is not wrapped because it is read as it stands: help, and what is to be copied.
fn may_be_wide(command: &str, line: &str) -> bool {
    command.ends_with("-h") || is_to_be_copied(line)
}

#[test]
fn screens_are_as_recorded_and_colour_changes_nothing_else() {
    let history = copied_history();
    for columns in WIDTHS {
        for (name, locale) in LOCALES {
            let mut text = String::new();
            for command in COMMANDS {
                let bare = screen(history.path(), command, columns, locale, "never");
                let coloured = screen(history.path(), command, columns, locale, "always");
                let stripped: Vec<String> = coloured.lines().map(plain).collect();
                assert_eq!(bare.lines().collect::<Vec<_>>(), stripped, "{command}");
                assert!(name == "unicode" || bare.is_ascii(), "{command}: {bare}");
                let is_wide = |line: &&str| line.width() > columns.into();
                let wide = bare.lines().filter(is_wide).find(|line| !may_be_wide(command, line));
                assert_eq!(wide, None, "{command} on {columns} columns");
                text.extend(["$ gilctl ", command, "\n", &bare, "\n"]);
            }
            insta::assert_snapshot!(format!("{name}_{columns}"), text);
        }
    }
}
