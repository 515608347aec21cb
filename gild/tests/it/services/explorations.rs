//! Explorations over real sockets: created, watched, listed, cancelled; schedules replayed, sweeps
//! explained.

use proto::v1::exploration_event::Happening;
use proto::v1::exploration_service_client::ExplorationServiceClient;
use proto::v1::{
    Agreement, CancelExplorationRequest, CreateExplorationRequest, ExplainSweepRequest,
    Exploration, ExplorationEvent, ExplorationSpec, GetExplorationRequest, ListExplorationsRequest,
    Measurement, ReplayScheduleRequest, SweepEvent, SweepState, Validity, WatchExplorationRequest,
    sweep_event,
};
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::daemon::{Daemon, create, endless, spec as sweep, start, watch};

type Client = ExplorationServiceClient<Channel>;

/// The race of two workers that increment ten times each.
pub(crate) fn race() -> ExplorationSpec {
    ExplorationSpec { strategy: "unlocked".into(), ..ExplorationSpec::default() }
}

/// One that takes ten seconds or more.
pub(crate) fn long_search() -> ExplorationSpec {
    ExplorationSpec { increments: Some(300), ..race() }
}

pub(crate) async fn explore(client: &mut Client, spec: ExplorationSpec) -> Exploration {
    let request = CreateExplorationRequest { spec: Some(spec), ..Default::default() };
    let answer = client.create_exploration(request).await.expect("it is within the limits");
    answer.into_inner().exploration.expect("an exploration")
}

async fn events(client: &mut Client, name: &str, after_sequence: u64) -> Vec<ExplorationEvent> {
    let request = WatchExplorationRequest { name: name.into(), after_sequence, in_parts: true };
    let mut stream = client.watch_exploration(request).await.expect("a stream").into_inner();
    let mut events = Vec::new();
    while let Some(answer) = stream.message().await.expect("no error") {
        events.push(answer.event.expect("an event"));
    }
    events
}

fn ended(events: &[ExplorationEvent]) -> &Exploration {
    match &events.last().expect("an event").happening {
        Some(Happening::Ended(ended)) => ended,
        other => panic!("{other:?} is not the end"),
    }
}

async fn get(client: &mut Client, name: &str) -> Exploration {
    let answer = client.get_exploration(GetExplorationRequest { name: name.into() }).await;
    answer.expect("kept").into_inner().exploration.expect("an exploration")
}

#[tokio::test]
async fn watched_exploration_ends_and_is_stored() {
    let daemon = Daemon::start(&[]);
    let mut client = daemon.explorations().await;
    let created = explore(&mut client, race()).await;
    let asked = created.spec.as_ref().expect("what was asked");
    assert_eq!((asked.workers, asked.increments, &*asked.steps), (Some(2), Some(10), "LS"));
    assert_eq!((&*asked.scheduler, created.expected), ("interleavings", 20));
    assert!(created.estimate.is_some());
    let seen = events(&mut client, &created.name, 0).await;
    let sequences: Vec<_> = seen.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (1..=seen.len() as u64).collect::<Vec<_>>());
    assert_eq!(events(&mut client, &created.name, 5).await, seen[5..]);
    let streamed: Vec<_> = seen
        .iter()
        .filter_map(|event| match &event.happening {
            Some(Happening::Outcome(outcome)) => Some(outcome.clone()),
            _ => None,
        })
        .collect();
    let end = ended(&seen);
    assert_eq!(end.state(), SweepState::Succeeded, "{}", end.error);
    assert_eq!(end.verdict, "2 is possible: 8 of 137,846,528,820 interleavings");
    assert!(end.outcomes.is_empty(), "they have events of their own");
    let kept = get(&mut client, &created.name).await;
    assert_eq!((kept.outcomes.len(), &kept.outcomes), (19, &streamed));
    assert_eq!(Exploration { outcomes: Vec::new(), ..kept }, *end);
}

#[tokio::test]
async fn witness_replays_in_model_and_on_threads() {
    let daemon = Daemon::start(&[]);
    let mut client = daemon.explorations().await;
    let wanted = ExplorationSpec { value: Some(2), exact: true, ..race() };
    let created = explore(&mut client, wanted).await;
    events(&mut client, &created.name, 0).await;
    let kept = get(&mut client, &created.name).await;
    let [two] = kept.outcomes.as_slice() else { panic!("{:?}", kept.outcomes) };
    assert_eq!((two.value, two.fewest_preemptions), (2, Some(4)));
    assert!(!two.numerator.is_empty() && !two.denominator.is_empty());
    let request = ReplayScheduleRequest { script: two.script.clone() };
    let answer = client.replay_schedule(request).await.expect("it is a script").into_inner();
    assert_eq!(answer.value_on_threads, 2);
    assert_eq!(answer.trace, kept.trace);
    let trace = kept.trace.expect("it was asked for");
    assert_eq!((trace.events.len(), trace.value, trace.expected), (40, 2, 20));
    assert_eq!(trace.losses.iter().map(|loss| loss.lost.len()).sum::<usize>(), 18);
}

