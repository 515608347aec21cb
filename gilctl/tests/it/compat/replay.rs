//! A daemon that answers with recorded bytes, as one of commit 2c8d602 did.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use prost::Message as _;
use proto::v1::{CreateExplorationRequest, CreateSweepRequest, WatchExplorationRequest};
use tokio::runtime::Runtime;
use tokio_stream::Iter;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, NamedService, ServerStreamingService};
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use crate::compat::raw::Raw;
use crate::compat::record::Call;
use crate::support::server::serve;

/// The descriptors of 2c8d602.
const RPCS: &str = include_str!("../../../../proto/tests/data/2c8d602/descriptors.txt");

/// How the descriptors name the rpc at a path.
fn rpc(path: &str) -> String {
    format!("rpc {}:", path.trim_start_matches('/'))
}

/// Serves the recorded calls over TCP; returns the URL and what keeps the daemon running.
pub(crate) fn replay(calls: Vec<Call>) -> (Runtime, String) {
    let calls = Arc::new(calls);
    let router = Server::builder()
        .add_service(Replay::<Sweeps>::over(&calls))
        .add_service(Replay::<Explorations>::over(&calls));
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

#[derive(Debug, Clone, Copy)]
struct Sweeps;

#[derive(Debug, Clone, Copy)]
struct Explorations;

impl NamedService for Replay<Sweeps> {
    const NAME: &'static str = "gild.v1.SweepService";
}

impl NamedService for Replay<Explorations> {
    const NAME: &'static str = "gild.v1.ExplorationService";
}

/// One service of the daemon.
#[derive(Debug, Clone)]
struct Replay<S> {
    calls: Arc<Vec<Call>>,
    service: PhantomData<S>,
}

impl<S> Replay<S> {
    fn over(calls: &Arc<Vec<Call>>) -> Self {
        Self { calls: Arc::clone(calls), service: PhantomData }
    }
}

impl<S> Service<http::Request<Body>> for Replay<S> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let answers = Answers { path, calls: Arc::clone(&self.calls) };
        Box::pin(async move { Ok(Grpc::new(Raw).server_streaming(answers, request).await) })
    }
}

/// The recorded answers of one rpc.
#[derive(Debug)]
struct Answers {
    path: String,
    calls: Arc<Vec<Call>>,
}

type Recorded = Iter<std::vec::IntoIter<Result<Vec<u8>, Status>>>;

impl ServerStreamingService<Vec<u8>> for Answers {
    type Response = Vec<u8>;
    type ResponseStream = Recorded;
    type Future = BoxFuture<Response<Recorded>, Status>;

    fn call(&mut self, request: Request<Vec<u8>>) -> Self::Future {
        let request = without_id(&self.path, request.get_ref());
        let is_asked = |call: &&Call| {
            call.path == self.path && without_id(&call.path, &call.request) == request
        };
        let answer = if let Some(call) = self.calls.iter().find(is_asked) {
            let responses: Vec<_> = call.responses.iter().cloned().map(Ok).collect();
            Ok(Response::new(tokio_stream::iter(responses)))
        } else {
            let message = format!("{}: no client of 2c8d602 sent {request:?}", self.path);
            // What its daemon did not know, it did not implement.
            let known = RPCS.lines().any(|line| line.starts_with(&rpc(&self.path)));
            Err(if known { Status::internal(message) } else { Status::unimplemented(message) })
        };
        Box::pin(async move { answer })
    }
}
