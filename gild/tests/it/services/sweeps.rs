//! Sweeps over real sockets: watched by several, left by some, listed page by page.

use proto::v1::sweep_event::Happening;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CancelSweepRequest, CreateSweepRequest, GetSweepRequest, ListSweepsRequest, SweepEvent,
    SweepState, Verdict, WatchSweepRequest,
};

use crate::daemon::{Daemon, connect, create, endless, large, spec, watch};

fn end_state(events: &[SweepEvent]) -> SweepState {
    match &events.last().expect("an event").happening {
        Some(Happening::Ended(ended)) => ended.state(),
        other => panic!("{other:?} is not the end"),
    }
}

#[tokio::test]
async fn watchers_on_two_transports_get_equal_events() {
    let daemon = Daemon::start(&["--listen", "127.0.0.1:0", "--insecure-loopback"]);
    let tcp = connect(daemon.tcp.clone().expect("it listens there")).await;
    let (mut unix, mut tcp) = (daemon.sweeps().await, SweepServiceClient::new(tcp));
    let name = create(&mut unix, spec("gil", 20)).await;
    let (one, other) = tokio::join!(watch(&mut unix, &name, 0), watch(&mut tcp, &name, 0));
    assert_eq!(one, other);
    let sequences: Vec<_> = one.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (1..=one.len() as u64).collect::<Vec<_>>());
    assert_eq!(end_state(&one), SweepState::Succeeded);
}

#[tokio::test]
async fn disconnected_client_does_not_affect_its_sweep() {
    let daemon = Daemon::start(&[]);
    let mut first = daemon.sweeps().await;
    let name = create(&mut first, large(200)).await;
    let request = WatchSweepRequest { name: name.clone(), after_sequence: 0 };
    let mut stream = first.watch_sweep(request).await.expect("a stream").into_inner();
    let seen = stream.message().await.expect("no error").expect("an event").event;
    drop((stream, first));
    let mut second = daemon.sweeps().await;
    let events = watch(&mut second, &name, 0).await;
    assert_eq!(seen.as_ref(), events.first());
    assert_eq!(end_state(&events), SweepState::Succeeded);
    assert_eq!(watch(&mut second, &name, 5).await, events[5..]);
}

#[tokio::test]
async fn cancelled_sweep_keeps_partial_cells() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let name = create(&mut sweeps, endless()).await;
    sweeps.cancel_sweep(CancelSweepRequest { name: name.clone() }).await.expect("it runs");
    let events = watch(&mut sweeps, &name, 0).await;
    assert_eq!(end_state(&events), SweepState::Cancelled);
    let partial = events.iter().any(
        |event| matches!(&event.happening, Some(Happening::CellEnded(cell)) if !cell.complete),
    );
    assert!(partial);
    let again = sweeps.cancel_sweep(CancelSweepRequest { name }).await.expect_err("it has ended");
    assert_eq!(again.code(), tonic::Code::FailedPrecondition);
}

#[tokio::test]
async fn sweep_events_carry_measurements() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let name = create(&mut sweeps, spec("fair-mutex", 7)).await;
    watch(&mut sweeps, &name, 0).await;
    let answer = sweeps.get_sweep(GetSweepRequest { name }).await.expect("kept").into_inner();
    let measured = &answer.measurements[0];
    assert_eq!((measured.attempts, measured.correct), (7, 7));
    assert_eq!(measured.verdict(), Verdict::Kept);
    assert!(answer.verdict.starts_with("Right in every attempt: fair-mutex (7 of 7)"));
    let sweep = answer.sweep.expect("a sweep");
    assert_eq!((sweep.attempts, sweep.cells[0].expected), (7, 2));
}

#[tokio::test]
async fn lists_come_in_pages_newest_first() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let mut names = Vec::new();
    for _ in 0..5 {
        names.push(create(&mut sweeps, spec("atomic", 1)).await);
    }
    watch(&mut sweeps, &names[4], 0).await;
    names.reverse();
    let (mut listed, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListSweepsRequest { page_size: 2, page_token: token, filter: String::new() };
        let page = sweeps.list_sweeps(request).await.expect("a page").into_inner();
        listed.extend(page.sweeps.into_iter().map(|sweep| sweep.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, names);
}

#[tokio::test]
async fn validate_only_sweep_is_planned_and_not_run() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let request = CreateSweepRequest {
        spec: Some(spec("gil", 3)),
        validate_only: true,
        ..Default::default()
    };
    let sweep = sweeps.create_sweep(request).await.expect("planned").into_inner().sweep;
    let sweep = sweep.expect("a sweep");
    assert_eq!((sweep.cells.len(), sweep.name.as_str()), (5, ""));
    let listed = sweeps.list_sweeps(ListSweepsRequest::default()).await.expect("a page");
    assert!(listed.into_inner().sweeps.is_empty());
}
