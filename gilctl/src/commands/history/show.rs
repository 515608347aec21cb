//! `gilctl show`: a stored sweep or exploration, or the command line that repeats a sweep.

use crate::cli::history::ShowFlags;
use crate::cli::target::Target;
use crate::client::failures::no_sweep;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::sweep;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::ids::Kind;
use crate::output::next::Next;
use view::follow::exploration_log::ExplorationView;
use view::follow::sweep_view::SweepView;
use view::render::format::document::{OneLine, Record};
use view::render::sweep::command_line;
use view::render::sweep::json::Turns;

/// A stored item.
enum Stored {
    Sweep(Box<SweepView>),
    Exploration(Box<ExplorationView>),
}

/// Fetches and prints the item.
pub async fn run(context: &Context, flags: &ShowFlags) -> Result<Exit, Failure> {
    if flags.as_command {
        return as_command(context, &flags.which).await;
    }
    let stored = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let name = lab.resolve(&flags.which).await?;
        Ok(match Kind::of(&name) {
            Kind::Sweep => Stored::Sweep(Box::new(fetch_sweep(lab, &name).await?)),
            Kind::Exploration => {
                Stored::Exploration(Box::new(ExplorationView::new(lab.exploration(&name).await?)))
            }
        })
    });
    match stored.await? {
        Stored::Sweep(view) => {
            context.printer(Turns::Hidden).whole(&view)?;
            sweep::hint_next(context, &view, None);
            Ok(Exit::of_sweep(&view))
        }
        Stored::Exploration(view) => {
            context.refuse_columns(&flags.which.id)?;
            context.print(&*view)?;
            if !view.has_ended() {
                let short = ids::short(&view.exploration.name);
                context.next("", &Next::Watch(short.to_owned()));
            }
            Ok(Exit::of_exploration(&view))
        }
    }
}

/// Prints the command that requests the same sweep, also where the lab drew its seed; an exploration
/// has no grid.
async fn as_command(context: &Context, target: &Target) -> Result<Exit, Failure> {
    let spec = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let name = lab.resolve(target).await?;
        if Kind::of(&name) == Kind::Exploration {
            let message = format!("--as-command: {} is an exploration", ids::short(&name));
            return Err(Failure::new(Exit::Usage, message, "name a sweep"));
        }
        let sweep = lab.get(&name).await?.sweep.ok_or_else(|| no_sweep("GetSweep"))?;
        let mut spec = sweep.spec.unwrap_or_default();
        spec.seed.get_or_insert(sweep.seed);
        Ok(spec)
    });
    let text = command_line::command(&spec.await?);
    let record = Record::new("command", vec![("command", Some(text.clone().into()))]);
    context.print(&OneLine { text, record })?;
    Ok(Exit::Fine)
}

async fn fetch_sweep(lab: &Lab, name: &str) -> Result<SweepView, Failure> {
    let answer = lab.get(name).await?;
    SweepView::from_answer(answer).ok_or_else(|| no_sweep("GetSweep"))
}
