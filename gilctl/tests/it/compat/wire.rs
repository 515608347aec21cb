//! The wire of commit 2c8d602: its client's requests to the present daemon, its daemon's responses
//! to the present client.

use std::path::Path;

use engine::limits::EQUIVALENT_FACTOR;
use engine::python::registry::Interpreters;
use gild::lab::Lab;
use gild::store::Store;
use gild::store::location::DataDir;
use prost::Message;
use proto::v1::compared_cell::Outcome as Compared;
use proto::v1::exploration_event::Happening as Explored;
use proto::v1::sweep_event::Happening as Swept;
use proto::v1::{
    CancelSweepRequest, Cell, CompareSweepsRequest, CompareSweepsResponse, ComparedCell,
    CreateExplorationRequest, CreateExplorationResponse, CreateSweepRequest, CreateSweepResponse,
    ExplainSweepRequest, ExplainSweepResponse, Exploration, GetExplorationRequest,
    GetExplorationResponse, GetSweepRequest, GetSweepResponse, ListExplorationsRequest,
    ListExplorationsResponse, ListSweepsRequest, ListSweepsResponse, Outcome, ResumeSweepRequest,
    ResumeSweepResponse, SearchEstimate, Sweep, SweepEvent, SweepState, WatchExplorationRequest,
    WatchExplorationResponse, WatchSweepRequest, WatchSweepResponse,
};

use crate::compat::history::{assert_as_recorded, copied_history, gilctl};
use crate::compat::raw;
use crate::compat::record::{Call, records};
use crate::compat::replay::replay;
use crate::real_lab::end_to_end::Server;

fn calls() -> Vec<Call> {
    records("wire.txt").into_iter().flat_map(|record| record.calls).collect()
}

fn calls_of(rpc: &str) -> Vec<Call> {
    let found: Vec<Call> = calls().into_iter().filter(|call| call.path.ends_with(rpc)).collect();
    assert!(!found.is_empty(), "{rpc} is not among the records");
    found
}

/// What the present types make of a message: fields that they do not know are lost.
fn encoded_again<T: Message + Default>(message: &[u8]) -> Vec<u8> {
    T::decode(message).expect("a message").encode_to_vec()
}

/// Asserts that the present types know every field of a call.
fn assert_known<Q: Message + Default, R: Message + Default>(call: &Call) {
    assert_eq!(encoded_again::<Q>(&call.request), call.request, "{}", call.path);
    assert!(!call.responses.is_empty(), "{}", call.path);
    for response in &call.responses {
        assert_eq!(&encoded_again::<R>(response), response, "{}", call.path);
    }
}

#[test]
fn recorded_messages_have_no_field_unknown_to_the_present_types() {
    for call in calls() {
        match call.path.rsplit('/').next().expect("an rpc") {
            "ListSweeps" => assert_known::<ListSweepsRequest, ListSweepsResponse>(&call),
            "GetSweep" => assert_known::<GetSweepRequest, GetSweepResponse>(&call),
            "WatchSweep" => assert_known::<WatchSweepRequest, WatchSweepResponse>(&call),
            "CreateSweep" => assert_known::<CreateSweepRequest, CreateSweepResponse>(&call),
            "CompareSweeps" => assert_known::<CompareSweepsRequest, CompareSweepsResponse>(&call),
            "ExplainSweep" => assert_known::<ExplainSweepRequest, ExplainSweepResponse>(&call),
            "ListExplorations" => {
                assert_known::<ListExplorationsRequest, ListExplorationsResponse>(&call);
            }
            "GetExploration" => {
                assert_known::<GetExplorationRequest, GetExplorationResponse>(&call);
            }
            "WatchExploration" => {
                assert_known::<WatchExplorationRequest, WatchExplorationResponse>(&call);
            }
            "CreateExploration" => {
                assert_known::<CreateExplorationRequest, CreateExplorationResponse>(&call);
            }
            other => panic!("{other} is an rpc that no test reads"),
        }
    }
}