#[tokio::test]
async fn query_of_impossible_outcome_succeeds() {
    let daemon = Daemon::start(&[]);
    let mut client = daemon.explorations().await;
    let created = explore(&mut client, ExplorationSpec { value: Some(1), ..race() }).await;
    let seen = events(&mut client, &created.name, 0).await;
    let end = ended(&seen);
    assert_eq!(end.state(), SweepState::Succeeded);
    assert!(end.verdict.starts_with("1 is impossible"), "{}", end.verdict);
    assert!(get(&mut client, &created.name).await.outcomes.is_empty());
}

#[tokio::test]
async fn repeated_request_starts_one_and_validate_only_none() {
    let daemon = Daemon::start(&[]);
    let mut client = daemon.explorations().await;
    let request = |validate_only| CreateExplorationRequest {
        spec: Some(race()),
        request_id: "once".into(),
        validate_only,
    };
    let mut name = async |validate_only| {
        let answer =
            client.create_exploration(request(validate_only)).await.expect("it is planned");
        answer.into_inner().exploration.expect("an exploration").name
    };
    assert_eq!(name(true).await, "");
    let first = name(false).await;
    assert_eq!(name(false).await, first);
    let listed = client.list_explorations(ListExplorationsRequest::default()).await;
    assert_eq!(listed.expect("a page").into_inner().explorations.len(), 1);
}

