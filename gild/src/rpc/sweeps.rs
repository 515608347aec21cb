//! The gRPC methods: convert, call, convert. Decides nothing.

use std::sync::Arc;

use proto::v1;
use proto::v1::lab_service_server::LabService;
use proto::v1::sweep_service_server::SweepService;
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::lab::Lab;
use crate::lab::error::LabError;
use crate::limits;
use crate::rpc::limits::limits;
use crate::rpc::status::{damaged, invalid, status};
use crate::store::codec;
use crate::store::codec::Unreadable;
use crate::store::live_log::StoredEvent;
use crate::store::record::{Kind, Record, Since};
use crate::store::subscription::Subscription;
use crate::wire::sweep::{response, spec};
use crate::wire::{calibration, catalog, request, state};
use engine::jobs::counters::Watching;
use engine::jobs::owner::Owner;
use engine::jobs::state::State;
use engine::sys::host::Host;
use engine::sys::process;
use response::Detail;

/// Places for what takes long or takes much: whoever finds none free waits.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    pub(crate) imports: Arc<Semaphore>,
    pub(crate) exports: Arc<Semaphore>,
    pub(crate) calculations: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        let places = |most| Arc::new(Semaphore::new(most));
        Self {
            imports: places(limits::TRANSFERS_MAX),
            exports: places(limits::TRANSFERS_MAX),
            calculations: places(limits::CALCULATIONS_MAX),
        }
    }
}

/// All services over one lab.
#[derive(Debug, Clone)]
pub struct Services {
    pub(crate) lab: Lab,
    pub(crate) places: Places,
}

impl Services {
    /// The services of `lab`.
    pub fn new(lab: Lab) -> Self {
        Self { lab, places: Places::default() }
    }

    async fn kept(&self) -> Result<usize, Status> {
        let lab = self.lab.clone();
        blocking(move || lab.stored_sweeps()).await
    }

    /// A sweep as it stands.
    pub(crate) fn told(&self, record: &Record) -> Result<v1::Sweep, Status> {
        codec::sweep(record, self.lab.position(&record.id)).map_err(damaged)
    }

    /// Works on a page, newest first, and the token of the next one.
    pub(crate) async fn page(
        &self,
        kind: Kind,
        size: u32,
        token: String,
        state: Option<State>,
    ) -> Result<(Vec<Record>, String), Status> {
        let size = request::page_size(size).map_err(invalid)?;
        let lab = self.lab.clone();
        let list = move || {
            let since = if token.is_empty() { Since::Newest } else { Since::Before(&token) };
            lab.list(kind, since, state, size + 1)
        };
        let mut found = blocking(list).await?;
        let mut bytes = 0;
        let fits = found.iter().take(size).take_while(|record| {
            bytes += record.resource.len();
            bytes <= limits::PAGE_BYTES_MAX
        });
        // A page without anything would be the last one.
        let most = fits.count().max(1);
        let more = found.len() > most;
        found.truncate(most);
        let next = found.last().filter(|_| more).map(|last| last.id.clone());
        Ok((found, next.unwrap_or_default()))
    }
}

