//! Calls about the history: resume, delete, prune, compare, export and import. Files are streams of
//! bytes here; the commands read and write them.

use proto::v1::exploration_service_client::ExplorationServiceClient;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CompareSweepsInPartsRequest, CompareSweepsRequest, CompareSweepsResponse,
    DeleteExplorationRequest, DeleteSweepRequest, ExportSweepRequest, ExportSweepResponse,
    ImportSweepRequest, LabelSweepRequest, PruneHistoryInPartsRequest, PruneHistoryRequest,
    PruneHistoryResponse, ResumeSweepRequest, ResumeSweepResponse, Sweep,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use crate::client::call::{
    MESSAGE_BYTES_MAX, WHOLE_BYTES_MAX, WORK_TIMEOUT, answer, answer_within, merged,
};
use crate::client::credentials::Channel;
use crate::client::failures::no_sweep;
use crate::client::lab::Lab;
use crate::error::Failure;
use crate::ids::Kind;

impl Lab {
    fn history_service(&self) -> SweepServiceClient<Channel> {
        SweepServiceClient::new(self.channel.clone())
    }

    /// For responses in parts.
    fn history_parts(&self) -> SweepServiceClient<Channel> {
        self.history_service().max_decoding_message_size(MESSAGE_BYTES_MAX)
    }

    /// For responses in one message.
    fn history_wholes(&self) -> SweepServiceClient<Channel> {
        self.history_service().max_decoding_message_size(WHOLE_BYTES_MAX)
    }

    /// Queues the missing attempts of a sweep; returns the sweep and their number.
    pub async fn resume(&self, name: &str) -> Result<(Sweep, u64), Failure> {
        let request = ResumeSweepRequest { name: name.to_owned() };
        let resumed = answer(self.history_service().resume_sweep(request)).await?;
        let ResumeSweepResponse { sweep, attempts_missing } = resumed;
        Ok((sweep.ok_or_else(|| no_sweep("ResumeSweep"))?, attempts_missing))
    }

    /// Replaces the labels of a sweep.
    pub async fn label(&self, name: &str, labels: Vec<String>) -> Result<(), Failure> {
        let request = LabelSweepRequest { name: name.to_owned(), labels };
        answer(self.history_service().label_sweep(request)).await?;
        Ok(())
    }

    /// Deletes a sweep or an exploration.
    pub async fn delete(&self, name: &str) -> Result<(), Failure> {
        let name = name.to_owned();
        match Kind::of(&name) {
            Kind::Sweep => {
                answer(self.history_service().delete_sweep(DeleteSweepRequest { name })).await?;
            }
            Kind::Exploration => {
                let mut explorer = ExplorationServiceClient::new(self.channel.clone());
                let request = DeleteExplorationRequest { name };
                answer(explorer.delete_exploration(request)).await?;
            }
        }
        Ok(())
    }

    /// Deletes what exceeds a bound, or in a dry run only lists it.
    pub async fn prune(
        &self,
        request: PruneHistoryRequest,
    ) -> Result<PruneHistoryResponse, Failure> {
        let in_parts = PruneHistoryInPartsRequest { request: Some(request) };
        let parts = async { self.history_parts().prune_history_in_parts(in_parts).await };
        let whole = async { self.history_wholes().prune_history(request).await };
        Ok(merged(WORK_TIMEOUT, parts, |it| it.part, whole).await?)
    }

    /// Compares stored sweeps with the first of them.
    pub async fn compare(
        &self,
        request: CompareSweepsRequest,
    ) -> Result<CompareSweepsResponse, Failure> {
        let in_parts = CompareSweepsInPartsRequest { request: Some(request.clone()) };
        let parts = async { self.history_parts().compare_sweeps_in_parts(in_parts).await };
        let whole = async { self.history_wholes().compare_sweeps(request).await };
        Ok(merged(WORK_TIMEOUT, parts, |it| it.part, whole).await?)
    }

    /// Streams a sweep's file in chunks.
    pub async fn export(&self, name: &str) -> Result<Streaming<ExportSweepResponse>, Failure> {
        let request = ExportSweepRequest { name: name.to_owned() };
        Ok(answer(self.history_service().export_sweep(request)).await?)
    }

    /// Stores a sweep from the chunks of a file.
    pub async fn import(&self, parts: mpsc::Receiver<Vec<u8>>) -> Result<Sweep, Failure> {
        let parts = tokio_stream::StreamExt::map(ReceiverStream::new(parts), |chunk| {
            ImportSweepRequest { chunk }
        });
        let call = async move { self.history_service().import_sweep(parts).await };
        let imported = answer_within(WORK_TIMEOUT, call).await?;
        imported.sweep.ok_or_else(|| no_sweep("ImportSweep"))
    }
}
