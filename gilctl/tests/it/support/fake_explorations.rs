//! Fake exploration service: an invented exploration under a [`ServerBehavior`].

use proto::encoded::{EXPLORATION_CUTS, REPEATED_CUTS, REPLAY_CUTS, WatchResponse};
use proto::v1::exploration_event::Happening;
use proto::v1::exploration_service_server::{ExplorationService, ExplorationServiceServer};
use proto::v1::sweep_service_server::SweepServiceServer;
use proto::v1::{
    CancelExplorationRequest, CancelExplorationResponse, CreateExplorationRequest,
    CreateExplorationResponse, DeleteExplorationRequest, DeleteExplorationResponse,
    ExplainSweepInPartsRequest, ExplainSweepRequest, ExplainSweepResponse, Exploration,
    ExplorationEvent, GetExplorationInPartsRequest, GetExplorationRequest, GetExplorationResponse,
    ListExplorationsRequest, ListExplorationsResponse, ReplayScheduleInPartsRequest,
    ReplayScheduleRequest, ReplayScheduleResponse, SweepState, WatchExplorationRequest,
    WatchExplorationResponse,
};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::support::explorations::{events, found, queued, race, reasons};
use crate::support::fake_sweeps::FakeSweeps;
use crate::support::server::{
    MessageStream, PartStream, ServerBehavior, command, in_parts, outcome, scripted_stream, serve,
};

/// The server and the requests that it received.
#[derive(Clone)]
pub(crate) struct FakeExplorations {
    pub(crate) behavior: ServerBehavior,
    /// The exploration at its end, with all outcomes.
    pub(crate) end: Exploration,
    pub(crate) on_threads: u32,
    pub(crate) cancels: Arc<AtomicU32>,
    pub(crate) watched_after: Arc<Mutex<Vec<u64>>>,
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
}

impl FakeExplorations {
    pub(crate) fn new(behavior: ServerBehavior) -> Self {
        Self {
            behavior,
            end: found(),
            on_threads: 2,
            cancels: Arc::default(),
            watched_after: Arc::default(),
            requests: Arc::default(),
        }
    }

    pub(crate) fn ending(end: Exploration) -> Self {
        Self { end, ..Self::new(ServerBehavior::Serves) }
    }

    fn log(&self) -> Vec<ExplorationEvent> {
        let outcomes = self.end.outcomes.clone();
        let mut log = events(Exploration { outcomes: Vec::new(), ..self.end.clone() });
        // A search for one value has no outcome events; its end carries the outcome.
        if self.end.spec.as_ref().is_some_and(|spec| spec.value.is_some()) {
            log.truncate(2);
            let ended = Exploration { outcomes, ..self.end.clone() };
            let happening = Some(Happening::Ended(ended));
            log.push(ExplorationEvent { sequence: 3, time_ns: 0, happening });
        }
        log
    }

    fn record(&self, asked: impl std::fmt::Debug) {
        self.requests.lock().expect("no panic").push(format!("{asked:?}"));
    }

    fn refused() -> Status {
        let said = "q: 2 is not a probability; choose a value from 0 to 1";
        let details = ErrorDetails::with_bad_request_violation("q", said);
        Status::with_error_details(Code::InvalidArgument, said, details)
    }
}

#[tonic::async_trait]
impl ExplorationService for FakeExplorations {
    type WatchExplorationStream = MessageStream<WatchResponse>;

    async fn create_exploration(
        &self,
        request: Request<CreateExplorationRequest>,
    ) -> Result<Response<CreateExplorationResponse>, Status> {
        let request = request.into_inner();
        self.record(request.spec.clone().unwrap_or_default());
        if self.behavior == ServerBehavior::Refuses {
            return Err(Self::refused());
        }
        let name = if request.validate_only { String::new() } else { queued().name };
        let exploration = Exploration { name, spec: self.end.spec.clone(), ..queued() };
        Ok(Response::new(CreateExplorationResponse { exploration: Some(exploration) }))
    }

    async fn get_exploration(
        &self,
        request: Request<GetExplorationRequest>,
    ) -> Result<Response<GetExplorationResponse>, Status> {
        assert_eq!(request.get_ref().name, queued().name);
        let next_sequence = self.log().len() as u64 + 1;
        let exploration = Some(Exploration { next_sequence, ..self.end.clone() });
        Ok(Response::new(GetExplorationResponse { exploration }))
    }

