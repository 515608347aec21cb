//! Fake sweep service: an invented sweep under a [`ServerBehavior`].

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use proto::encoded::{REPEATED_CUTS, SWEEP_CUTS, WatchResponse};
use proto::v1::sweep_service_server::{SweepService, SweepServiceServer};
use proto::v1::{
    CancelSweepRequest, CancelSweepResponse, CompareSweepsInPartsRequest, CompareSweepsRequest,
    CompareSweepsResponse, CreateSweepRequest, CreateSweepResponse, DeleteSweepRequest,
    DeleteSweepResponse, ExportSweepRequest, GetSweepInPartsRequest, GetSweepRequest,
    GetSweepResponse, ImportSweepRequest, ImportSweepResponse, LabelSweepRequest,
    LabelSweepResponse, ListSweepsRequest, ListSweepsResponse, Measurement,
    PruneHistoryInPartsRequest, PruneHistoryRequest, PruneHistoryResponse, ResumeSweepRequest,
    ResumeSweepResponse, Sweep, SweepEvent, SweepState, WatchSweepRequest, WatchSweepResponse,
};
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::support::fake_history::{FakeHistory, FileStream};
use crate::support::server::{
    MessageStream, PartStream, ServerBehavior, command, in_parts, outcome, scripted_stream, serve,
    typed_on_terminal,
};
use crate::support::sweeps::{ended, events, gil_measurements, gil_sweep};

pub(crate) struct FakeSweeps {
    pub(crate) behavior: ServerBehavior,
    pub(crate) sweep: Sweep,
    pub(crate) measurements: Vec<Measurement>,
    pub(crate) state: SweepState,
    pub(crate) cancels: Arc<AtomicU32>,
    pub(crate) watched_after: Arc<Mutex<Vec<u64>>>,
    pub(crate) history: FakeHistory,
}

impl FakeSweeps {
    pub(crate) fn new(behavior: ServerBehavior) -> Self {
        Self {
            behavior,
            sweep: gil_sweep(),
            measurements: gil_measurements(),
            state: SweepState::Succeeded,
            cancels: Arc::default(),
            watched_after: Arc::default(),
            history: FakeHistory::default(),
        }
    }

    fn log(&self) -> Vec<SweepEvent> {
        if let Some(log) = &self.history.log {
            return log.clone();
        }
        let complete = self.state == SweepState::Succeeded;
        events(self.measurements.clone(), complete, ended(self.state))
    }
}

#[tonic::async_trait]
impl SweepService for FakeSweeps {
    type WatchSweepStream = MessageStream<WatchResponse>;

    async fn create_sweep(
        &self,
        request: Request<CreateSweepRequest>,
    ) -> Result<Response<CreateSweepResponse>, Status> {
        self.history.record(&request.into_inner().spec.unwrap_or_default());
        if self.behavior == ServerBehavior::Refuses {
            let details =
                ErrorDetails::with_bad_request_violation("workers", "0 is outside 1 to 64");
            let code = Code::InvalidArgument;
            return Err(Status::with_error_details(code, "the sweep is refused", details));
        }
        let sweep = Some(self.sweep.clone());
        Ok(Response::new(CreateSweepResponse { sweep }))
    }

    async fn get_sweep(
        &self,
        request: Request<GetSweepRequest>,
    ) -> Result<Response<GetSweepResponse>, Status> {
        assert_eq!(request.get_ref().name, self.sweep.name);
        let mut sweep = self.sweep.clone();
        sweep.set_state(self.state);
        sweep.next_sequence = self.log().len() as u64 + 1;
        Ok(Response::new(GetSweepResponse {
            sweep: Some(sweep),
            measurements: self.measurements.clone(),
            verdict: ended(self.state).verdict,
            notes: ended(self.state).notes,
        }))
    }

    type GetSweepInPartsStream = PartStream;

    async fn get_sweep_in_parts(
        &self,
        request: Request<GetSweepInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        Ok(in_parts(&self.get_sweep(request).await?, SWEEP_CUTS))
    }

    /// Lists the sweep on the second page.
    async fn list_sweeps(
        &self,
        request: Request<ListSweepsRequest>,
    ) -> Result<Response<ListSweepsResponse>, Status> {
        let is_second = request.get_ref().page_token == "second";
        let next_page_token = if is_second { "" } else { "second" }.to_owned();
        let sweeps = is_second.then(|| self.sweep.clone()).into_iter().collect();
        Ok(Response::new(ListSweepsResponse {
            sweeps,
            next_page_token,
            own_owners: Vec::new(),
            changes_all: false,
        }))
    }

