//! The gRPC methods of explorations: convert, call, convert. Decides nothing.

use std::sync::Arc;

use proto::v1;
use proto::v1::exploration_service_server::ExplorationService;
use strategies::workload::{LimitError, within};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{Services, blocking, invalid, owner_of, status, stream};
use crate::explain::explain;
use crate::exploration::{Exploration, Happening};
use crate::lab::Results;
use crate::store::Event;
use crate::sweep::Live;
use crate::wire::asked::asked;
use crate::wire::response::Detail;
use crate::wire::{exploration, request};

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
            let one = blocking(move || lab.explore(asked, &request_id, owner)).await?;
            exploration::exploration(&self.lab, &one, Detail::Full)
        };
        Ok(Response::new(v1::CreateExplorationResponse { exploration: Some(one) }))
    }

    async fn get_exploration(
        &self,
        request: Request<v1::GetExplorationRequest>,
    ) -> Result<Response<v1::GetExplorationResponse>, Status> {
        let name = request.into_inner().name;
        let id = request::exploration_id(&name).map_err(invalid)?;
        let one = self.lab.exploration(id).map_err(status)?;
        let one = exploration::exploration(&self.lab, &one, Detail::Full);
        Ok(Response::new(v1::GetExplorationResponse { exploration: Some(one) }))
    }

    async fn list_explorations(
        &self,
        request: Request<v1::ListExplorationsRequest>,
    ) -> Result<Response<v1::ListExplorationsResponse>, Status> {
        let v1::ListExplorationsRequest { page_size, page_token } = request.into_inner();
        let page = request::Page::of(page_size, &page_token).map_err(invalid)?;
        let (found, next_page_token) = page.cut(self.lab.explorations(), |one| &one.id);
        let brief =
            |one: &Arc<Exploration>| exploration::exploration(&self.lab, one, Detail::Brief);
        Ok(Response::new(v1::ListExplorationsResponse {
            explorations: found.iter().map(brief).collect(),
            next_page_token,
        }))
    }

    async fn cancel_exploration(
        &self,
        request: Request<v1::CancelExplorationRequest>,
    ) -> Result<Response<v1::CancelExplorationResponse>, Status> {
        let name = request.into_inner().name;
        let id = request::exploration_id(&name).map_err(invalid)?;
        let one = self.lab.cancel_exploration(id).map_err(status)?;
        let one = exploration::exploration(&self.lab, &one, Detail::Full);
        Ok(Response::new(v1::CancelExplorationResponse { exploration: Some(one) }))
    }

    type WatchExplorationStream = ReceiverStream<Result<v1::WatchExplorationResponse, Status>>;

    async fn watch_exploration(
        &self,
        request: Request<v1::WatchExplorationRequest>,
    ) -> Result<Response<Self::WatchExplorationStream>, Status> {
        let v1::WatchExplorationRequest { name, after_sequence } = request.into_inner();
        let id = request::exploration_id(&name).map_err(invalid)?;
        let one = self.lab.exploration(id).map_err(status)?;
        let follower = self.lab.follow_exploration(id, after_sequence).map_err(status)?;
        let answer = move |event: &Event<Happening>| v1::WatchExplorationResponse {
            event: Some(exploration::event(&one, event)),
        };
        Ok(Response::new(stream(follower, self.lab.counters().watch(), answer)))
    }

    async fn delete_exploration(
        &self,
        request: Request<v1::DeleteExplorationRequest>,
    ) -> Result<Response<v1::DeleteExplorationResponse>, Status> {
        self.forget_exploration(request.into_inner()).await.map(Response::new)
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

    async fn explain_sweep(
        &self,
        request: Request<v1::ExplainSweepRequest>,
    ) -> Result<Response<v1::ExplainSweepResponse>, Status> {
        let v1::ExplainSweepRequest { name, cell } = request.into_inner();
        let live = self.lab.get(request::sweep_id(&name).map_err(invalid)?).map_err(status)?;
        let only = cell.map(|cell| within_sweep(cell, &live)).transpose().map_err(invalid)?;
        let Results { measurements, .. } = self.lab.results(&live);
        let explained = explain(&live.plan, &measurements);
        let is_wanted = |cell: usize| only.is_none_or(|only| only == cell);
        let wanted = explained.into_iter().filter(|one| is_wanted(one.cell));
        Ok(Response::new(v1::ExplainSweepResponse {
            cells: wanted.map(exploration::explanation).collect(),
        }))
    }
}

/// A cell that the sweep has.
fn within_sweep(cell: u32, live: &Live) -> Result<usize, LimitError> {
    let last = live.plan.cells.len().saturating_sub(1);
    within("cell", cell as usize, 0, last)
}
