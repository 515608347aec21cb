//! The client against a daemon that only acts: it tells an invented sweep, drops the line in the
//! middle of it, refuses, or never ends. The real daemon's own tests are elsewhere.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proto::v1::sweep_service_server::{SweepService, SweepServiceServer};
use proto::v1::{
    CancelSweepRequest, CancelSweepResponse, CompareSweepsRequest, CompareSweepsResponse,
    CreateSweepRequest, CreateSweepResponse, DeleteSweepRequest, DeleteSweepResponse,
    ExportSweepRequest, GetSweepRequest, GetSweepResponse, ImportSweepRequest, ImportSweepResponse,
    ListSweepsRequest, ListSweepsResponse, Measurement, PruneHistoryRequest, PruneHistoryResponse,
    ResumeSweepRequest, ResumeSweepResponse, Sweep, SweepEvent, SweepState, WatchSweepRequest,
    WatchSweepResponse,
};
use tokio_stream::{Stream, StreamExt as _};
use tonic::transport::Server;
use tonic::transport::server::{Router, TcpIncoming};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::fixture::{
    broken_measurements, chapter, chapter_measurements, comparison, ended, events,
};
use crate::keeping::{Keeper, Parts};

/// How the daemon behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Tells all.
    Kind,
    /// Ends each stream after so many events.
    Drops(usize),
    /// Has always just gone away.
    Gone,
    /// Tells the beginning, and the end only once it was asked to cancel.
    Waits,
    /// Tells the beginning, and nothing more.
    Hangs,
    /// Refuses everything.
    Refuses,
}

pub(crate) struct Actor {
    pub(crate) mood: Mood,
    pub(crate) sweep: Sweep,
    pub(crate) measurements: Vec<Measurement>,
    pub(crate) state: SweepState,
    pub(crate) cancels: Arc<AtomicU32>,
    pub(crate) asked_after: Arc<Mutex<Vec<u64>>>,
    pub(crate) keeper: Keeper,
}

impl Actor {
    pub(crate) fn new(mood: Mood) -> Self {
        Self {
            mood,
            sweep: chapter(),
            measurements: chapter_measurements(),
            state: SweepState::Succeeded,
            cancels: Arc::default(),
            asked_after: Arc::default(),
            keeper: Keeper::default(),
        }
    }

    fn told(&self) -> Vec<SweepEvent> {
        if let Some(log) = &self.keeper.log {
            return log.clone();
        }
        let complete = self.state == SweepState::Succeeded;
        events(self.measurements.clone(), complete, ended(self.state))
    }
}

type Events = Pin<Box<dyn Stream<Item = Result<WatchSweepResponse, Status>> + Send>>;

#[tonic::async_trait]
impl SweepService for Actor {
    type WatchSweepStream = Events;

    async fn create_sweep(
        &self,
        request: Request<CreateSweepRequest>,
    ) -> Result<Response<CreateSweepResponse>, Status> {
        self.keeper.hear(&request.into_inner().spec.unwrap_or_default());
        if self.mood == Mood::Refuses {
            let details =
                ErrorDetails::with_bad_request_violation("workers", "0 is outside 1 to 64");
            let code = Code::InvalidArgument;
            return Err(Status::with_error_details(code, "the sweep is refused", details));
        }
        let sweep = Some(self.sweep.clone());
        Ok(Response::new(CreateSweepResponse { sweep }))
    }

    async fn get_sweep(
        &self,
        request: Request<GetSweepRequest>,
    ) -> Result<Response<GetSweepResponse>, Status> {
        assert_eq!(request.get_ref().name, self.sweep.name);
        let mut sweep = self.sweep.clone();
        sweep.set_state(self.state);
        sweep.next_sequence = self.told().len() as u64 + 1;
        Ok(Response::new(GetSweepResponse {
            sweep: Some(sweep),
            measurements: self.measurements.clone(),
            verdict: ended(self.state).verdict,
            notes: ended(self.state).notes,
        }))
    }

