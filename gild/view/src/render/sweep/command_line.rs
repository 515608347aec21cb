//! Command line that asks for a sweep's request, so that what is printed here, typed again, asks for
//! exactly the same.

use std::borrow::Cow;

use proto::v1::SweepSpec;

use crate::request::sweep_spec::words;

/// The words of `gilctl sweep ...`, one argument each.
pub fn arguments(spec: &SweepSpec) -> Vec<String> {
    let mut line = vec!["gilctl".to_owned(), "sweep".to_owned()];
    line.extend(words(spec));
    line
}

/// The command for a shell.
pub fn command(spec: &SweepSpec) -> String {
    shell_line(arguments(spec))
}

/// Words for a shell, quoted where they have to be. A path with a zero byte, which no system has,
/// loses it.
pub fn shell_line(words: impl IntoIterator<Item = String>) -> String {
    words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Lists stay as people type them: to no shell does a comma or a percent sign mean anything there.
fn quoted(word: String) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word;
    }
    shlex::try_quote(&word.replace('\0', "")).map_or_else(|_| String::new(), Cow::into_owned)
}
