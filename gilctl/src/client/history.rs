//! Calls about what a lab keeps, and about the lab itself: resume, forget, compare, hand on, look.
//! Files are streams of bytes here; where they come from and go to is the commands' business.

use crate::client::credentials::Channel;
use proto::v1::exploration_service_client::ExplorationServiceClient;
use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CompareSweepsRequest, CompareSweepsResponse, DeleteExplorationRequest, DeleteSweepRequest,
    ExamineMachineRequest, ExamineMachineResponse, ExportSweepRequest, ExportSweepResponse,
    GetLabRequest, ImportSweepRequest, Lab as Described, PruneHistoryRequest, PruneHistoryResponse,
    ResumeSweepRequest, ResumeSweepResponse, Sweep,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use crate::client::{Lab, WORK_TIMEOUT, answer, answer_within, no_sweep};
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids::Kind;

/// Most bytes of one answer: eight sweeps of a thousand cells, two measurements a pair.
const COMPARISON_BYTES_MAX: usize = 64 << 20;

impl Lab {
    fn keeper(&self) -> SweepServiceClient<Channel> {
        SweepServiceClient::new(self.channel.clone())
            .max_decoding_message_size(COMPARISON_BYTES_MAX)
    }

    fn described(&self) -> LabServiceClient<Channel> {
        LabServiceClient::new(self.channel.clone())
    }

    /// Queues what is missing of a sweep.
    pub async fn resume(&self, name: &str) -> Result<(Sweep, u64), Failure> {
        let request = ResumeSweepRequest { name: name.to_owned() };
        let resumed = answer(self.keeper().resume_sweep(request)).await?;
        let ResumeSweepResponse { sweep, attempts_missing } = resumed;
        Ok((sweep.ok_or_else(|| no_sweep("ResumeSweep"))?, attempts_missing))
    }

    /// Forgets a sweep or an exploration.
    pub async fn delete(&self, name: &str) -> Result<(), Failure> {
        let name = name.to_owned();
        match Kind::of(&name) {
            Kind::Sweep => {
                answer(self.keeper().delete_sweep(DeleteSweepRequest { name })).await?;
            }
            Kind::Exploration => {
                let mut explorer = ExplorationServiceClient::new(self.channel.clone());
                let request = DeleteExplorationRequest { name };
                answer(explorer.delete_exploration(request)).await?;
            }
        }
        Ok(())
    }

    /// Forgets what breaks a bound, or only says what would go.
    pub async fn prune(
        &self,
        request: PruneHistoryRequest,
    ) -> Result<PruneHistoryResponse, Failure> {
        let call = async move { self.keeper().prune_history(request).await };
        Ok(answer_within(WORK_TIMEOUT, call).await?)
    }

    /// Sweeps side by side; the first is what the others are held against.
    pub async fn compare(
        &self,
        request: CompareSweepsRequest,
    ) -> Result<CompareSweepsResponse, Failure> {
        let call = async move { self.keeper().compare_sweeps(request).await };
        Ok(answer_within(WORK_TIMEOUT, call).await?)
    }

    /// A sweep's file, part by part.
    pub async fn export(&self, name: &str) -> Result<Streaming<ExportSweepResponse>, Failure> {
        let request = ExportSweepRequest { name: name.to_owned() };
        Ok(answer(self.keeper().export_sweep(request)).await?)
    }

    /// Stores a sweep from the parts of a file.
    pub async fn import(&self, parts: mpsc::Receiver<Vec<u8>>) -> Result<Sweep, Failure> {
        let parts = tokio_stream::StreamExt::map(ReceiverStream::new(parts), |chunk| {
            ImportSweepRequest { chunk }
        });
        let call = async move { self.keeper().import_sweep(parts).await };
        let imported = answer_within(WORK_TIMEOUT, call).await?;
        imported.sweep.ok_or_else(|| no_sweep("ImportSweep"))
    }

    /// The lab as it stands.
    pub async fn status(&self) -> Result<Described, Failure> {
        let answered = answer(self.described().get_lab(GetLabRequest {})).await?;
        answered.lab.ok_or_else(|| {
            let message = "the daemon answered GetLab without a lab";
            Failure::new(Exit::Unexpected, message, "are gild and gilctl of one version?")
        })
    }

    /// Whether its machine is fit to measure.
    pub async fn examine(&self) -> Result<ExamineMachineResponse, Failure> {
        let call = async move { self.described().examine_machine(ExamineMachineRequest {}).await };
        Ok(answer_within(WORK_TIMEOUT, call).await?)
    }
}
