//! `gilctl show`: a stored sweep or exploration, or the command line that repeats a sweep.

use std::io::stdout;

use crate::cli::history::ShowFlags;
use crate::cli::{Output, Target};
use crate::client::failures::no_sweep;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::explore::exploration;
use crate::commands::sweep;
use crate::error::Failure;
use crate::exit::Exit;
use crate::follow::exploration_log::ExplorationView;
use crate::follow::sweep_view::SweepView;
use crate::ids;
use crate::ids::Kind;
use crate::render::format::json;
use crate::render::sweep::command_line;
use crate::render::sweep::json::Turns;

/// What `show` found.
enum Stored {
    Sweep(Box<SweepView>),
    Exploration(Box<ExplorationView>),
}

/// `gilctl show`.
pub async fn run(context: &Context, flags: &ShowFlags) -> Result<Exit, Failure> {
    if flags.as_command {
        return as_command(context, &flags.which).await;
    }
    let stored = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let name = lab.resolve(&flags.which.id).await?;
        Ok(match Kind::of(&name) {
            Kind::Sweep => Stored::Sweep(Box::new(stored(lab, &name).await?)),
            Kind::Exploration => {
                Stored::Exploration(Box::new(ExplorationView::new(lab.exploration(&name).await?)))
            }
        })
    });
    let (next, exit) = match stored.await? {
        Stored::Sweep(board) => {
            context.printer(stdout(), Turns::Hidden).whole(&board)?;
            (sweep::next(&board), board.exit())
        }
        Stored::Exploration(findings) => {
            let text = exploration::whole(context, &findings);
            context.printer(stdout(), Turns::Hidden).text(&text)?;
            let short = ids::short(&findings.exploration.name);
            let watch = (!findings.has_ended()).then(|| format!("next: gilctl watch {short}"));
            (watch, findings.exit())
        }
    };
    if let Some(next) = next {
        context.hints.say(&next);
    }
    Ok(exit)
}

/// The command that asks for a sweep; an exploration has no grid.
async fn as_command(context: &Context, which: &Target) -> Result<Exit, Failure> {
    let spec = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let name = lab.resolve(&which.id).await?;
        if Kind::of(&name) == Kind::Exploration {
            let message = format!("--as-command: {} is an exploration", ids::short(&name));
            return Err(Failure::new(Exit::Usage, message, "name a sweep"));
        }
        let sweep = lab.get(&name).await?.sweep.ok_or_else(|| no_sweep("GetSweep"))?;
        Ok(sweep.spec.unwrap_or_default())
    });
    let line = command_line::command(&spec.await?);
    let text = match context.output {
        Output::Table | Output::Markdown | Output::Csv => line,
        Output::Ndjson => json::line("command", vec![("command", Some(line.into()))]),
        Output::Json => json::document_of(vec![("command", Some(line.into()))]),
    };
    context.printer(stdout(), Turns::Hidden).text(&(text + "\n"))?;
    Ok(Exit::Fine)
}

/// A sweep as it stands.
async fn stored(lab: &Lab, name: &str) -> Result<SweepView, Failure> {
    let answer = lab.get(name).await?;
    SweepView::from_answer(answer).ok_or_else(|| no_sweep("GetSweep"))
}
