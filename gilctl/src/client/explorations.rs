//! Calls about explorations, schedules and reasons.

use proto::v1::exploration_service_client::ExplorationServiceClient;
use proto::v1::{
    CancelExplorationRequest, CreateExplorationRequest, ExplainSweepRequest, ExplainSweepResponse,
    Exploration, ExplorationSpec, GetExplorationRequest, ListExplorationsRequest,
    ReplayScheduleRequest, ReplayScheduleResponse, WatchExplorationRequest,
    WatchExplorationResponse,
};
use tonic::{Code, Status, Streaming};

use crate::client::{
    Channel, Intent, Lab, PAGE_SIZE, WORK_TIMEOUT, again_if_cut, all_pages, answer, answer_within,
    request_id,
};
use crate::error::Failure;
use crate::exit::Exit;

/// Most bytes of one answer: the counts of a thousand values, exact to the last digit, are
/// megabytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;

impl Lab {
    fn explorer(&self) -> ExplorationServiceClient<Channel> {
        ExplorationServiceClient::new(self.channel.clone())
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Estimates an exploration, and queues it unless it is only to be estimated.
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
        let create = async || answer(self.explorer().create_exploration(request.clone())).await;
        let created = again_if_cut(create).await?;
        created.exploration.ok_or_else(|| no_exploration("CreateExploration"))
    }

    /// An exploration as it stands.
    pub async fn exploration(&self, name: &str) -> Result<Exploration, Failure> {
        let request = GetExplorationRequest { name: name.to_owned() };
        let answered = answer(self.explorer().get_exploration(request)).await?;
        answered.exploration.ok_or_else(|| no_exploration("GetExploration"))
    }

    /// Every exploration that is kept, newest first; a daemon that knows no explorations has none.
    pub async fn explorations(&self) -> Result<Vec<Exploration>, Failure> {
        let page = async |page_token| {
            let request = ListExplorationsRequest { page_size: PAGE_SIZE, page_token };
            match answer(self.explorer().list_explorations(request)).await {
                Ok(page) => Ok((page.explorations, page.next_page_token)),
                Err(status) if status.code() == Code::Unimplemented => Ok(Default::default()),
                Err(status) => Err(status),
            }
        };
        all_pages(page).await
    }

    /// Asks an exploration to stop.
    pub async fn cancel_exploration(&self, name: &str) -> Result<Option<Exploration>, Status> {
        let request = CancelExplorationRequest { name: name.to_owned() };
        Ok(answer(self.explorer().cancel_exploration(request)).await?.exploration)
    }

    /// The events of an exploration after a sequence number.
    pub async fn watch_exploration(
        &self,
        name: &str,
        after_sequence: u64,
    ) -> Result<Streaming<WatchExplorationResponse>, Status> {
        let request = WatchExplorationRequest { name: name.to_owned(), after_sequence };
        answer(self.explorer().watch_exploration(request)).await
    }

    /// Plays a schedule. What is wrong with a script is said in the daemon's own words.
    pub async fn replay(&self, script: String) -> Result<ReplayScheduleResponse, Failure> {
        let call =
            async move { self.explorer().replay_schedule(ReplayScheduleRequest { script }).await };
        answer_within(WORK_TIMEOUT, call).await.map_err(|it| Failure::verbatim(&it))
    }

    /// The reasons of a sweep's figures; without a cell those of all.
    pub async fn explain(
        &self,
        name: &str,
        cell: Option<u32>,
    ) -> Result<ExplainSweepResponse, Failure> {
        let request = ExplainSweepRequest { name: name.to_owned(), cell };
        let asking = async move { self.explorer().explain_sweep(request).await };
        Ok(answer_within(WORK_TIMEOUT, asking).await?)
    }
}

/// What to say of an answer that lacks its exploration.
pub fn no_exploration(rpc: &str) -> Failure {
    let message = format!("the daemon answered {rpc} without an exploration");
    Failure::new(Exit::Unexpected, message, "are gild and gilctl of one version?")
}