/// The present daemon over a copy of the history.
fn daemon(directory: &Path) -> Server {
    let history = Store::open(DataDir::Kept(directory.to_owned())).expect("a history");
    Server::serving(Lab::start(history, Interpreters::default()).expect("a lab"))
}

/// Sends requests to a daemon and returns its responses.
fn ask(daemon: &Server, path: &str, request: Vec<u8>) -> Vec<Vec<u8>> {
    ask_at(&daemon.http(), path, request)
}

fn ask_at(url: &str, path: &str, request: Vec<u8>) -> Vec<Vec<u8>> {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(raw::call(url, path, request)).expect("an answer")
}

fn ask_one<R: Message + Default>(daemon: &Server, call: &Call) -> R {
    let responses = ask(daemon, &call.path, call.request.clone());
    assert_eq!(responses.len(), 1, "{}", call.path);
    R::decode(&responses[0][..]).expect("a response")
}

fn recorded_one<R: Message + Default>(call: &Call) -> R {
    R::decode(&call.responses[0][..]).expect("a response")
}

#[test]
fn recorded_reads_get_the_recorded_bytes() {
    let directory = copied_history();
    let daemon = daemon(directory.path());
    // What the recorded clients started after that is not in the history.
    let stored = ["list", "show", "watch"];
    let is_stored = |verb: &str| stored.contains(&verb);
    let all = records("wire.txt");
    let reads = all.iter().filter(|record| is_stored(&record.arguments[0]));
    for call in reads.flat_map(|record| &record.calls) {
        let mut responses = ask(&daemon, &call.path, call.request.clone());
        for response in &mut responses {
            *response = without_added(&call.path, response);
        }
        assert!(responses == call.responses, "{} answers with other bytes", call.path);
    }
}

/// A response without the fields that were added since.
fn without_added(path: &str, response: &[u8]) -> Vec<u8> {
    match path.rsplit('/').next() {
        Some("ListSweeps") => {
            let list = ListSweepsResponse::decode(response).expect("a response");
            ListSweepsResponse { own_owners: Vec::new(), changes_all: false, ..list }
                .encode_to_vec()
        }
        Some("GetSweep") => {
            let mut answer = GetSweepResponse::decode(response).expect("a response");
            answer.measurements.iter_mut().for_each(|it| it.lost_increments = None);
            answer.encode_to_vec()
        }
        Some("ListExplorations") => {
            let list = ListExplorationsResponse::decode(response).expect("a response");
            ListExplorationsResponse { own_owners: Vec::new(), changes_all: false, ..list }
                .encode_to_vec()
        }
        _ => response.to_vec(),
    }
}

/// Outcomes as well, but that a wide interval is the same speed no longer.
#[test]
fn recorded_comparison_gets_the_recorded_figures() {
    let directory = copied_history();
    let daemon = daemon(directory.path());
    let mut undecided = 0;
    for call in calls_of("/CompareSweeps") {
        let (verdict, unknown) = (String::new(), Vec::new());
        let worded = |it| CompareSweepsResponse {
            verdict: verdict.clone(),
            unknown: unknown.clone(),
            parameters: Vec::new(),
            forced_pairs: None,
            ..it
        };
        let (now, mut then): (_, CompareSweepsResponse) =
            (ask_one(&daemon, &call), recorded_one(&call));
        let is_wide = |it: &&mut ComparedCell| {
            let within = 1.0 / EQUIVALENT_FACTOR..=EQUIVALENT_FACTOR;
            [it.ratio_low, it.ratio_high].iter().flatten().any(|end| !within.contains(end))
        };
        let same = then.cells.iter_mut().filter(|it| it.outcome() == Compared::Same);
        for pair in same.filter(is_wide) {
            pair.set_outcome(Compared::Undecided);
            undecided += 1;
        }
        assert_eq!(worded(now), worded(then));
    }
    assert!(undecided > 0, "no recorded interval is wide");
}

