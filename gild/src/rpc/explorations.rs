//! The gRPC methods of explorations: convert, call, convert. Decides nothing.

use proto::encoded::{EVENT_CUTS, EXPLORATION_CUTS, REPEATED_CUTS, REPLAY_CUTS};
use proto::v1;
use proto::v1::exploration_service_server::ExplorationService;
use strategies::program::limit::within;
use tonic::{Request, Response, Status};

use crate::lab::access::Access;
use crate::lab::explorations::StoredOutcomes;
use crate::rpc::records;
use crate::rpc::services::{Services, blocking, caller_of, own_owners, owner_of};
use crate::rpc::status::{damaged, invalid};
use crate::rpc::watch::{EventStream, LongEvents, PartStream, in_parts, stream};
use crate::store::record::{Kind, Record};
use crate::wire::exploration_request::asked;
use crate::wire::{exploration, request};
use engine::report::explain::explain;

#[tonic::async_trait]
impl ExplorationService for Services {
    async fn create_exploration(
        &self,
        request: Request<v1::CreateExplorationRequest>,
    ) -> Result<Response<v1::CreateExplorationResponse>, Status> {
        let owner = owner_of(&request);
        let v1::CreateExplorationRequest { spec, request_id, validate_only } = request.into_inner();
        let asked = asked(spec).map_err(invalid)?;
        let request_id = request::request_id(&request_id).map_err(invalid)?.to_owned();
        let lab = self.lab.clone();
        let one = if validate_only {
            blocking(move || Ok(exploration::estimated(&asked, &lab.estimate(&asked)?))).await?
        } else {
            let made = blocking(move || lab.explore(asked, &request_id, owner)).await?;
            brief(&made)?
        };
        Ok(Response::new(v1::CreateExplorationResponse { exploration: Some(one) }))
    }

    async fn get_exploration(
        &self,
        request: Request<v1::GetExplorationRequest>,
    ) -> Result<Response<v1::GetExplorationResponse>, Status> {
        let (caller, name) = (caller_of(&request), request.into_inner().name);
        let (id, lab) = (exploration_id(&name)?, self.lab.clone());
        let found = blocking(move || {
            let record = lab.authorized(&caller, Access::Read, Kind::Exploration, &id)?;
            Ok((lab.outcomes(&record)?, record))
        });
        let (StoredOutcomes { outcomes, ended }, record) = found.await?;
        let one = records::exploration(&record, &outcomes, ended.as_deref()).map_err(damaged)?;
        Ok(Response::new(v1::GetExplorationResponse { exploration: Some(one) }))
    }

    type GetExplorationInPartsStream = PartStream;

    async fn get_exploration_in_parts(
        &self,
        request: Request<v1::GetExplorationInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        in_parts(&self.get_exploration(request).await?, EXPLORATION_CUTS)
    }

    async fn list_explorations(
        &self,
        request: Request<v1::ListExplorationsRequest>,
    ) -> Result<Response<v1::ListExplorationsResponse>, Status> {
        let caller = caller_of(&request);
        let v1::ListExplorationsRequest { page_size, page_token } = request.into_inner();
        let page =
            self.page(Kind::Exploration, page_size, page_token, None, &caller, brief).await?;
        let (explorations, next_page_token) = page;
        Ok(Response::new(v1::ListExplorationsResponse {
            explorations,
            next_page_token,
            own_owners: own_owners(&caller),
            changes_all: caller.limit(Access::Change).is_none(),
        }))
    }

    async fn cancel_exploration(
        &self,
        request: Request<v1::CancelExplorationRequest>,
    ) -> Result<Response<v1::CancelExplorationResponse>, Status> {
        let (caller, name) = (caller_of(&request), request.into_inner().name);
        let (id, lab) = (exploration_id(&name)?, self.lab.clone());
        let cancel = move || {
            lab.authorized(&caller, Access::Change, Kind::Exploration, &id)?;
            lab.cancel(Kind::Exploration, &id)
        };
        let record = blocking(cancel).await?;
        Ok(Response::new(v1::CancelExplorationResponse { exploration: Some(brief(&record)?) }))
    }

