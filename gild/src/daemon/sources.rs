//! Where settings come from: flag, environment, file, default, in this order. The flags of `serve` are
//! the only list of keys there is: what stands in the environment or the file becomes the default of the
//! flag of that name, and the flag's own parser checks it. Applies no setting.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};
use strategies::workload::LimitError;

use super::file::{self, Entry, FileError, Written};
use super::flags::{Configured, Flags, Settings};

/// How a variable's name begins.
const PREFIX: &str = "GILD_";
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

/// What somebody but the command line says about a key.
#[derive(Debug, Clone)]
struct Given {
    values: Vec<String>,
    origin: Origin,
}

type AllGiven = BTreeMap<String, Given>;

/// Reads all sources for these arguments, of which the first is the program's name.
pub fn load(
    arguments: &[OsString],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Loaded, SettingsError> {
    let typed = Flags::command().try_get_matches_from(arguments)?;
    let Some((command, typed)) = typed.subcommand() else {
        return Err(Flags::command().error(ErrorKind::MissingSubcommand, "no command").into());
    };
    let keys = keys(command);
    let named = typed.get_one::<PathBuf>(CONFIG).cloned();
    let named = named.or_else(|| variable(&variable_of(CONFIG)).map(PathBuf::from));
    let file = named.or_else(|| file::usual(&variable));
    let mut given = match &file {
        Some(path) => of_file(path, &keys)?,
        None => AllGiven::new(),
    };
    given.extend(of_environment(&keys, &variable)?);
    check(command, &given)?;
    let with = Flags::command().mut_subcommand(command, |flags| with_defaults(flags, &given));
    let matches = with.try_get_matches_from(arguments)?;
    let (_, matches) = matches.subcommand().expect("there was one a moment ago");
    let Configured { config: _, settings } = Configured::from_arg_matches(matches)?;
    let effective = keys.iter().map(|key| effective(key, matches, &given)).collect();
    Ok(Loaded { settings, effective, file })
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

/// The variable of a key: `GILD_LOG_FORMAT` of `log-format`.
fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('-', "_"))
}

fn of_file(path: &std::path::Path, keys: &[Arg]) -> Result<AllGiven, SettingsError> {
    let given = file::read(path)?.into_iter().map(|Entry { key, line, written }| {
        let origin = Origin::File { path: path.to_owned(), line };
        let Some(arg) = keys.iter().find(|arg| key_of(arg) == key) else {
            let nearest = nearest(&key, keys);
            return Err(SettingsError::UnknownKey { at: origin, key, nearest });
        };
        match values(&key, written, Takes::of(arg)) {
            Ok(values) => Ok((key, Given { values, origin })),
            Err(problem) => Err(SettingsError::Value { at: origin, problem }),
        }
    });
    given.collect()
}

/// The values of a key that takes so many; or what is wrong with them.
fn values(key: &str, written: Written, takes: Takes) -> Result<Vec<String>, String> {
    let wanted = match takes {
        Takes::One => "one value in quotes",
        Takes::Switch => "true or false",
        Takes::Many => "a list of values in quotes, e.g. [\"one\", \"two\"]",
    };
    let refused = |found: &str| Err(format!("{key}: {found} is refused; write {wanted}"));
    match (takes, written) {
        (Takes::One | Takes::Many, Written::One(value)) => Ok(vec![value]),
        (Takes::Many, Written::Many(values)) => Ok(values),
        (Takes::Switch, Written::Switch(switch)) => Ok(vec![switch.to_string()]),
        (_, Written::Other(found)) => refused(found),
        (_, Written::One(value)) => refused(&format!("`{value}`")),
        (_, Written::Switch(switch)) => refused(&format!("`{switch}`")),
        (_, Written::Many(_)) => refused("a list"),
    }
}

