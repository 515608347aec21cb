//! A daemon that answers every rpc with filled messages.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::process::{Command, Output};
use std::sync::Arc;
use std::task::{Context, Poll};

use prost::Message as _;
use proto::v1::WatchSweepRequest;
use tokio::runtime::Runtime;
use tokio_stream::Iter;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, NamedService, ServerStreamingService};
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use crate::compat::raw::Raw;
use crate::numbers::messages::Messages;
use crate::support::server::{command, serve};

/// A running daemon.
#[derive(Debug)]
pub(crate) struct FilledLab {
    _runtime: Runtime,
    url: String,
}

impl FilledLab {
    /// A daemon whose whole numbers of 64 bits are all `whole`.
    pub(crate) fn of(whole: u64) -> Self {
        let messages = Arc::new(Messages::filled_with(whole));
        let router = Server::builder()
            .add_service(FilledService::<Sweeps>::over(&messages))
            .add_service(FilledService::<Explorations>::over(&messages))
            .add_service(FilledService::<Labs>::over(&messages));
        let (runtime, url) = serve(router);
        Self { _runtime: runtime, url }
    }

    /// Runs gilctl against it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("gilctl runs")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        command(&self.url, arguments)
    }
}

#[derive(Debug, Clone, Copy)]
struct Sweeps;

#[derive(Debug, Clone, Copy)]
struct Explorations;

#[derive(Debug, Clone, Copy)]
struct Labs;

impl NamedService for FilledService<Sweeps> {
    const NAME: &'static str = "gild.v1.SweepService";
}

impl NamedService for FilledService<Explorations> {
    const NAME: &'static str = "gild.v1.ExplorationService";
}

impl NamedService for FilledService<Labs> {
    const NAME: &'static str = "gild.v1.LabService";
}

#[derive(Debug, Clone)]
struct FilledService<S> {
    messages: Arc<Messages>,
    service: PhantomData<S>,
}

impl<S> FilledService<S> {
    fn over(messages: &Arc<Messages>) -> Self {
        Self { messages: Arc::clone(messages), service: PhantomData }
    }
}

impl<S> Service<http::Request<Body>> for FilledService<S> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let answers = FilledAnswers { path, messages: Arc::clone(&self.messages) };
        Box::pin(async move { Ok(Grpc::new(Raw).server_streaming(answers, request).await) })
    }
}

/// The answers of one rpc.
#[derive(Debug)]
struct FilledAnswers {
    path: String,
    messages: Arc<Messages>,
}

type Filled = Iter<std::vec::IntoIter<Result<Vec<u8>, Status>>>;

impl ServerStreamingService<Vec<u8>> for FilledAnswers {
    type Response = Vec<u8>;
    type ResponseStream = Filled;
    type Future = BoxFuture<Response<Filled>, Status>;

    fn call(&mut self, request: Request<Vec<u8>>) -> Self::Future {
        let is_watch = self.path.contains("/Watch");
        // Both requests to watch have the same fields.
        let asked = WatchSweepRequest::decode(&request.get_ref()[..]).unwrap_or_default();
        let after = if is_watch { asked.after_sequence } else { 0 };
        let answers: Vec<_> =
            self.messages.answers(&self.path, after).into_iter().map(Ok).collect();
        Box::pin(async move { Ok(Response::new(tokio_stream::iter(answers))) })
    }
}
