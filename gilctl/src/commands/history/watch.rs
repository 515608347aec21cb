//! `gilctl watch`: follows a sweep or an exploration from an event on.

use std::io::stdout;

use proto::v1::SweepState;

use crate::cli::WatchFlags;
use crate::cli::parse::list::number;
use crate::client::failures::no_sweep;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::explore::exploration;
use crate::commands::stream::OnInterrupt;
use crate::commands::sweep;
use crate::error::Failure;
use crate::exit::Exit;
use crate::follow::exploration_log::{ExplorationLog, ExplorationView};
use crate::follow::sweep_log::SweepLog;
use crate::follow::sweep_view::SweepView;
use crate::ids::Kind;
use crate::render::sweep::json::Turns;

/// `gilctl watch`.
pub async fn run(context: &Context, flags: &WatchFlags) -> Result<Exit, Failure> {
    let after = match &flags.after {
        Some(typed) => number("--after", typed, u64::MAX)?,
        None => 0,
    };
    let turns = sweep::turns(flags.turns);
    let watching = context.with_lab(Fallback::NothingRuns, async |lab| {
        let name = lab.resolve(&flags.which.id).await?;
        if Kind::of(&name) == Kind::Exploration {
            return watch_exploration(context, lab, &name, after).await;
        }
        let follower = follower(lab, &name, after).await?;
        let board = follower.view();
        if board.has_ended() && after + 1 == board.next_sequence {
            // Nothing comes after the end: what is stored is all there is.
            context.printer(stdout(), turns).whole(board)?;
            return Ok(board.exit());
        }
        Box::pin(sweep::follow(context, lab, follower, turns, OnInterrupt::Leave)).await
    });
    watching.await
}

/// From the beginning the board fills by events alone; from later on it starts with what is stored.
async fn follower(lab: &Lab, name: &str, after: u64) -> Result<SweepLog, Failure> {
    let answer = lab.get(name).await?;
    if after > 0 {
        let board = SweepView::from_answer(answer).ok_or_else(|| no_sweep("GetSweep"))?;
        return Ok(SweepLog::resume(board, after));
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
    let findings = ExplorationView::new(stored.clone());
    if findings.has_ended() && after + 1 == stored.next_sequence {
        context.printer(stdout(), Turns::Hidden).text(&exploration::whole(context, &findings))?;
        return Ok(findings.exit());
    }
    if after == 0 {
        // From the beginning events alone fill it.
        stored.set_state(SweepState::Queued);
        stored.outcomes.clear();
    }
    let tracker = ExplorationLog::new(stored, after);
    let watched = exploration::follow(context, lab, tracker, OnInterrupt::Leave).await?;
    Ok(watched.exit())
}
