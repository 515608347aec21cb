//! Streams: events as stored bytes, sent as they are, and responses in parts. The store checks events
//! that it reads from the database; those in memory were encoded by this process.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec::IntoIter;

use bytes::Bytes;
use prost::{DecodeError, Message};
use proto::encoded::{Part, WatchResponse};
use proto::parts::{Cut, split};
use tokio_stream::{Iter, Stream};
use tokio_util::sync::ReusableBoxFuture;
use tonic::{Response, Status};

use crate::limits::PART_BYTES_MAX;
use crate::rpc::status::status;
use crate::store::error::HistoryError;
use crate::store::live_log::StoredEvent;
use crate::store::subscription::Subscription;
use engine::jobs::counters::OpenGuard;

/// A stream of the parts of one response.
pub(crate) type PartStream = Iter<IntoIter<Result<Part, Status>>>;

/// How events that are longer than a message are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LongEvents {
    /// Whole: a client that does not ask for parts would take the first one for all of it.
    Whole,
    /// In parts, cut in these fields.
    InParts(&'static [Cut]),
}

/// A response in parts, none larger than a message; `cuts` are its fields that may be.
pub(crate) fn in_parts<T: Message>(
    whole: &Response<T>,
    cuts: &[Cut],
) -> Result<Response<PartStream>, Status> {
    let encoded = Bytes::from(whole.get_ref().encode_to_vec());
    let parts = split(&encoded, cuts, PART_BYTES_MAX).map_err(internal)?;
    let parts: Vec<_> = parts.into_iter().map(|part| Ok(Part { part: Some(part) })).collect();
    Ok(Response::new(tokio_stream::iter(parts)))
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn internal(error: DecodeError) -> Status {
    Status::internal(error.to_string())
}

/// The responses of one event, all but the last continued.
fn responses(event: &Bytes, long: LongEvents) -> Result<Vec<WatchResponse>, Status> {
    let parts = match long {
        LongEvents::Whole => vec![event.clone()],
        LongEvents::InParts(cuts) => split(event, cuts, PART_BYTES_MAX).map_err(internal)?,
    };
    let last = parts.len() - 1;
    let response = |(at, part)| WatchResponse { event: Some(part), continued: at < last };
    Ok(parts.into_iter().enumerate().map(response).collect())
}

/// The events of a subscription until the last. They are read as the connection takes them: no task
/// and no queue of its own stands between.
pub struct EventStream {
    /// The next events; the subscription comes back with them.
    next: ReusableBoxFuture<'static, (Subscription, NextEvents)>,
    events: IntoIter<StoredEvent>,
    /// The rest of an event that is sent in parts.
    parts: IntoIter<WatchResponse>,
    long: LongEvents,
    is_over: bool,
    _watching: OpenGuard,
}

/// What a subscription has next.
type NextEvents = Result<Option<Vec<StoredEvent>>, HistoryError>;

/// Sends the events of a subscription until the last, or until the client is gone.
pub(crate) fn stream(
    subscription: Subscription,
    watching: OpenGuard,
    long: LongEvents,
) -> EventStream {
    let (events, parts) = (Vec::new().into_iter(), Vec::new().into_iter());
    let next = ReusableBoxFuture::new(next(subscription));
    EventStream { next, events, parts, long, is_over: false, _watching: watching }
}

async fn next(mut subscription: Subscription) -> (Subscription, NextEvents) {
    let events = subscription.next().await;
    (subscription, events)
}

impl EventStream {
    /// The next response of the events that are here, if any.
    fn ready(&mut self) -> Option<Result<WatchResponse, Status>> {
        if let Some(part) = self.parts.next() {
            return Some(Ok(part));
        }
        let StoredEvent { body, .. } = self.events.next()?;
        if body.len() <= PART_BYTES_MAX {
            return Some(Ok(WatchResponse { event: Some(body), continued: false }));
        }
        match responses(&body, self.long) {
            Ok(responses) => self.parts = responses.into_iter(),
            Err(status) => return Some(Err(status)),
        }
        self.parts.next().map(Ok)
    }
}

impl Stream for EventStream {
    type Item = Result<WatchResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(response) = self.ready() {
                return Poll::Ready(Some(response));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            let (subscription, events) = ready!(self.next.poll(cx));
            match events {
                Ok(Some(events)) => {
                    self.events = events.into_iter();
                    self.next.set(next(subscription));
                }
                Ok(None) => self.is_over = true,
                Err(error) => {
                    self.is_over = true;
                    return Poll::Ready(Some(Err(status(error.into()))));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::encoded::EVENT_CUTS;
    use proto::v1;

    use super::*;
    use crate::limits::MESSAGE_BYTES_MAX;

    /// The end of an exploration with a trace of so many moves.
    fn ended(moves: u32) -> v1::ExplorationEvent {
        let letter = || "S".to_owned();
        let event = |counter| v1::TraceEvent { counter, letter: letter(), ..Default::default() };
        let trace = v1::Trace { events: (0..moves).map(event).collect(), ..Default::default() };
        let ended = v1::Exploration { trace: Some(trace), ..v1::Exploration::default() };
        let happening = Some(v1::exploration_event::Happening::Ended(ended));
        v1::ExplorationEvent { sequence: 7, time_ns: 9, happening }
    }

    #[test]
    fn long_event_is_whole_or_in_parts_as_the_client_asks() {
        let long = Bytes::from(ended(300_000).encode_to_vec());
        assert!(long.len() > 2 * MESSAGE_BYTES_MAX);
        let whole = responses(&long, LongEvents::Whole).expect("an event");
        assert_eq!(whole, [WatchResponse { event: Some(long.clone()), continued: false }]);
        let parts = responses(&long, LongEvents::InParts(EVENT_CUTS)).expect("an event");
        assert!(parts.iter().all(|part| part.encoded_len() <= MESSAGE_BYTES_MAX));
        let (last, others) = parts.split_last().expect("parts");
        assert!(!last.continued && others.len() >= 2 && others.iter().all(|part| part.continued));
        let mut merged = v1::ExplorationEvent::default();
        for part in parts {
            merged.merge(part.event.expect("a part")).expect("a part");
        }
        assert_eq!(merged, ended(300_000));
        let short = Bytes::from(ended(10).encode_to_vec());
        let short = responses(&short, LongEvents::InParts(EVENT_CUTS)).expect("an event");
        assert_eq!((short.len(), short[0].continued), (1, false));
    }
}