    /// The sweep stands on the second page.
    async fn list_sweeps(
        &self,
        request: Request<ListSweepsRequest>,
    ) -> Result<Response<ListSweepsResponse>, Status> {
        let is_second = request.get_ref().page_token == "second";
        let next_page_token = if is_second { "" } else { "second" }.to_owned();
        let sweeps = is_second.then(|| self.sweep.clone()).into_iter().collect();
        Ok(Response::new(ListSweepsResponse { sweeps, next_page_token }))
    }

    async fn cancel_sweep(
        &self,
        _: Request<CancelSweepRequest>,
    ) -> Result<Response<CancelSweepResponse>, Status> {
        self.cancels.fetch_add(1, Ordering::SeqCst);
        let mut sweep = self.sweep.clone();
        sweep.set_state(SweepState::Cancelling);
        Ok(Response::new(CancelSweepResponse { sweep: Some(sweep) }))
    }

    async fn watch_sweep(
        &self,
        request: Request<WatchSweepRequest>,
    ) -> Result<Response<Events>, Status> {
        let after = request.get_ref().after_sequence;
        self.asked_after.lock().expect("no panic").push(after);
        let rest = self
            .told()
            .into_iter()
            .filter(|event| event.sequence > after)
            .map(|event| Ok(WatchSweepResponse { event: Some(event) }));
        let rest: Vec<_> = rest.collect();
        let stream: Events = match self.mood {
            Mood::Kind | Mood::Refuses => Box::pin(tokio_stream::iter(rest)),
            Mood::Drops(most) => {
                let cut = Err(Status::unavailable("reattach later"));
                Box::pin(tokio_stream::iter(rest.into_iter().take(most).chain([cut])))
            }
            Mood::Hangs => {
                Box::pin(tokio_stream::iter(rest).take(2).chain(tokio_stream::pending()))
            }
            Mood::Gone => return Err(Status::unavailable("gone")),
            Mood::Waits => {
                let cancels = Arc::clone(&self.cancels);
                let beginning = tokio_stream::iter(rest.clone()).take(2);
                let end = tokio_stream::iter(rest.into_iter().skip(2));
                let end = end.then(move |event| until_cancelled(Arc::clone(&cancels), event));
                Box::pin(beginning.chain(end))
            }
        };
        Ok(Response::new(stream))
    }

    async fn resume_sweep(
        &self,
        request: Request<ResumeSweepRequest>,
    ) -> Result<Response<ResumeSweepResponse>, Status> {
        self.keeper.resume(&request, self.sweep.clone())
    }

    async fn delete_sweep(
        &self,
        request: Request<DeleteSweepRequest>,
    ) -> Result<Response<DeleteSweepResponse>, Status> {
        self.keeper.answer(request.get_ref(), DeleteSweepResponse {})
    }

    async fn prune_history(
        &self,
        request: Request<PruneHistoryRequest>,
    ) -> Result<Response<PruneHistoryResponse>, Status> {
        self.keeper.answer(request.get_ref(), self.keeper.pruned.clone())
    }

    async fn compare_sweeps(
        &self,
        request: Request<CompareSweepsRequest>,
    ) -> Result<Response<CompareSweepsResponse>, Status> {
        self.keeper.answer(request.get_ref(), self.keeper.compared.clone())
    }

    type ExportSweepStream = Parts;

    async fn export_sweep(
        &self,
        request: Request<ExportSweepRequest>,
    ) -> Result<Response<Parts>, Status> {
        self.keeper.export(&request)
    }

    async fn import_sweep(
        &self,
        request: Request<Streaming<ImportSweepRequest>>,
    ) -> Result<Response<ImportSweepResponse>, Status> {
        self.keeper.import(request.into_inner(), self.sweep.clone()).await
    }
}

pub(crate) async fn until_cancelled<T>(cancels: Arc<AtomicU32>, item: T) -> T {
    while cancels.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    item
}

