//! The gRPC methods of the lab itself: convert, call, convert. Decides nothing.

use proto::v1;
use proto::v1::lab_service_server::LabService;
use tonic::{Request, Response, Status};

use crate::rpc::limits::limits;
use crate::rpc::services::{Services, blocking};
use crate::rpc::status::invalid;
use crate::wire::sweep::response;
use crate::wire::{calibration, catalog, request};
use engine::jobs::owner::Owner;
use engine::sys::host::Host;
use engine::sys::process;

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
        let lab = self.lab.clone();
        let stored_sweeps = blocking(move || lab.stored_sweeps()).await?;
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
