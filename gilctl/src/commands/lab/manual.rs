//! `gilctl completions` and `gilctl man`: what a shell and `man` want to know of gilctl. No lab is asked.

use std::io::{self, Write as _};

use clap::CommandFactory as _;
use gild::daemon::cli::shell::{self, CompletionsFlags, ManFlags};

use crate::cli::Flags;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::hints;

/// Prints the script of a shell.
pub fn completions(flags: &CompletionsFlags) -> Result<Exit, Failure> {
    print(&shell::completions(Flags::command(), flags.shell))
}

/// Prints the page of gilctl, or writes those of all commands.
pub fn pages(flags: &ManFlags) -> Result<Exit, Failure> {
    let Some(dir) = &flags.dir else {
        return print(&shell::page(Flags::command())?);
    };
    let pages = shell::write_pages(Flags::command(), dir).map_err(|error| {
        let message = format!("--dir '{}': pages cannot be written: {error}", dir.display());
        Failure::new(Exit::Unexpected, message, "choose another directory")
    })?;
    hints::write_line(&format!("{}: {pages} pages", dir.display()));
    Ok(Exit::Fine)
}

fn print(text: &[u8]) -> Result<Exit, Failure> {
    io::stdout().write_all(text)?;
    Ok(Exit::Fine)
}