#[tonic::async_trait]
impl LabService for Services {
    async fn get_lab(
        &self,
        _request: Request<v1::GetLabRequest>,
    ) -> Result<Response<v1::GetLabResponse>, Status> {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let scheduler = self.lab.scheduler();
        let load = |(owner, waiting): (Owner, usize)| v1::OwnerLoad {
            owner: owner.to_string(),
            waiting: count(waiting),
        };
        let lab = v1::Lab {
            version: env!("CARGO_PKG_VERSION").into(),
            start_time_ns: self.lab.start_time_ns(),
            machine: Some(response::host(&Host::detect())),
            limits: limits(scheduler.config()),
            queued_sweeps: count(self.lab.queued()),
            kept_sweeps: count(self.kept().await?),
            history: self
                .lab
                .history()
                .path()
                .map(|path| path.display().to_string())
                .unwrap_or_default(),
            history_bytes: self.lab.history().bytes(),
            pythons: self
                .lab
                .interpreters()
                .paths()
                .map(|path| path.display().to_string())
                .collect(),
            running: scheduler.running().first().map(|job| job.name()).unwrap_or_default(),
            degraded: scheduler.degraded().unwrap_or_default(),
            owners: scheduler.owners().into_iter().map(load).collect(),
            lanes: count(scheduler.lanes()),
            watchers: u32::try_from(self.lab.counters().watchers()).unwrap_or(u32::MAX),
            resident_bytes: process::resident_bytes().unwrap_or(0),
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
        let wish = spec::sweep_spec(spec).map_err(invalid)?;
        let request_id = request::request_id(&request_id).map_err(invalid)?;
        let lab = self.lab.clone();
        let sweep = if validate_only {
            let planned = wish.clone();
            let plan = blocking(move || lab.plan(&planned)).await?;
            response::planned(&wish, &plan, self.lab.interpreters(), &Host::detect(), Detail::Full)
        } else {
            let request_id = request_id.to_owned();
            let made = blocking(move || lab.create(&wish, &request_id, owner)).await?;
            self.told(&made)?
        };
        Ok(Response::new(v1::CreateSweepResponse { sweep: Some(sweep) }))
    }

    async fn get_sweep(
        &self,
        request: Request<v1::GetSweepRequest>,
    ) -> Result<Response<v1::GetSweepResponse>, Status> {
        let name = request.into_inner().name;
        let (id, lab) = (request::sweep_id(&name).map_err(invalid)?.to_owned(), self.lab.clone());
        let found = blocking(move || {
            let record = lab.record(Kind::Sweep, &id)?;
            Ok((lab.results(&record)?, record))
        });
        let (results, record) = found.await?;
        let position = self.lab.position(&record.id);
        let answer = codec::sweep_with_results(&record, position, &results).map_err(damaged)?;
        Ok(Response::new(answer))
    }

    async fn list_sweeps(
        &self,
        request: Request<v1::ListSweepsRequest>,
    ) -> Result<Response<v1::ListSweepsResponse>, Status> {
        let v1::ListSweepsRequest { page_size, page_token, filter } = request.into_inner();
        let state = state::filter_state(&filter).map_err(invalid)?;
        let page = self.page(Kind::Sweep, page_size, page_token, state).await?;
        let (found, next_page_token) = page;
        let sweeps = found.iter().map(|record| self.told(record)).collect::<Result<_, _>>()?;
        Ok(Response::new(v1::ListSweepsResponse { sweeps, next_page_token }))
    }

    async fn cancel_sweep(
        &self,
        request: Request<v1::CancelSweepRequest>,
    ) -> Result<Response<v1::CancelSweepResponse>, Status> {
        let name = request.into_inner().name;
        let (id, lab) = (request::sweep_id(&name).map_err(invalid)?.to_owned(), self.lab.clone());
        let record = blocking(move || lab.cancel(Kind::Sweep, &id)).await?;
        Ok(Response::new(v1::CancelSweepResponse { sweep: Some(self.told(&record)?) }))
    }

    type WatchSweepStream = ReceiverStream<Result<v1::WatchSweepResponse, Status>>;

    async fn watch_sweep(
        &self,
        request: Request<v1::WatchSweepRequest>,
    ) -> Result<Response<Self::WatchSweepStream>, Status> {
        let v1::WatchSweepRequest { name, after_sequence } = request.into_inner();
        let id = request::sweep_id(&name).map_err(invalid)?;
        let (id, lab) = (id.to_owned(), self.lab.clone());
        let follower = blocking(move || lab.follow(Kind::Sweep, &id, after_sequence)).await?;
        let answer = |event: &StoredEvent| {
            Ok(v1::WatchSweepResponse { event: Some(codec::read_event(&event.body)?) })
        };
        Ok(Response::new(stream(follower, self.lab.counters().watch(), answer)))
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

/// Whose request it is, as whoever let it in has found out; without a door it is the lab's own
/// process.
pub(crate) fn owner_of<T>(request: &Request<T>) -> Owner {
    request.extensions().get::<Owner>().cloned().unwrap_or_default()
}

/// Does what may take a while where it holds up nobody else's messages.
pub(crate) async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, LabError> + Send + 'static,
) -> Result<T, Status> {
    let done = tokio::task::spawn_blocking(act).await;
    done.map_err(|panic| Status::internal(panic.to_string()))?.map_err(status)
}

/// A follower's events until the last, or until the client is gone.
pub(crate) fn stream<A: Send + 'static>(
    mut follower: Subscription,
    watching: Watching,
    answer: impl Fn(&StoredEvent) -> Result<A, Unreadable> + Send + 'static,
) -> ReceiverStream<Result<A, Status>> {
    let (events, stream) = mpsc::channel(limits::WATCH_BUFFER);
    tokio::spawn(async move {
        // Counted until the task ends, however it does.
        let _watching = watching;
        loop {
            let batch = tokio::select! {
                batch = follower.next() => batch,
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
                if events.send(answer(&event).map_err(damaged)).await.is_err() {
                    return;
                }
            }
        }
    });
    ReceiverStream::new(stream)
}