/// Services on a port of their own, for as long as the runtime lives.
pub(crate) fn serve(router: Router) -> (tokio::runtime::Runtime, String) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let incoming = runtime.block_on(async { TcpIncoming::bind(any_port).expect("a free port") });
    let url = format!("http://{}", incoming.local_addr().expect("bound"));
    runtime.spawn(router.serve_with_incoming(incoming));
    (runtime, url)
}

pub(crate) fn perform(actor: Actor) -> (tokio::runtime::Runtime, String) {
    serve(Server::builder().add_service(SweepServiceServer::new(actor)))
}

pub(crate) fn command(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gilctl"));
    command.args(arguments).args(["--server", url]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs gilctl against the actor: exit code, stdout, stderr.
pub(crate) fn run(actor: Actor, arguments: &[&str]) -> (Option<i32>, String, String) {
    let (_runtime, url) = perform(actor);
    told(&command(&url, arguments).output().expect("gilctl runs"))
}

/// Exit code, stdout, stderr.
pub(crate) fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

const SWEEP: [&str; 3] = ["sweep", "--strategy", "gil"];
const NDJSON: [&str; 5] = ["sweep", "--strategy", "gil", "--output", "ndjson"];

#[test]
fn a_sweep_is_followed_to_its_table() {
    let (code, out, err) = run(Actor::new(Mood::Kind), &SWEEP);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("sweep 4abcde · seed 42"), "{out}");
    assert!(out.contains("note: 500 ns and 0.5 ns are one setting"), "{out}");
    assert_eq!(err, "next: gilctl show 4abcde\n");
}

#[test]
fn cuts_are_mended_without_a_gap_or_a_repeat() {
    let actor = Actor::new(Mood::Drops(5));
    let asked_after = Arc::clone(&actor.asked_after);
    let (code, out, err) = run(actor, &NDJSON);
    let (_, whole, _) = run(Actor::new(Mood::Kind), &NDJSON);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out, whole);
    assert_eq!(*asked_after.lock().expect("no panic"), [0, 5, 10]);
}

#[test]
fn a_daemon_that_stays_away_is_unreachable() {
    let (code, out, err) = run(Actor::new(Mood::Gone), &SWEEP);
    assert_eq!((code, out.as_str()), (Some(69), ""), "{err}");
    assert!(err.contains("`gilctl watch 4abcde` follows on"), "{err}");
}

#[test]
fn a_refused_sweep_names_its_fields() {
    let (code, _, err) = run(Actor::new(Mood::Refuses), &SWEEP);
    assert_eq!(code, Some(2));
    assert_eq!(err, "gilctl: the sweep is refused\n  --workers: 0 is outside 1 to 64\n");
}

#[test]
fn outcomes_have_their_exit_codes() {
    let exit = |actor: Actor| {
        let show = ["show", "4ABCDE", "--output", "json"];
        run(actor, &show).0
    };
    let ends = |state| Actor { state, ..Actor::new(Mood::Kind) };
    assert_eq!(exit(ends(SweepState::Succeeded)), Some(0));
    assert_eq!(exit(ends(SweepState::Failed)), Some(6));
    assert_eq!(exit(ends(SweepState::Cancelled)), Some(7));
    assert_eq!(exit(ends(SweepState::Interrupted)), Some(7));
    let (sweep, measurements) = (comparison(), broken_measurements());
    assert_eq!(exit(Actor { sweep, measurements, ..ends(SweepState::Cancelled) }), Some(3));
}

#[test]
fn show_is_the_table_that_the_sweep_printed() {
    let (_, swept, _) = run(Actor::new(Mood::Kind), &SWEEP);
    let (code, shown, err) = run(Actor::new(Mood::Kind), &["show", "latest"]);
    assert_eq!((code, shown), (Some(0), swept), "{err}");
}

