//! A bare tonic server: one method that streams what it was given, and nothing else.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use proto::v1::{WatchSweepRequest, WatchSweepResponse};
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::codegen::http;
use tonic::server::{Grpc, NamedService, ServerStreamingService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

/// Events on their way, as in the lab.
const BUFFER: usize = 16;

#[derive(Clone)]
pub(super) struct Bare(pub(super) Arc<Vec<WatchSweepResponse>>);

impl NamedService for Bare {
    const NAME: &'static str = "gild.v1.SweepService";
}

impl ServerStreamingService<WatchSweepRequest> for Bare {
    type Response = WatchSweepResponse;
    type ResponseStream = ReceiverStream<Result<WatchSweepResponse, Status>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, _request: Request<WatchSweepRequest>) -> Self::Future {
        let (sender, stream) = tokio::sync::mpsc::channel(BUFFER);
        let all = Arc::clone(&self.0);
        tokio::spawn(async move {
            for one in all.iter() {
                if sender.send(Ok(one.clone())).await.is_err() {
                    return;
                }
            }
        });
        ready(Ok(Response::new(ReceiverStream::new(stream))))
    }
}

impl Service<http::Request<Body>> for Bare {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let own = self.clone();
        Box::pin(async move {
            Ok(Grpc::new(ProstCodec::default()).server_streaming(own, request).await)
        })
    }
}
