//! A stranger with a generic client finds the services and learns that they serve.

use std::collections::BTreeSet;

use proto::v1::ListStrategiesRequest;
use proto::v1::lab_service_client::LabServiceClient;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::daemon::Daemon;

#[tokio::test]
async fn reflection_lists_the_services() {
    let daemon = Daemon::start(&[]);
    let mut client = ServerReflectionClient::new(daemon.channel().await);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let stream =
        client.server_reflection_info(tokio_stream::once(request)).await.expect("it answers");
    let answer = stream.into_inner().message().await.expect("no error").expect("an answer");
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("{answer:?} is no list of services");
    };
    let found: BTreeSet<_> = list.service.into_iter().map(|service| service.name).collect();
    for wanted in ["gild.v1.LabService", "gild.v1.SweepService", "grpc.health.v1.Health"] {
        assert!(found.contains(wanted), "{wanted} is not among {found:?}");
    }
}

#[tokio::test]
async fn health_says_serving() {
    let daemon = Daemon::start(&[]);
    let mut client = HealthClient::new(daemon.channel().await);
    for service in ["", "gild.v1.SweepService", "gild.v1.LabService"] {
        let request = HealthCheckRequest { service: service.into() };
        let status = client.check(request).await.expect("it answers").into_inner().status();
        assert_eq!(status, ServingStatus::Serving, "{service:?}");
    }
}

#[tokio::test]
async fn every_strategy_says_what_it_promises() {
    let daemon = Daemon::start(&[]);
    let mut client = LabServiceClient::new(daemon.channel().await);
    let answer = client.list_strategies(ListStrategiesRequest {}).await.expect("it answers");
    let answer = answer.into_inner();
    let names: Vec<_> = answer.strategies.iter().map(|one| one.strategy.as_str()).collect();
    assert_eq!(names, ["gil", "fair-mutex", "atomic", "unlocked"]);
    assert!(answer.strategies.iter().all(|one| !one.promise.is_empty()));
    let gil = &answer.strategies[0].parameters;
    assert!(gil.iter().any(|parameter| parameter.name == "switch-interval"));
    let sites: Vec<_> = answer.eras.iter().map(|era| (&*era.era, &*era.sites)).collect();
    assert_eq!(sites, [("2.7", "LS.CJ"), ("3.9", "LS.CJ"), ("3.12", "CJ")]);
}
