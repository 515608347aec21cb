//! The gRPC methods of sweeps: convert, call, convert. Decides nothing.

use proto::encoded::{REPEATED_CUTS, SWEEP_CUTS};
use proto::v1;
use proto::v1::sweep_service_server::SweepService;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::lab::access::Access;
use crate::rpc::records;
use crate::rpc::services::{Services, blocking, caller_of, own_owners, owner_of};
use crate::rpc::status::invalid;
use crate::rpc::watch::{EventStream, LongEvents, PartStream, in_parts, stream};
use crate::store::record::{Kind, Record};
use crate::wire::sweep::response::Detail;
use crate::wire::sweep::{response, spec};
use crate::wire::{request, state};
use engine::sys::host::Host;

impl Services {
    async fn sweep_with_results(
        &self,
        request: Request<v1::GetSweepRequest>,
    ) -> Result<v1::GetSweepResponse, Status> {
        let (caller, name) = (caller_of(&request), request.into_inner().name);
        let (id, lab) = (request::sweep_id(&name).map_err(invalid)?.to_owned(), self.lab.clone());
        let found = blocking(move || {
            let record = lab.authorized(&caller, Access::Read, Kind::Sweep, &id)?;
            records::stored_sweep(&lab, &record, lab.position(&record.id))
        });
        found.await
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
        let spec = spec::sweep_spec(spec).map_err(invalid)?;
        let request_id = request::request_id(&request_id).map_err(invalid)?;
        let lab = self.lab.clone();
        let sweep = if validate_only {
            let planned = spec.clone();
            let plan = blocking(move || lab.plan(&planned)).await?;
            response::planned(&spec, &plan, self.lab.interpreters(), &Host::detect(), Detail::Full)
        } else {
            let request_id = request_id.to_owned();
            let made = blocking(move || lab.create(&spec, &request_id, owner)).await?;
            self.sweep(&made)?
        };
        Ok(Response::new(v1::CreateSweepResponse { sweep: Some(sweep) }))
    }

    async fn get_sweep(
        &self,
        request: Request<v1::GetSweepRequest>,
    ) -> Result<Response<v1::GetSweepResponse>, Status> {
        let answer = self.sweep_with_results(request).await?;
        Ok(Response::new(records::fitting(answer)))
    }

    type GetSweepInPartsStream = PartStream;

    async fn get_sweep_in_parts(
        &self,
        request: Request<v1::GetSweepInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        in_parts(&Response::new(self.sweep_with_results(request).await?), SWEEP_CUTS)
    }

    async fn list_sweeps(
        &self,
        request: Request<v1::ListSweepsRequest>,
    ) -> Result<Response<v1::ListSweepsResponse>, Status> {
        let caller = caller_of(&request);
        let v1::ListSweepsRequest { page_size, page_token, filter } = request.into_inner();
        let state = state::filter_state(&filter).map_err(invalid)?;
        let shown = |record: &Record| self.sweep(record);
        let page = self.page(Kind::Sweep, page_size, page_token, state, &caller, shown).await?;
        let (sweeps, next_page_token) = page;
        Ok(Response::new(v1::ListSweepsResponse {
            sweeps,
            next_page_token,
            own_owners: own_owners(&caller),
            changes_all: caller.limit(Access::Change).is_none(),
        }))
    }

    async fn cancel_sweep(
        &self,
        request: Request<v1::CancelSweepRequest>,
    ) -> Result<Response<v1::CancelSweepResponse>, Status> {
        let (caller, name) = (caller_of(&request), request.into_inner().name);
        let (id, lab) = (request::sweep_id(&name).map_err(invalid)?.to_owned(), self.lab.clone());
        let cancel = move || {
            lab.authorized(&caller, Access::Change, Kind::Sweep, &id)?;
            lab.cancel(Kind::Sweep, &id)
        };
        let record = blocking(cancel).await?;
        Ok(Response::new(v1::CancelSweepResponse { sweep: Some(self.sweep(&record)?) }))
    }

