//! The gRPC methods: convert, call, convert. Decides nothing.

mod comparing;
mod examining;
mod explorations;
mod keeping;

use std::sync::Arc;
use std::time::Duration;

use proto::v1;
use proto::v1::lab_service_server::LabService;
use proto::v1::sweep_service_server::SweepService;
use strategies::workload::LimitError;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt};

use crate::config;
use crate::follow::Follower;
use crate::host::Host;
use crate::lab::{Lab, LabError, Results};
use crate::lane::QueueError;
use crate::owner::Owner;
use crate::rehearsal::RehearsalError;
use crate::shelf::Kept;
use crate::store::{Event, Happens};
use crate::sweep::Live;
use crate::wire::{calibration, catalog, measurement, request, response};
use response::Detail;

/// All services over one lab.
#[derive(Debug, Clone)]
pub struct Services {
    lab: Lab,
}

impl Services {
    /// The services of `lab`.
    pub fn new(lab: Lab) -> Self {
        Self { lab }
    }
}

#[tonic::async_trait]
impl LabService for Services {
    async fn get_lab(
        &self,
        _request: Request<v1::GetLabRequest>,
    ) -> Result<Response<v1::GetLabResponse>, Status> {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let lab = v1::Lab {
            version: env!("CARGO_PKG_VERSION").into(),
            start_time_ns: self.lab.start_time_ns(),
            machine: Some(response::host(&Host::look())),
            limits: limits(),
            queued_sweeps: count(self.lab.queued()),
            kept_sweeps: count(self.lab.kept()),
            pythons: self
                .lab
                .interpreters()
                .paths()
                .map(|path| path.display().to_string())
                .collect(),
            ..v1::Lab::default()
        };
        Ok(Response::new(v1::GetLabResponse { lab: Some(lab) }))
    }

    async fn list_strategies(
        &self,
        _request: Request<v1::ListStrategiesRequest>,
    ) -> Result<Response<v1::ListStrategiesResponse>, Status> {
        Ok(Response::new(catalog::strategies()))
    }

    async fn get_body(
        &self,
        request: Request<v1::GetBodyRequest>,
    ) -> Result<Response<v1::GetBodyResponse>, Status> {
        let request = request.into_inner();
        let (body, eras) = request::body_and_eras(&request).map_err(invalid)?;
        Ok(Response::new(catalog::body_listings(body, &eras)))
    }

    async fn calibrate_python(
        &self,
        request: Request<v1::CalibratePythonRequest>,
    ) -> Result<Response<v1::CalibratePythonResponse>, Status> {
        let path = request.into_inner().python;
        let lab = self.lab.clone();
        let (interpreter, measured) = blocking(move || lab.calibrate(&path)).await?;
        Ok(Response::new(calibration::calibration(&interpreter, &measured)))
    }

