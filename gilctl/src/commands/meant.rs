//! Meant flags: a word that stands alone where a flag with that value was meant, e.g.
//! `gilctl sweep gil`.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use gild::wire::request::field_of_word;

use view::request::wire_field::flag_of;

/// The flag that a word alone most likely belongs to, by command.
const USUAL: [(&str, &str); 9] = [
    ("sweep", "--strategy"),
    ("explore", "--strategy"),
    ("witness", "--strategy"),
    ("strategies", "--body"),
    ("calibrate", "--python"),
    ("prune", "--keep"),
    ("export", "--out"),
    ("explain", "--cell"),
    ("watch", "--after"),
];

/// The same error, with the flag that was meant.
pub fn explained(mut error: Error, root: &Command, arguments: &[OsString]) -> Error {
    let (kind, context) = match error.kind() {
        ErrorKind::UnknownArgument => (ErrorKind::UnknownArgument, ContextKind::InvalidArg),
        ErrorKind::InvalidSubcommand => {
            (ErrorKind::InvalidSubcommand, ContextKind::InvalidSubcommand)
        }
        _ => return error,
    };
    let Some(ContextValue::String(word)) = error.get(context) else { return error };
    let tip = match kind {
        ErrorKind::UnknownArgument => of_command(word, root, arguments),
        _ => field_of_word(word)
            .filter(|field| *field == "strategies")
            .map(|_| format!("to run it, type `gilctl sweep --strategy {word}`")),
    };
    if let Some(tip) = tip {
        let tips = vec![StyledStr::from(tip)];
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

/// What to type for a word that the command does not take.
fn of_command(word: &str, root: &Command, arguments: &[OsString]) -> Option<String> {
    if word.starts_with('-') {
        return None;
    }
    let typed = |name: &str| arguments.iter().any(|argument| argument == name);
    let command = root.get_subcommands().find(|command| typed(command.get_name()))?;
    let has = |flag: &str| {
        let long = flag.trim_start_matches('-');
        command.get_arguments().any(|argument| argument.get_long() == Some(long))
    };
    if has(&format!("--{word}")) {
        return Some(format!("a flag begins with two dashes: `--{word} VALUE`"));
    }
    if let Some(tip) = continued(word, arguments, has) {
        return Some(tip);
    }
    // Of lists and ranges the first value says which flag it is.
    let first = word.split(',').next().unwrap_or(word);
    let known = field_of_word(first).map(flag_of);
    let usual = || {
        let of = |(name, _): &&(&str, &str)| *name == command.get_name();
        USUAL.iter().find(of).map(|(_, flag)| (*flag).to_owned())
    };
    let path = (first.contains('/') || first.starts_with("python")).then(|| "--python".to_owned());
    let number = first.bytes().all(|byte| byte.is_ascii_digit()).then(|| "--value".to_owned());
    let flag = [known, path, number].into_iter().flatten().find(|flag| has(flag)).or_else(usual)?;
    Some(format!("a value stands after its flag: `{flag} {word}`"))
}

/// A word that goes on with the value of the flag before it: another of a list, or a unit.
fn continued(word: &str, arguments: &[OsString], has: impl Fn(&str) -> bool) -> Option<String> {
    const UNITS: [&str; 8] = ["ps", "ns", "us", "ms", "s", "m", "h", "d"];
    let at = arguments.iter().position(|argument| argument == word)?;
    let [flag, value] = arguments.get(at.checked_sub(2)?..at)? else { return None };
    let (flag, value) = (flag.to_str()?, value.to_str()?);
    if !flag.starts_with("--") || !has(flag) || value.starts_with('-') {
        return None;
    }
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match () {
        () if UNITS.contains(&word) && is_number(value) => {
            Some(format!("a value and its unit are one word: `{flag} {value}{word}`"))
        }
        () if is_number(word) && is_number(value) => {
            Some(format!("values of one flag are one word: `{flag} {value},{word}`"))
        }
        () => None,
    }
}
