//! Stream of the followed job's events: opened with what is stored, and after a lost connection again after
//! the last event that came, so that none is missing and none comes twice.

use proto::v1::sweep_event::Happening;
use proto::v1::{GetSweepResponse, exploration_event};
use tokio::sync::{mpsc, watch};
use tonic::Status;

use crate::client::backoff::Backoff;
use crate::client::failures::{STREAM_ENDED_EARLY, cause, from_status, no_sweep};
use crate::client::lab::Lab;
use crate::error::Failure;
use crate::exit::{Exit, is_retried};
use crate::ids::Kind;
use crate::tui::event::{Event, Link};
use crate::tui::feed::sending::{broken, send};
use crate::tui::job_log::JobLog;
use view::follow::exploration_log::EventParts;

/// Follows the job that was asked for last, until it is dropped.
pub(super) async fn follow(
    lab: &Lab,
    events: &mpsc::Sender<Event>,
    mut asked: watch::Receiver<Option<String>>,
) {
    loop {
        let name = asked.borrow_and_update().clone();
        let following = async {
            if let Some(name) = name {
                to_its_end(lab, events, &name).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            changed = asked.changed() => if changed.is_err() { return },
            () = following => {}
        }
    }
}

/// Follows one job until it ends or the lab refuses it.
async fn to_its_end(lab: &Lab, events: &mpsc::Sender<Event>, name: &str) {
    let mut backoff = Backoff::default();
    let Some(job) = open(lab, events, name, &mut backoff).await else { return };
    let (mut last, has_ended) = (job.last_sequence(), job.has_ended());
    send(events, Event::Opened(Box::new(job))).await;
    if has_ended {
        return;
    }
    loop {
        let mut reach = Reach { last: &mut last, backoff: &mut backoff };
        let ended = match Kind::of(name) {
            Kind::Sweep => of_sweep(lab, events, name, &mut reach).await,
            Kind::Exploration => of_exploration(lab, events, name, &mut reach).await,
        };
        let status = match ended {
            Ok(()) => return,
            Err(status) => status,
        };
        if !is_retried(&status) {
            let why = from_status(&status).reason().to_owned();
            return send(events, Event::Refused(why)).await;
        }
        let cause = cause(&status);
        send(events, Event::Lost { link: Link::Stream, cause }).await;
        tokio::time::sleep(backoff.next_wait_of_many()).await;
    }
}

/// How far a stream has come.
struct Reach<'a> {
    last: &'a mut u64,
    backoff: &'a mut Backoff,
}

impl Reach<'_> {
    fn came(&mut self, sequence: u64) {
        *self.last = sequence;
        self.backoff.succeeded();
    }
}

/// The job as it is stored, asked for until the lab answers; `None` if it refuses.
async fn open(
    lab: &Lab,
    events: &mpsc::Sender<Event>,
    name: &str,
    backoff: &mut Backoff,
) -> Option<JobLog> {
    loop {
        let failure = match stored(lab, name).await {
            Ok(job) => {
                send(events, Event::Reached(Link::Stream)).await;
                return Some(job);
            }
            Err(failure) => failure,
        };
        send(events, broken(Link::Stream, &failure)).await;
        if failure.exit() != Exit::Unreachable {
            return None;
        }
        tokio::time::sleep(backoff.next_wait_of_many()).await;
    }
}

async fn stored(lab: &Lab, name: &str) -> Result<JobLog, Failure> {
    match Kind::of(name) {
        Kind::Sweep => {
            let answer: GetSweepResponse = lab.get(name).await?;
            JobLog::of_sweep(answer).ok_or_else(|| no_sweep("GetSweep"))
        }
        Kind::Exploration => Ok(JobLog::of_exploration(lab.exploration(name).await?)),
    }
}

/// Reads a stream of a sweep to the sweep's end.
async fn of_sweep(
    lab: &Lab,
    events: &mpsc::Sender<Event>,
    name: &str,
    reach: &mut Reach<'_>,
) -> Result<(), Status> {
    let mut messages = lab.watch(name, *reach.last).await?;
    send(events, Event::Reached(Link::Stream)).await;
    while let Some(message) = messages.message().await? {
        let event = message.event.unwrap_or_default();
        reach.came(event.sequence);
        let is_end = matches!(event.happening, Some(Happening::Ended(_)));
        let (name, event) = (name.to_owned(), Box::new(event));
        send(events, Event::SweepWentOn { name, event }).await;
        if is_end {
            return Ok(());
        }
    }
    Err(Status::unavailable(STREAM_ENDED_EARLY))
}

/// The same for an exploration, whose events may come in parts.
async fn of_exploration(
    lab: &Lab,
    events: &mpsc::Sender<Event>,
    name: &str,
    reach: &mut Reach<'_>,
) -> Result<(), Status> {
    let mut messages = lab.watch_exploration(name, *reach.last).await?;
    send(events, Event::Reached(Link::Stream)).await;
    let mut parts = EventParts::default();
    while let Some(message) = messages.message().await? {
        let part = message.event.unwrap_or_default();
        let whole = parts.whole(part, message.continued);
        let whole = whole.map_err(|error| Status::internal(error.to_string()))?;
        let Some(event) = whole else { continue };
        reach.came(event.sequence);
        let is_end = matches!(event.happening, Some(exploration_event::Happening::Ended(_)));
        let (name, event) = (name.to_owned(), Box::new(event));
        send(events, Event::ExplorationWentOn { name, event }).await;
        if is_end {
            return Ok(());
        }
    }
    Err(Status::unavailable(STREAM_ENDED_EARLY))
}
