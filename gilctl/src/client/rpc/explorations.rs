//! Calls of the exploration service: explorations, schedules and explanations.

use proto::v1::exploration_service_client::ExplorationServiceClient;
use proto::v1::{
    CancelExplorationRequest, CreateExplorationRequest, ExplainSweepRequest, ExplainSweepResponse,
    Exploration, ExplorationSpec, GetExplorationRequest, ListExplorationsRequest,
    ReplayScheduleRequest, ReplayScheduleResponse, WatchExplorationRequest,
    WatchExplorationResponse,
};
use tonic::{Code, Status, Streaming};

use crate::client::call::{
    PAGE_SIZE, WORK_TIMEOUT, all_pages, answer, answer_within, request_id, retry_if_cut,
};
use crate::client::credentials::Channel;
use crate::client::failures::{no_exploration, verbatim};
use crate::client::lab::{Intent, Lab};
use crate::error::Failure;
use crate::listed::Listed;

/// Most bytes of one answer: exact counts of a thousand values take megabytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;

impl Lab {
    fn exploration_service(&self) -> ExplorationServiceClient<Channel> {
        ExplorationServiceClient::new(self.channel.clone())
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Estimates an exploration and, with [`Intent::Run`], queues it.
    pub async fn explore(
        &self,
        spec: ExplorationSpec,
        intent: Intent,
    ) -> Result<Exploration, Failure> {
        let request = CreateExplorationRequest {
            spec: Some(spec),
            request_id: request_id(),
            validate_only: intent == Intent::PlanOnly,
        };
        let create =
            async || answer(self.exploration_service().create_exploration(request.clone())).await;
        let created = retry_if_cut(create).await?;
        created.exploration.ok_or_else(|| no_exploration("CreateExploration"))
    }

    /// A stored exploration with the outcomes found so far.
    pub async fn exploration(&self, name: &str) -> Result<Exploration, Failure> {
        let request = GetExplorationRequest { name: name.to_owned() };
        let answered = answer(self.exploration_service().get_exploration(request)).await?;
        answered.exploration.ok_or_else(|| no_exploration("GetExploration"))
    }

    /// All stored explorations, newest first; none from a daemon that does not implement them.
    pub async fn explorations(&self) -> Result<Listed<Exploration>, Failure> {
        let page = async |page_token| {
            let request = ListExplorationsRequest { page_size: PAGE_SIZE, page_token };
            match answer(self.exploration_service().list_explorations(request)).await {
                Ok(page) => {
                    let (jobs, own_owners) = (page.explorations, page.own_owners);
                    Ok((Listed { jobs, own_owners }, page.next_page_token))
                }
                Err(status) if status.code() == Code::Unimplemented => Ok(Default::default()),
                Err(status) => Err(status),
            }
        };
        all_pages(page).await
    }

    /// Cancels an exploration.
    pub async fn cancel_exploration(&self, name: &str) -> Result<Option<Exploration>, Status> {
        let request = CancelExplorationRequest { name: name.to_owned() };
        Ok(answer(self.exploration_service().cancel_exploration(request)).await?.exploration)
    }

    /// Streams the events of an exploration after a sequence number.
    pub async fn watch_exploration(
        &self,
        name: &str,
        after_sequence: u64,
    ) -> Result<Streaming<WatchExplorationResponse>, Status> {
        let request = WatchExplorationRequest { name: name.to_owned(), after_sequence };
        answer(self.exploration_service().watch_exploration(request)).await
    }

    /// Replays a schedule. Violations in the script are quoted in the daemon's own words.
    pub async fn replay(&self, script: String) -> Result<ReplayScheduleResponse, Failure> {
        let call = async move {
            self.exploration_service().replay_schedule(ReplayScheduleRequest { script }).await
        };
        answer_within(WORK_TIMEOUT, call).await.map_err(|it| verbatim(&it))
    }

    /// The explanation of one cell's figures, or of all cells.
    pub async fn explain(
        &self,
        name: &str,
        cell: Option<u32>,
    ) -> Result<ExplainSweepResponse, Failure> {
        let request = ExplainSweepRequest { name: name.to_owned(), cell };
        let asking = async move { self.exploration_service().explain_sweep(request).await };
        Ok(answer_within(WORK_TIMEOUT, asking).await?)
    }
}
