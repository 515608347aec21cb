//! Dispatch of the command line to the commands.

use std::io;
use std::io::Write as _;

use clap::CommandFactory as _;

use crate::cli::{Command, Flags};
use crate::commands::context::Context;
use crate::commands::{explore, history, lab, sweep};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::hints;

/// Runs the command and returns the exit code of gilctl.
pub async fn run(flags: Flags) -> Exit {
    let context = Context::new(flags.global);
    // Boxed, because the futures of all commands together are large for the stack.
    match Box::pin(dispatch(&context, flags.command)).await {
        Ok(exit) => exit,
        Err(failure) => {
            if let Failure::Message(message) = &failure {
                hints::write_line(&message.to_string());
            }
            failure.exit()
        }
    }
}

async fn dispatch(context: &Context, command: Option<Command>) -> Result<Exit, Failure> {
    match command {
        None => help(),
        Some(Command::Sweep(flags)) => sweep::run(context, &flags).await,
        Some(Command::Strategies(flags)) => lab::strategies::run(context, &flags).await,
        Some(Command::Calibrate(flags)) => lab::calibrate::run(context, &flags).await,
        Some(Command::Explore(flags)) => explore::exploration::run(context, &flags).await,
        Some(Command::Witness(flags)) => explore::witness::run(context, &flags).await,
        Some(Command::Replay(flags)) => explore::replay::run(context, &flags).await,
        Some(Command::Explain(flags)) => explore::explain::run(context, &flags).await,
        Some(Command::List) => history::list::run(context).await,
        Some(Command::Show(flags)) => history::show::run(context, &flags).await,
        Some(Command::Watch(flags)) => history::watch::run(context, &flags).await,
        Some(Command::Cancel(target)) => history::cancel::run(context, &target).await,
        Some(Command::Resume(flags)) => history::resume::resume(context, &flags).await,
        Some(Command::Rerun(flags)) => history::resume::rerun(context, &flags).await,
        Some(Command::Compare(flags)) => history::compare::run(context, &flags).await,
        Some(Command::Delete(flags)) => history::delete::delete(context, &flags).await,
        Some(Command::Prune(flags)) => history::delete::prune(context, &flags).await,
        Some(Command::Export(flags)) => history::portable::export(context, &flags).await,
        Some(Command::Import(flags)) => history::portable::import(context, &flags).await,
        Some(Command::Status) => lab::status::run(context).await,
        Some(Command::Doctor) => lab::doctor::run(context).await,
    }
}

fn help() -> Result<Exit, Failure> {
    write!(io::stdout(), "{}", Flags::command().render_help())?;
    Ok(Exit::Fine)
}
