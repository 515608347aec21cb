//! Embedded lab: the same services over gRPC inside another process, through a pipe in memory. Opens
//! no socket but that of its page, where one is asked for.

pub mod page;
mod relay;

use std::io;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::io::{DuplexStream, duplex};
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;

use crate::lab::Lab;
use crate::lab::QueuedJobs;
use crate::lab::error::StartError;
use crate::server::embedded::page::Page;
use crate::server::error::ServeError;
use crate::server::health::reporter;
use crate::server::routes::router;
use crate::store::Store;
use engine::jobs::scheduler::config::SchedulerConfig;
use engine::python::registry::Interpreters;

/// Buffer of the pipe in each direction, in bytes.
const PIPE_BYTES: usize = 1 << 16;
/// Time for the lanes to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// A lab inside this process.
#[derive(Debug)]
pub struct Embedded {
    lab: Lab,
    channel: Channel,
    server: JoinHandle<()>,
}

impl Embedded {
    /// Starts the lab's threads and its server; must be called inside a tokio runtime.
    pub async fn start(history: Store, interpreters: Interpreters) -> Result<Self, StartError> {
        // It lives as long as one command; queued jobs are left to a daemon.
        let lab = Lab::open(history, SchedulerConfig::default(), interpreters, QueuedJobs::Leave)?;
        let (client, server) = duplex(PIPE_BYTES);
        let router = router(&lab, &reporter().await);
        let incoming = tokio_stream::once(Ok::<_, io::Error>(server));
        let server = tokio::spawn(async move {
            // The pipe ends with the client, which needs no error.
            let _ = router.serve_with_incoming(incoming).await;
        });
        let channel = connect(client).await.map_err(io::Error::other)?;
        Ok(Self { lab, channel, server })
    }

    /// A channel to it; clones share one connection.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Its page, on a port of loopback.
    ///
    /// # Errors
    ///
    /// Says why no port can be opened.
    pub async fn page(&self) -> Result<Page, ServeError> {
        Page::of_lab(&self.lab).await
    }

    /// Stops it: the running attempt ends, and with it the lab's threads.
    pub async fn stop(self) {
        let Self { lab, channel, server } = self;
        // A lane that does not end in time ends with the process.
        let _ = tokio::task::spawn_blocking(move || lab.stop(STOP_TIMEOUT)).await;
        drop(channel);
        server.abort();
    }
}

/// The pipe has one end only, so there is one connection.
async fn connect(client: DuplexStream) -> Result<Channel, tonic::transport::Error> {
    let client = Mutex::new(Some(client));
    let connector = service_fn(move |_: Uri| {
        let taken = client.lock().take();
        async move { taken.map(TokioIo::new).ok_or(io::Error::other("the pipe is closed")) }
    });
    // The address is never resolved; the connector ignores it.
    Endpoint::from_static("http://embedded.invalid").connect_with_connector(connector).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::v1::exploration_event::Happening;
    use proto::v1::exploration_service_client::ExplorationServiceClient;
    use proto::v1::lab_service_client::LabServiceClient;
    use proto::v1::sweep_service_client::SweepServiceClient;
    use proto::v1::{
        CreateExplorationRequest, CreateSweepRequest, ExplorationSpec, GetLabRequest, SweepSpec,
        WatchExplorationRequest, WatchSweepRequest,
    };

    fn history() -> Store {
        Store::temporary().expect("a directory")
    }

    #[tokio::test]
    async fn embedded_lab_answers_grpc() {
        let lab = Embedded::start(history(), Interpreters::default()).await.expect("it starts");
        let answer = LabServiceClient::new(lab.channel()).get_lab(GetLabRequest {}).await;
        let limits = answer.expect("it answers").into_inner().lab.expect("a lab").limits;
        assert!(limits.iter().any(|limit| limit.name == "workers" && limit.maximum == 64));
        lab.stop().await;
    }

    #[tokio::test]
    async fn embedded_exploration_is_watched_to_its_end() {
        let lab = Embedded::start(history(), Interpreters::default()).await.expect("it starts");
        let mut client = ExplorationServiceClient::new(lab.channel());
        let spec = ExplorationSpec { strategy: "atomic".into(), ..ExplorationSpec::default() };
        let request = CreateExplorationRequest { spec: Some(spec), ..Default::default() };
        let created = client.create_exploration(request).await.expect("small").into_inner();
        let name = created.exploration.expect("an exploration").name;
        let request = WatchExplorationRequest { name, after_sequence: 0, in_parts: false };
        let mut events = client.watch_exploration(request).await.expect("a stream").into_inner();
        let mut last = None;
        while let Some(event) = events.message().await.expect("no error") {
            last = event.event.and_then(|event| event.happening);
        }
        let Some(Happening::Ended(ended)) = last else { panic!("{last:?} is not the end") };
        assert!(ended.verdict.starts_with("no update can be lost"), "{}", ended.verdict);
        lab.stop().await;
    }

    #[tokio::test]
    async fn embedded_sweep_is_watched_to_its_end() {
        let lab = Embedded::start(history(), Interpreters::default()).await.expect("it starts");
        let mut sweeps = SweepServiceClient::new(lab.channel());
        let strategies = vec!["atomic".into()];
        let spec = SweepSpec { strategies, attempts: Some(2), ..SweepSpec::default() };
        let request = CreateSweepRequest { spec: Some(spec), ..CreateSweepRequest::default() };
        let created = sweeps.create_sweep(request).await.expect("planned").into_inner();
        let name = created.sweep.expect("a sweep").name;
        let request = WatchSweepRequest { name, after_sequence: 0 };
        let mut events = sweeps.watch_sweep(request).await.expect("a stream").into_inner();
        let mut sequences = Vec::new();
        while let Some(event) = events.message().await.expect("no error") {
            sequences.push(event.event.expect("an event").sequence);
        }
        assert_eq!(sequences, [1, 2, 3, 4, 5], "started, two turns, the cell, the end");
        lab.stop().await;
    }
}
