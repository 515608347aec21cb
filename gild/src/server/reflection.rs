//! Server reflection, made when it is first asked for: the decoded descriptors of all services take more
//! memory than an idle lab, and most daemons are never asked.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::RoutesBuilder;
use tonic_reflection::server::Builder;
use tower::Service;

/// Adds the descriptors of all services, under both names of the reflection protocol: grpcurl speaks
/// v1, the grpcio-reflection of `PyPI` only v1alpha.
pub(crate) fn add(routes: &mut RoutesBuilder) {
    let checked = "the descriptors are checked in and tested";
    routes.add_service(OnDemand::new(move || descriptors().build_v1().expect(checked)));
    routes.add_service(OnDemand::new(move || descriptors().build_v1alpha().expect(checked)));
}

fn descriptors() -> Builder<'static> {
    Builder::configure()
        .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET)
}

/// A service that is made by its first request; clones share it.
struct OnDemand<S, F> {
    made: Arc<OnceLock<S>>,
    make: F,
}

impl<S, F: Fn() -> S> OnDemand<S, F> {
    fn new(make: F) -> Self {
        Self { made: Arc::default(), make }
    }
}

impl<S, F: Clone> Clone for OnDemand<S, F> {
    fn clone(&self) -> Self {
        Self { made: Arc::clone(&self.made), make: self.make.clone() }
    }
}

impl<S, F> fmt::Debug for OnDemand<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnDemand")
            .field("is_made", &self.made.get().is_some())
            .finish_non_exhaustive()
    }
}

impl<S: NamedService, F> NamedService for OnDemand<S, F> {
    const NAME: &'static str = S::NAME;
}

impl<S, F> Service<Request<Body>> for OnDemand<S, F>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
    F: Fn() -> S,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = S::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Generated services always are.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.made.get_or_init(&self.make).clone().call(request)
    }
}
