//! Origins of settings, the ways to write a value, and the errors of reading them.

use std::fmt;
use std::path::PathBuf;

use clap::{Arg, ArgAction};

use crate::daemon::settings::file::FileError;

/// The flag that names the file, and so is no key of it.
pub(crate) const CONFIG: &str = "config";

/// Origin of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// The variable of that name.
    Environment(String),
    /// A line of the config file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The default.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Error of loading settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The command line is rejected, or asks for help.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// The config file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file has a key that does not exist.
    #[error("{at}: {key}: there is no such key; {}", did_you_mean(.nearest.as_deref(), .all))]
    UnknownKey {
        /// Its origin.
        at: Origin,
        /// The key.
        key: String,
        /// The key that is spelled most alike.
        nearest: Option<String>,
        /// The command that prints all keys.
        all: &'static str,
    },
    /// A value is rejected.
    #[error("{at}: {problem}")]
    Value {
        /// Its origin.
        at: Origin,
        /// Key, value, limit and way out.
        problem: String,
    },
}

fn did_you_mean(nearest: Option<&str>, all: &str) -> String {
    let all = format!("`{all}` prints them all");
    nearest.map_or_else(|| all.clone(), |key| format!("did you mean `{key}`? {all}"))
}

/// How many values a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// One.
    One,
    /// `true` or `false`.
    Switch,
    /// Several.
    Many,
}

impl Takes {
    /// How many values an argument takes.
    pub fn of(arg: &Arg) -> Self {
        match arg.get_action() {
            ArgAction::SetTrue | ArgAction::SetFalse => Self::Switch,
            ArgAction::Append => Self::Many,
            _ => Self::One,
        }
    }
}

/// The key of a flag, which is its long name.
///
/// # Panics
///
/// If the flag has none.
pub fn key_of(arg: &Arg) -> &str {
    arg.get_long().expect("settings are long flags")
}