#[tokio::test]
async fn lists_come_in_pages_newest_first() {
    let daemon = Daemon::start(&[]);
    let mut client = daemon.explorations().await;
    let mut names = Vec::new();
    for _ in 0..5 {
        names.push(explore(&mut client, race()).await.name);
    }
    names.reverse();
    let (mut listed, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListExplorationsRequest { page_size: 2, page_token };
        let page = client.list_explorations(request).await.expect("a page").into_inner();
        assert!(page.explorations.iter().all(|one| one.outcomes.is_empty()));
        listed.extend(page.explorations.into_iter().map(|one| one.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, names);
}

#[tokio::test]
async fn running_and_queued_explorations_can_be_cancelled() {
    let daemon = Daemon::start(&[]);
    let mut client = daemon.explorations().await;
    let running = explore(&mut client, long_search()).await.name;
    let waiting = explore(&mut client, long_search()).await.name;
    let request =
        WatchExplorationRequest { name: running.clone(), after_sequence: 0, in_parts: false };
    let mut stream = client.watch_exploration(request).await.expect("a stream").into_inner();
    stream.message().await.expect("no error").expect("it has started");
    for name in [waiting, running] {
        let request = CancelExplorationRequest { name: name.clone() };
        client.cancel_exploration(request.clone()).await.expect("it has not ended");
        let seen = events(&mut client, &name, 0).await;
        assert_eq!(ended(&seen).state(), SweepState::Cancelled);
        let again = client.cancel_exploration(request).await.expect_err("it has ended");
        assert_eq!(again.code(), Code::FailedPrecondition);
        assert!(again.message().contains("the exploration has already ended"), "{again}");
    }
}

#[tokio::test]
async fn replay_during_a_measurement_is_rejected() {
    let daemon = Daemon::start(&[]);
    let (mut client, mut sweeps) = (daemon.explorations().await, daemon.sweeps().await);
    let wanted = ExplorationSpec { value: Some(20), ..race() };
    let found = explore(&mut client, wanted).await.name;
    events(&mut client, &found, 0).await;
    let script = get(&mut client, &found).await.trace.expect("it was asked for").script;
    let _running = start(&mut sweeps, endless()).await;
    let busy = client.replay_schedule(ReplayScheduleRequest { script }).await;
    assert_eq!(busy.expect_err("a sweep is measured").code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn explanation_has_an_entry_per_cell() {
    let daemon = Daemon::start(&[]);
    let (mut client, mut sweeps) = (daemon.explorations().await, daemon.sweeps().await);
    let both = proto::v1::SweepSpec {
        strategies: vec!["atomic".into(), "unlocked".into()],
        increments: vec![1000],
        ..sweep("atomic", 20)
    };
    let name = create(&mut sweeps, both).await;
    let events = watch(&mut sweeps, &name, 0).await;
    let request = |name: &str, cell| ExplainSweepRequest { name: name.into(), cell };
    let all = client.explain_sweep(request(&name, None)).await.expect("kept").into_inner().cells;
    let titles: Vec<_> = all.iter().map(|cell| cell.title.as_str()).collect();
    assert_eq!(titles[0], "atomic, body increment, 2 workers, 2 x 1000");
    let first = |cell: usize| (all[cell].claims[0].law.as_str(), all[cell].claims[0].agreement());
    // Workers that hardly met would have lost nothing under any strategy.
    let proved = if did_meet(&events, 0) { Agreement::Yes } else { Agreement::Open };
    assert_eq!(first(0), ("cannot lose", proved));
    assert_eq!(first(1), ("reachable values", Agreement::Yes));
    let one = client.explain_sweep(request(&name, Some(1))).await.expect("kept").into_inner();
    assert_eq!(one.cells, all[1..]);
    let beyond = client.explain_sweep(request(&name, Some(2))).await.expect_err("no such cell");
    assert_eq!(violated(&beyond), "cell");
    let unknown = client.explain_sweep(request("sweeps/none", None)).await.expect_err("unknown");
    assert_eq!(unknown.code(), Code::NotFound);
}

/// Whether the workers of a cell met, as far as its measurement says.
fn did_meet(events: &[SweepEvent], cell: u32) -> bool {
    let validity = events.iter().find_map(|event| match &event.happening {
        Some(sweep_event::Happening::CellEnded(ended)) if ended.cell == cell => {
            ended.measurement.as_ref().map(Measurement::validity)
        }
        _ => None,
    });
    !matches!(validity.expect("measured"), Validity::Sequential | Validity::Uncontended)
}

/// The field that an error is about.
fn violated(status: &Status) -> String {
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let details = status.get_details_bad_request().expect("it says which field");
    let violation = details.field_violations.into_iter().next().expect("at least one");
    assert!(violation.description.contains(';'), "no way out: {}", violation.description);
    violation.field
}

#[tokio::test]
async fn a_broken_limit_names_its_field() {
    let daemon = Daemon::start(&[]);
    let mut client = daemon.explorations().await;
    let gil = || ExplorationSpec { strategy: "gil".into(), ..ExplorationSpec::default() };
    let scheduled = |scheduler: &str| ExplorationSpec { scheduler: scheduler.into(), ..race() };
    let by_ticks = || ExplorationSpec { switch_ticks: Some(100), ..gil() };
    let always = || ExplorationSpec { q: "1".into(), ..scheduled("switch-q") };
    let cases = [
        ("strategy", ExplorationSpec::default()),
        ("strategy", ExplorationSpec { strategy: "cpython".into(), ..race() }),
        ("strategy", ExplorationSpec { strategy: "all".into(), ..race() }),
        ("era", ExplorationSpec { era: "4.0".into(), ..gil() }),
        ("switch_ticks", ExplorationSpec { switch_ticks: Some(0), ..gil() }),
        ("workers", ExplorationSpec { workers: Some(9), ..race() }),
        ("increments", ExplorationSpec { increments: Some(1_000_001), ..race() }),
        ("increments", ExplorationSpec { increments: Some(8_192), ..by_ticks() }),
        ("increments", ExplorationSpec { workers: Some(8), increments: Some(50), ..always() }),
        ("body", ExplorationSpec { body: "lockd".into(), ..gil() }),
        ("steps", ExplorationSpec { steps: "LXS".into(), ..race() }),
        ("scheduler", scheduled("fair")),
        ("q", scheduled("switch-q")),
        ("k", scheduled("every-k")),
        ("k", ExplorationSpec { k: Some(0), ..scheduled("every-k") }),
        ("phase", ExplorationSpec { k: Some(2), phase: Some(3), ..scheduled("every-k") }),
    ];
    for (field, spec) in cases {
        let request = CreateExplorationRequest { spec: Some(spec), ..Default::default() };
        let status = client.create_exploration(request).await.expect_err("refused");
        assert_eq!(violated(&status), field, "{status}");
    }
    for script in ["", "gild0 unlocked 2x1 LS 0 T0x1", "gild1 unlocked 2x1 LS 0 T0x1"] {
        let request = ReplayScheduleRequest { script: script.into() };
        let status = client.replay_schedule(request).await.expect_err("refused");
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    }
    let unknown = GetExplorationRequest { name: "explorations/none".into() };
    assert_eq!(client.get_exploration(unknown).await.expect_err("unknown").code(), Code::NotFound);
    let sweep = GetExplorationRequest { name: "sweeps/none".into() };
    assert_eq!(violated(&client.get_exploration(sweep).await.expect_err("no name")), "name");
}
