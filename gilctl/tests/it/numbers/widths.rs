//! Terminals: no line of any command is wider, and colours are those that the environment allows.

use unicode_width::UnicodeWidthStr as _;

use crate::numbers::documents::texts_by;
use crate::numbers::lab::FilledLab;

const WIDTHS: [u16; 5] = [40, 80, 100, 120, 200];
/// Words, one of which is wider than a narrow terminal.
const WORDS: &str =
    "several words of a daemon, /and/a/path/that/no/narrow/terminal/has/room/for/at/all";

/// A line of text without the colours.
pub(super) fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, after)| after))
}

/// A command that the reader is to copy stays in one line, however long.
pub(super) fn is_to_be_copied(line: &str) -> bool {
    line.starts_with("gilctl ") || line.starts_with("gild1 ")
}

#[test]
fn colours_are_those_that_the_environment_allows() {
    let lab = FilledLab::of(1);
    let has_colour = |flags: &[&str], variables: &[(&str, &str)]| {
        let words = [&["list"], flags].concat();
        lab.run_on_terminal_with(80, &words, variables).contains('\u{1b}')
    };
    assert!(has_colour(&[], &[]));
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        assert!(!has_colour(&[], &[variable]), "{variable:?}");
        assert!(has_colour(&["--color", "always"], &[variable]), "{variable:?}");
    }
    assert!(has_colour(&[], &[("NO_COLOR", "")]));
    assert!(!has_colour(&["--color", "never"], &[]));
    // A build server says that it reads colour, which outweighs the name of its terminal.
    assert!(has_colour(&[], &[("CI", "1"), ("TERM", "dumb")]));
    assert!(!has_colour(&["--color", "never"], &[("CI", "1"), ("TERM", "dumb")]));
}

#[test]
fn no_line_of_any_command_is_wider_than_its_terminal() {
    let lab = FilledLab::with(1, WORDS);
    for columns in WIDTHS {
        let shown = texts_by("table", &|words| lab.run_on_terminal(columns, words));
        for (command, text) in shown {
            let lines = text.lines().map(plain).filter(|line| !is_to_be_copied(line));
            let wide: Vec<String> = lines.filter(|it| it.width() > usize::from(columns)).collect();
            assert!(wide.is_empty(), "{command} on {columns} columns: {wide:#?}");
            assert!(!text.is_empty(), "{command}");
        }
    }
}