fn nearest(key: &str, keys: &[Arg]) -> Option<String> {
    const ALIKE: f64 = 0.7;
    let alike = |known: &str| strsim::jaro_winkler(key, known);
    let known = keys.iter().map(key_of).filter(|known| alike(known) >= ALIKE);
    known.max_by(|a, b| alike(a).total_cmp(&alike(b))).map(str::to_owned)
}

fn of_environment(
    keys: &[Arg],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<AllGiven, SettingsError> {
    let mut given = AllGiven::new();
    for arg in keys {
        let name = variable_of(key_of(arg));
        // The variable that everybody knows; ours wins.
        let known = (key_of(arg) == "log").then(|| "RUST_LOG".to_owned());
        let said = [Some(name), known].into_iter().flatten().find_map(|name| {
            let value = variable(&name).filter(|value| !value.is_empty())?;
            Some((name, value))
        });
        let Some((name, value)) = said else { continue };
        let origin = Origin::Environment(name);
        let Ok(text) = value.into_string() else {
            let problem = format!("{}: is no text; write it in UTF-8", key_of(arg));
            return Err(SettingsError::Value { at: origin, problem });
        };
        let values = match Takes::of(arg) {
            Takes::One | Takes::Switch => vec![text],
            Takes::Many => text.split(':').map(str::to_owned).collect(),
        };
        given.insert(key_of(arg).to_owned(), Given { values, origin });
    }
    Ok(given)
}

fn with_defaults(flags: Command, given: &AllGiven) -> Command {
    flags.mut_args(|arg| match arg.get_long().and_then(|key| given.get(key)) {
        Some(Given { values, .. }) => arg.default_values(values.clone()),
        None => arg,
    })
}

/// Lets each flag's parser see its values alone, so that an error names where they stand.
fn check(command: &str, given: &AllGiven) -> Result<(), SettingsError> {
    let flags = Flags::command();
    let flags = flags.find_subcommand(command).expect("it was typed");
    for (key, Given { values, origin }) in given {
        let arg = flags.get_arguments().find(|arg| arg.get_long() == Some(key));
        let switch = arg.is_some_and(|arg| Takes::of(arg) == Takes::Switch);
        for value in values {
            let problem = if switch {
                let fine = ["true", "false"].contains(&value.as_str());
                (!fine).then(|| format!("{key}: `{value}` is refused; write true or false"))
            } else {
                let typed = ["gild".to_owned(), format!("--{key}={value}")];
                flags
                    .clone()
                    .try_get_matches_from(typed)
                    .err()
                    .and_then(|e| problem(key, value, &e))
            };
            if let Some(problem) = problem {
                return Err(SettingsError::Value { at: origin.clone(), problem });
            }
        }
    }
    Ok(())
}

/// What is wrong with a value; nothing if only its company is missing, which is checked with all of it.
fn problem(key: &str, value: &str, error: &clap::Error) -> Option<String> {
    use std::error::Error as _;
    match error.kind() {
        ErrorKind::MissingRequiredArgument | ErrorKind::ArgumentConflict => None,
        _ => match error.source() {
            Some(limit) if limit.is::<LimitError>() => Some(limit.to_string()),
            Some(reason) => Some(format!(
                "{key}: `{value}` is refused: {reason}; `gild serve --help` says what it takes"
            )),
            None => Some(format!(
                "{key}: `{value}` is refused; {}",
                possible(error).unwrap_or_else(|| "`gild serve --help` says what it takes".into())
            )),
        },
    }
}

/// The values that there are, if they can be counted.
fn possible(error: &clap::Error) -> Option<String> {
    match error.get(clap::error::ContextKind::ValidValue)? {
        clap::error::ContextValue::Strings(all) if !all.is_empty() => {
            Some(format!("choose one of {}", all.join(", ")))
        }
        _ => None,
    }
}

fn effective(arg: &Arg, matches: &ArgMatches, given: &AllGiven) -> Effective {
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
#[path = "sources_tests.rs"]
mod tests;
