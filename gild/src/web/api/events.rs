//! Events of a job as server-sent events (WHATWG HTML, section 9.2): the lines of NDJSON, each with the
//! sequence number of the event that made it.
//!
//! A reader that lost its connection sends the last number it has seen, as browsers do by themselves, and
//! misses nothing: the log is replayed from its beginning, because a line shows a job as it stood then,
//! and lines up to that number are left out. Nothing is buffered for a reader that does not read: the next
//! events are read from the log when the connection asks for them.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderMap, StatusCode};
use proto::v1;
use proto::v1::sweep_service_server::SweepService as _;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use view::follow::exploration_log::ExplorationLog;

use crate::lab::access::{Access, Caller};
use crate::limits::{EVENT_STREAM_CELLS_MAX, EVENT_STREAMS_MAX};
use crate::rpc::services::blocking;
use crate::store::live_log::StoredEvent;
use crate::store::record::Kind;
use crate::store::subscription::Subscription;
use crate::web::api::event_lines::{ExplorationLines, Lines, SweepLines};
use crate::web::api::explorations;
use crate::web::problem::Problem;
use crate::web::state::{Parameters, Web, call, sweep_name, typed};

/// Media type of server-sent events.
const EVENT_STREAM: &str = "text/event-stream";
/// Header with the last sequence number that a reader has seen.
const LAST_EVENT_ID: &str = "last-event-id";
/// Interval of comments on an idle stream, by which a dead connection is found.
const COMMENT_INTERVAL: Duration = Duration::from_secs(15);
/// Event after the last one: the reader closes, where a browser would connect again.
const CLOSE: &str = "event: close\ndata: {}\n\n";

/// Where a reader goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct After {
    after: Option<u64>,
}

impl After {
    /// The sequence number after which events are sent; the header is the browser's own, and newer.
    fn sequence(&self, headers: &HeaderMap) -> Result<u64, Problem> {
        let Some(header) = headers.get(LAST_EVENT_ID) else { return Ok(self.after.unwrap_or(0)) };
        let typed = header.to_str().unwrap_or_default();
        typed.parse().map_err(|_| {
            let detail = "Last-Event-ID: not a sequence number; send the `id` of the last event";
            Problem::invalid(detail)
        })
    }
}

/// The routes of events.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/sweeps/{id}/events", get(of_sweep))
        .route("/explorations/{id}/events", get(of_exploration))
}

/// The events of a sweep.
async fn of_sweep(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Parameters(after): Parameters<After>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = after.sequence(&headers)?;
    let request = v1::GetSweepRequest { name: sweep_name(&id) };
    let answer = web.services.get_sweep(call(&caller, request)).await?.into_inner();
    let sweep = answer.sweep.ok_or_else(|| Problem::internal("the lab sent no sweep"))?;
    let lines = SweepLines::new(sweep);
    stream(&web, caller, Kind::Sweep, id, after, lines).await
}

/// The events of an exploration.
async fn of_exploration(
    State(web): State<Web>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Parameters(after): Parameters<After>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = after.sequence(&headers)?;
    let mut stored = explorations::stored(&web, &caller, &id).await?;
    // From the beginning the view is filled by events alone.
    stored.set_state(v1::SweepState::Queued);
    stored.outcomes.clear();
    stored.trace = None;
    let lines = ExplorationLines(ExplorationLog::new(stored, 0));
    stream(&web, caller, Kind::Exploration, id, after, lines).await
}

/// The response that streams what follows in a job's log after `after`.
async fn stream(
    web: &Web,
    caller: Caller,
    kind: Kind,
    id: String,
    after: u64,
    lines: impl Lines + 'static,
) -> Result<Response, Problem> {
    let permits = admit(web, lines.cells())?;
    let lab = web.services.lab.clone();
    let watching = lab.counters().watchers.open();
    let follow = move || {
        lab.authorized(&caller, Access::Read, kind, &id)?;
        lab.follow(kind, &id, 0)
    };
    let subscription = blocking(follow).await?;
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        // Held until the stream ends, also by a panic.
        let _held = (permits, watching);
        Replay { subscription, lines, after, sender }.run().await;
    });
    Ok(typed(EVENT_STREAM, Body::from_stream(ReceiverStream::new(receiver))))
}

