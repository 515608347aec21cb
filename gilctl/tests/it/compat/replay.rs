//! A daemon that answers with recorded bytes, as one of commit 2c8d602 did.

use std::sync::Arc;

use prost::Message as _;
use proto::v1::{CreateExplorationRequest, CreateSweepRequest, WatchExplorationRequest};
use tokio::runtime::Runtime;
use tonic::Status;
use tonic::transport::Server;

use crate::compat::record::Call;
use crate::support::raw_server::{Explorations, RawAnswers, RawService, Sweeps};
use crate::support::server::serve;

/// The descriptors of 2c8d602.
const RPCS: &str = include_str!("../../../../proto/tests/data/2c8d602/descriptors.txt");

/// How the descriptors name the rpc at a path.
fn rpc(path: &str) -> String {
    format!("rpc {}:", path.trim_start_matches('/'))
}

/// Serves the recorded calls over TCP; returns the URL and what keeps the daemon running.
pub(crate) fn replay(calls: Vec<Call>) -> (Runtime, String) {
    let calls = Arc::new(Recorded(calls));
    let router = Server::builder()
        .add_service(RawService::<Sweeps, _>::over(&calls))
        .add_service(RawService::<Explorations, _>::over(&calls));
    serve(router)
}

/// The request without what differs from that of 2c8d602 and means nothing to its daemon: its random id,
/// which a retry would repeat, and a later field.
fn without_id(path: &str, request: &[u8]) -> Vec<u8> {
    if path.ends_with("/CreateSweep") {
        let decoded = CreateSweepRequest::decode(request).expect("a request");
        CreateSweepRequest { request_id: String::new(), ..decoded }.encode_to_vec()
    } else if path.ends_with("/CreateExploration") {
        let decoded = CreateExplorationRequest::decode(request).expect("a request");
        CreateExplorationRequest { request_id: String::new(), ..decoded }.encode_to_vec()
    } else if path.ends_with("/WatchExploration") {
        // A field that the daemon of 2c8d602 skips.
        let decoded = WatchExplorationRequest::decode(request).expect("a request");
        WatchExplorationRequest { in_parts: false, ..decoded }.encode_to_vec()
    } else {
        request.to_vec()
    }
}

/// The recorded calls.
struct Recorded(Vec<Call>);

impl RawAnswers for Recorded {
    fn answer(&self, path: &str, request: &[u8]) -> Result<Vec<Vec<u8>>, Status> {
        let request = without_id(path, request);
        let is_asked =
            |call: &&Call| call.path == path && without_id(&call.path, &call.request) == request;
        if let Some(call) = self.0.iter().find(is_asked) {
            return Ok(call.responses.clone());
        }
        let message = format!("{path}: no client of 2c8d602 sent {request:?}");
        // What its daemon did not know, it did not implement.
        let known = RPCS.lines().any(|line| line.starts_with(&rpc(path)));
        Err(if known { Status::internal(message) } else { Status::unimplemented(message) })
    }
}
