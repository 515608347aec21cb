//! Loading of settings. The flags of `serve` are the only list of keys: a value from the
//! environment or the file becomes the default of the flag of that name, and the flag's own parser
//! checks it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches};

use crate::daemon::cli::{Configured, Flags, Settings};
use crate::daemon::settings::file;
use crate::daemon::settings::layers::{
    self, Layer, LayerValue, of_environment, of_file, variable_of,
};
use crate::daemon::settings::origin::{CONFIG, Origin, SettingsError, Takes, key_of};
use crate::daemon::settings::validate::check;

/// Flags that are not settings.
const NO_KEYS: [&str; 3] = [CONFIG, "help", "version"];

/// A setting as it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The key, which is the flag's long name.
    pub key: String,
    /// Its values; none if it is not set.
    pub values: Vec<String>,
    /// How many it can have.
    pub takes: Takes,
    /// Its origin.
    pub origin: Origin,
}

/// Settings with their origins.
#[derive(Debug, Clone)]
pub struct LoadedSettings {
    /// The settings in effect.
    pub settings: Settings,
    /// The same, key by key, in the order of `--help`.
    pub effective: Vec<Effective>,
    /// The file that was read, if there is one.
    pub file: Option<PathBuf>,
}

/// A warning per variable name that resembles a setting of `serve` and is not one.
pub fn misspelt(names: impl Iterator<Item = String>) -> Vec<String> {
    let warning = |(name, known): (String, String)| {
        format!("{name} is set, but no setting has this name; did you mean {known}?")
    };
    layers::misspelt(names, &keys("serve")).into_iter().map(warning).collect()
}

/// Reads all sources for these arguments, of which the first is the program's name.
pub fn load(
    arguments: &[OsString],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<LoadedSettings, SettingsError> {
    let typed = Flags::command().try_get_matches_from(arguments)?;
    let Some((command, typed)) = typed.subcommand() else {
        return Err(no_command());
    };
    let keys = keys(command);
    let named = typed.get_one::<PathBuf>(CONFIG).cloned();
    let named = named.or_else(|| variable(&variable_of(CONFIG)).map(PathBuf::from));
    let file = named.or_else(|| file::usual(&variable));
    let mut given = match &file {
        Some(path) => of_file(path, &keys, "gild check-config")?,
        None => Layer::new(),
    };
    given.extend(of_environment(&keys, &variable)?);
    let flags = Flags::command();
    let flags = flags.find_subcommand(command).ok_or_else(no_command)?;
    check(flags, "gild serve --help", &given)?;
    let with = Flags::command().mut_subcommand(command, |flags| with_defaults(flags, &given));
    let matches = with.try_get_matches_from(arguments)?;
    let Some((_, matches)) = matches.subcommand() else {
        return Err(no_command());
    };
    let Configured { config: _, settings } = Configured::from_arg_matches(matches)?;
    let effective = keys.iter().map(|key| effective(key, matches, &given)).collect();
    Ok(LoadedSettings { settings, effective, file })
}

fn no_command() -> SettingsError {
    Flags::command().error(ErrorKind::MissingSubcommand, "name a command, e.g. serve").into()
}

/// The flags of a command that are settings.
fn keys(command: &str) -> Vec<Arg> {
    let flags = Flags::command();
    let flags = flags.find_subcommand(command).expect("it was typed");
    let is_key = |arg: &&Arg| arg.get_long().is_some_and(|long| !NO_KEYS.contains(&long));
    flags.get_arguments().filter(is_key).cloned().collect()
}

/// The command with these values as the defaults of its flags.
pub fn with_defaults(flags: Command, given: &Layer) -> Command {
    flags.mut_args(|arg| match arg.get_long().and_then(|key| given.get(key)) {
        Some(LayerValue { values, .. }) => arg.default_values(values.clone()),
        None => arg,
    })
}

/// The setting of a flag among the matches of a command line whose defaults are `given`.
pub fn effective(arg: &Arg, matches: &ArgMatches, given: &Layer) -> Effective {
    let (key, id) = (key_of(arg), arg.get_id().as_str());
    let text = |value: &std::ffi::OsStr| value.to_string_lossy().into_owned();
    let values = matches.get_raw(id).into_iter().flatten().map(text).collect();
    let origin = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => Origin::Flag,
        Some(ValueSource::EnvVariable) => {
            let name = arg.get_env().unwrap_or_default();
            Origin::Environment(name.to_string_lossy().into_owned())
        }
        _ => given.get(key).map_or(Origin::Default, |given| given.origin.clone()),
    };
    let takes = Takes::of(arg);
    let values = match (takes, &origin) {
        // A switch has no value on the command line.
        (Takes::Switch, _) => vec![matches.get_flag(id).to_string()],
        _ => values,
    };
    Effective { key: key.to_owned(), values, takes, origin }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
