//! Tokens of the TCP port, and the audit log.

use proto::v1::sweep_service_client::SweepServiceClient;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;

use crate::auth::fixtures::{Files, LOOPBACK, TOKEN, WRONG, get_lab, with_token};
use crate::daemon::{Daemon, connect, create, spec};

#[tokio::test]
async fn only_valid_token_is_accepted() {
    let files = Files::new();
    let tokens = files.tokens();
    let daemon = Daemon::start(&[&LOOPBACK[..], &["--token-file", &tokens]].concat());
    let channel = connect(daemon.tcp.clone().expect("it listens")).await;
    for (token, reason) in [
        (None, "the request is not authenticated"),
        (Some(WRONG), "the token is not known here"),
        (Some(""), "the token is not known here"),
    ] {
        let status = get_lab(channel.clone(), token).await.expect_err("refused");
        assert_eq!(status.code(), Code::Unauthenticated);
        assert_eq!(status.message(), format!("{reason}; gilctl --token-file FILE"));
    }
    get_lab(channel.clone(), Some(TOKEN)).await.expect("let in");
    let request = with_token(
        proto::v1::CreateSweepRequest { spec: Some(spec("atomic", 1)), ..Default::default() },
        TOKEN,
    );
    SweepServiceClient::new(channel.clone()).create_sweep(request).await.expect("planned");
    daemon.wait_for_log(&["\"audit\"", "asked", "token ci", "CreateSweep", "Ok"]);
    daemon.wait_for_log(&["\"audit\"", "refused", "127.0.0.1", "the token is not known here"]);
    let log = daemon.log();
    assert!(!log.contains(TOKEN) && !log.contains(WRONG), "{log}");
    get_lab(daemon.channel().await, None).await.expect("the socket needs no token");
}

#[tokio::test]
async fn only_health_check_is_answered_without_token() {
    let files = Files::new();
    let daemon = Daemon::start(&[&LOOPBACK[..], &["--token-file", &files.tokens()]].concat());
    let channel = connect(daemon.tcp.clone().expect("it listens")).await;
    let request = HealthCheckRequest::default();
    let mut health = HealthClient::new(channel.clone());
    health.check(request.clone()).await.expect("health is open");
    let status = health.watch(request).await.expect_err("a stream needs a token");
    assert_eq!(status.code(), Code::Unauthenticated);
    let questions = tokio_stream::once(ServerReflectionRequest::default());
    let status = ServerReflectionClient::new(channel).server_reflection_info(questions).await;
    assert_eq!(status.expect_err("refused").code(), Code::Unauthenticated);
}

#[tokio::test]
async fn token_guessing_is_rate_limited_and_holders_are_not() {
    let files = Files::new();
    let daemon = Daemon::start(&[&LOOPBACK[..], &["--token-file", &files.tokens()]].concat());
    let channel = connect(daemon.tcp.clone().expect("it listens")).await;
    let mut code = Code::Unauthenticated;
    for _ in 0..100_000 {
        code = get_lab(channel.clone(), Some(WRONG)).await.expect_err("refused").code();
        if code != Code::Unauthenticated {
            break;
        }
    }
    assert_eq!(code, Code::ResourceExhausted);
    get_lab(channel, Some(TOKEN)).await.expect("let in");
    assert!(!daemon.log().contains(WRONG));
}

#[tokio::test]
async fn audit_log_names_uid_and_pid_of_unix_clients() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    create(&mut sweeps, spec("atomic", 1)).await;
    let who = format!("uid {} pid {}", nix::unistd::getuid(), std::process::id());
    let owner = format!("user {}", nix::unistd::getuid());
    daemon.wait_for_log(&["\"audit\"", "came in", &who, &owner, "CreateSweep"]);
    daemon.wait_for_log(&["\"audit\"", "asked", &who, &owner, "CreateSweep"]);
    let request = proto::v1::CancelSweepRequest { name: "sweeps/none".into() };
    sweeps.cancel_sweep(request).await.expect_err("unknown");
    daemon.wait_for_log(&["asked", "CancelSweep", "NotFound"]);
}
