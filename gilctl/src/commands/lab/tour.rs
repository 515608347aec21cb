//! `gilctl tour`: six words, and five commands that are run one after the other, each as if it had been
//! typed.

use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;

use clap::Parser as _;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};

use crate::cli::{Command, Flags};
use crate::client::lab::{Fallback, Intent};
use crate::commands::context::Context;
use crate::commands::interrupts::{Interrupts, OnInterrupt};
use crate::commands::{explore, history, lab, sweep};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::hints;
use crate::output::next::Next;
use view::render::lab::tour::{STEPS, heading, paragraph, words};
use view::request::sweep_spec;

/// What is typed with an interpreter, and what without one.
const WITH_PYTHON: &str = "gil,cpython";
const WITHOUT_PYTHON: &str = "gil";

/// How long one look at stdin waits, in milliseconds.
const PATIENCE_MS: u16 = 200;

/// Prints the words and runs the commands.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let missing = missing_python(context).await?;
    let step_context = context.of_step();
    context.write(&words(context.width()))?;
    let mut ended = Exit::Fine;
    for (at, step) in STEPS.iter().enumerate() {
        if at > 0 && !goes_on(context).await? {
            return Ok(Exit::Interrupted);
        }
        let line = match &missing {
            Some(_) => step.line.replace(WITH_PYTHON, WITHOUT_PYTHON),
            None => step.line.to_owned(),
        };
        context.write(&heading(at + 1, step.why, &line, context.width()))?;
        if let Some(reason) = missing.as_ref().filter(|_| line != step.line) {
            let said = format!("No python3 runs here, so the model stands alone: {reason}");
            context.write(&format!("{}\n\n", paragraph(&said, context.width())))?;
        }
        match run_line(context, &step_context, &line).await? {
            Exit::Fine => {}
            Exit::PromiseBroken => ended = Exit::PromiseBroken,
            exit => return Ok(exit),
        }
    }
    context.next("", &Next::Sweep);
    Ok(ended)
}

/// Why the lab runs no interpreter, if it runs none. The question opens the history as a sweep does, so
/// that a history which another lab has open is refused before anything is printed.
async fn missing_python(context: &Context) -> Result<Option<String>, Failure> {
    let command = command(STEPS[1].line)?;
    let Command::Sweep(flags) = command else { return Ok(None) };
    let spec = sweep_spec::spec(&flags)?;
    let embed = Fallback::Embed { pythons: &[] };
    let plan = async |lab: &crate::client::lab::Lab| {
        Ok(match lab.create(spec, Intent::PlanOnly).await {
            Err(Failure::Message(message))
                if Failure::Message(message.clone()).exit() == Exit::Usage =>
            {
                Some(message.to_string().trim_start_matches("gilctl: ").to_owned())
            }
            planned => planned.map(|_| None)?,
        })
    };
    context.with_lab(embed, plan).await
}

fn command(line: &str) -> Result<Command, Failure> {
    let words = shlex::split(line).unwrap_or_default();
    let flags = Flags::try_parse_from(words).ok().and_then(|flags| flags.command);
    flags.ok_or_else(|| Failure::new(Exit::Unexpected, format!("{line} is not a command"), ""))
}

/// Runs a command of the tour.
async fn run_line(outer: &Context, context: &Context, line: &str) -> Result<Exit, Failure> {
    match command(line)? {
        Command::Strategies(flags) => lab::strategies::run(context, &flags).await,
        Command::Sweep(flags) => Box::pin(sweep::run(context, &flags)).await,
        Command::Plot(_) if !outer.keeps_history() => {
            let said = "It draws what is kept: without --no-history the picture stands here.";
            context.write(&format!("{}\n", paragraph(said, context.width())))?;
            Ok(Exit::Fine)
        }
        Command::Plot(flags) => history::plot::run(context, &flags).await,
        Command::Witness(flags) => Box::pin(explore::witness::run(context, &flags)).await,
        _ => Err(Failure::new(Exit::Unexpected, format!("{line} is not part of the tour"), "")),
    }
}

/// Waits for Enter on a terminal; whether the tour goes on. Nothing is asked where input or output is no
/// terminal, or with `--quiet`.
async fn goes_on(context: &Context) -> Result<bool, Failure> {
    if !context.asks() || !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Ok(true);
    }
    let mut interrupts = Interrupts::catch(OnInterrupt::Leave)?;
    hints::write_line("\nEnter goes on, Ctrl-C ends the tour");
    loop {
        // A read would outlive the signal; this ends by itself.
        let waiting = tokio::task::spawn_blocking(is_typed);
        tokio::select! {
            typed = waiting => if typed.map_err(io::Error::from)?? {
                return Ok(io::stdin().read_line(&mut String::new())? > 0);
            },
            () = interrupts.next() => return Ok(false),
        }
    }
}

/// Whether stdin has something to read, after a fifth of a second at most.
fn is_typed() -> io::Result<bool> {
    let stdin = io::stdin();
    let mut watched = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
    match poll(&mut watched, PATIENCE_MS) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::EINTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