    async fn cancel_sweep(
        &self,
        _: Request<CancelSweepRequest>,
    ) -> Result<Response<CancelSweepResponse>, Status> {
        self.cancels.fetch_add(1, Ordering::SeqCst);
        let mut sweep = self.sweep.clone();
        sweep.set_state(SweepState::Cancelling);
        Ok(Response::new(CancelSweepResponse { sweep: Some(sweep) }))
    }

    async fn watch_sweep(
        &self,
        request: Request<WatchSweepRequest>,
    ) -> Result<Response<Self::WatchSweepStream>, Status> {
        let after = request.get_ref().after_sequence;
        self.watched_after.lock().expect("no panic").push(after);
        let messages = self.log().into_iter().filter(|event| event.sequence > after);
        let messages =
            messages.map(|event| WatchSweepResponse { event: Some(event) }.into()).collect();
        let stream = scripted_stream(self.behavior, messages, &self.cancels)?;
        Ok(Response::new(stream))
    }

    async fn resume_sweep(
        &self,
        request: Request<ResumeSweepRequest>,
    ) -> Result<Response<ResumeSweepResponse>, Status> {
        self.history.resume(&request, self.sweep.clone())
    }

    async fn label_sweep(
        &self,
        request: Request<LabelSweepRequest>,
    ) -> Result<Response<LabelSweepResponse>, Status> {
        let sweep = Some(self.sweep.clone());
        self.history.answer(request.get_ref(), LabelSweepResponse { sweep })
    }

    async fn delete_sweep(
        &self,
        request: Request<DeleteSweepRequest>,
    ) -> Result<Response<DeleteSweepResponse>, Status> {
        self.history.answer(request.get_ref(), DeleteSweepResponse {})
    }

    async fn prune_history(
        &self,
        request: Request<PruneHistoryRequest>,
    ) -> Result<Response<PruneHistoryResponse>, Status> {
        self.history.answer(request.get_ref(), self.history.pruned.clone())
    }

    type PruneHistoryInPartsStream = PartStream;

    async fn prune_history_in_parts(
        &self,
        request: Request<PruneHistoryInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        Ok(in_parts(&self.prune_history(request).await?, REPEATED_CUTS))
    }

    async fn compare_sweeps(
        &self,
        request: Request<CompareSweepsRequest>,
    ) -> Result<Response<CompareSweepsResponse>, Status> {
        self.history.answer(request.get_ref(), self.history.compared.clone())
    }

    type CompareSweepsInPartsStream = PartStream;

    async fn compare_sweeps_in_parts(
        &self,
        request: Request<CompareSweepsInPartsRequest>,
    ) -> Result<Response<PartStream>, Status> {
        let request = request.map(|parts| parts.request.unwrap_or_default());
        Ok(in_parts(&self.compare_sweeps(request).await?, REPEATED_CUTS))
    }

    type ExportSweepStream = FileStream;

    async fn export_sweep(
        &self,
        request: Request<ExportSweepRequest>,
    ) -> Result<Response<FileStream>, Status> {
        self.history.export(&request)
    }

    async fn import_sweep(
        &self,
        request: Request<Streaming<ImportSweepRequest>>,
    ) -> Result<Response<ImportSweepResponse>, Status> {
        self.history.import(request.into_inner(), self.sweep.clone()).await
    }
}

pub(crate) fn serve_sweeps(server: FakeSweeps) -> (tokio::runtime::Runtime, String) {
    serve(Server::builder().add_service(SweepServiceServer::new(server)))
}

/// Runs gilctl against the server: exit code, stdout, stderr.
pub(crate) fn run(server: FakeSweeps, arguments: &[&str]) -> (Option<i32>, String, String) {
    let (_runtime, url) = serve_sweeps(server);
    outcome(&command(&url, arguments).output().expect("gilctl runs"))
}

/// Runs gilctl on a terminal on which a text was typed: exit code, stderr.
pub(crate) fn on_terminal(
    server: FakeSweeps,
    arguments: &[&str],
    text: &str,
) -> (Option<i32>, String) {
    let (_runtime, url) = serve_sweeps(server);
    typed_on_terminal(command(&url, arguments), text)
}