    type WatchSweepStream = EventStream;

    async fn watch_sweep(
        &self,
        request: Request<v1::WatchSweepRequest>,
    ) -> Result<Response<Self::WatchSweepStream>, Status> {
        let caller = caller_of(&request);
        let v1::WatchSweepRequest { name, after_sequence } = request.into_inner();
        let id = request::sweep_id(&name).map_err(invalid)?;
        let (id, lab) = (id.to_owned(), self.lab.clone());
        let follow = move || {
            lab.authorized(&caller, Access::Read, Kind::Sweep, &id)?;
            lab.follow(Kind::Sweep, &id, after_sequence)
        };
        let subscription = blocking(follow).await?;
        Ok(Response::new(stream(
            subscription,
            self.lab.counters().watchers.open(),
            LongEvents::Whole,
        )))
    }

    async fn resume_sweep(
        &self,
        request: Request<v1::ResumeSweepRequest>,
    ) -> Result<Response<v1::ResumeSweepResponse>, Status> {
        let caller = caller_of(&request);
        self.resume(request.into_inner(), caller).await.map(Response::new)
    }

    async fn label_sweep(
        &self,
        request: Request<v1::LabelSweepRequest>,
    ) -> Result<Response<v1::LabelSweepResponse>, Status> {
        let caller = caller_of(&request);
        let v1::LabelSweepRequest { name, labels } = request.into_inner();
        let (id, lab) = (request::sweep_id(&name).map_err(invalid)?.to_owned(), self.lab.clone());
        let label = move || {
            lab.authorized(&caller, Access::Change, Kind::Sweep, &id)?;
            lab.label(&id, labels)
        };
        let record = blocking(label).await?;
        Ok(Response::new(v1::LabelSweepResponse { sweep: Some(self.sweep(&record)?) }))
    }

    async fn delete_sweep(
        &self,
        request: Request<v1::DeleteSweepRequest>,
    ) -> Result<Response<v1::DeleteSweepResponse>, Status> {
        let caller = caller_of(&request);
        self.delete_sweep_job(request.into_inner(), caller).await.map(Response::new)
    }

    async fn prune_history(
        &self,
        request: Request<v1::PruneHistoryRequest>,
    ) -> Result<Response<v1::PruneHistoryResponse>, Status> {
        let caller = caller_of(&request);
        self.prune(request.into_inner(), &caller).await.map(Response::new)
    }

    type PruneHistoryInPartsStream = PartStream;

    async fn prune_history_in_parts(
        &self,
        request: Request<v1::PruneHistoryInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        in_parts(&self.prune_history(request).await?, REPEATED_CUTS)
    }

    async fn compare_sweeps(
        &self,
        request: Request<v1::CompareSweepsRequest>,
    ) -> Result<Response<v1::CompareSweepsResponse>, Status> {
        let caller = caller_of(&request);
        self.compare(request.into_inner(), caller).await.map(Response::new)
    }

    type CompareSweepsInPartsStream = PartStream;

    async fn compare_sweeps_in_parts(
        &self,
        request: Request<v1::CompareSweepsInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        in_parts(&self.compare_sweeps(request).await?, REPEATED_CUTS)
    }

    type ExportSweepStream = ReceiverStream<Result<v1::ExportSweepResponse, Status>>;

    async fn export_sweep(
        &self,
        request: Request<v1::ExportSweepRequest>,
    ) -> Result<Response<Self::ExportSweepStream>, Status> {
        let caller = caller_of(&request);
        self.export(request.into_inner(), caller).await.map(Response::new)
    }

    async fn import_sweep(
        &self,
        request: Request<Streaming<v1::ImportSweepRequest>>,
    ) -> Result<Response<v1::ImportSweepResponse>, Status> {
        let owner = owner_of(&request);
        self.import(request.into_inner(), owner).await.map(Response::new)
    }
}
