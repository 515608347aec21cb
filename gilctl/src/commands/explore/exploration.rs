//! `gilctl explore`: estimates an exploration, queues it and follows it.

use std::io;

use proto::v1::{Exploration, ExplorationSpec, WatchExplorationResponse};
use tonic::{Status, Streaming};

use crate::cli::explore::{ExploreFlags, QuestionFlags};
use crate::cli::to_request;
use crate::client::lab::{Fallback, Intent, Lab};
use crate::commands::context::Context;
use crate::commands::interrupts::{Interrupts, OnInterrupt};
use crate::commands::stream::{EventStream, FollowOutcome, MessageError, StreamDriver, leave};
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::output::next::Next;
use crate::output::progress::SearchProgress;
use std::ops::ControlFlow;
use view::follow::exploration_log::{EventParts, ExplorationLog, ExplorationView, ViewChange};
use view::render::explore::record;
use view::request::output::Output;

/// An exploration that was followed.
#[derive(Debug)]
pub enum Followed {
    /// To its end.
    ToTheEnd(Box<ExplorationView>),
    /// Until Ctrl-C.
    Left(Exit),
}

impl Followed {
    /// The exit code of gilctl.
    pub fn exit(&self) -> Exit {
        match self {
            Self::ToTheEnd(view) => Exit::of_exploration(view),
            Self::Left(exit) => *exit,
        }
    }
}

/// Reads the flags, connects to a lab and explores there.
pub async fn run(context: &Context, flags: &ExploreFlags) -> Result<Exit, Failure> {
    let spec = to_request::exploration(flags)?;
    let embed = Fallback::Embed { pythons: &[] };
    let fallback = if flags.detach { Fallback::RefuseToDetach } else { embed };
    context.with_lab(fallback, async |lab| run_in(context, flags, spec, lab).await).await
}

async fn run_in(
    context: &Context,
    flags: &ExploreFlags,
    spec: ExplorationSpec,
    lab: &Lab,
) -> Result<Exit, Failure> {
    let intent = if flags.dry_run { Intent::PlanOnly } else { Intent::Run };
    if intent == Intent::PlanOnly {
        let exploration = lab.explore(spec, intent).await?;
        context.print(&ExplorationView::new(exploration))?;
        context.hints.say("nothing was explored; leave --dry-run out to do it");
        return Ok(Exit::Fine);
    }
    if flags.detach {
        return detach(context, lab.explore(spec, intent).await?);
    }
    let mut interrupts = Interrupts::catch(OnInterrupt::CancelThenLeave)?;
    let exploration = interrupts.defer(Box::pin(lab.explore(spec, intent))).await?;
    let log = ExplorationLog::new(exploration, 0);
    let followed = follow(context, lab, log, interrupts).await?;
    if let Followed::ToTheEnd(view) = &followed {
        suggest_witness(context, &flags.question, view);
    }
    Ok(followed.exit())
}

/// Suggests the smallest value, unless no update is lost.
fn suggest_witness(context: &Context, asked: &QuestionFlags, view: &ExplorationView) {
    let Exploration { outcomes, expected, .. } = &view.exploration;
    if let Some(least) = outcomes.first().filter(|least| least.value < *expected) {
        let mut words = asked.words_of_schedules();
        words.extend(["--value".to_owned(), least.value.to_string()]);
        context.next("", &Next::Witness(words));
    }
}

fn detach(context: &Context, exploration: Exploration) -> Result<Exit, Failure> {
    let view = ExplorationView::new(exploration);
    let text = match context.output {
        Output::Ndjson | Output::Json => record::opening(&view).line(),
        Output::Table | Output::Csv | Output::Markdown => view.id().unwrap_or_default().to_owned(),
    };
    context.write(&(text + "\n"))?;
    let short = ids::short(&view.exploration.name);
    context.next("", &Next::Watch(short.to_owned()));
    Ok(Exit::Fine)
}

/// Follows an exploration and prints it.
pub async fn follow(
    context: &Context,
    lab: &Lab,
    log: ExplorationLog,
    interrupts: Interrupts,
) -> Result<Followed, Failure> {
    let progress = SearchProgress::new(log.view(), context.progress_target, Context::charset());
    let stream = ExplorationStream { context, log, parts: EventParts::default(), progress };
    let driver = StreamDriver::new(lab, stream, context.hints, interrupts);
    let (outcome, stream) = driver.follow().await?;
    if outcome == FollowOutcome::Left {
        return Ok(Followed::Left(leave(context, lab, stream.name())));
    }
    Ok(Followed::ToTheEnd(Box::new(stream.log.view().clone())))
}

/// Passes an exploration's events to its log, to stdout and to the progress bar.
#[derive(Debug)]
struct ExplorationStream<'a> {
    context: &'a Context,
    log: ExplorationLog,
    parts: EventParts,
    progress: SearchProgress,
}

impl EventStream for ExplorationStream<'_> {
    type Message = WatchExplorationResponse;

    fn name(&self) -> &str {
        &self.log.view().exploration.name
    }

    fn last_sequence(&self) -> u64 {
        self.log.last_sequence()
    }

    async fn watch(lab: &Lab, name: &str, after: u64) -> Result<Streaming<Self::Message>, Status> {
        lab.watch_exploration(name, after).await
    }

    async fn cancel(lab: &Lab, name: &str) -> Result<(), Status> {
        lab.cancel_exploration(name).await.map(|_| ())
    }

    fn on_message(&mut self, message: Self::Message) -> Result<ControlFlow<()>, MessageError> {
        let WatchExplorationResponse { event, continued } = message;
        let Some(event) = self.parts.whole(event.unwrap_or_default(), continued)? else {
            return Ok(ControlFlow::Continue(()));
        };
        let change = self.log.apply(event)?;
        let view = self.log.view();
        self.progress.update(view);
        if self.context.output == Output::Ndjson {
            self.context.write(&(record::on_event(view, change).line() + "\n"))?;
        }
        Ok(match change {
            ViewChange::Ended => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
    }

    fn open(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// An unreachable value has no table; the reason is written to stderr.
    fn close(&mut self) -> io::Result<()> {
        let view = self.log.view();
        match self.context.output {
            Output::Ndjson => Ok(()),
            Output::Table | Output::Csv | Output::Markdown if view.is_unreachable() => Ok(()),
            Output::Table | Output::Csv | Output::Markdown | Output::Json => {
                self.context.print(view)
            }
        }
    }

    fn tick(&self) {
        self.progress.tick(self.log.view());
    }

    fn clear(&mut self) {
        self.progress.clear();
    }

    fn say(&self, line: &str) {
        self.progress.say(line);
    }
}
