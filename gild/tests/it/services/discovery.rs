//! A stranger with a generic client finds the services and learns that they serve.

use std::collections::BTreeSet;

use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::{Attention, GetBodyRequest, GetBodyResponse, ListStrategiesRequest, Listing};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1alpha;
use tonic_reflection::pb::v1alpha::{
    server_reflection_client as v1alpha_client, server_reflection_request as v1alpha_request,
    server_reflection_response as v1alpha_response,
};

use crate::daemon::Daemon;

#[tokio::test]
async fn reflection_lists_all_services() {
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
        panic!("{answer:?} is not a list of services");
    };
    check_services(list.service.into_iter().map(|service| service.name));
}

/// The grpcio-reflection of `PyPI` knows nothing but v1alpha.
#[tokio::test]
async fn reflection_v1alpha_lists_the_same_services() {
    let daemon = Daemon::start(&[]);
    let mut client = v1alpha_client::ServerReflectionClient::new(daemon.channel().await);
    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(v1alpha_request::MessageRequest::ListServices(String::new())),
    };
    let stream =
        client.server_reflection_info(tokio_stream::once(request)).await.expect("it answers");
    let answer = stream.into_inner().message().await.expect("no error").expect("an answer");
    let Some(v1alpha_response::MessageResponse::ListServicesResponse(list)) =
        answer.message_response
    else {
        panic!("{answer:?} does not list services");
    };
    check_services(list.service.into_iter().map(|service| service.name));
}

fn check_services(found: impl Iterator<Item = String>) {
    let found: BTreeSet<_> = found.collect();
    let services = ["LabService", "SweepService", "ExplorationService"];
    let own = services.map(|service| format!("gild.v1.{service}"));
    let others = [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ];
    for wanted in own.iter().map(String::as_str).chain(others) {
        assert!(found.contains(wanted), "{wanted} is not among {found:?}");
    }
}

#[tokio::test]
async fn health_check_reports_serving() {
    let daemon = Daemon::start(&[]);
    let mut client = HealthClient::new(daemon.channel().await);
    for service in ["", "gild.v1.SweepService", "gild.v1.LabService", "gild.v1.ExplorationService"]
    {
        let request = HealthCheckRequest { service: service.into() };
        let status = client.check(request).await.expect("it answers").into_inner().status();
        assert_eq!(status, ServingStatus::Serving, "{service:?}");
    }
}

#[tokio::test]
async fn every_listed_strategy_has_a_guarantee() {
    let daemon = Daemon::start(&[]);
    let mut client = LabServiceClient::new(daemon.channel().await);
    let answer = client.list_strategies(ListStrategiesRequest {}).await.expect("it answers");
    let answer = answer.into_inner();
    let names: Vec<_> = answer.strategies.iter().map(|one| one.strategy.as_str()).collect();
    let known = "gil fair-mutex ticket mcs clh ticket-spin mcs-spin clh-spin combining spin \
                 rwlock seqlock std-mutex parking-lot \
                 parking-lot-fair pthread cas-loop atomic sharded unlocked broken cpython";
    assert_eq!(names.join(" "), known);
    assert!(answer.strategies.iter().all(|one| !one.promise.is_empty()));
    let gil = &answer.strategies[0].parameters;
    assert!(gil.iter().any(|parameter| parameter.name == "switch-interval"));
    let sites_of = |name: &str| {
        let era = answer.eras.iter().find(|era| era.era == name).expect("a known era");
        (era.rule.as_str(), era.sites.as_str())
    };
    assert_eq!(sites_of("2.7"), ("ticks", "LS.CNJA"));
    assert_eq!(sites_of("3.7"), ("interval", "LS.CNJA"));
    assert_eq!(sites_of("3.10"), ("interval", "CNFJ"));
    assert_eq!(sites_of("3.13"), ("interval", "CJ"));
    assert_eq!(sites_of("3.13t"), ("none", ""));
}

#[tokio::test]
async fn body_listing_differs_by_era() {
    let daemon = Daemon::start(&[]);
    let mut client = LabServiceClient::new(daemon.channel().await);
    let request = |body: &str, eras: &[&str]| GetBodyRequest {
        body: body.into(),
        eras: eras.iter().map(ToString::to_string).collect(),
    };
    let answer = client.get_body(request("call", &["3.9", "3.12"])).await.expect("it answers");
    let GetBodyResponse { source, listings } = answer.into_inner();
    assert_eq!(source, "num += one()");
    let sites_in_window = |listing: &Listing| {
        let lines = listing.instructions.iter();
        let sites = lines.filter(|line| line.in_window && line.attention() == Attention::Site);
        sites.map(|line| line.letter.clone()).collect::<String>()
    };
    let seen: Vec<_> = listings.iter().map(|one| (&*one.era, sites_in_window(one))).collect();
    assert_eq!(seen, [("3.9", "L.CN.".to_owned()), ("3.12", "C".to_owned())]);
    assert!(listings.iter().all(|listing| listing.can_lose));
    let unknown = client.get_body(request("calll", &[])).await.expect_err("refused");
    assert!(unknown.message().contains("did you mean `call`?"), "{}", unknown.message());
    let every = client.get_body(request("increment", &[])).await.expect("it answers");
    let lose = every.into_inner().listings.into_iter().map(|listing| listing.can_lose);
    assert_eq!(lose.collect::<Vec<_>>(), [true, true, false, false, true]);
}
