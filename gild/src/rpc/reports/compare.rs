//! The gRPC method that compares stored sweeps: load, call, answer. Judges nothing.

use proto::v1;
use tonic::Status;

use crate::lab::Lab;
use crate::lab::access::{Access, Caller};
use crate::rpc::records;
use crate::rpc::services::Services;
use crate::rpc::status::{invalid, status};
use crate::store::record::Kind;
use crate::wire::reports::comparison::{Loaded, comparison, policy};
use crate::wire::request;

/// The sweep with that id, with what is compared of it.
pub(super) fn load(lab: &Lab, caller: &Caller, id: &str) -> Result<Loaded, Status> {
    let record = lab.authorized(caller, Access::Read, Kind::Sweep, id).map_err(status)?;
    let round_rates = lab.rates(&record).map_err(status)?;
    let answer = records::stored_sweep(lab, &record, 0).map_err(status)?;
    let v1::GetSweepResponse { sweep, measurements, verdict: _, notes: _ } = answer;
    let version = Some(record.version);
    Ok(Loaded { sweep: sweep.unwrap_or_default(), measurements, round_rates, version })
}

impl Services {
    /// See the service.
    pub(crate) async fn compare(
        &self,
        request: v1::CompareSweepsRequest,
        caller: Caller,
    ) -> Result<v1::CompareSweepsResponse, Status> {
        let v1::CompareSweepsRequest { names, force, by } = request;
        let ids = request::compared_ids(&names).map_err(invalid)?;
        let policy = policy(&by, force).map_err(invalid)?;
        let lab = self.lab.clone();
        // Never closed.
        let _permit = self.permits.calculations.acquire().await;
        // Thousands of pairs with a bootstrap each take a second.
        let compared = tokio::task::spawn_blocking(move || {
            let loaded =
                ids.iter().map(|id| load(&lab, &caller, id)).collect::<Result<Vec<_>, _>>()?;
            comparison(loaded, &policy).map_err(invalid)
        });
        compared.await.map_err(|panic| Status::internal(panic.to_string()))?
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
