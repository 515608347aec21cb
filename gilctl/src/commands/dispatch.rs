//! Dispatch of the command line to the commands.

use std::io;
use std::io::Write as _;

use crate::cli::help::short;
use crate::cli::settings::TypedFlags;
use crate::cli::{Command, Flags};
use crate::commands::context::Context;
use crate::commands::{effect, explore, history, lab, sweep};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::hints;

/// Runs the command and returns the exit code of gilctl.
pub async fn run(flags: Flags, typed: &TypedFlags) -> Exit {
    let checked = effect::check(&flags, typed);
    let done = match (checked, flags.command) {
        (Err(failure), _) => Err(failure),
        (Ok(_), None) => help(),
        (Ok(notes), Some(command)) => {
            let context = Context::new(flags.global, command.purpose());
            for note in &notes {
                context.hints.say(note);
            }
            // Boxed, because the futures of all commands together are large for the stack.
            Box::pin(dispatch(&context, command)).await
        }
    };
    match done {
        Ok(exit) => exit,
        Err(failure) => {
            if let Failure::Message(message) = &failure {
                hints::write_line(&message.to_string());
            }
            failure.exit()
        }
    }
}

async fn dispatch(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Sweep(flags) => sweep::run(context, &flags).await,
        Command::Strategies(flags) => lab::strategies::run(context, &flags).await,
        Command::Calibrate(flags) => lab::calibrate::run(context, &flags).await,
        Command::Explore(flags) => explore::exploration::run(context, &flags).await,
        Command::Witness(flags) => explore::witness::run(context, &flags).await,
        Command::Replay(flags) => explore::replay::run(context, &flags).await,
        Command::Explain(flags) => explore::explain::run(context, &flags).await,
        Command::List(flags) => history::list::run(context, &flags).await,
        Command::Show(flags) => history::show::run(context, &flags).await,
        Command::Plot(flags) => history::plot::run(context, &flags).await,
        Command::Report(flags) => history::files::report::run(context, &flags).await,
        Command::Trace(flags) => history::files::trace::run(context, &flags).await,
        Command::Watch(flags) if flags.tui => lab::top::job(context, &flags).await,
        Command::Watch(flags) => history::watch::run(context, &flags).await,
        Command::Cancel(target) => history::cancel::run(context, &target).await,
        Command::Resume(flags) => history::resume::resume(context, &flags).await,
        Command::Rerun(flags) => history::resume::rerun(context, &flags).await,
        Command::Label(flags) => history::label::run(context, &flags).await,
        Command::Compare(flags) => history::compare::run(context, &flags).await,
        Command::Delete(flags) => history::delete::delete(context, &flags).await,
        Command::Prune(flags) => history::delete::prune(context, &flags).await,
        Command::Export(flags) => history::portable::export(context, &flags).await,
        Command::Import(flags) => history::portable::import(context, &flags).await,
        Command::Status => lab::status::run(context).await,
        Command::Top => lab::top::run(context).await,
        Command::Ui(flags) => lab::ui::run(context, &flags).await,
        Command::Doctor => lab::doctor::run(context).await,
        Command::Tour => lab::tour::run(context).await,
        Command::Schema(flags) => lab::schema::run(flags),
        Command::Config(flags) => lab::config::run(context, flags),
        Command::Completions(flags) => lab::manual::completions(&flags),
        Command::Man(flags) => lab::manual::pages(&flags),
    }
}

fn help() -> Result<Exit, Failure> {
    write!(io::stdout(), "{}", short::command().render_help())?;
    Ok(Exit::Fine)
}