#[test]
fn watch_starts_where_it_is_told() {
    let arguments = ["watch", "latest", "--after", "12", "--output", "ndjson"];
    let (code, out, err) = run(Actor::new(Mood::Kind), &arguments);
    assert_eq!(code, Some(0), "{err}");
    let kinds: Vec<&str> = out.lines().map(|line| &line[..13]).collect();
    assert_eq!(kinds, [r#"{"kind":"swee"#, r#"{"kind":"cell"#, r#"{"kind":"end""#]);
}

#[test]
fn ids_that_mean_nothing_are_not_found() {
    let (code, _, err) = run(Actor::new(Mood::Kind), &["cancel", "zzz"]);
    assert_eq!(code, Some(8));
    assert_eq!(err, "gilctl: no id begins or ends with zzz; `gilctl list` shows what there is\n");
}

#[test]
fn detach_prints_the_id_alone() {
    let detach = [&SWEEP[..], &["--detach"]].concat();
    let (code, out, err) = run(Actor::new(Mood::Gone), &detach);
    assert_eq!((code, out.as_str()), (Some(0), "06a1f0zzzz9k3v7q2m8x4abcde\n"));
    assert_eq!(err, "next: gilctl watch 4abcde\n");
}

/// Sends Ctrl-C as soon as the first line of NDJSON shows that gilctl follows, and again after each
/// line that it then says on stderr, `times` in all.
fn interrupt(actor: Actor, arguments: &[&str], times: u32) -> (Option<i32>, String, String) {
    let (_runtime, url) = perform(actor);
    let mut child = command(&url, arguments).spawn().expect("gilctl runs");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut err = BufReader::new(child.stderr.take().expect("piped"));
    let (mut printed, mut said) = (String::new(), String::new());
    out.read_line(&mut printed).expect("a line");
    for _ in 0..times {
        let interrupt = ["-INT", &child.id().to_string()].map(str::to_owned);
        let kill = Command::new("kill").args(interrupt).status();
        assert!(kill.expect("kill runs").success());
        err.read_line(&mut said).expect("a line");
    }
    out.read_to_string(&mut printed).expect("text");
    err.read_to_string(&mut said).expect("text");
    let code = child.wait().expect("gilctl ends").code();
    (code, printed, said)
}

#[test]
fn ctrl_c_cancels_and_prints_what_there_is() {
    let actor = Actor { state: SweepState::Cancelled, ..Actor::new(Mood::Waits) };
    let cancels = Arc::clone(&actor.cancels);
    let (code, out, err) = interrupt(actor, &NDJSON, 1);
    assert_eq!(code, Some(7), "{err}");
    assert!(err.starts_with("cancelling; Ctrl-C again leaves at once\n"), "{err}");
    assert!(out.contains("\"complete\":false"), "{out}");
    assert!(out.contains("\"state\":\"CANCELLED\""), "{out}");
    assert_eq!(cancels.load(Ordering::SeqCst), 1);
}

#[test]
fn a_second_ctrl_c_leaves() {
    let actor = Actor::new(Mood::Hangs);
    let cancels = Arc::clone(&actor.cancels);
    let (code, _, err) = interrupt(actor, &NDJSON, 2);
    assert_eq!((code, cancels.load(Ordering::SeqCst)), (Some(130), 1));
    assert!(err.ends_with("left; next: gilctl watch 4abcde\n"), "{err}");
}

#[test]
fn ctrl_c_of_a_watcher_leaves_the_sweep_alone() {
    let actor = Actor::new(Mood::Waits);
    let cancels = Arc::clone(&actor.cancels);
    let (code, _, err) = interrupt(actor, &["watch", "latest", "--output", "ndjson"], 1);
    assert_eq!((code, cancels.load(Ordering::SeqCst)), (Some(130), 0));
    assert_eq!(err, "left; next: gilctl watch 4abcde\n");
}

#[test]
fn a_broken_pipe_ends_quietly() {
    for arguments in [&SWEEP[..], &NDJSON] {
        let (_runtime, url) = perform(Actor::new(Mood::Kind));
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = command(&url, arguments).stdout(writer).output().expect("gilctl runs");
        assert_eq!(told(&output), (Some(0), String::new(), String::new()));
    }
}
