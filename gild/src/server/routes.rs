//! Routes: every service of a lab, with health and reflection, and the limits of a connection. Opens
//! no listener.

use std::sync::Arc;

use proto::v1::exploration_service_server::ExplorationServiceServer;
use proto::v1::lab_service_server::LabServiceServer;
use proto::v1::sweep_service_server::SweepServiceServer;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic_health::server::HealthReporter;
use tower::layer::util::{Identity, Stack};

use crate::lab::Lab;
use crate::limits::{
    CONNECTION_AGE_MAX, CONNECTION_WINDOW_BYTES, FAULTY_RESETS_MAX, HEADER_BYTES_MAX,
    KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, MESSAGE_BYTES_MAX, PENDING_RESETS_MAX,
    STREAM_WINDOW_BYTES, STREAMS_MAX,
};
use crate::rpc::services::Services;
use crate::server::message_guard::MessageGuard;
use crate::server::reflection;
use crate::sessions::Sessions;
use crate::web;
use crate::web::state::Web;

/// Layers of every server.
type Guarded = Stack<MessageGuard, Identity>;

/// A router of every service of `lab`.
pub(crate) fn router(lab: &Lab, reporter: &HealthReporter) -> Router<Guarded> {
    server().add_routes(routes(Services::new(lab.clone()), reporter))
}

/// A server with the limits of a connection and of messages. It asks aged connections to end;
/// [`crate::server::transport::connection`] closes those that do not.
pub(crate) fn server() -> Server<Guarded> {
    Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX))
        .http2_max_local_error_reset_streams(Some(FAULTY_RESETS_MAX))
        .max_connection_age(CONNECTION_AGE_MAX)
        .accept_http1(true)
        .layer(MessageGuard)
}

/// Every service, and the page.
pub(crate) fn routes_with_page(
    services: Services,
    sessions: Arc<Sessions>,
    reporter: &HealthReporter,
) -> Routes {
    let page = web::router(Web::new(services.clone(), sessions));
    let grpc = routes(services, reporter).into_axum_router();
    Routes::from(grpc.merge(page).fallback(web::unknown_path))
}

/// Every service.
pub(crate) fn routes(services: Services, reporter: &HealthReporter) -> Routes {
    let health = tonic_health::pb::health_server::HealthServer::new(
        tonic_health::server::HealthService::from_health_reporter(reporter.clone()),
    );
    let lab_service =
        LabServiceServer::new(services.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let sweep_service =
        SweepServiceServer::new(services.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let exploration_service =
        ExplorationServiceServer::new(services).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let mut routes = Routes::builder();
    routes.add_service(health);
    reflection::add(&mut routes);
    routes.add_service(lab_service).add_service(sweep_service).add_service(exploration_service);
    routes.routes()
}
