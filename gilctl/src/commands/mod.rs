//! The commands: each finds a lab, asks it, and prints the answer. They hold no format and no wire
//! detail; those are in [`crate::render`] and [`crate::client`].

pub mod calibrate;
pub mod compare;
pub mod delete;
pub mod explain;
pub mod explore;
pub mod portable;
pub mod replay;
pub mod resume;
pub mod show;
pub mod status;
pub mod strategies;
pub mod sweep;
pub mod witness;

use crate::output::hints;
use std::io::{self, Write};

use clap::CommandFactory as _;

use crate::cli::{Command, Flags, Global, Output};
use crate::client::{Fallback, Lab};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::hints::Hints;
use crate::output::printer::Printer;
use crate::output::progress::ProgressTarget;
use crate::render::explore::{Extent, Page};
use crate::render::format::color::{Color, OutputKind};
use crate::render::sweep::columns::Columns;
use crate::render::sweep::json::Turns;
use crate::render::sweep::table::{Style, Width};

/// A table is not squeezed below this.
const WIDTH_LEAST: usize = 100;

/// What every command knows of the world.
#[derive(Debug)]
pub struct Context {
    flags: Global,
    output: Output,
    style: Style,
    live_style: Style,
    page: Page,
    pub(crate) hints: Hints,
    audience: ProgressTarget,
}

/// Runs what was typed and says how gilctl ends.
pub async fn run(flags: Flags) -> Exit {
    let context = Context::new(flags.global);
    // On the heap: the commands together are large for a stack.
    match Box::pin(dispatch(&context, flags.command)).await {
        Ok(exit) => exit,
        Err(failure) => {
            if let Failure::Message(told) = &failure {
                hints::tell(&told.to_string());
            }
            failure.exit()
        }
    }
}

async fn dispatch(context: &Context, command: Option<Command>) -> Result<Exit, Failure> {
    match command {
        None => help(),
        Some(Command::Sweep(flags)) => sweep::run(context, &flags).await,
        Some(Command::Strategies(flags)) => strategies::run(context, &flags).await,
        Some(Command::Calibrate(flags)) => calibrate::run(context, &flags).await,
        Some(Command::Explore(flags)) => explore::run(context, &flags).await,
        Some(Command::Witness(flags)) => witness::run(context, &flags).await,
        Some(Command::Replay(flags)) => replay::run(context, &flags).await,
        Some(Command::Explain(flags)) => explain::run(context, &flags).await,
        Some(Command::List) => show::list(context).await,
        Some(Command::Show(flags)) => show::show(context, &flags).await,
        Some(Command::Watch(flags)) => show::watch(context, &flags).await,
        Some(Command::Cancel(which)) => show::cancel(context, &which).await,
        Some(Command::Resume(flags)) => resume::resume(context, &flags).await,
        Some(Command::Rerun(flags)) => resume::rerun(context, &flags).await,
        Some(Command::Compare(flags)) => compare::run(context, &flags).await,
        Some(Command::Delete(flags)) => delete::delete(context, &flags).await,
        Some(Command::Prune(flags)) => delete::prune(context, &flags).await,
        Some(Command::Export(flags)) => portable::export(context, &flags).await,
        Some(Command::Import(flags)) => portable::import(context, &flags).await,
        Some(Command::Status) => status::status(context).await,
        Some(Command::Doctor) => status::doctor(context).await,
    }
}

fn help() -> Result<Exit, Failure> {
    write!(io::stdout(), "{}", Flags::command().render_help())?;
    Ok(Exit::Fine)
}

impl Context {
    /// Looks at the terminal and the environment, once.
    pub fn new(flags: Global) -> Self {
        let no_color = std::env::var("NO_COLOR").ok();
        let ink = |reader| Color::choose(flags.color, no_color.as_deref(), reader);
        let columns = if flags.verbose { Columns::Every } else { Columns::Usual };
        let width = match terminal_columns(io::stdout()) {
            Some(width) if !flags.verbose => Width::Most(width.max(WIDTH_LEAST)),
            Some(_) | None => Width::Any,
        };
        // A picture or a sentence is set for the terminal as it is.
        let page_width = terminal_columns(io::stdout()).map_or(Width::Any, Width::Most);
        let live_width = terminal_columns(io::stderr()).map_or(Width::Any, Width::Most);
        let (out, err) = (reader(&io::stdout()), reader(&io::stderr()));
        let audience = match (err, flags.quiet) {
            (OutputKind::Person, false) => ProgressTarget::Watching,
            _ => ProgressTarget::Absent,
        };
        let extent = match (out, columns) {
            (OutputKind::Person, Columns::Usual) => Extent::Screenful,
            (OutputKind::Person, Columns::Every) | (OutputKind::Program, _) => Extent::Everything,
        };
        Self {
            output: flags.output,
            style: Style { ink: ink(out), width, columns },
            page: Page { ink: ink(out), width: page_width, extent },
            live_style: Style { ink: ink(err), width: live_width, columns },
            hints: Hints::choose(&flags),
            audience,
            flags,
        }
    }

    /// A printer of the chosen format.
    pub fn printer<W: Write>(&self, out: W, turns: Turns) -> Printer<W> {
        Printer::new(out, self.output, turns, self.style)
    }

    /// Finds a lab, uses it, and leaves nothing of it running.
    pub async fn with_lab<T>(
        &self,
        without: Fallback<'_>,
        work: impl AsyncFnOnce(&Lab) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let lab = Lab::connect(&self.flags, without, |notice| self.hints.say(notice)).await?;
        self.hints.detail(&format!("the lab is {}", lab.place()));
        let done = work(&lab).await.map_err(|failure| lab.why(failure));
        lab.close().await;
        done
    }
}

fn reader(stream: &impl io::IsTerminal) -> OutputKind {
    if stream.is_terminal() { OutputKind::Person } else { OutputKind::Program }
}

fn terminal_columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    terminal_size::terminal_size_of(stream).map(|(width, _)| width.0.into())
}
