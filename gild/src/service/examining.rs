//! The gRPC method that says whether this machine is fit to measure.

use proto::v1;
use tonic::Status;

use super::Services;

impl Services {
    /// See the service.
    pub(super) async fn examine(
        &self,
        request: v1::ExamineMachineRequest,
    ) -> Result<v1::ExamineMachineResponse, Status> {
        let _ = request;
        Err(Status::unimplemented("examine"))
    }
}
