//! SIGTERM: exit 0 within two seconds, whatever runs, and watchers hear of it.

use std::os::unix::fs::PermissionsExt;

use proto::v1::sweep_event::Happening;
use proto::v1::{
    SweepState, WatchExplorationRequest, WatchExplorationResponse, WatchSweepRequest,
    exploration_event,
};
use tonic::Streaming;

use crate::daemon::{Daemon, UNHURRIED, create, long_attempts, spec, start, stops_in_time, watch};
use crate::services::explorations::{explore, long_search};

#[tokio::test]
async fn sigterm_during_a_long_attempt_ends_in_time() {
    let mut daemon = Daemon::start(&UNHURRIED);
    let (_, mut stream) = start(&mut daemon.sweeps().await, long_attempts()).await;
    daemon.terminate();
    let mut last = None;
    while let Some(answer) = stream.message().await.expect("the stream ends in order") {
        last = answer.event.and_then(|event| event.happening);
    }
    match last {
        Some(Happening::Ended(ended)) => assert_eq!(ended.state(), SweepState::Interrupted),
        other => panic!("{other:?} is not the end"),
    }
    assert_eq!(daemon.ended().await.code(), Some(0));
    assert!(!daemon.socket().exists(), "no socket is left behind");
    stops_in_time(async || {
        let mut daemon = Daemon::start(&[]);
        let _running = start(&mut daemon.sweeps().await, long_attempts()).await;
        let took = daemon.stop().await;
        assert!(!daemon.socket().exists(), "no socket is left behind");
        took
    })
    .await;
}

/// A search that has started and searches.
async fn searching(daemon: &Daemon) -> Streaming<WatchExplorationResponse> {
    let mut client = daemon.explorations().await;
    let name = explore(&mut client, long_search()).await.name;
    let request = WatchExplorationRequest { name, after_sequence: 0, in_parts: false };
    let mut stream = client.watch_exploration(request).await.expect("a stream").into_inner();
    for _ in 0..2 {
        stream.message().await.expect("no error").expect("it has started and searches");
    }
    stream
}

#[tokio::test]
async fn sigterm_during_a_search_ends_in_time() {
    let mut daemon = Daemon::start(&UNHURRIED);
    let mut stream = searching(&daemon).await;
    daemon.terminate();
    let mut last = None;
    while let Some(answer) = stream.message().await.expect("the stream ends in order") {
        last = answer.event.and_then(|event| event.happening);
    }
    match last {
        Some(exploration_event::Happening::Ended(ended)) => {
            assert_eq!(ended.state(), SweepState::Interrupted);
        }
        other => panic!("{other:?} is not the end"),
    }
    assert_eq!(daemon.ended().await.code(), Some(0));
    stops_in_time(async || {
        let mut daemon = Daemon::start(&[]);
        let _running = searching(&daemon).await;
        daemon.stop().await
    })
    .await;
}

/// A restart of the daemon keeps every place in the queue.
#[tokio::test]
async fn queued_work_at_sigterm_stays_queued() {
    let mut daemon = Daemon::start(&UNHURRIED);
    let mut sweeps = daemon.sweeps().await;
    create(&mut sweeps, long_attempts()).await;
    let name = create(&mut sweeps, spec("atomic", 5)).await;
    let request = WatchSweepRequest { name: name.clone(), after_sequence: 0 };
    let mut stream = sweeps.watch_sweep(request).await.expect("a stream").into_inner();
    daemon.terminate();
    let status = stream.message().await.expect_err("its last event has not come");
    assert_eq!(status.code(), tonic::Code::Unavailable);
    assert!(status.message().contains("queued jobs resume when it restarts"), "{status}");
    drop((sweeps, stream));
    assert!(daemon.ended().await.success());
    let daemon = Daemon::start_in(daemon.directory(), &[]);
    let mut sweeps = daemon.sweeps().await;
    let events = watch(&mut sweeps, &name, 0).await;
    match events.last().and_then(|event| event.happening.as_ref()) {
        Some(Happening::Ended(ended)) => assert_eq!(ended.state(), SweepState::Succeeded),
        other => panic!("{other:?} is not the end"),
    }
}

#[tokio::test]
async fn silent_client_does_not_delay_shutdown() {
    stops_in_time(async || {
        let mut daemon = Daemon::start(&["--listen", "127.0.0.1:0", "--insecure-loopback"]);
        let silent = std::net::TcpStream::connect(daemon.port()).expect("it listens");
        let took = daemon.stop().await;
        drop(silent);
        took
    })
    .await;
}

#[test]
fn socket_without_group_is_private() {
    let daemon = Daemon::start(&[]);
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    };
    let socket = daemon.socket();
    assert_eq!(mode(&socket), 0o600);
    assert_eq!(mode(socket.parent().expect("a directory")), 0o700);
}
