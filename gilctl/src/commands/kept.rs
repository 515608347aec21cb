//! Commands about sweeps that a daemon keeps: `list`, `show`, `watch`, `cancel`.

use std::io::stdout;
use std::time::{SystemTime, UNIX_EPOCH};

use proto::v1::{Sweep, SweepState};

use super::live::OnInterrupt;
use super::{Context, sweep};
use crate::board::Board;
use crate::client::{Lab, Without, no_sweep};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{Output, WatchFlags, Which};
use crate::follow::Follower;
use crate::ids;
use crate::render::json::Turns;
use crate::render::{csv, json, list as render, words};
use crate::value::list::number;

/// `gilctl list`.
pub async fn list(context: &Context) -> Result<Exit, Failure> {
    let sweeps = context.with_lab(Without::NothingToSee, async |lab| lab.list().await).await?;
    let text = listed(context, &sweeps);
    context.printer(stdout(), Turns::Hidden).text(&text)?;
    context.hints.say(if sweeps.is_empty() {
        "no sweeps yet; next: gilctl sweep --strategy gil"
    } else {
        "next: gilctl show ID, or latest"
    });
    Ok(Exit::Fine)
}

fn listed(context: &Context, sweeps: &[Sweep]) -> String {
    let records = || sweeps.iter().map(render::fields);
    let grid = || render::grid(sweeps, now_ns());
    match context.output {
        Output::Table => grid().lines(context.style.ink).join("\n") + "\n",
        Output::Markdown => grid().markdown(),
        Output::Csv => csv::rows(records().collect()),
        Output::Ndjson => records().map(|fields| json::line("listed", fields) + "\n").collect(),
        Output::Json => json::list("sweeps", records().collect()) + "\n",
    }
}

fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// `gilctl show`.
pub async fn show(context: &Context, which: &Which) -> Result<Exit, Failure> {
    let board = context.with_lab(Without::NothingToSee, async |lab| {
        let name = lab.resolve(&which.id).await?;
        stored(lab, &name).await
    });
    let board = board.await?;
    context.printer(stdout(), Turns::Hidden).whole(&board)?;
    if !board.has_ended() {
        context.hints.say(&format!("next: gilctl watch {}", ids::short(&board.sweep.name)));
    }
    Ok(board.exit())
}

/// A sweep as it stands.
async fn stored(lab: &Lab, name: &str) -> Result<Board, Failure> {
    let answer = lab.get(name).await?;
    Board::from_answer(answer).ok_or_else(|| no_sweep("GetSweep"))
}

/// `gilctl watch`.
pub async fn watch(context: &Context, flags: &WatchFlags) -> Result<Exit, Failure> {
    let after = match &flags.after {
        Some(typed) => number("--after", typed, u64::MAX)?,
        None => 0,
    };
    let turns = sweep::turns(flags.turns);
    let watching = context.with_lab(Without::NothingToSee, async |lab| {
        let name = lab.resolve(&flags.which.id).await?;
        let follower = follower(lab, &name, after).await?;
        let board = follower.board();
        if board.has_ended() && after + 1 == board.next_sequence {
            // Nothing comes after the end: what is stored is all there is.
            context.printer(stdout(), turns).whole(board)?;
            return Ok(board.exit());
        }
        sweep::follow(context, lab, follower, turns, OnInterrupt::Leave).await
    });
    watching.await
}

/// From the beginning the board fills by events alone; from later on it starts with what is stored.
async fn follower(lab: &Lab, name: &str, after: u64) -> Result<Follower, Failure> {
    let answer = lab.get(name).await?;
    if after > 0 {
        let board = Board::from_answer(answer).ok_or_else(|| no_sweep("GetSweep"))?;
        return Ok(Follower::resume(board, after));
    }
    let mut sweep = answer.sweep.ok_or_else(|| no_sweep("GetSweep"))?;
    sweep.set_state(SweepState::Queued);
    Ok(Follower::new(sweep, 0))
}

/// `gilctl cancel`.
pub async fn cancel(context: &Context, which: &Which) -> Result<Exit, Failure> {
    let cancelled = context.with_lab(Without::NothingToSee, async |lab| {
        let name = lab.resolve(&which.id).await?;
        let sweep = lab.cancel(&name).await?;
        sweep.ok_or_else(|| no_sweep("CancelSweep"))
    });
    let sweep = cancelled.await?;
    let (short, state) = (ids::short(&sweep.name), words::state(sweep.state()));
    context.hints.say(&format!("sweep {short} is {state}; next: gilctl show {short}"));
    Ok(Exit::Fine)
}
