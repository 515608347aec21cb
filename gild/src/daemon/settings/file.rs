//! Config file in TOML: finds and reads it. Knows no key and parses no value.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::limits::CONFIG_BYTES_MAX;

/// The system's own file.
const SYSTEM_FILE: &str = "/etc/gild/gild.toml";
/// Below the user's directory of settings.
const USER_FILE: &str = "gild/gild.toml";

/// A key with its value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The line of the key, from 1.
    pub line: usize,
    /// The value.
    pub written: Written,
}

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// A string, or a decimal integer.
    One(String),
    /// `true` or `false`.
    Switch(bool),
    /// Several of the first.
    Many(Vec<String>),
    /// A type that no key takes, by its name.
    Other(&'static str),
}

/// Error of a config file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("{}: cannot be read: {source}; make it readable, or name another with \
             --config", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It is too large.
    #[error("{}: has more than {CONFIG_BYTES_MAX} bytes; check that it is a config file", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// It is not valid TOML.
    #[error("{}:{line}: {problem}; a line is `key = value`, text stands in \
             quotes", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The parser's message.
        problem: String,
    },
}

/// The user's file if there is one, else the system's.
pub fn usual(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let users = of_user(USER_FILE, variable);
    users.into_iter().chain([SYSTEM_FILE.into()]).find(|path| path.exists())
}

/// A file of that name in the user's directory of settings, whether or not there is one.
pub fn of_user(name: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let settings = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    settings.map(|directory| directory.join(name))
}

/// The entries of a file, in the order of their lines.
pub fn read(path: &Path) -> Result<Vec<Entry>, FileError> {
    let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    file.take(CONFIG_BYTES_MAX + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > CONFIG_BYTES_MAX {
        return Err(FileError::TooLarge { path: path.to_owned() });
    }
    parse(&text).map_err(|(line, problem)| FileError::Syntax {
        path: path.to_owned(),
        line,
        problem,
    })
}

/// The entries, or the line of the first error and what is wrong there.
fn parse(text: &str) -> Result<Vec<Entry>, (usize, String)> {
    let line = |at: usize| text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1;
    let table = DeTable::parse(text).map_err(|error| {
        let problem = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        (line(error.span().map_or(0, |span| span.start)), problem)
    })?;
    let mut entries: Vec<Entry> = table
        .into_inner()
        .into_iter()
        .map(|(key, value)| Entry {
            line: line(key.span().start),
            key: key.into_inner().into_owned(),
            written: written(value.into_inner()),
        })
        .collect();
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

fn written(value: DeValue<'_>) -> Written {
    match value {
        DeValue::Boolean(switch) => Written::Switch(switch),
        DeValue::Array(values) => {
            let ones: Result<_, _> = values.into_iter().map(Spanned::into_inner).map(one).collect();
            ones.map_or_else(Written::Other, Written::Many)
        }
        other => one(other).map_or_else(Written::Other, Written::One),
    }
}

/// Text, or the name of another type.
fn one(value: DeValue<'_>) -> Result<String, &'static str> {
    match value {
        DeValue::String(text) => Ok(text.into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
        DeValue::Integer(_) => Err("a number that is not decimal"),
        DeValue::Float(_) => Err("a number with a fraction"),
        DeValue::Boolean(_) => Err("a boolean in a list"),
        DeValue::Datetime(_) => Err("a date"),
        DeValue::Array(_) => Err("a list in a list"),
        DeValue::Table(_) => Err("a table"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_line_numbers() {
        let text =
            "# a comment\nsocket = \"/a\"\n\npython = [\"a\",\n 2]\nx = true\ny = 7\nz = 1.5\n";
        let found = parse(text).expect("it is TOML");
        let entry = |key: &str, line, written| Entry { key: key.into(), line, written };
        let wanted = [
            entry("socket", 2, Written::One("/a".into())),
            entry("python", 4, Written::Many(vec!["a".into(), "2".into()])),
            entry("x", 6, Written::Switch(true)),
            entry("y", 7, Written::One("7".into())),
            entry("z", 8, Written::Other("a number with a fraction")),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn syntax_error_has_a_line() {
        let (line, problem) = parse("a = 1\nb = \n").expect_err("b has no value");
        assert_eq!(line, 2, "{problem}");
        assert!(!problem.contains('\n'), "{problem}");
        let (line, _) = parse("a = 1\n\na = 2\n").expect_err("twice");
        assert_eq!(line, 3);
    }

    #[test]
    fn tables_and_odd_lists_are_unsupported_values() {
        for text in ["[doors]\n", "x = [[1]]", "x = [true]", "x = 0x10", "x = 2026-01-01"] {
            let found = parse(text).expect("it is TOML");
            assert!(matches!(found[0].written, Written::Other(_)), "{text}: {found:?}");
        }
    }

    #[test]
    fn user_file_precedes_system_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let home = directory.path().to_owned();
        let find = || usual(|name| (name == "HOME").then(|| home.clone().into_os_string()));
        let before = find();
        assert!(before.is_none() || before == Some(SYSTEM_FILE.into()));
        let file = home.join(".config").join(USER_FILE);
        std::fs::create_dir_all(file.parent().expect("a directory")).expect("ours");
        std::fs::write(&file, "").expect("ours");
        assert_eq!(find(), Some(file));
    }

    #[test]
    fn unreadable_or_oversized_file_is_named() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("gild.toml");
        let error = read(&path).expect_err("it is not there").to_string();
        assert!(error.starts_with(&format!("{}: cannot be read", path.display())), "{error}");
        let bytes = usize::try_from(CONFIG_BYTES_MAX).expect("small") + 1;
        std::fs::write(&path, "#".repeat(bytes)).expect("ours");
        assert!(matches!(read(&path), Err(FileError::TooLarge { .. })));
    }
}