/// A planned sweep without what depends on the moment and the machine.
fn planned(sweep: Option<Sweep>) -> Sweep {
    let (machine, name) = (None, String::new());
    Sweep { machine, name, create_time_ns: 0, ..sweep.expect("a sweep") }
}

/// The plan with intervals that take effect as one measured once, as they are since.
fn merged(sweep: Sweep) -> Sweep {
    let mut cells: Vec<Cell> = Vec::new();
    for cell in sweep.cells {
        let like = |known: &Cell| Cell {
            cell: known.cell,
            switch_interval_ps: known.switch_interval_ps,
            also_switch_interval_ps: known.also_switch_interval_ps.clone(),
            ..cell.clone()
        };
        let is_interval = cell.switch_interval_ps.is_some();
        match cells.iter_mut().find(|known| is_interval && like(known) == **known) {
            Some(known) => known.also_switch_interval_ps.extend(cell.switch_interval_ps),
            None => cells.push(Cell { cell: u32::try_from(cells.len()).expect("few"), ..cell }),
        }
    }
    let attempts_requested = cells.iter().map(|cell| u64::from(cell.attempts_requested)).sum();
    let cell_count = u32::try_from(cells.len()).expect("few");
    Sweep { cells, attempts_requested, cell_count, ..sweep }
}

#[test]
fn recorded_sweep_requests_are_planned_as_recorded() {
    let directory = copied_history();
    let daemon = daemon(directory.path());
    for call in calls_of("/CreateSweep") {
        let now: CreateSweepResponse = ask_one(&daemon, &call);
        let then: CreateSweepResponse = recorded_one(&call);
        let request = CreateSweepRequest::decode(&call.request[..]).expect("a request");
        assert_eq!(planned(now.sweep.clone()), merged(planned(then.sweep)));
        if !request.validate_only {
            let name = now.sweep.expect("a sweep").name;
            assert_runs_to_its_end(&daemon, &WatchSweepRequest { name, after_sequence: 0 });
        }
    }
}

fn assert_runs_to_its_end(daemon: &Server, request: &WatchSweepRequest) {
    let path = "/gild.v1.SweepService/WatchSweep";
    let responses = ask(daemon, path, request.encode_to_vec());
    let decode = |bytes: &Vec<u8>| WatchSweepResponse::decode(&bytes[..]).expect("a response");
    let events: Vec<SweepEvent> =
        responses.iter().map(|bytes| decode(bytes).event.expect("an event")).collect();
    assert!(events.iter().zip(1..).all(|(event, number)| event.sequence == number));
    assert!(matches!(events[0].happening, Some(Swept::Started(_))));
    let ended = events.last().and_then(|event| event.happening.clone());
    let Some(Swept::Ended(ended)) = ended else { panic!("the last event is the end") };
    assert_eq!(ended.state(), SweepState::Succeeded);
}

/// An exploration without what depends on the moment. Recorded states were those of the search;
/// now they are a bound on the counted ones.
fn asked(exploration: Option<Exploration>) -> Exploration {
    let exploration = exploration.expect("an exploration");
    let estimate =
        exploration.estimate.map(|it| SearchEstimate { seconds: 0.0, states: 0.0, ..it });
    Exploration { name: String::new(), create_time_ns: 0, estimate, ..exploration }
}

fn outcomes(responses: &[Vec<u8>]) -> Vec<Outcome> {
    let decode =
        |bytes: &Vec<u8>| WatchExplorationResponse::decode(&bytes[..]).expect("a response");
    let happenings = responses.iter().filter_map(|bytes| decode(bytes).event?.happening);
    let outcome = |it| if let Explored::Outcome(outcome) = it { Some(outcome) } else { None };
    happenings.filter_map(outcome).collect()
}