    type WatchExplorationStream = EventStream;

    async fn watch_exploration(
        &self,
        request: Request<v1::WatchExplorationRequest>,
    ) -> Result<Response<Self::WatchExplorationStream>, Status> {
        let caller = caller_of(&request);
        let v1::WatchExplorationRequest { name, after_sequence, in_parts } = request.into_inner();
        let (id, lab) = (exploration_id(&name)?, self.lab.clone());
        let follow = move || {
            lab.authorized(&caller, Access::Read, Kind::Exploration, &id)?;
            lab.follow(Kind::Exploration, &id, after_sequence)
        };
        let subscription = blocking(follow).await?;
        let long = if in_parts { LongEvents::InParts(EVENT_CUTS) } else { LongEvents::Whole };
        Ok(Response::new(stream(subscription, self.lab.counters().watchers.open(), long)))
    }

    async fn delete_exploration(
        &self,
        request: Request<v1::DeleteExplorationRequest>,
    ) -> Result<Response<v1::DeleteExplorationResponse>, Status> {
        let caller = caller_of(&request);
        self.delete_exploration_job(request.into_inner(), caller).await.map(Response::new)
    }

    async fn replay_schedule(
        &self,
        request: Request<v1::ReplayScheduleRequest>,
    ) -> Result<Response<v1::ReplayScheduleResponse>, Status> {
        let (lab, script) = (self.lab.clone(), request.into_inner().script);
        let (played, value_on_threads) = blocking(move || lab.replay(&script)).await?;
        let trace = Some(exploration::playback(&played));
        Ok(Response::new(v1::ReplayScheduleResponse { trace, value_on_threads }))
    }

    type ReplayScheduleInPartsStream = PartStream;

    async fn replay_schedule_in_parts(
        &self,
        request: Request<v1::ReplayScheduleInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        in_parts(&self.replay_schedule(request).await?, REPLAY_CUTS)
    }

    async fn explain_sweep(
        &self,
        request: Request<v1::ExplainSweepRequest>,
    ) -> Result<Response<v1::ExplainSweepResponse>, Status> {
        let caller = caller_of(&request);
        let v1::ExplainSweepRequest { name, cell } = request.into_inner();
        let (id, lab) = (request::sweep_id(&name).map_err(invalid)?.to_owned(), self.lab.clone());
        let look_back = move || {
            let record = lab.authorized(&caller, Access::Read, Kind::Sweep, &id)?;
            let (plan, measurements) = lab.recompute(&record)?;
            let last = plan.cells.len().saturating_sub(1);
            let only = cell.map(|cell| within("cell", cell as usize, 0, last)).transpose()?;
            Ok((explain(&plan, &measurements), only))
        };
        // Never closed.
        let _permit = self.permits.calculations.acquire().await;
        let (explained, only) = blocking(look_back).await?;
        let is_wanted = |cell: usize| only.is_none_or(|only| only == cell);
        let wanted = explained.into_iter().filter(|one| is_wanted(one.cell));
        Ok(Response::new(v1::ExplainSweepResponse {
            cells: wanted.map(exploration::explanation).collect(),
        }))
    }

    type ExplainSweepInPartsStream = PartStream;

    async fn explain_sweep_in_parts(
        &self,
        request: Request<v1::ExplainSweepInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        in_parts(&self.explain_sweep(request).await?, REPEATED_CUTS)
    }
}

fn exploration_id(name: &str) -> Result<String, Status> {
    request::exploration_id(name).map(str::to_owned).map_err(invalid)
}

/// An exploration without what it found.
fn brief(record: &Record) -> Result<v1::Exploration, Status> {
    records::exploration(record, &[], None).map_err(damaged)
}
