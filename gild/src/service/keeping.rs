//! The gRPC methods about what is kept: resume, forget, prune, export and import.

use proto::v1;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::Services;
use crate::owner::Owner;

impl Services {
    /// See the service.
    pub(super) async fn forget(
        &self,
        request: v1::DeleteSweepRequest,
    ) -> Result<v1::DeleteSweepResponse, Status> {
        let _ = request;
        Err(Status::unimplemented("forget"))
    }

    /// See the service.
    pub(super) async fn forget_exploration(
        &self,
        request: v1::DeleteExplorationRequest,
    ) -> Result<v1::DeleteExplorationResponse, Status> {
        let _ = request;
        Err(Status::unimplemented("forget_exploration"))
    }

    /// See the service.
    pub(super) async fn prune(
        &self,
        request: v1::PruneHistoryRequest,
    ) -> Result<v1::PruneHistoryResponse, Status> {
        let _ = request;
        Err(Status::unimplemented("prune"))
    }

    /// See the service.
    pub(super) async fn resume(
        &self,
        request: v1::ResumeSweepRequest,
        owner: Owner,
    ) -> Result<v1::ResumeSweepResponse, Status> {
        drop((request, owner));
        Err(Status::unimplemented("resume"))
    }

    /// See the service.
    pub(super) async fn export(
        &self,
        request: v1::ExportSweepRequest,
    ) -> Result<ReceiverStream<Result<v1::ExportSweepResponse, Status>>, Status> {
        let _ = request;
        Err(Status::unimplemented("export"))
    }

    /// See the service.
    pub(super) async fn import(
        &self,
        request: Streaming<v1::ImportSweepRequest>,
        owner: Owner,
    ) -> Result<v1::ImportSweepResponse, Status> {
        drop((request, owner));
        Err(Status::unimplemented("import"))
    }
}
