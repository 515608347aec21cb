//! The gRPC methods of the lab itself: convert, call, convert. Decides nothing.

use std::time::Duration;

use proto::v1;
use proto::v1::lab_service_server::LabService;
use strategies::model::bounds;
use strategies::model::long_program;
use strategies::model::program::WORKERS_MAX;
use strategies::program::{era, workload};
use tonic::{Request, Response, Status};

use crate::lab::access::Access;
use crate::limits;
use crate::rpc::services::{Services, blocking, caller_of};
use crate::rpc::status::invalid;
use crate::sessions::{CODE_AGE_MAX, PresentedToken, SignedIn};
use crate::wire::sweep::response;
use crate::wire::{calibration, catalog, request};
use engine::jobs::owner::Owner;
use engine::jobs::scheduler::config::SchedulerConfig;
use engine::sys::host::Host;
use engine::sys::process;

#[tonic::async_trait]
impl LabService for Services {
    async fn get_lab(
        &self,
        request: Request<v1::GetLabRequest>,
    ) -> Result<Response<v1::GetLabResponse>, Status> {
        let caller = caller_of(&request);
        let shown = |owner: &Owner| caller.may(Access::Read, owner);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let scheduler = self.lab.scheduler();
        let load = |(owner, waiting): (Owner, usize)| v1::OwnerLoad {
            owner: owner.to_string(),
            waiting: count(waiting),
        };
        let lab = self.lab.clone();
        let stored = blocking(move || Ok((lab.stored_sweeps()?, lab.elsewhere()?))).await?;
        let (stored_sweeps, elsewhere) = stored;
        let running = scheduler.running().into_iter().find(|job| shown(job.owner()));
        let lab = v1::Lab {
            version: env!("CARGO_PKG_VERSION").into(),
            start_time_ns: self.lab.start_time_ns(),
            machine: Some(response::host(&Host::detect())),
            limits: limits(scheduler.config()),
            queued_sweeps: count(self.lab.queued()),
            kept_sweeps: count(stored_sweeps),
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
            running: running.map(|job| job.name()).unwrap_or_default(),
            degraded: scheduler.degraded().unwrap_or_default(),
            owners: scheduler
                .owners()
                .into_iter()
                .filter(|(owner, _)| shown(owner))
                .map(load)
                .collect(),
            lanes: count(scheduler.lanes()),
            watchers: u32::try_from(self.lab.counters().watchers.get()).unwrap_or(u32::MAX),
            resident_bytes: process::resident_bytes().unwrap_or(0),
        };
        let lab = match elsewhere {
            None => lab,
            // This lab only reads: its own figures would be mistaken for those of the other.
            Some(jobs) => v1::Lab {
                start_time_ns: 0,
                queued_sweeps: count(jobs.queued),
                running: jobs.running.unwrap_or_default(),
                pythons: Vec::new(),
                degraded: String::new(),
                owners: Vec::new(),
                lanes: 0,
                watchers: 0,
                resident_bytes: 0,
                ..lab
            },
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

    async fn get_picture(
        &self,
        request: Request<v1::GetPictureRequest>,
    ) -> Result<Response<v1::GetPictureResponse>, Status> {
        let caller = caller_of(&request);
        self.picture(request.into_inner(), caller).await.map(Response::new)
    }

    async fn create_sign_in_code(
        &self,
        request: Request<v1::CreateSignInCodeRequest>,
    ) -> Result<Response<v1::CreateSignInCodeResponse>, Status> {
        let Some(port) = self.sessions.port() else {
            let message = "this lab has no port, on which the page is; start `gild serve` with \
                           --listen 127.0.0.1:7878 and --token-file PATH";
            return Err(Status::failed_precondition(message));
        };
        let token = request.extensions().get::<PresentedToken>().map(|token| token.0);
        let who = SignedIn { caller: caller_of(&request), token };
        Ok(Response::new(v1::CreateSignInCodeResponse {
            code: self.sessions.create_code(who),
            lifetime_ns: u64::try_from(CODE_AGE_MAX.as_nanos()).unwrap_or(u64::MAX),
            address: port.address.to_string(),
            encrypted: port.is_encrypted,
            host_names: port.host_names.to_vec(),
        }))
    }
}

/// The limits that `GetLab` lists.
fn limits(config: SchedulerConfig) -> Vec<v1::Limit> {
    let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let limit = |name: &str, maximum: u64, unit: &str, motive: &str| v1::Limit {
        name: name.into(),
        maximum,
        unit: unit.into(),
        motive: motive.into(),
    };
    vec![
        limit(
            "workers",
            engine::limits::WORKERS_MAX.into(),
            "workers",
            "threads are kept for good",
        ),
        limit("tasks", workload::TASKS_MAX, "tasks", "one queue"),
        limit("increments", workload::INCREMENTS_MAX, "increments", "an attempt must end"),
        limit(
            "attempts",
            engine::limits::ATTEMPTS_MAX.into(),
            "attempts",
            "each is kept for the medians",
        ),
        limit("cells", engine::limits::CELLS_MAX as u64, "cells", "a grid one can read"),
        limit("switch_interval", era::INTERVAL_MAX_PS, "ps", "no attempt takes longer"),
        limit("switch_ticks", era::TICKS_MAX.into(), "ticking steps", "no attempt takes longer"),
        limit("attempt_time", ns(engine::limits::ATTEMPT_TIME_MAX), "ns", "nothing may hang"),
        limit("queue", config.queue_max as u64, "sweeps and explorations", "waiting has an end"),
        limit(
            "quota",
            config.quota as u64,
            "sweeps and explorations",
            "one owner cannot fill the queue",
        ),
        limit("explored_workers", WORKERS_MAX as u64, "workers", "a state has a place for each"),
        limit(
            "explored_increments",
            long_program::INCREMENTS_MAX.into(),
            "increments of a worker",
            "a replay must end",
        ),
        limit("explored_states", bounds::STATES_MAX, "states", "a search must end"),
        limit("explored_bytes", bounds::BYTES_MAX, "bytes", "memory is bounded"),
        limit("message", limits::MESSAGE_BYTES_MAX as u64, "bytes", "memory is bounded"),
        limit("streams", limits::STREAMS_MAX.into(), "requests of a connection", "so is a client"),
        limit("connections", limits::CONNECTIONS_MAX as u64, "connections of a door", "files end"),
        limit("peer_connections", limits::PEER_CONNECTIONS_MAX as u64, "connections", "of others"),
        limit("connection_age", ns(limits::CONNECTION_AGE_MAX), "ns", "certificates change"),
        limit("greeting", ns(limits::HANDSHAKE_TIMEOUT), "ns", "silent connections end"),
        limit("requests", limits::REQUESTS_PER_S.into(), "per second and owner", "others ask too"),
        limit("requests_burst", limits::REQUESTS_BURST.into(), "at once", "watchers come back"),
        limit(
            "played_moves",
            engine::limits::PLAYED_MOVES_MAX as u64,
            "moves",
            "an answer is one message",
        ),
    ]
}
