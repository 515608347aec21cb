//! A daemon's services over encoded messages: what each rpc answers is decided by its path and request.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio_stream::Iter;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, NamedService, ServerStreamingService};
use tonic::{Request, Response, Status};

use crate::compat::raw::Raw;

/// The answers of a daemon.
pub(crate) trait RawAnswers: Send + Sync + 'static {
    /// The encoded responses to an encoded request.
    fn answer(&self, path: &str, request: &[u8]) -> Result<Vec<Vec<u8>>, Status>;
}

/// Names a service of [`RawService`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sweeps;

/// Names a service of [`RawService`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Explorations;

/// Names a service of [`RawService`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Labs;

impl<A> NamedService for RawService<Sweeps, A> {
    const NAME: &'static str = "gild.v1.SweepService";
}

impl<A> NamedService for RawService<Explorations, A> {
    const NAME: &'static str = "gild.v1.ExplorationService";
}

impl<A> NamedService for RawService<Labs, A> {
    const NAME: &'static str = "gild.v1.LabService";
}

/// One service of the daemon.
#[derive(Debug)]
pub(crate) struct RawService<S, A> {
    answers: Arc<A>,
    service: PhantomData<S>,
}

impl<S, A> RawService<S, A> {
    pub(crate) fn over(answers: &Arc<A>) -> Self {
        Self { answers: Arc::clone(answers), service: PhantomData }
    }
}

impl<S, A> Clone for RawService<S, A> {
    fn clone(&self) -> Self {
        Self::over(&self.answers)
    }
}

impl<S, A: RawAnswers> Service<http::Request<Body>> for RawService<S, A> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let rpc = Rpc { path, answers: Arc::clone(&self.answers) };
        Box::pin(async move { Ok(Grpc::new(Raw).server_streaming(rpc, request).await) })
    }
}

/// One rpc of the service.
struct Rpc<A> {
    path: String,
    answers: Arc<A>,
}

type Answers = Iter<std::vec::IntoIter<Result<Vec<u8>, Status>>>;

impl<A: RawAnswers> ServerStreamingService<Vec<u8>> for Rpc<A> {
    type Response = Vec<u8>;
    type ResponseStream = Answers;
    type Future = BoxFuture<Response<Answers>, Status>;

    fn call(&mut self, request: Request<Vec<u8>>) -> Self::Future {
        let answers = self.answers.answer(&self.path, request.get_ref()).map(|answers| {
            let answers: Vec<_> = answers.into_iter().map(Ok).collect();
            Response::new(tokio_stream::iter(answers))
        });
        Box::pin(async move { answers })
    }
}
