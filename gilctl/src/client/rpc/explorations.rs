//! Calls of the exploration service: explorations, schedules and explanations.

use proto::v1::exploration_service_client::ExplorationServiceClient;
use proto::v1::{
    CancelExplorationRequest, CreateExplorationRequest, ExplainSweepInPartsRequest,
    ExplainSweepRequest, ExplainSweepResponse, Exploration, ExplorationSpec,
    GetExplorationInPartsRequest, GetExplorationRequest, ListExplorationsRequest,
    ReplayScheduleInPartsRequest, ReplayScheduleRequest, ReplayScheduleResponse,
    WatchExplorationRequest, WatchExplorationResponse,
};
use tonic::{Code, Status, Streaming};

use crate::client::call::{
    ANSWER_TIMEOUT, MESSAGE_BYTES_MAX, PAGE_SIZE, WHOLE_BYTES_MAX, WORK_TIMEOUT, all_pages, answer,
    merged, request_id, retry_if_cut,
};
use crate::client::credentials::Channel;
use crate::client::failures::{no_exploration, verbatim};
use crate::client::lab::{Intent, Lab};
use crate::error::Failure;
use view::listed::Listed;

impl Lab {
    fn exploration_service(&self) -> ExplorationServiceClient<Channel> {
        ExplorationServiceClient::new(self.channel.clone())
    }

    /// For responses in parts.
    fn exploration_parts(&self) -> ExplorationServiceClient<Channel> {
        self.exploration_service().max_decoding_message_size(MESSAGE_BYTES_MAX)
    }

    /// For responses in one message.
    fn exploration_wholes(&self) -> ExplorationServiceClient<Channel> {
        self.exploration_service().max_decoding_message_size(WHOLE_BYTES_MAX)
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
        let in_parts = GetExplorationInPartsRequest { request: Some(request.clone()) };
        let parts = async { self.exploration_parts().get_exploration_in_parts(in_parts).await };
        let whole = async { self.exploration_wholes().get_exploration(request).await };
        let answered = merged(ANSWER_TIMEOUT, parts, |it| it.part, whole).await?;
        answered.exploration.ok_or_else(|| no_exploration("GetExploration"))
    }

    /// All stored explorations, newest first; none from a daemon that does not implement them.
    pub async fn explorations(&self) -> Result<Listed<Exploration>, Failure> {
        all_pages(async |page_token| self.page_of_explorations(PAGE_SIZE, page_token).await).await
    }

    /// The newest explorations, at most so many.
    pub async fn newest_explorations(&self, most: u32) -> Result<Listed<Exploration>, Failure> {
        Ok(self.page_of_explorations(most, String::new()).await?.0)
    }

    async fn page_of_explorations(
        &self,
        page_size: u32,
        page_token: String,
    ) -> Result<(Listed<Exploration>, String), Status> {
        let request = ListExplorationsRequest { page_size, page_token };
        match answer(self.exploration_service().list_explorations(request)).await {
            Ok(page) => {
                let (jobs, own_owners) = (page.explorations, page.own_owners);
                let changes_all = page.changes_all;
                Ok((Listed { jobs, own_owners, changes_all }, page.next_page_token))
            }
            Err(status) if status.code() == Code::Unimplemented => Ok(Default::default()),
            Err(status) => Err(status),
        }
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
        let name = name.to_owned();
        let request = WatchExplorationRequest { name, after_sequence, in_parts: true };
        // A daemon that knows no parts sends an end with its trace as one message.
        answer(self.exploration_wholes().watch_exploration(request)).await
    }

    /// Replays a schedule. Violations in the script are quoted in the daemon's own words.
    pub async fn replay(&self, script: String) -> Result<ReplayScheduleResponse, Failure> {
        let request = ReplayScheduleRequest { script };
        let in_parts = ReplayScheduleInPartsRequest { request: Some(request.clone()) };
        let parts = async { self.exploration_parts().replay_schedule_in_parts(in_parts).await };
        let whole = async { self.exploration_wholes().replay_schedule(request).await };
        merged(WORK_TIMEOUT, parts, |it| it.part, whole).await.map_err(|it| verbatim(&it))
    }

    /// The explanation of one cell's figures, or of all cells.
    pub async fn explain(
        &self,
        name: &str,
        cell: Option<u32>,
    ) -> Result<ExplainSweepResponse, Failure> {
        let request = ExplainSweepRequest { name: name.to_owned(), cell };
        let in_parts = ExplainSweepInPartsRequest { request: Some(request.clone()) };
        let parts = async { self.exploration_parts().explain_sweep_in_parts(in_parts).await };
        let whole = async { self.exploration_wholes().explain_sweep(request).await };
        Ok(merged(WORK_TIMEOUT, parts, |it| it.part, whole).await?)
    }
}