#[test]
fn recorded_explorations_have_the_recorded_outcomes() {
    let directory = copied_history();
    let daemon = daemon(directory.path());
    let watched = calls_of("/WatchExploration");
    for call in calls_of("/CreateExploration") {
        let now: CreateExplorationResponse = ask_one(&daemon, &call);
        let then: CreateExplorationResponse = recorded_one(&call);
        assert_eq!(asked(now.exploration.clone()), asked(then.exploration.clone()));
        let name = |it: Option<Exploration>| it.expect("an exploration").name;
        let request = |name| {
            WatchExplorationRequest { name, after_sequence: 0, in_parts: false }.encode_to_vec()
        };
        let path = "/gild.v1.ExplorationService/WatchExploration";
        let found = outcomes(&ask(&daemon, path, request(name(now.exploration))));
        let then = request(name(then.exploration));
        let recorded = watched.iter().find(|call| call.request == then).expect("it was watched");
        assert_eq!(found, outcomes(&recorded.responses));
    }
}

#[test]
fn cancelled_sweep_of_the_history_is_resumed_with_its_cells() {
    let directory = copied_history();
    let daemon = daemon(directory.path());
    let listed = ask_one::<ListSweepsResponse>(&daemon, &calls_of("/ListSweeps")[0]);
    let is_cancelled = |sweep: &Sweep| sweep.state() == SweepState::Cancelled;
    let sweep = listed.sweeps.into_iter().find(is_cancelled).expect("one was cancelled");
    let name = sweep.name;
    let request = ResumeSweepRequest { name: name.clone() }.encode_to_vec();
    // Only the daemon's own user may change what others created.
    let url = daemon.unix();
    let responses = ask_at(&url, "/gild.v1.SweepService/ResumeSweep", request);
    let resumed = ResumeSweepResponse::decode(&responses[0][..]).expect("a response");
    assert_eq!(resumed.attempts_missing, sweep.attempts_requested - sweep.attempts);
    let request = CancelSweepRequest { name }.encode_to_vec();
    ask_at(&url, "/gild.v1.SweepService/CancelSweep", request);
}

#[test]
fn recorded_daemon_is_understood_by_the_present_client() {
    let (_runtime, url) = replay(calls());
    for record in records("wire.txt") {
        let output = gilctl(&record.arguments, &["--server", &url]);
        assert_as_recorded(&record, &output);
    }
}

/// A compared cell as the types of 2c8d602 have it: its figures, and the outcomes up to 6.
#[derive(Clone, PartialEq, Message)]
struct ComparedThen {
    #[prost(double, optional, tag = "4")]
    ratio: Option<f64>,
    #[prost(uint32, repeated, tag = "8")]
    rounds: Vec<u32>,
    #[prost(enumeration = "OutcomeThen", tag = "11")]
    outcome: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
enum OutcomeThen {
    Unspecified = 0,
    Same = 1,
    Faster = 2,
    Slower = 3,
    Righter = 4,
    Wronger = 5,
    Unknown = 6,
}

/// An outcome that is new is none to a client of 2c8d602, which shows a dash; all else is read.
#[test]
fn new_outcome_is_unspecified_to_the_types_of_then() {
    let read = |outcome: Compared| {
        let now = ComparedCell {
            ratio: Some(0.36),
            rounds: vec![20, 19],
            counterpart: Some(Cell { strategy: "mcs".into(), ..Cell::default() }),
            outcome: outcome.into(),
            ..ComparedCell::default()
        };
        let then = ComparedThen::decode(&now.encode_to_vec()[..]).expect("a message");
        assert_eq!((then.ratio, &then.rounds[..]), (Some(0.36), &[20, 19][..]));
        then.outcome()
    };
    assert_eq!(read(Compared::Undecided), OutcomeThen::Unspecified);
    assert_eq!(read(Compared::Unknown), OutcomeThen::Unknown);
    assert_eq!(read(Compared::Same), OutcomeThen::Same);
}
