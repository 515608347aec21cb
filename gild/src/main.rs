//! Program entry: runs the command of the command line and maps failures to exit codes.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use gild::daemon::certs;
use gild::daemon::cli::{Command, Flags, Place, shell};
use gild::daemon::failure::Failure;
use gild::daemon::run::{check, data_dir, misspelt, serve};
use gild::daemon::settings::origin::SettingsError;
use gild::daemon::settings::toml::to_toml;
use gild::store::sqlite::backup::{self, BackupSummary, MissingLog};
use gild::version;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let done = match Flags::parse().command {
        Command::Serve(_) => serve(arguments),
        Command::CheckConfig(_) => check_config(&arguments),
        Command::Backup { file, place } => back_up(&file, &place),
        Command::Restore { file, place, without_log } => restore(
            &file,
            &place,
            if without_log { MissingLog::Accepted } else { MissingLog::Refused },
        ),
        Command::Certs(flags) => {
            certs::make(&flags).map_err(Failure::from).and_then(|text| print(&text))
        }
        Command::Completions(flags) => {
            print_text(&shell::completions(Flags::command(), flags.shell))
        }
        Command::Man(flags) => manual(flags.dir.as_deref()),
        Command::Version { verbose: true } => print(&version::long()),
        Command::Version { verbose: false } => print(&version::short()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // clap prints its own errors, with colours and a usage line.
        Err(Failure::Settings(SettingsError::Usage(error))) => error.exit(),
        Err(failure) => {
            eprintln!("gild: {failure}");
            failure.exit().into()
        }
    }
}

fn check_config(arguments: &[OsString]) -> Result<(), Failure> {
    let loaded = check(arguments)?;
    for problem in misspelt() {
        eprintln!("gild: warning: {problem}");
    }
    print(to_toml(&loaded).trim_end())
}

fn back_up(file: &Path, place: &Place) -> Result<(), Failure> {
    let made = backup::backup(&data_dir(place)?, file)?;
    print(&format!("{}: {}", file.display(), contents(made)))
}

fn restore(file: &Path, place: &Place, log: MissingLog) -> Result<(), Failure> {
    let data_dir = data_dir(place)?;
    let made = backup::restore(file, &data_dir, log)?;
    let directory = data_dir.shown().unwrap_or(Path::new("."));
    print(&format!("{}: {}", directory.display(), contents(made)))
}

fn contents(BackupSummary { jobs, bytes }: BackupSummary) -> String {
    let noun = if jobs == 1 { "sweep or exploration" } else { "sweeps and explorations" };
    format!("{jobs} {noun}, {bytes} bytes")
}

fn manual(dir: Option<&Path>) -> Result<(), Failure> {
    let Some(dir) = dir else {
        return print_text(&shell::page(Flags::command())?);
    };
    let pages = shell::write_pages(Flags::command(), dir)?;
    print(&format!("{}: {pages} pages", dir.display()))
}

fn print(line: &str) -> Result<(), Failure> {
    print_text(format!("{line}\n").as_bytes())
}

/// Prints to standard output; a closed pipe is not a failure.
fn print_text(text: &[u8]) -> Result<(), Failure> {
    match std::io::stdout().write_all(text) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
