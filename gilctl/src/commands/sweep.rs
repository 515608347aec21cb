//! `gilctl sweep`: plans a sweep, queues it and follows it.

use std::io;
use std::ops::ControlFlow;

use proto::v1::{Sweep, SweepSpec, WatchSweepResponse};
use tonic::{Status, Streaming};

use crate::client::lab::{Fallback, Intent, Lab};
use crate::commands::below::Below;
use crate::commands::context::Context;
use crate::commands::interrupts::{Interrupts, OnInterrupt};
use crate::commands::stream::{EventStream, FollowOutcome, MessageError, StreamDriver, leave};
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::output::next::Next;
use crate::output::progress::Progress;
use crate::output::screen::{Screen, terminal_columns};
use view::follow::sweep_log::{Change, SweepLog};
use view::follow::sweep_view::SweepView;
use view::listed::labels;
use view::render::format::page::Width;
use view::render::sweep::json;
use view::render::sweep::json::Turns;
use view::render::sweep::printer::Printer;
use view::request::output::Output;
use view::request::parse::list::looks_rounded;
use view::request::said::fields_as_flags;
use view::request::sweep_flags::SweepFlags;
use view::request::sweep_spec;

/// Reads the flags, connects to a lab and runs the sweep there.
pub async fn run(context: &Context, flags: &SweepFlags) -> Result<Exit, Failure> {
    let spec = sweep_spec::spec(flags)?;
    hint_rounded(context, &spec);
    let embed = Fallback::Embed { pythons: &flags.python };
    let fallback = if flags.detach { Fallback::RefuseToDetach } else { embed };
    let mode = match (flags.dry_run, flags.detach) {
        (true, _) => FollowMode::PlanOnly,
        (false, true) => FollowMode::Detach,
        (false, false) => {
            let below = if flags.no_plot { Below::Nothing } else { Below::Picture };
            FollowMode::Follow(turns(flags.turns), below)
        }
    };
    // Boxed, because a future that holds all axes is large for the stack.
    let work = async |lab: &Lab| Box::pin(submit(context, lab, spec, mode)).await;
    context.with_lab(fallback, work).await
}

/// How far gilctl follows a sweep that it requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowMode {
    /// Only the plan is requested.
    PlanOnly,
    /// gilctl exits once the sweep is queued.
    Detach,
    /// gilctl follows the sweep to its end.
    Follow(Turns, Below),
}

impl FollowMode {
    /// The mode that `--detach` and `--turns` select.
    pub fn of(detach: bool, shows_turns: bool) -> Self {
        if detach { Self::Detach } else { Self::Follow(turns(shows_turns), Below::Nothing) }
    }
}

/// Requests a sweep and follows it as far as `mode` says.
pub async fn submit(
    context: &Context,
    lab: &Lab,
    spec: SweepSpec,
    mode: FollowMode,
) -> Result<Exit, Failure> {
    let labels = spec.labels.clone();
    if mode != FollowMode::PlanOnly {
        let creating = async {
            let sweep = lab.create(spec, Intent::Run).await?;
            hint_skipped(context, &sweep);
            hint_labels(context, &labels, &sweep);
            Ok(sweep)
        };
        return Box::pin(follow_queued(context, lab, creating, mode)).await;
    }
    let sweep = lab.create(spec, Intent::PlanOnly).await?;
    hint_skipped(context, &sweep);
    hint_labels(context, &labels, &sweep);
    context.printer(Turns::Hidden).whole(&SweepView::new(sweep))?;
    context.hints.say("nothing was run; leave --dry-run out to run it");
    Ok(Exit::Fine)
}

/// Waits for a call that queues a sweep, and follows it as far as `mode` says; a signal cancels it,
/// even if it arrives during the call.
pub async fn follow_queued(
    context: &Context,
    lab: &Lab,
    queueing: impl Future<Output = Result<Sweep, Failure>>,
    mode: FollowMode,
) -> Result<Exit, Failure> {
    match mode {
        FollowMode::PlanOnly | FollowMode::Detach => detach(context, queueing.await?),
        FollowMode::Follow(turns, below) => {
            let mut interrupts = Interrupts::catch(OnInterrupt::CancelThenLeave)?;
            let log = SweepLog::new(interrupts.defer(queueing).await?, 0);
            Box::pin(follow(context, lab, log, (turns, below), interrupts)).await
        }
    }
}

/// The setting of `--turns`.
pub fn turns(flag: bool) -> Turns {
    if flag { Turns::Shown } else { Turns::Hidden }
}

/// Hints at a seed that a reader of JSON may have changed.
fn hint_rounded(context: &Context, spec: &SweepSpec) {
    if let Some(seed) = spec.seed.filter(|seed| looks_rounded(*seed)) {
        context.hints.say(&format!(
            "--seed: {seed} looks rounded: jq, JavaScript and pandas make such of a seed that is a \
             JSON number; `gilctl show ID --output json` has all digits, as a string"
        ));
    }
}

