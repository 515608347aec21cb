//! Binary `gilctl`: parses the command line, runs the command, exits with its code.

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use clap::FromArgMatches as _;
use gilctl::cli::help::{self, color, prepared, short};
use gilctl::cli::settings::{Settings, TypedFlags};
use gilctl::cli::{Command, Flags};
use gilctl::commands::meant;
use gilctl::exit::Exit;
use gilctl::output::hints;
use gild::daemon::settings::origin::SettingsError;

/// Runtime threads. The measured threads of an embedded lab need the cores.
const RUNTIME_THREADS: usize = 2;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if let Some(text) = prepared::answer(&arguments, std::env::vars_os().map(|(name, _)| name)) {
        return print(text);
    }
    let is_short = short::is_asked(&arguments);
    let command = if is_short { short::command() } else { help::whole() };
    let command = color::with_choice(command, &arguments);
    let settings = Settings::read(help::whole, |name| std::env::var_os(name));
    let mut command = match &settings {
        Ok(settings) => settings.defaults(command),
        Err(_) => command,
    };
    let matches = command
        .try_get_matches_from_mut(&arguments)
        .unwrap_or_else(|error| meant::explained(error, &command, &arguments).exit());
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return refuse(&error),
    };
    let typed = TypedFlags::of(&matches);
    let mut flags =
        Flags::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit());
    flags.global.typed.clone_from(&typed);
    if let Some(Command::Config(config)) = &mut flags.command {
        config.shown = settings.shown(help::whole(), &matches);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .enable_all()
        .build();
    let exit = match runtime {
        Ok(runtime) => runtime.block_on(gilctl::commands::dispatch::run(flags, &typed)),
        Err(error) => {
            hints::write_line(&format!("gilctl: cannot start threads: {error}"));
            Exit::Unexpected
        }
    };
    ExitCode::from(exit.code())
}

/// Says why the config file cannot be used.
fn refuse(error: &SettingsError) -> ExitCode {
    hints::write_line(&format!("gilctl: {error}"));
    ExitCode::from(Exit::Configuration.code())
}

/// Prints to standard output; a closed pipe is not a failure.
fn print(text: &str) -> ExitCode {
    let exit = match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Exit::Unexpected,
        Ok(()) | Err(_) => Exit::Fine,
    };
    ExitCode::from(exit.code())
}
