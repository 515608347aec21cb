//! Calls that create, read, list, watch and cancel sweeps; names are resolved here.

use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CancelSweepRequest, CreateSweepRequest, GetSweepInPartsRequest, GetSweepRequest,
    GetSweepResponse, ListSweepsRequest, Sweep, SweepSpec, SweepState, WatchSweepRequest,
    WatchSweepResponse,
};
use tonic::{Status, Streaming};

use crate::cli::target::Target;
use crate::client::call::{
    ANSWER_TIMEOUT, MESSAGE_BYTES_MAX, PAGE_SIZE, WHOLE_BYTES_MAX, all_pages, answer, merged,
    request_id, retry_if_cut,
};
use crate::client::credentials::Channel;
use crate::client::failures::no_sweep;
use crate::client::lab::{Intent, Lab};
use crate::error::Failure;
use crate::ids;
use crate::ids::{Candidate, Latest};
use view::listed::{Jobs, Listed};
use view::render::format::enum_names;

/// States of sweeps that have not ended.
const UNENDED: [SweepState; 3] = [SweepState::Queued, SweepState::Running, SweepState::Cancelling];

impl Lab {
    fn sweeps(&self) -> SweepServiceClient<Channel> {
        SweepServiceClient::new(self.channel.clone())
    }

    /// Plans a sweep and, with [`Intent::Run`], queues it.
    pub async fn create(&self, spec: SweepSpec, intent: Intent) -> Result<Sweep, Failure> {
        let request = CreateSweepRequest {
            spec: Some(spec),
            request_id: request_id(),
            validate_only: intent == Intent::PlanOnly,
        };
        let create = async || answer(self.sweeps().create_sweep(request.clone())).await;
        Box::pin(retry_if_cut(create)).await?.sweep.ok_or_else(|| no_sweep("CreateSweep"))
    }

    /// A stored sweep with its latest measurements.
    pub async fn get(&self, name: &str) -> Result<GetSweepResponse, Failure> {
        let request = GetSweepRequest { name: name.to_owned() };
        let in_parts = GetSweepInPartsRequest { request: Some(request.clone()) };
        let parts = async {
            let mut service = self.sweeps().max_decoding_message_size(MESSAGE_BYTES_MAX);
            service.get_sweep_in_parts(in_parts).await
        };
        let whole = async {
            let mut service = self.sweeps().max_decoding_message_size(WHOLE_BYTES_MAX);
            service.get_sweep(request).await
        };
        Ok(merged(ANSWER_TIMEOUT, parts, |it| it.part, whole).await?)
    }

    /// All stored sweeps, newest first.
    pub async fn list(&self) -> Result<Listed<Sweep>, Failure> {
        let page = async |page_token| {
            let filter = String::new();
            let request = ListSweepsRequest { page_size: PAGE_SIZE, page_token, filter };
            let page = answer(self.sweeps().list_sweeps(request)).await?;
            let listed = Listed {
                jobs: page.sweeps,
                own_owners: page.own_owners,
                changes_all: page.changes_all,
            };
            Ok((listed, page.next_page_token))
        };
        all_pages(page).await
    }

    /// The newest sweeps, at most so many, and every one that has not ended, newest first.
    pub async fn newest_sweeps(&self, most: u32) -> Result<Listed<Sweep>, Failure> {
        let page = async |page_size, filter: &str| {
            let (page_token, filter) = (String::new(), filter.to_owned());
            let request = ListSweepsRequest { page_size, page_token, filter };
            answer(self.sweeps().list_sweeps(request)).await
        };
        let newest = page(most, "").await?;
        let mut jobs = newest.sweeps;
        if !newest.next_page_token.is_empty() {
            for state in UNENDED {
                let others =
                    page(PAGE_SIZE, &format!("state = {}", enum_names::state(state))).await?;
                jobs.extend(others.sweeps);
            }
            jobs.sort_by(|a, b| (b.create_time_ns, &b.name).cmp(&(a.create_time_ns, &a.name)));
            jobs.dedup_by(|a, b| a.name == b.name);
        }
        Ok(Listed { jobs, own_owners: newest.own_owners, changes_all: newest.changes_all })
    }

    /// All stored sweeps and explorations.
    pub async fn jobs(&self) -> Result<Jobs, Failure> {
        Ok(Jobs { sweeps: self.list().await?, explorations: self.explorations().await? })
    }

    /// The resource name of the sweep that a target identifies.
    pub async fn resolve_sweep(&self, target: &Target) -> Result<String, Failure> {
        if let Some(name) = ids::whole_sweep(&target.id) {
            return Ok(name);
        }
        let sweeps = self.list().await?.sweeps();
        self.sweep_among(&target.id, target.owners.latest(), &sweeps).await
    }

    /// The resource name of the sweep among these that was typed.
    pub async fn sweep_among(
        &self,
        typed: &str,
        latest: Latest,
        sweeps: &[Candidate],
    ) -> Result<String, Failure> {
        match ids::resolve(typed, latest, sweeps) {
            Ok(name) => Ok(name.to_owned()),
            Err(failure) => {
                let explorations = self.explorations().await?.explorations();
                Err(ids::not_a_sweep(typed, failure, &explorations))
            }
        }
    }

    /// The resource name of the sweep or exploration that a target identifies.
    pub async fn resolve(&self, target: &Target) -> Result<String, Failure> {
        let jobs = self.jobs().await?.candidates();
        ids::resolve(&target.id, target.owners.latest(), &jobs).map(str::to_owned)
    }

    /// Cancels a sweep.
    pub async fn cancel(&self, name: &str) -> Result<Option<Sweep>, Status> {
        let request = CancelSweepRequest { name: name.to_owned() };
        Ok(answer(self.sweeps().cancel_sweep(request)).await?.sweep)
    }

    /// Streams the events of a sweep after a sequence number.
    pub async fn watch(
        &self,
        name: &str,
        after_sequence: u64,
    ) -> Result<Streaming<WatchSweepResponse>, Status> {
        let request = WatchSweepRequest { name: name.to_owned(), after_sequence };
        answer(self.sweeps().watch_sweep(request)).await
    }
}
