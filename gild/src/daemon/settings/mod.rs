//! Where settings come from: flag, environment, file, default, in this order. The flags of `serve`
//! are the only list of keys there is: what stands in the environment or the file becomes the
//! default of the flag of that name, and the flag's own parser checks it. Applies no setting.

pub mod file;
mod layers;
mod validate;
pub mod values;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};

use crate::daemon::cli::{Configured, Flags, Settings};
use crate::daemon::settings::file::FileError;
use crate::daemon::settings::layers::{Layer, LayerValue, of_environment, of_file, variable_of};
use crate::daemon::settings::validate::check;

/// The flag that names the file, and so is no key of it.
const CONFIG: &str = "config";
/// Flags that are no settings.
const NO_KEYS: [&str; 3] = [CONFIG, "help", "version"];

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It was typed.
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
    /// Nobody said anything.
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

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// What was typed is refused; or it asked for help.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// The config file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file has a key that does not exist.
    #[error("{at}: {key}: there is no such key; {}", did_you_mean(.nearest.as_deref()))]
    UnknownKey {
        /// Where.
        at: Origin,
        /// The key.
        key: String,
        /// The key that is spelled most alike.
        nearest: Option<String>,
    },
    /// A value is refused.
    #[error("{at}: {problem}")]
    Value {
        /// Where.
        at: Origin,
        /// Key, value, limit and way out.
        problem: String,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    let all = "`gild check-config` prints them all";
    nearest.map_or_else(|| all.to_owned(), |key| format!("did you mean `{key}`? {all}"))
}

/// A setting as it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The key, which is the flag's long name.
    pub key: String,
    /// Its values; none if it is not set.
    pub values: Vec<String>,
    /// How many it can have.
    pub takes: Takes,
    /// Who said so.
    pub origin: Origin,
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
    fn of(arg: &Arg) -> Self {
        match arg.get_action() {
            ArgAction::SetTrue | ArgAction::SetFalse => Self::Switch,
            ArgAction::Append => Self::Many,
            _ => Self::One,
        }
    }
}

/// Settings with their origins.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What applies.
    pub settings: Settings,
    /// The same, key by key, in the order of `--help`.
    pub effective: Vec<Effective>,
    /// The file that was read, if there is one.
    pub file: Option<PathBuf>,
}

/// Variables of these names that look like a setting of `serve` and are none: a sentence each.
pub fn misspelt(names: impl Iterator<Item = String>) -> Vec<String> {
    let told = |(name, known): (String, String)| {
        format!("{name} is set and no setting has this name; did you mean {known}?")
    };
    layers::misspelt(names, &keys("serve")).into_iter().map(told).collect()
}

/// Reads all sources for these arguments, of which the first is the program's name.
pub fn load(
    arguments: &[OsString],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Loaded, SettingsError> {
    let typed = Flags::command().try_get_matches_from(arguments)?;
    let Some((command, typed)) = typed.subcommand() else {
        return Err(no_command());
    };
    let keys = keys(command);
    let named = typed.get_one::<PathBuf>(CONFIG).cloned();
    let named = named.or_else(|| variable(&variable_of(CONFIG)).map(PathBuf::from));
    let file = named.or_else(|| file::usual(&variable));
    let mut given = match &file {
        Some(path) => of_file(path, &keys)?,
        None => Layer::new(),
    };
    given.extend(of_environment(&keys, &variable)?);
    check(command, &given)?;
    let with = Flags::command().mut_subcommand(command, |flags| with_defaults(flags, &given));
    let matches = with.try_get_matches_from(arguments)?;
    let Some((_, matches)) = matches.subcommand() else {
        return Err(no_command());
    };
    let Configured { config: _, settings } = Configured::from_arg_matches(matches)?;
    let effective = keys.iter().map(|key| effective(key, matches, &given)).collect();
    Ok(Loaded { settings, effective, file })
}

fn no_command() -> SettingsError {
    Flags::command().error(ErrorKind::MissingSubcommand, "say what to do, e.g. serve").into()
}

/// The flags of a command that are settings.
fn keys(command: &str) -> Vec<Arg> {
    let flags = Flags::command();
    let flags = flags.find_subcommand(command).expect("it was typed");
    let is_key = |arg: &&Arg| arg.get_long().is_some_and(|long| !NO_KEYS.contains(&long));
    flags.get_arguments().filter(is_key).cloned().collect()
}

fn key_of(arg: &Arg) -> &str {
    arg.get_long().expect("settings are long flags")
}

fn with_defaults(flags: Command, given: &Layer) -> Command {
    flags.mut_args(|arg| match arg.get_long().and_then(|key| given.get(key)) {
        Some(LayerValue { values, .. }) => arg.default_values(values.clone()),
        None => arg,
    })
}

fn effective(arg: &Arg, matches: &ArgMatches, given: &Layer) -> Effective {
    let (key, id) = (key_of(arg), arg.get_id().as_str());
    let text = |value: &std::ffi::OsStr| value.to_string_lossy().into_owned();
    let values = matches.get_raw(id).into_iter().flatten().map(text).collect();
    let origin = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => Origin::Flag,
        _ => given.get(key).map_or(Origin::Default, |given| given.origin.clone()),
    };
    let takes = Takes::of(arg);
    let values = match (takes, &origin) {
        // What was typed of a switch is its name alone.
        (Takes::Switch, _) => vec![matches.get_flag(id).to_string()],
        _ => values,
    };
    Effective { key: key.to_owned(), values, takes, origin }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
