//! A daemon that only acts: it tells an invented exploration, drops the line in the middle of it,
//! refuses, or waits to be cancelled. Looks for nothing.

use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use proto::v1::exploration_event::Happening;
use proto::v1::exploration_service_server::{ExplorationService, ExplorationServiceServer};
use proto::v1::sweep_service_server::SweepServiceServer;
use proto::v1::{
    CancelExplorationRequest, CancelExplorationResponse, CreateExplorationRequest,
    CreateExplorationResponse, DeleteExplorationRequest, DeleteExplorationResponse,
    ExplainSweepRequest, ExplainSweepResponse, Exploration, ExplorationEvent,
    GetExplorationRequest, GetExplorationResponse, ListExplorationsRequest,
    ListExplorationsResponse, ReplayScheduleRequest, ReplayScheduleResponse, SweepState,
    WatchExplorationRequest, WatchExplorationResponse,
};
use tokio_stream::{Stream, StreamExt as _};
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::daemon::{Actor as SweepActor, Mood, command, serve, told, until_cancelled};
use crate::explained::reasons;
use crate::explored::{events, found, queued, race};

/// What it does, and what it was asked.
#[derive(Clone)]
pub(crate) struct Actor {
    pub(crate) mood: Mood,
    /// How it ends, with all that is found.
    pub(crate) end: Exploration,
    pub(crate) on_threads: u32,
    pub(crate) cancels: Arc<AtomicU32>,
    pub(crate) asked_after: Arc<Mutex<Vec<u64>>>,
    pub(crate) heard: Arc<Mutex<Vec<String>>>,
}

impl Actor {
    pub(crate) fn new(mood: Mood) -> Self {
        Self {
            mood,
            end: found(),
            on_threads: 2,
            cancels: Arc::default(),
            asked_after: Arc::default(),
            heard: Arc::default(),
        }
    }

    pub(crate) fn ending(end: Exploration) -> Self {
        Self { end, ..Self::new(Mood::Kind) }
    }

    fn told(&self) -> Vec<ExplorationEvent> {
        let outcomes = self.end.outcomes.clone();
        let mut told = events(Exploration { outcomes: Vec::new(), ..self.end.clone() });
        // Of one value there is nothing to tell but the end, which may as well carry it.
        if self.end.spec.as_ref().is_some_and(|spec| spec.value.is_some()) {
            told.truncate(2);
            let ended = Exploration { outcomes, ..self.end.clone() };
            let happening = Some(Happening::Ended(ended));
            told.push(ExplorationEvent { sequence: 3, time_ns: 0, happening });
        }
        told
    }

    fn hear(&self, asked: impl std::fmt::Debug) {
        self.heard.lock().expect("no panic").push(format!("{asked:?}"));
    }

    fn refused() -> Status {
        let said = "q: 2 is no probability; choose a value from 0 to 1";
        let details = ErrorDetails::with_bad_request_violation("q", said);
        Status::with_error_details(Code::InvalidArgument, said, details)
    }
}

type Events = Pin<Box<dyn Stream<Item = Result<WatchExplorationResponse, Status>> + Send>>;

#[tonic::async_trait]
impl ExplorationService for Actor {
    type WatchExplorationStream = Events;

    async fn create_exploration(
        &self,
        request: Request<CreateExplorationRequest>,
    ) -> Result<Response<CreateExplorationResponse>, Status> {
        let request = request.into_inner();
        self.hear(request.spec.clone().unwrap_or_default());
        if self.mood == Mood::Refuses {
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
        let next_sequence = self.told().len() as u64 + 1;
        let exploration = Some(Exploration { next_sequence, ..self.end.clone() });
        Ok(Response::new(GetExplorationResponse { exploration }))
    }

    async fn list_explorations(
        &self,
        _: Request<ListExplorationsRequest>,
    ) -> Result<Response<ListExplorationsResponse>, Status> {
        let explorations =
            vec![Exploration { outcomes: Vec::new(), create_time_ns: 7, ..self.end.clone() }];
        let next_page_token = String::new();
        Ok(Response::new(ListExplorationsResponse { explorations, next_page_token }))
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
    ) -> Result<Response<Events>, Status> {
        let after = request.get_ref().after_sequence;
        self.asked_after.lock().expect("no panic").push(after);
        let rest = self.told().into_iter().filter(|event| event.sequence > after);
        let rest: Vec<_> =
            rest.map(|event| Ok(WatchExplorationResponse { event: Some(event) })).collect();
        let stream: Events = match self.mood {
            Mood::Kind | Mood::Refuses => Box::pin(tokio_stream::iter(rest)),
            Mood::Drops(most) => {
                let cut = Err(Status::unavailable("reattach later"));
                Box::pin(tokio_stream::iter(rest.into_iter().take(most).chain([cut])))
            }
            Mood::Hangs => {
                Box::pin(tokio_stream::iter(rest).take(2).chain(tokio_stream::pending()))
            }
            Mood::Gone => return Err(Status::unavailable("gone")),
            Mood::Waits => {
                let cancels = Arc::clone(&self.cancels);
                let beginning = tokio_stream::iter(rest.clone()).take(2);
                let end = tokio_stream::iter(rest.into_iter().skip(2));
                let end = end.then(move |event| until_cancelled(Arc::clone(&cancels), event));
                Box::pin(beginning.chain(end))
            }
        };
        Ok(Response::new(stream))
    }

    async fn delete_exploration(
        &self,
        request: Request<DeleteExplorationRequest>,
    ) -> Result<Response<DeleteExplorationResponse>, Status> {
        self.hear(request.into_inner());
        Ok(Response::new(DeleteExplorationResponse {}))
    }

    async fn replay_schedule(
        &self,
        request: Request<ReplayScheduleRequest>,
    ) -> Result<Response<ReplayScheduleResponse>, Status> {
        let script = request.into_inner().script;
        self.hear(&script);
        if self.mood == Mood::Refuses {
            let said = "hash: 00 is the hash of another experiment";
            let details = ErrorDetails::with_bad_request_violation("hash", said);
            return Err(Status::with_error_details(Code::InvalidArgument, said, details));
        }
        let (trace, value_on_threads) = (Some(race()), self.on_threads);
        Ok(Response::new(ReplayScheduleResponse { trace, value_on_threads }))
    }

    async fn explain_sweep(
        &self,
        request: Request<ExplainSweepRequest>,
    ) -> Result<Response<ExplainSweepResponse>, Status> {
        let ExplainSweepRequest { name, cell } = request.into_inner();
        self.hear((name, cell));
        Ok(Response::new(reasons()))
    }
}

/// The actor beside one that knows the chapter's sweep.
pub(crate) fn perform(actor: &Actor) -> (tokio::runtime::Runtime, String) {
    let sweeps = SweepServiceServer::new(SweepActor::new(Mood::Kind));
    let explorations = ExplorationServiceServer::new(actor.clone());
    serve(Server::builder().add_service(sweeps).add_service(explorations))
}

/// Exit code, stdout, stderr.
pub(crate) fn run(actor: &Actor, arguments: &[&str]) -> (Option<i32>, String, String) {
    let (_runtime, url) = perform(actor);
    told(&command(&url, arguments).output().expect("gilctl runs"))
}
