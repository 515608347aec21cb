//! `gilctl watch`: follows a sweep or an exploration from an event on.

use proto::v1::SweepState;

use crate::cli::WatchFlags;
use crate::client::failures::no_sweep;
use crate::client::lab::{Fallback, Lab};
use crate::commands::below::Below;
use crate::commands::context::Context;
use crate::commands::explore::exploration;
use crate::commands::interrupts::{Interrupts, OnInterrupt};
use crate::commands::sweep;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids::Kind;
use view::follow::exploration_log::{ExplorationLog, ExplorationView};
use view::follow::sweep_log::SweepLog;
use view::follow::sweep_view::SweepView;
use view::request::parse::list::number;

/// Connects to the daemon, or reads the history where none answers, and follows.
pub async fn run(context: &Context, flags: &WatchFlags) -> Result<Exit, Failure> {
    let after = match &flags.after {
        Some(typed) => number("--after", typed, u64::MAX)?,
        None => 0,
    };
    let turns = sweep::turns(flags.turns);
    let watching = context.with_lab(Fallback::Stored, async |lab| {
        let name = lab.resolve(&flags.which).await?;
        if Kind::of(&name) == Kind::Exploration {
            refuse_turns(flags)?;
            context.refuse_columns(&flags.which.id)?;
            return watch_exploration(context, lab, &name, after).await;
        }
        let log = sweep_log(lab, &name, after).await?;
        let view = log.view();
        if view.has_ended() && after + 1 == view.next_sequence {
            // No event follows the end: the stored sweep is complete.
            context.printer(turns).whole(view)?;
            return Ok(Exit::of_sweep(view));
        }
        Box::pin(sweep::follow(
            context,
            lab,
            log,
            (turns, Below::Nothing),
            Interrupts::catch(OnInterrupt::Leave)?,
        ))
        .await
    });
    watching.await
}

/// An exploration has no turns.
fn refuse_turns(flags: &WatchFlags) -> Result<(), Failure> {
    if !flags.turns {
        return Ok(());
    }
    let about = format!("{} is an exploration without turns", flags.which.id);
    Err(Failure::without_effect("--turns", &about, "leave it out"))
}

/// The log from the beginning is filled by events alone; a later one starts with the stored state.
async fn sweep_log(lab: &Lab, name: &str, after: u64) -> Result<SweepLog, Failure> {
    let answer = lab.get(name).await?;
    if after > 0 {
        let view = SweepView::from_answer(answer).ok_or_else(|| no_sweep("GetSweep"))?;
        return Ok(SweepLog::resume(view, after));
    }
    let sweep = answer.sweep.ok_or_else(|| no_sweep("GetSweep"))?;
    Ok(SweepLog::new(sweep, 0))
}

async fn watch_exploration(
    context: &Context,
    lab: &Lab,
    name: &str,
    after: u64,
) -> Result<Exit, Failure> {
    let mut stored = lab.exploration(name).await?;
    let view = ExplorationView::new(stored.clone());
    if view.has_ended() && after + 1 == stored.next_sequence {
        context.print(&view)?;
        return Ok(Exit::of_exploration(&view));
    }
    if after == 0 {
        // From the beginning the view is filled by events alone.
        stored.set_state(SweepState::Queued);
        stored.outcomes.clear();
    }
    let log = ExplorationLog::new(stored, after);
    let followed =
        exploration::follow(context, lab, log, Interrupts::catch(OnInterrupt::Leave)?).await?;
    Ok(followed.exit())
}