    async fn examine_machine(
        &self,
        request: Request<v1::ExamineMachineRequest>,
    ) -> Result<Response<v1::ExamineMachineResponse>, Status> {
        self.examine(request.into_inner()).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl SweepService for Services {
    async fn create_sweep(
        &self,
        request: Request<v1::CreateSweepRequest>,
    ) -> Result<Response<v1::CreateSweepResponse>, Status> {
        let owner = owner_of(&request);
        let v1::CreateSweepRequest { spec, request_id, validate_only } = request.into_inner();
        let wish = request::wish(spec).map_err(invalid)?;
        let request_id = request::request_id(&request_id).map_err(invalid)?;
        let sweep = if validate_only {
            let (lab, asked) = (self.lab.clone(), wish.clone());
            let plan = blocking(move || lab.plan(&asked)).await?;
            response::planned(&wish, &plan, self.lab.interpreters(), &Host::look(), Detail::Full)
        } else {
            let (lab, request_id) = (self.lab.clone(), request_id.to_owned());
            let live = blocking(move || lab.create(wish, &request_id, owner)).await?;
            response::sweep(&self.lab, &live, Detail::Full)
        };
        Ok(Response::new(v1::CreateSweepResponse { sweep: Some(sweep) }))
    }

    async fn get_sweep(
        &self,
        request: Request<v1::GetSweepRequest>,
    ) -> Result<Response<v1::GetSweepResponse>, Status> {
        let name = request.into_inner().name;
        let live = self.lab.get(request::sweep_id(&name).map_err(invalid)?).map_err(status)?;
        let Results { measurements, verdict, notes } = self.lab.results(&live);
        let of = |measured: Option<_>| measured.as_ref().map(measurement::measurement);
        Ok(Response::new(v1::GetSweepResponse {
            sweep: Some(response::sweep(&self.lab, &live, Detail::Full)),
            measurements: measurements.into_iter().map(of).map(Option::unwrap_or_default).collect(),
            verdict,
            notes,
        }))
    }

    async fn list_sweeps(
        &self,
        request: Request<v1::ListSweepsRequest>,
    ) -> Result<Response<v1::ListSweepsResponse>, Status> {
        let request = request.into_inner();
        let page = request::Page::of(request.page_size, &request.page_token).map_err(invalid)?;
        let wanted = request::filter_state(&request.filter).map_err(invalid)?;
        let is_wanted = |live: &Arc<Live>| wanted.is_none_or(|state| live.state() == state);
        let all = self.lab.newest_first().into_iter().filter(is_wanted);
        let (found, next_page_token) = page.cut(all, |live| &live.id);
        let brief = |live: &Arc<Live>| response::sweep(&self.lab, live, Detail::Brief);
        Ok(Response::new(v1::ListSweepsResponse {
            sweeps: found.iter().map(brief).collect(),
            next_page_token,
        }))
    }

    async fn cancel_sweep(
        &self,
        request: Request<v1::CancelSweepRequest>,
    ) -> Result<Response<v1::CancelSweepResponse>, Status> {
        let name = request.into_inner().name;
        let live = self.lab.cancel(request::sweep_id(&name).map_err(invalid)?).map_err(status)?;
        let sweep = response::sweep(&self.lab, &live, Detail::Full);
        Ok(Response::new(v1::CancelSweepResponse { sweep: Some(sweep) }))
    }

    type WatchSweepStream = ReceiverStream<Result<v1::WatchSweepResponse, Status>>;

    async fn watch_sweep(
        &self,
        request: Request<v1::WatchSweepRequest>,
    ) -> Result<Response<Self::WatchSweepStream>, Status> {
        let v1::WatchSweepRequest { name, after_sequence } = request.into_inner();
        let id = request::sweep_id(&name).map_err(invalid)?;
        let follower = self.lab.follow(id, after_sequence).map_err(status)?;
        let answer = |event: &Event| v1::WatchSweepResponse { event: Some(response::event(event)) };
        Ok(Response::new(stream(follower, answer)))
    }

    async fn resume_sweep(
        &self,
        request: Request<v1::ResumeSweepRequest>,
    ) -> Result<Response<v1::ResumeSweepResponse>, Status> {
        let owner = owner_of(&request);
        self.resume(request.into_inner(), owner).await.map(Response::new)
    }

    async fn delete_sweep(
        &self,
        request: Request<v1::DeleteSweepRequest>,
    ) -> Result<Response<v1::DeleteSweepResponse>, Status> {
        self.forget(request.into_inner()).await.map(Response::new)
    }

    async fn prune_history(
        &self,
        request: Request<v1::PruneHistoryRequest>,
    ) -> Result<Response<v1::PruneHistoryResponse>, Status> {
        self.prune(request.into_inner()).await.map(Response::new)
    }

    async fn compare_sweeps(
        &self,
        request: Request<v1::CompareSweepsRequest>,
    ) -> Result<Response<v1::CompareSweepsResponse>, Status> {
        self.compare(request.into_inner()).await.map(Response::new)
    }

    type ExportSweepStream = ReceiverStream<Result<v1::ExportSweepResponse, Status>>;

    async fn export_sweep(
        &self,
        request: Request<v1::ExportSweepRequest>,
    ) -> Result<Response<Self::ExportSweepStream>, Status> {
        self.export(request.into_inner()).await.map(Response::new)
    }

    async fn import_sweep(
        &self,
        request: Request<Streaming<v1::ImportSweepRequest>>,
    ) -> Result<Response<v1::ImportSweepResponse>, Status> {
        let owner = owner_of(&request);
        self.import(request.into_inner(), owner).await.map(Response::new)
    }
}

/// Whose request it is, as whoever let it in has found out; without a door it is the lab's own process.
fn owner_of<T>(request: &Request<T>) -> Owner {
    request.extensions().get::<Owner>().cloned().unwrap_or_default()
}

/// Does what may take a while where it holds up nobody else's messages.
async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, LabError> + Send + 'static,
) -> Result<T, Status> {
    let done = tokio::task::spawn_blocking(act).await;
    done.map_err(|panic| Status::internal(panic.to_string()))?.map_err(status)
}

/// A follower's events until the last, or until the client is gone.
fn stream<H: Happens, A: Send + 'static>(
    mut follower: Follower<H>,
    answer: impl Fn(&Event<H>) -> A + Send + 'static,
) -> ReceiverStream<Result<A, Status>> {
    let (events, stream) = mpsc::channel(config::WATCH_BUFFER);
    tokio::spawn(async move {
        loop {
            let batch = tokio::select! {
                batch = follower.next() => batch,
                () = events.closed() => None,
            };
            let Some(batch) = batch else { return };
            for event in batch {
                if events.send(Ok(answer(&event))).await.is_err() {
                    return;
                }
            }
        }
    });
    ReceiverStream::new(stream)
}