/// Hints at skipped combinations; NDJSON and JSON contain them.
fn hint_skipped(context: &Context, sweep: &Sweep) {
    if matches!(context.output, Output::Ndjson | Output::Json) {
        return;
    }
    for skipped in &sweep.skipped {
        let reason = fields_as_flags(&skipped.reason);
        context.hints.say(&format!("left out: {}: {reason}", skipped.combination));
    }
}

/// Hints at labels that a daemon of an earlier version dropped.
fn hint_labels(context: &Context, asked: &[String], sweep: &Sweep) {
    if let Some(dropped) = asked.iter().find(|label| !labels(sweep).contains(label)) {
        context.hints.say(&format!(
            "--label: `{dropped}` is not kept: the daemon is of an earlier version, which has no \
             labels; `gilctl status` shows its version"
        ));
    }
}

fn detach(context: &Context, sweep: Sweep) -> Result<Exit, Failure> {
    let short = ids::short(&sweep.name).to_owned();
    let mut printer = context.printer(Turns::Hidden);
    match context.output {
        Output::Ndjson | Output::Json => {
            let lines = json::opening(&SweepView::new(sweep));
            printer.text(&(lines.join("\n") + "\n"))?;
        }
        Output::Table | Output::Csv | Output::Markdown => {
            printer.text(&format!("{}\n", ids::id(&sweep.name)))?;
        }
    }
    context.next("", &Next::Watch(short));
    Ok(Exit::Fine)
}

/// Names the command after a sweep was printed: a stopped one can be resumed, a running one watched,
/// and after one that has ended comes `ended`.
pub fn hint_next(context: &Context, view: &SweepView, ended: Option<Next>) {
    let short = ids::short(&view.sweep.name).to_owned();
    match (view.is_stopped(), view.has_ended(), ended) {
        (true, ..) => context.next("resume runs what is missing", &Next::Resume(short)),
        (false, false, _) => context.next("", &Next::Watch(short)),
        (false, true, Some(next)) => context.next("", &next),
        (false, true, None) => {}
    }
}

/// Follows a sweep, prints it and hints at the next command.
pub async fn follow(
    context: &Context,
    lab: &Lab,
    log: SweepLog,
    (turns, below): (Turns, Below),
    interrupts: Interrupts,
) -> Result<Exit, Failure> {
    let short = ids::short(&log.view().sweep.name).to_owned();
    let progress =
        Progress::new(log.view(), context.progress_target, context.live_style, Context::charset());
    let stream = SweepStream { log, printer: context.printer(turns), progress };
    let driver = StreamDriver::new(lab, stream, context.hints, interrupts);
    let (outcome, stream) = driver.follow().await?;
    if outcome == FollowOutcome::Left {
        return Ok(leave(context, lab, stream.name()));
    }
    below.draw(context, lab, vec![stream.name().to_owned()]).await?;
    let ended = if lab.outlives_gilctl() { Next::Show(short) } else { Next::Explain(short) };
    hint_next(context, stream.log.view(), Some(ended));
    Ok(Exit::of_sweep(stream.log.view()))
}

/// Passes a sweep's events to its log, to stdout and to the progress display.
#[derive(Debug)]
struct SweepStream {
    log: SweepLog,
    printer: Printer<Screen>,
    progress: Progress,
}

impl EventStream for SweepStream {
    type Message = WatchSweepResponse;

    fn name(&self) -> &str {
        &self.log.view().sweep.name
    }

    fn last_sequence(&self) -> u64 {
        self.log.last_sequence()
    }

    async fn watch(lab: &Lab, name: &str, after: u64) -> Result<Streaming<Self::Message>, Status> {
        lab.watch(name, after).await
    }

    async fn cancel(lab: &Lab, name: &str) -> Result<(), Status> {
        lab.cancel(name).await.map(|_| ())
    }

    fn on_message(&mut self, message: Self::Message) -> Result<ControlFlow<()>, MessageError> {
        let change = self.log.apply(message.event.unwrap_or_default())?;
        self.progress.update(self.log.view());
        self.printer.change(self.log.view(), change)?;
        Ok(match change {
            Change::Ended => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
    }

    fn on_close(&mut self) -> Result<ControlFlow<()>, MessageError> {
        let Some(change) = self.log.settle() else {
            return Ok(ControlFlow::Continue(()));
        };
        self.printer.change(self.log.view(), change)?;
        Ok(ControlFlow::Break(()))
    }

    fn open(&mut self) -> io::Result<()> {
        self.printer.open(self.log.view())
    }

    fn close(&mut self) -> io::Result<()> {
        if let Some(columns) = terminal_columns(io::stdout()) {
            self.printer.resize(Width::Most(columns));
        }
        self.printer.close(self.log.view())
    }

    fn tick(&self) {
        self.progress.tick(self.log.view());
    }

    fn redraw(&mut self) {
        self.progress.redraw(self.log.view());
    }

    fn clear(&mut self) {
        self.progress.clear();
    }

    fn say(&self, line: &str) {
        self.progress.say(line);
    }
}
