//! `gilctl sweep`: plan, queue, follow.

use std::io::stdout;

use proto::v1::{Sweep, SweepSpec};

use super::Context;
use super::live::{Ending, Live, OnInterrupt};
use crate::board::Board;
use crate::client::{Intent, Lab, Without};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{Output, SweepFlags};
use crate::follow::Follower;
use crate::ids;
use crate::progress::Progress;
use crate::render::json::{self, Turns};
use crate::request;

/// Reads the grid, finds a lab, and runs it there.
pub async fn run(context: &Context, flags: &SweepFlags) -> Result<Exit, Failure> {
    let spec = request::spec(flags)?;
    let embed = Without::Embed { pythons: &flags.python };
    let without = if flags.detach { Without::RefuseToDetach } else { embed };
    // On the heap: with all the axes in it, it is large for a stack.
    let work = async |lab: &Lab| Box::pin(run_in(context, flags, spec, lab)).await;
    context.with_lab(without, work).await
}

async fn run_in(
    context: &Context,
    flags: &SweepFlags,
    spec: SweepSpec,
    lab: &Lab,
) -> Result<Exit, Failure> {
    let intent = if flags.dry_run { Intent::PlanOnly } else { Intent::Run };
    let sweep = lab.create(spec, intent).await?;
    say_skipped(context, &sweep);
    let turns = turns(flags.turns);
    if intent == Intent::PlanOnly {
        context.printer(stdout(), turns).whole(&Board::new(sweep))?;
        context.hints.say("nothing was run; leave --dry-run out to run it");
        return Ok(Exit::Fine);
    }
    if flags.detach {
        return detach(context, sweep);
    }
    let follower = Follower::new(sweep, 0);
    follow(context, lab, follower, turns, OnInterrupt::CancelThenLeave).await
}

/// What the flag asks for.
pub fn turns(flag: bool) -> Turns {
    if flag { Turns::Shown } else { Turns::Hidden }
}

/// Combinations that were left out have lines of their own in NDJSON and JSON.
fn say_skipped(context: &Context, sweep: &Sweep) {
    if matches!(context.output, Output::Ndjson | Output::Json) {
        return;
    }
    for skipped in &sweep.skipped {
        context.hints.say(&format!("left out: {}: {}", skipped.combination, skipped.reason));
    }
}

fn detach(context: &Context, sweep: Sweep) -> Result<Exit, Failure> {
    let short = ids::short(&sweep.name).to_owned();
    let mut printer = context.printer(stdout(), Turns::Hidden);
    match context.output {
        Output::Ndjson | Output::Json => {
            let lines = json::opening(&Board::new(sweep));
            printer.text(&(lines.join("\n") + "\n"))?;
        }
        Output::Table | Output::Csv | Output::Markdown => {
            printer.text(&format!("{}\n", ids::id(&sweep.name)))?;
        }
    }
    context.hints.say(&format!("next: gilctl watch {short}"));
    Ok(Exit::Fine)
}

/// Follows a sweep, prints it and says what comes next.
pub async fn follow(
    context: &Context,
    lab: &Lab,
    follower: Follower,
    turns: Turns,
    on_interrupt: OnInterrupt,
) -> Result<Exit, Failure> {
    let short = ids::short(&follower.board().sweep.name).to_owned();
    let progress = Progress::new(follower.board(), context.audience, context.live_style);
    let printer = context.printer(stdout(), turns);
    let live = Live::new(lab, follower, printer, progress, context.hints, on_interrupt)?;
    let (ending, follower) = live.follow().await?;
    match (ending, lab.outlives_gilctl()) {
        (Ending::Left, true) => {
            context.hints.say(&format!("left; next: gilctl watch {short}"));
            return Ok(Exit::Interrupted);
        }
        (Ending::Left, false) => {
            context.hints.say("left; the sweep ends with gilctl");
            return Ok(Exit::Interrupted);
        }
        (Ending::Ended, true) => context.hints.say(&format!("next: gilctl show {short}")),
        (Ending::Ended, false) => {
            context.hints.say("next: `gild serve` in another terminal keeps what is measured");
        }
    }
    Ok(follower.board().exit())
}