    type GetExplorationInPartsStream = PartStream;

    async fn get_exploration_in_parts(
        &self,
        request: Request<GetExplorationInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        Ok(in_parts(&self.get_exploration(request).await?, EXPLORATION_CUTS))
    }

    async fn list_explorations(
        &self,
        _: Request<ListExplorationsRequest>,
    ) -> Result<Response<ListExplorationsResponse>, Status> {
        let explorations =
            vec![Exploration { outcomes: Vec::new(), create_time_ns: 7, ..self.end.clone() }];
        let next_page_token = String::new();
        Ok(Response::new(ListExplorationsResponse {
            explorations,
            next_page_token,
            own_owners: Vec::new(),
            changes_all: false,
        }))
    }

    async fn cancel_exploration(
        &self,
        request: Request<CancelExplorationRequest>,
    ) -> Result<Response<CancelExplorationResponse>, Status> {
        assert_eq!(request.get_ref().name, queued().name);
        self.cancels.fetch_add(1, Ordering::SeqCst);
        let exploration = Exploration { state: SweepState::Cancelling.into(), ..queued() };
        Ok(Response::new(CancelExplorationResponse { exploration: Some(exploration) }))
    }

    async fn watch_exploration(
        &self,
        request: Request<WatchExplorationRequest>,
    ) -> Result<Response<Self::WatchExplorationStream>, Status> {
        let after = request.get_ref().after_sequence;
        self.watched_after.lock().expect("no panic").push(after);
        let messages = self.log().into_iter().filter(|event| event.sequence > after);
        let response = |event| WatchExplorationResponse { event: Some(event), continued: false };
        let messages = messages.map(|event| response(event).into()).collect();
        let stream = scripted_stream(self.behavior, messages, &self.cancels)?;
        Ok(Response::new(stream))
    }

    async fn delete_exploration(
        &self,
        request: Request<DeleteExplorationRequest>,
    ) -> Result<Response<DeleteExplorationResponse>, Status> {
        self.record(request.into_inner());
        Ok(Response::new(DeleteExplorationResponse {}))
    }

    async fn replay_schedule(
        &self,
        request: Request<ReplayScheduleRequest>,
    ) -> Result<Response<ReplayScheduleResponse>, Status> {
        let script = request.into_inner().script;
        self.record(&script);
        if self.behavior == ServerBehavior::Refuses {
            let said = "hash: 00 is the hash of another experiment";
            let details = ErrorDetails::with_bad_request_violation("hash", said);
            return Err(Status::with_error_details(Code::InvalidArgument, said, details));
        }
        let (trace, value_on_threads) = (Some(race()), self.on_threads);
        Ok(Response::new(ReplayScheduleResponse { trace, value_on_threads }))
    }

    type ReplayScheduleInPartsStream = PartStream;

    async fn replay_schedule_in_parts(
        &self,
        request: Request<ReplayScheduleInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        Ok(in_parts(&self.replay_schedule(request).await?, REPLAY_CUTS))
    }

    async fn explain_sweep(
        &self,
        request: Request<ExplainSweepRequest>,
    ) -> Result<Response<ExplainSweepResponse>, Status> {
        let ExplainSweepRequest { name, cell } = request.into_inner();
        self.record((name, cell));
        Ok(Response::new(reasons()))
    }

    type ExplainSweepInPartsStream = PartStream;

    async fn explain_sweep_in_parts(
        &self,
        request: Request<ExplainSweepInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        Ok(in_parts(&self.explain_sweep(request).await?, REPEATED_CUTS))
    }
}

/// Serves the explorations and one sweep.
pub(crate) fn serve_all(server: &FakeExplorations) -> (tokio::runtime::Runtime, String) {
    let sweeps = SweepServiceServer::new(FakeSweeps::new(ServerBehavior::Serves));
    let explorations = ExplorationServiceServer::new(server.clone());
    serve(Server::builder().add_service(sweeps).add_service(explorations))
}

/// Exit code, stdout, stderr.
pub(crate) fn run(server: &FakeExplorations, arguments: &[&str]) -> (Option<i32>, String, String) {
    let (_runtime, url) = serve_all(server);
    outcome(&command(&url, arguments).output().expect("gilctl runs"))
}
