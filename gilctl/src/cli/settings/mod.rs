//! Settings of gilctl: a config file whose keys are the flags of every command, and `no-plot`. A value of
//! the file becomes the default of the flag of that name; a flag and a variable come before it. The file is
//! read as the daemon's is.

pub mod credentials;
pub mod document;

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, ValueEnum};
use gild::daemon::settings::file;
use gild::daemon::settings::layers::{Layer, LayerValue, of_file};
use gild::daemon::settings::load::{Effective, effective, with_defaults};
use gild::daemon::settings::origin::{Origin, SettingsError, Takes, key_of};
use gild::daemon::settings::validate;
use view::render::sweep::columns::Columns;

/// Names the file.
const FILE_VARIABLE: &str = "GILCTL_CONFIG";
/// Below the user's directory of settings.
const USER_FILE: &str = "gild/config.toml";
/// Commands that draw below their table, and their flag against it.
const DRAWING: [&str; 2] = ["sweep", "compare"];
const NO_PLOT: &str = "no-plot";
const COLUMNS: &str = "columns";
const QUIET: &str = "quiet";
const VERBOSE: &str = "verbose";
/// Prints all keys.
const ALL: &str = "gilctl config show";
/// Says what values there are.
const HELP: &str = "gilctl --help";

/// What to do with the settings.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ConfigFlags {
    /// What to do with them
    #[arg(value_enum)]
    pub action: ConfigAction,
    /// Also where each value comes from: a flag, a variable, a line of the file, or the default
    #[arg(long)]
    pub origin: bool,
    /// The settings, and the file that was read; known once the command line is.
    #[arg(skip)]
    pub shown: (Vec<Effective>, Option<PathBuf>),
}

/// What to do with the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigAction {
    /// Print each with its value
    Show,
}

/// The flags that stand on the command line, and not in the environment or in the config file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedFlags(HashSet<String>);

impl TypedFlags {
    /// Those among the matches of a command line.
    pub fn of(matches: &ArgMatches) -> Self {
        let nested = matches.subcommand().map(|(_, matches)| matches);
        let typed = |matches: &ArgMatches| -> Vec<String> {
            let is_typed = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
            let ids = matches.ids().map(clap::Id::as_str).filter(is_typed);
            ids.map(|id| id.replace('_', "-")).collect()
        };
        Self(std::iter::once(matches).chain(nested).flat_map(typed).collect())
    }

    /// Whether that flag is among them, by its long name.
    pub fn has(&self, flag: &str) -> bool {
        self.0.contains(flag)
    }

    /// The first in the order of the alphabet with that property.
    pub fn first(&self, is_it: impl Fn(&str) -> bool) -> Option<&str> {
        self.0.iter().map(String::as_str).filter(|flag| is_it(flag)).min()
    }
}

/// The values of the config file.
#[derive(Debug, Default)]
pub struct Settings {
    file: Option<PathBuf>,
    given: Layer,
}

impl Settings {
    /// Reads the file that `GILCTL_CONFIG` names, or else the user's if there is one; `root` makes the command
    /// line of gilctl, which is done only where there is a file, because it takes time.
    ///
    /// # Errors
    ///
    /// The error names the file, the line, the key or the value, and the way out.
    pub fn read(
        root: impl FnOnce() -> Command,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SettingsError> {
        let named = variable(FILE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from);
        let users = || file::of_user(USER_FILE, &variable).filter(|path| path.exists());
        let Some(path) = named.or_else(users) else { return Ok(Self::default()) };
        let command = of_all_keys(root());
        let given = of_file(&path, &keys(&command), ALL)?;
        validate::check(&command, HELP, &given)?;
        check_columns(&given)?;
        check_contradiction(&given)?;
        Ok(Self { file: Some(path), given })
    }

    /// The command line with the values of the file as defaults.
    pub fn defaults(&self, command: Command) -> Command {
        if self.given.is_empty() {
            return command;
        }
        with_defaults(command, &self.given).mut_subcommands(|command| {
            let is_drawing = DRAWING.contains(&command.get_name());
            if is_drawing { with_defaults(command, &self.given) } else { command }
        })
    }

    /// Every setting as it applies to that command line, and the file.
    pub fn shown(&self, root: Command, matches: &ArgMatches) -> (Vec<Effective>, Option<PathBuf>) {
        let matches = matches.subcommand().map_or(matches, |(_, matches)| matches);
        // The command that shows them draws nothing. (Which arguments a command has, its matches say in
        // debug builds of clap only.)
        let of = |key: &Arg| match key_of(key) {
            NO_PLOT => self.of_other_command(key),
            _ => effective(key, matches, &self.given),
        };
        (keys(&of_all_keys(root)).iter().map(of).collect(), self.file.clone())
    }

    /// A switch that this command does not have.
    fn of_other_command(&self, key: &Arg) -> Effective {
        let given = self.given.get(key_of(key)).cloned();
        let (values, origin) = given.map_or_else(
            || (vec![false.to_string()], Origin::Default),
            |given| (given.values, given.origin),
        );
        Effective { key: key_of(key).to_owned(), values, takes: Takes::of(key), origin }
    }
}

/// Refuses columns that no table has, which the parser leaves to the command.
fn check_columns(given: &Layer) -> Result<(), SettingsError> {
    let Some(LayerValue { values, origin }) = given.get(COLUMNS) else { return Ok(()) };
    let refused = values.iter().find_map(|value| value.parse::<Columns>().err());
    refused.map_or(Ok(()), |(why, way_out)| {
        let problem = format!("{COLUMNS}: {why}; {way_out}");
        Err(SettingsError::Value { at: origin.clone(), problem })
    })
}

/// Refuses both of two switches of which a command line takes one.
fn check_contradiction(given: &Layer) -> Result<(), SettingsError> {
    let on = |key: &str| given.get(key).filter(|it| it.values.iter().any(|value| value == "true"));
    let (Some(_), Some(verbose)) = (on(QUIET), on(VERBOSE)) else { return Ok(()) };
    let problem =
        format!("{VERBOSE}: cannot be true together with `{QUIET}`; leave out one of them");
    Err(SettingsError::Value { at: verbose.origin.clone(), problem })
}

/// gilctl's own flags, and that of the commands that draw.
fn of_all_keys(root: Command) -> Command {
    let drawing = root.find_subcommand(DRAWING[0]).into_iter().flat_map(Command::get_arguments);
    let no_plot =
        drawing.filter(|arg| arg.get_long() == Some(NO_PLOT)).cloned().collect::<Vec<_>>();
    root.args(no_plot)
}

fn keys(command: &Command) -> Vec<Arg> {
    command.get_arguments().filter(|arg| arg.get_long().is_some()).cloned().collect()
}
