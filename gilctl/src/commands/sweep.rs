//! `gilctl sweep`: plan, queue, follow.

use std::io::{self, Stdout, stdout};

use proto::v1::{Sweep, SweepSpec, WatchSweepResponse};
use tonic::{Status, Streaming};

use crate::cli::to_request;
use crate::cli::{Output, SweepFlags};
use crate::client::lab::{Fallback, Intent, Lab};
use crate::commands::context::Context;
use crate::commands::stream::{
    EventStream, FollowOutcome, HearError, NextStep, OnInterrupt, StreamDriver, left,
};
use crate::error::Failure;
use crate::exit::Exit;
use crate::follow::sweep_log::{Change, SweepLog};
use crate::follow::sweep_view::SweepView;
use crate::ids;
use crate::output::printer::Printer;
use crate::output::progress::Progress;
use crate::render::sweep::json;
use crate::render::sweep::json::Turns;

/// Reads the grid, finds a lab, and runs it there.
pub async fn run(context: &Context, flags: &SweepFlags) -> Result<Exit, Failure> {
    let spec = to_request::spec(flags)?;
    let embed = Fallback::Embed { pythons: &flags.python };
    let without = if flags.detach { Fallback::RefuseToDetach } else { embed };
    let presence = match (flags.dry_run, flags.detach) {
        (true, _) => FollowMode::PlanOnly,
        (false, true) => FollowMode::Detach,
        (false, false) => FollowMode::Follow(turns(flags.turns)),
    };
    // On the heap: with all the axes in it, it is large for a stack.
    let work = async |lab: &Lab| Box::pin(submit(context, lab, spec, presence)).await;
    context.with_lab(without, work).await
}

/// How long gilctl stays with a sweep that it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowMode {
    /// It only asks for the plan.
    PlanOnly,
    /// Until it is queued.
    Detach,
    /// To its end.
    Follow(Turns),
}

impl FollowMode {
    /// What the flags of what is run ask for.
    pub fn of(detach: bool, shows_turns: bool) -> Self {
        if detach { Self::Detach } else { Self::Follow(turns(shows_turns)) }
    }
}

/// Asks for a sweep and stays with it.
pub async fn submit(
    context: &Context,
    lab: &Lab,
    spec: SweepSpec,
    presence: FollowMode,
) -> Result<Exit, Failure> {
    let intent = match presence {
        FollowMode::PlanOnly => Intent::PlanOnly,
        FollowMode::Detach | FollowMode::Follow(_) => Intent::Run,
    };
    let sweep = lab.create(spec, intent).await?;
    say_skipped(context, &sweep);
    if presence == FollowMode::PlanOnly {
        context.printer(stdout(), Turns::Hidden).whole(&SweepView::new(sweep))?;
        context.hints.say("nothing was run; leave --dry-run out to run it");
        return Ok(Exit::Fine);
    }
    stay(context, lab, sweep, presence).await
}

/// Stays with a sweep that was queued; Ctrl-C cancels it.
pub async fn stay(
    context: &Context,
    lab: &Lab,
    sweep: Sweep,
    presence: FollowMode,
) -> Result<Exit, Failure> {
    match presence {
        FollowMode::PlanOnly | FollowMode::Detach => detach(context, sweep),
        FollowMode::Follow(turns) => {
            let follower = SweepLog::new(sweep, 0);
            follow(context, lab, follower, turns, OnInterrupt::CancelThenLeave).await
        }
    }
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
            let lines = json::opening(&SweepView::new(sweep));
            printer.text(&(lines.join("\n") + "\n"))?;
        }
        Output::Table | Output::Csv | Output::Markdown => {
            printer.text(&format!("{}\n", ids::id(&sweep.name)))?;
        }
    }
    context.hints.say(&format!("next: gilctl watch {short}"));
    Ok(Exit::Fine)
}

/// What to do about a sweep that is not done: one that was stopped can go on, one that runs be
/// watched.
pub fn next(board: &SweepView) -> Option<String> {
    let short = ids::short(&board.sweep.name);
    if board.is_stopped() {
        Some(format!("next: gilctl resume {short} runs what is missing"))
    } else if board.has_ended() {
        None
    } else {
        Some(format!("next: gilctl watch {short}"))
    }
}

/// Follows a sweep, prints it and says what comes next.
pub async fn follow(
    context: &Context,
    lab: &Lab,
    follower: SweepLog,
    turns: Turns,
    on_interrupt: OnInterrupt,
) -> Result<Exit, Failure> {
    let short = ids::short(&follower.view().sweep.name).to_owned();
    let progress = Progress::new(follower.view(), context.audience, context.live_style);
    let course = SweepStream { follower, printer: context.printer(stdout(), turns), progress };
    let (ending, course) =
        StreamDriver::new(lab, course, context.hints, on_interrupt)?.follow().await?;
    if ending == FollowOutcome::Left {
        return Ok(left(context, lab, course.name()));
    }
    if lab.outlives_gilctl() {
        context
            .hints
            .say(&next(course.follower.view()).unwrap_or(format!("next: gilctl show {short}")));
    } else {
        context.hints.say("next: gilctl explain latest, or list");
    }
    Ok(course.follower.view().exit())
}

/// A sweep's events onto the board, to stdout and to the terminal.
#[derive(Debug)]
struct SweepStream {
    follower: SweepLog,
    printer: Printer<Stdout>,
    progress: Progress,
}

impl EventStream for SweepStream {
    type Received = WatchSweepResponse;

    fn name(&self) -> &str {
        &self.follower.view().sweep.name
    }

    fn last_sequence(&self) -> u64 {
        self.follower.last_sequence()
    }

    async fn watch(lab: &Lab, name: &str, after: u64) -> Result<Streaming<Self::Received>, Status> {
        lab.watch(name, after).await
    }

    async fn cancel(lab: &Lab, name: &str) -> Result<(), Status> {
        lab.cancel(name).await.map(|_| ())
    }

    fn hear(&mut self, heard: Self::Received) -> Result<NextStep, HearError> {
        let change = self.follower.apply(heard.event.unwrap_or_default())?;
        self.progress.update(self.follower.view());
        self.printer.change(self.follower.view(), change)?;
        Ok(if change == Change::Ended { NextStep::Ended } else { NextStep::More })
    }

    fn stream_ended(&mut self) -> Result<NextStep, HearError> {
        let Some(change) = self.follower.settle() else {
            return Ok(NextStep::More);
        };
        self.printer.change(self.follower.view(), change)?;
        Ok(NextStep::Ended)
    }

    fn open(&mut self) -> io::Result<()> {
        self.printer.open(self.follower.view())
    }

    fn close(&mut self) -> io::Result<()> {
        self.printer.close(self.follower.view())
    }

    fn clear(&mut self) {
        self.progress.clear();
    }

    fn say(&self, line: &str) {
        self.progress.say(line);
    }
}
