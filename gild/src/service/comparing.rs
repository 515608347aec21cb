//! The gRPC method that holds stored sweeps against each other.

use proto::v1;
use tonic::Status;

use super::Services;

impl Services {
    /// See the service.
    pub(super) async fn compare(
        &self,
        request: v1::CompareSweepsRequest,
    ) -> Result<v1::CompareSweepsResponse, Status> {
        let _ = request;
        Err(Status::unimplemented("compare"))
    }
}