/// The limits that clients may want to know beforehand.
fn limits() -> Vec<v1::Limit> {
    use strategies::model::{bounds, program::WORKERS_MAX};
    use strategies::{era, workload};
    let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let limit = |name: &str, maximum: u64, unit: &str, motive: &str| v1::Limit {
        name: name.into(),
        maximum,
        unit: unit.into(),
        motive: motive.into(),
    };
    vec![
        limit("workers", config::WORKERS_MAX.into(), "workers", "threads are kept for good"),
        limit("tasks", workload::TASKS_MAX, "tasks", "one queue"),
        limit("increments", workload::INCREMENTS_MAX, "increments", "an attempt must end"),
        limit("attempts", config::ATTEMPTS_MAX.into(), "attempts", "each is kept for the medians"),
        limit("cells", config::CELLS_MAX as u64, "cells", "a grid one can read"),
        limit("switch_interval", era::INTERVAL_MAX_PS, "ps", "no attempt takes longer"),
        limit("switch_ticks", era::TICKS_MAX.into(), "ticking steps", "no attempt takes longer"),
        limit("attempt_time", ns(config::ATTEMPT_TIME_MAX), "ns", "nothing may hang"),
        limit("queue", config::QUEUE_MAX as u64, "sweeps and explorations", "waiting has an end"),
        limit("kept_sweeps", config::KEPT_MAX as u64, "sweeps", "memory is bounded"),
        limit("kept_explorations", config::KEPT_MAX as u64, "explorations", "memory is bounded"),
        limit("explored_workers", WORKERS_MAX as u64, "workers", "a state has a place for each"),
        limit("explored_states", bounds::STATES_MAX, "states", "a search must end"),
        limit("explored_bytes", bounds::BYTES_MAX, "bytes", "memory is bounded"),
        limit("message", config::MESSAGE_BYTES_MAX as u64, "bytes", "memory is bounded"),
        limit("streams", config::STREAMS_MAX.into(), "requests of a connection", "so is a client"),
        limit("connections", config::CONNECTIONS_MAX as u64, "connections of a door", "files end"),
        limit("peer_connections", config::PEER_CONNECTIONS_MAX as u64, "connections", "of others"),
        limit("connection_age", ns(config::CONNECTION_AGE_MAX), "ns", "certificates change"),
        limit("greeting", ns(config::GREETING_TIMEOUT), "ns", "nobody waits for silence"),
        limit("requests", config::REQUESTS_PER_S.into(), "per second and owner", "others ask too"),
        limit("requests_burst", config::REQUESTS_BURST.into(), "at once", "watchers come back"),
        limit("played_moves", config::PLAYED_MOVES_MAX as u64, "moves", "an answer is one message"),
    ]
}

/// A broken limit, with the field that breaks it.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn invalid(error: LimitError) -> Status {
    let details = ErrorDetails::with_bad_request_violation(error.field, error.to_string());
    Status::with_error_details(Code::InvalidArgument, error.to_string(), details)
}

fn status(error: LabError) -> Status {
    let message = error.to_string();
    match error {
        LabError::Limit(limit) => invalid(limit),
        LabError::Queue(QueueError::Full) => {
            let details = ErrorDetails::with_retry_info(Some(config::QUEUE_RETRY));
            Status::with_error_details(Code::ResourceExhausted, message, details)
        }
        LabError::Queue(QueueError::Stopping) | LabError::Rehearsal(RehearsalError::Stopped) => {
            Status::unavailable(message)
        }
        LabError::NotFound { .. } => Status::not_found(message),
        LabError::Ended { .. } | LabError::Busy | LabError::Python(_) => {
            Status::failed_precondition(message)
        }
        LabError::Replay(_) => {
            let details = ErrorDetails::with_bad_request_violation("script", message.as_str());
            Status::with_error_details(Code::InvalidArgument, message, details)
        }
        LabError::Rehearsal(RehearsalError::NoThread(_)) => Status::resource_exhausted(message),
        LabError::Rehearsal(_) => Status::internal(message),
        LabError::BeyondEnd { .. } => Status::out_of_range(message),
    }
}
