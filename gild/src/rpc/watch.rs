//! Streams of events: stored bytes, sent as they are. The store checks events that it reads from the
//! database; those in memory were encoded by this process.

use proto::encoded::WatchResponse;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::limits::WATCH_BUFFER;
use crate::rpc::status::status;
use crate::store::subscription::Subscription;
use engine::jobs::counters::Watching;

/// A stream of encoded events.
pub(crate) type EventStream = ReceiverStream<Result<WatchResponse, Status>>;

/// Sends the events of a subscription until the last, or until the client is gone.
pub(crate) fn stream(mut subscription: Subscription, watching: Watching) -> EventStream {
    let (events, stream) = mpsc::channel(WATCH_BUFFER);
    tokio::spawn(async move {
        // Counted until the task ends, also by a panic.
        let _watching = watching;
        loop {
            let batch = tokio::select! {
                batch = subscription.next() => batch,
                () = events.closed() => return,
            };
            let batch = match batch {
                Ok(Some(batch)) => batch,
                Ok(None) => return,
                Err(error) => {
                    let _ = events.send(Err(status(error.into()))).await;
                    return;
                }
            };
            for event in batch {
                let response = WatchResponse { event: Some(event.body.clone()) };
                if events.send(Ok(response)).await.is_err() {
                    return;
                }
            }
        }
    });
    ReceiverStream::new(stream)
}