/// Permits of a stream of a job with so many cells.
fn admit(web: &Web, cells: usize) -> Result<[OwnedSemaphorePermit; 2], Problem> {
    let refused = |what: String| {
        let detail = format!("{what}; close some, or wait");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    };
    let one = web.streams.clone().try_acquire_owned();
    let one =
        one.map_err(|_| refused(format!("{EVENT_STREAMS_MAX} streams of events are open")))?;
    let cells = u32::try_from(cells).unwrap_or(u32::MAX);
    let all = web.stream_cells.clone().try_acquire_many_owned(cells);
    let all = all.map_err(|_| {
        let most = EVENT_STREAM_CELLS_MAX;
        refused(format!("streams of events are open of sweeps with {most} cells in all"))
    })?;
    Ok([one, all])
}

/// A log on its way to a reader.
struct Replay<L> {
    subscription: Subscription,
    lines: L,
    after: u64,
    sender: mpsc::Sender<Result<Bytes, Infallible>>,
}

impl<L: Lines> Replay<L> {
    /// Sends everything, until the last event or until the reader is gone.
    async fn run(mut self) {
        let opening = self.lines.opening();
        if self.after == 0 && !self.send(&opening, None).await {
            return;
        }
        loop {
            let next = tokio::select! {
                next = timeout(COMMENT_INTERVAL, self.subscription.next()) => next,
                () = self.sender.closed() => return,
            };
            match next {
                Err(_) if !self.text(": idle\n\n".to_owned()).await => return,
                Err(_) => {}
                Ok(Ok(Some(events))) => {
                    for event in events {
                        if !self.event(&event).await {
                            return;
                        }
                    }
                }
                Ok(Ok(None)) => {
                    self.text(CLOSE.to_owned()).await;
                    return;
                }
                // The browser connects again, to a daemon that may be another one by then.
                Ok(Err(_)) => return,
            }
        }
    }

    /// Sends the lines of an event; false once the reader is gone or the event cannot be read.
    async fn event(&mut self, event: &StoredEvent) -> bool {
        let Ok(lines) = self.lines.on_event(&event.body) else {
            self.text("event: failure\ndata: {}\n\n".to_owned()).await;
            return false;
        };
        event.sequence <= self.after || self.send(&lines, Some(event.sequence)).await
    }

    /// Sends the lines of one event. The last one has its number: a reader that is cut off among them gets
    /// them all again.
    async fn send(&mut self, lines: &[String], sequence: Option<u64>) -> bool {
        let numbered = lines.len().saturating_sub(1);
        let message =
            |(at, line): (usize, &String)| message(line, sequence.filter(|_| at == numbered));
        let text: String = lines.iter().enumerate().map(message).collect();
        text.is_empty() || self.text(text).await
    }

    async fn text(&mut self, text: String) -> bool {
        self.sender.send(Ok(text.into())).await.is_ok()
    }
}

/// A line as an event of its kind.
fn message(line: &str, sequence: Option<u64>) -> String {
    let kind = line.strip_prefix(r#"{"kind":""#).and_then(|rest| rest.split('"').next());
    let id = sequence.map(|sequence| format!("id: {sequence}\n")).unwrap_or_default();
    format!("{id}event: {}\ndata: {line}\n\n", kind.unwrap_or("line"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn message_has_the_kind_of_its_line() {
        let line = r#"{"kind":"turn","schema":"gild.v2"}"#;
        assert_eq!(message(line, Some(7)), format!("id: 7\nevent: turn\ndata: {line}\n\n"));
        assert_eq!(message(line, None), format!("event: turn\ndata: {line}\n\n"));
    }

    #[test]
    fn header_of_a_reconnection_takes_precedence() {
        let mut headers = HeaderMap::new();
        let after = After { after: Some(3) };
        assert_eq!(after.sequence(&headers), Ok(3));
        headers.insert(LAST_EVENT_ID, HeaderValue::from_static("9"));
        assert_eq!(after.sequence(&headers), Ok(9));
        headers.insert(LAST_EVENT_ID, HeaderValue::from_static("nine"));
        assert!(after.sequence(&headers).is_err());
    }
}
