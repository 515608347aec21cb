//! `gilctl explore`: estimate, queue, follow; and what else is done with explorations.

use std::io::{self, Write as _, stdout};

use proto::v1::{Exploration, ExplorationSpec, WatchExplorationResponse};
use tonic::{Status, Streaming};

use crate::cli::Output;
use crate::cli::explore::ExploreFlags;
use crate::cli::to_request;
use crate::client::lab::{Fallback, Intent, Lab};
use crate::commands::context::Context;
use crate::commands::stream::{
    EventStream, FollowOutcome, HearError, NextStep, OnInterrupt, StreamDriver, left,
};
use crate::error::Failure;
use crate::exit::Exit;
use crate::follow::exploration_log::{ExplorationLog, ExplorationView, ViewChange};
use crate::ids;
use crate::output::progress::SearchProgress;
use crate::render::explore::{exploration as render, record};

/// An exploration that was followed.
#[derive(Debug)]
pub enum Followed {
    /// To its end.
    ToTheEnd(Box<ExplorationView>),
    /// Not to its end.
    Left(Exit),
}

impl Followed {
    /// How gilctl ends.
    pub fn exit(&self) -> Exit {
        match self {
            Self::ToTheEnd(findings) => findings.exit(),
            Self::Left(exit) => *exit,
        }
    }
}

/// Reads the question, finds a lab, and explores there.
pub async fn run(context: &Context, flags: &ExploreFlags) -> Result<Exit, Failure> {
    let spec = to_request::exploration(flags)?;
    let embed = Fallback::Embed { pythons: &[] };
    let without = if flags.detach { Fallback::RefuseToDetach } else { embed };
    context.with_lab(without, async |lab| run_in(context, flags, spec, lab).await).await
}

async fn run_in(
    context: &Context,
    flags: &ExploreFlags,
    spec: ExplorationSpec,
    lab: &Lab,
) -> Result<Exit, Failure> {
    let intent = if flags.dry_run { Intent::PlanOnly } else { Intent::Run };
    let exploration = lab.explore(spec, intent).await?;
    if intent == Intent::PlanOnly {
        print(&whole(context, &ExplorationView::new(exploration)))?;
        context.hints.say("nothing was explored; leave --dry-run out to do it");
        return Ok(Exit::Fine);
    }
    if flags.detach {
        return detach(context, exploration);
    }
    let tracker = ExplorationLog::new(exploration, 0);
    let followed = follow(context, lab, tracker, OnInterrupt::CancelThenLeave).await?;
    if let Followed::ToTheEnd(findings) = &followed {
        suggest(context, findings);
    }
    Ok(followed.exit())
}

/// The most surprising value is the first; there is nothing to show where nothing is lost.
fn suggest(context: &Context, findings: &ExplorationView) {
    let Exploration { outcomes, expected, .. } = &findings.exploration;
    if let Some(least) = outcomes.first().filter(|least| least.value < *expected) {
        let value = least.value;
        context.hints.say(&format!("next: gilctl witness --value {value}, with the same flags"));
    }
}

fn detach(context: &Context, exploration: Exploration) -> Result<Exit, Failure> {
    let findings = ExplorationView::new(exploration);
    let text = match context.output {
        Output::Ndjson | Output::Json => record::opening(&findings),
        Output::Table | Output::Csv | Output::Markdown => {
            findings.id().unwrap_or_default().to_owned()
        }
    };
    print(&(text + "\n"))?;
    let short = ids::short(&findings.exploration.name);
    context.hints.say(&format!("next: gilctl watch {short}"));
    Ok(Exit::Fine)
}

/// An exploration as it stands, in the chosen format.
pub fn whole(context: &Context, findings: &ExplorationView) -> String {
    match context.output {
        Output::Table => render::text(findings, context.page),
        Output::Markdown => render::markdown(findings),
        Output::Csv => record::rows(findings),
        Output::Json => record::document(findings) + "\n",
        Output::Ndjson => record::lines(findings).into_iter().map(|line| line + "\n").collect(),
    }
}

/// Follows an exploration and prints it.
pub async fn follow(
    context: &Context,
    lab: &Lab,
    tracker: ExplorationLog,
    on_interrupt: OnInterrupt,
) -> Result<Followed, Failure> {
    let progress = SearchProgress::new(tracker.view(), context.audience);
    let course = ExplorationStream { context, tracker, progress };
    let (ending, course) =
        StreamDriver::new(lab, course, context.hints, on_interrupt)?.follow().await?;
    if ending == FollowOutcome::Left {
        return Ok(Followed::Left(left(context, lab, course.name())));
    }
    Ok(Followed::ToTheEnd(Box::new(course.tracker.view().clone())))
}

/// An exploration's events onto the findings, to stdout and to the terminal.
#[derive(Debug)]
struct ExplorationStream<'a> {
    context: &'a Context,
    tracker: ExplorationLog,
    progress: SearchProgress,
}

impl EventStream for ExplorationStream<'_> {
    type Received = WatchExplorationResponse;

    fn name(&self) -> &str {
        &self.tracker.view().exploration.name
    }

    fn last_sequence(&self) -> u64 {
        self.tracker.last_sequence()
    }

    async fn watch(lab: &Lab, name: &str, after: u64) -> Result<Streaming<Self::Received>, Status> {
        lab.watch_exploration(name, after).await
    }

    async fn cancel(lab: &Lab, name: &str) -> Result<(), Status> {
        lab.cancel_exploration(name).await.map(|_| ())
    }

    fn hear(&mut self, heard: Self::Received) -> Result<NextStep, HearError> {
        let found = self.tracker.apply(heard.event.unwrap_or_default())?;
        let findings = self.tracker.view();
        self.progress.update(findings);
        if self.context.output == Output::Ndjson {
            print(&(record::on_event(findings, found) + "\n"))?;
        }
        Ok(if found == ViewChange::Ended { NextStep::Ended } else { NextStep::More })
    }

    fn open(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// A search in vain has nothing to show: why is said on stderr.
    fn close(&mut self) -> io::Result<()> {
        let findings = self.tracker.view();
        match self.context.output {
            Output::Ndjson => Ok(()),
            Output::Table | Output::Csv | Output::Markdown if findings.is_unreachable() => Ok(()),
            Output::Table | Output::Csv | Output::Markdown | Output::Json => {
                print(&whole(self.context, findings))
            }
        }
    }

    fn clear(&mut self) {
        self.progress.clear();
    }

    fn say(&self, line: &str) {
        self.progress.say(line);
    }
}

/// Writes to stdout, at once.
fn print(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
