//! What a lab keeps, against one that only acts: it is forgotten, pruned, handed on and taken in,
//! and every way in which that can fail is said.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use proto::v1::sweep_event::Happening;
use proto::v1::{
    CompareSweepsResponse, ExportSweepRequest, ExportSweepResponse, ImportSweepRequest,
    ImportSweepResponse, PruneHistoryResponse, ResumeSweepRequest, ResumeSweepResponse, Sweep,
    SweepEvent, SweepState,
};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Request, Response, Status, Streaming};

use crate::daemon::{Actor, Mood, command, perform, run, told};

pub(crate) type Parts = Pin<Box<dyn Stream<Item = Result<ExportSweepResponse, Status>> + Send>>;

/// What it answers, and what it was asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keeper {
    pub(crate) refuses: Option<Code>,
    pub(crate) log: Option<Vec<SweepEvent>>,
    pub(crate) pruned: PruneHistoryResponse,
    pub(crate) compared: CompareSweepsResponse,
    /// The file that it exports; the stream breaks after it if asked to.
    pub(crate) file: Vec<u8>,
    pub(crate) breaks: bool,
    pub(crate) hangs: bool,
    pub(crate) heard: Arc<Mutex<Vec<String>>>,
    pub(crate) taken: Arc<Mutex<Vec<u8>>>,
}

impl Keeper {
    pub(crate) fn hear(&self, asked: &impl std::fmt::Debug) {
        self.heard.lock().expect("no panic").push(format!("{asked:?}"));
    }

    fn heard(&self) -> String {
        self.heard.lock().expect("no panic").join("\n")
    }

    pub(crate) fn answer<T>(
        &self,
        asked: &impl std::fmt::Debug,
        answer: T,
    ) -> Result<Response<T>, Status> {
        self.hear(asked);
        match self.refuses {
            Some(code) => Err(Status::new(code, "sweep 4abcde runs")),
            None => Ok(Response::new(answer)),
        }
    }

    pub(crate) fn resume(
        &self,
        request: &Request<ResumeSweepRequest>,
        sweep: Sweep,
    ) -> Result<Response<ResumeSweepResponse>, Status> {
        // Its log ends with its first end, until it runs again.
        let is_end = |it: &SweepEvent| matches!(it.happening, Some(Happening::Ended(_)));
        let first_end = self.log.iter().flatten().find(|it| is_end(it));
        let next_sequence = first_end.map_or(1, |it| it.sequence + 1);
        let sweep = Some(Sweep { state: SweepState::Queued.into(), next_sequence, ..sweep });
        self.answer(request.get_ref(), ResumeSweepResponse { sweep, attempts_missing: 1 })
    }

    pub(crate) fn export(
        &self,
        request: &Request<ExportSweepRequest>,
    ) -> Result<Response<Parts>, Status> {
        let part = |bytes: &[u8]| Ok(ExportSweepResponse { chunk: bytes.to_vec() });
        let mut parts: Vec<Result<_, Status>> = self.file.chunks(3).map(part).collect();
        parts.extend(self.breaks.then(|| Err(Status::data_loss("the log is damaged"))));
        let parts = tokio_stream::iter(parts);
        let parts: Parts = if self.hangs {
            Box::pin(parts.chain(tokio_stream::pending()))
        } else {
            Box::pin(parts)
        };
        self.answer(request.get_ref(), parts)
    }

    pub(crate) async fn import(
        &self,
        mut parts: Streaming<ImportSweepRequest>,
        sweep: Sweep,
    ) -> Result<Response<ImportSweepResponse>, Status> {
        if self.refuses.is_none() {
            while let Some(part) = parts.message().await? {
                assert!(part.chunk.len() <= 64 << 10, "a part is too large");
                self.taken.lock().expect("no panic").extend(part.chunk);
            }
        }
        self.answer(&"import", ImportSweepResponse { sweep: Some(sweep) })
    }
}

fn with(keeper: &Keeper, arguments: &[&str]) -> (Option<i32>, String, String) {
    run(Actor { keeper: keeper.clone(), ..Actor::new(Mood::Kind) }, arguments)
}

fn refusing(code: Code) -> Keeper {
    Keeper { refuses: Some(code), ..Keeper::default() }
}

#[test]
fn each_is_forgotten_once() {
    let keeper = Keeper::default();
    let (code, out, err) = with(&keeper, &["delete", "latest", "4abcde"]);
    assert_eq!((code, err.as_str()), (Some(0), "deleted sweep 4abcde; next: gilctl list\n"));
    assert_eq!(out, "ID      KIND\n4abcde  sweep\n");
    assert_eq!(keeper.heard().matches("DeleteSweepRequest").count(), 1);
    let formats = ["ndjson", "json", "csv", "markdown"]
        .map(|format| with(&Keeper::default(), &["delete", "latest", "--output", format]).1);
    insta::assert_snapshot!(formats.join("\n"));
}

#[test]
fn an_exploration_is_forgotten_and_is_no_command() {
    let actor = crate::acting::Actor::new(Mood::Kind);
    let (code, _, err) = crate::acting::run(&actor, &["delete", "latest"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.starts_with("deleted exploration "), "{err}");
    let heard = actor.heard.lock().expect("no panic").join("\n");
    assert!(heard.starts_with("DeleteExplorationRequest { name: \"explorations/"), "{heard}");
    let (code, out, err) = crate::acting::run(&actor, &["show", "latest", "--as-command"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("is an exploration; name a sweep"), "{err}");
}

#[test]
fn what_cannot_be_forgotten_is_said() {
    let keeper = refusing(Code::FailedPrecondition);
    let (code, out, err) = with(&keeper, &["delete", "latest"]);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(2), "", "gilctl: sweep 4abcde runs\n"));
    // Nothing is forgotten where one id means nothing.
    let keeper = Keeper::default();
    let (code, _, err) = with(&keeper, &["delete", "latest", "zzz"]);
    assert_eq!((code, keeper.heard().as_str()), (Some(8), ""), "{err}");
}

#[test]
fn bounds_arrive_in_their_units() {
    let names = vec!["sweeps/0abc123".to_owned(), "explorations/0def456".to_owned()];
    let keeper =
        Keeper { pruned: PruneHistoryResponse { names, bytes: 1_200_000 }, ..Keeper::default() };
    let dry = ["prune", "--keep", "4w", "--keep-newest", "7", "--dry-run"];
    let (code, out, err) = with(&keeper, &dry);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(err, "would delete 2 items, 1.20 MB; leave --dry-run out to do it\n");
    assert_eq!(out, "ID      KIND\nabc123  sweep\ndef456  exploration\n");
    assert_eq!(
        keeper.heard(),
        "PruneHistoryRequest { keep_duration_ns: 2419200000000000, keep_newest: Some(7), dry_run: \
         true }"
    );
    let (_, out, err) = with(&keeper, &["prune", "--keep-newest", "0", "--output", "json"]);
    assert_eq!(err, "deleted 2 items, 1.20 MB; next: gilctl list\n");
    assert!(out.ends_with("\"bytes\":1200000,\"dry_run\":false}\n"), "{out}");
    let (_, out, err) = with(&Keeper::default(), &["prune", "--keep", "1d"]);
    assert_eq!(
        (out.as_str(), err.as_str()),
        ("", "nothing exceeds the bounds; next: gilctl list\n")
    );
}

#[test]
fn a_file_is_there_as_a_whole_or_not_at_all() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sweep.gild");
    let shown = path.to_str().expect("text");
    let keeper = Keeper { file: (0..=255).collect(), ..Keeper::default() };
    let (code, out, err) = with(&keeper, &["export", "latest", "--out", shown]);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
    assert_eq!(err, format!("wrote {shown}, 256 B; next: gilctl import {shown}\n"));
    assert_eq!(fs::read(&path).expect("a file"), keeper.file);
    let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o600;
    assert_eq!(mode, 0o600, "as any file of the user's");

    let breaking = Keeper { breaks: true, ..keeper };
    for arguments in [&["--out", shown, "--force"][..], &["--out", "other", "--force"]] {
        let place = directory.path();
        let export = [&["export", "latest"], arguments].concat();
        let (code, _, err) = within(place, &breaking, &export);
        assert_eq!(code, Some(1), "{err}");
        assert!(err.contains("the log is damaged"), "{err}");
    }
    assert_eq!(names_in(directory.path()), ["sweep.gild"], "nothing unfinished stays");
    assert_eq!(fs::read(&path).expect("a file").len(), 256);
}

/// Runs gilctl in a directory.
fn within(place: &Path, keeper: &Keeper, arguments: &[&str]) -> (Option<i32>, String, String) {
    let (_runtime, url) = perform(Actor { keeper: keeper.clone(), ..Actor::new(Mood::Kind) });
    told(&command(&url, arguments).current_dir(place).output().expect("gilctl runs"))
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("an entry").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_overwritten_by_force_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sweep.gild");
    fs::write(&path, "mine").expect("written");
    let keeper = Keeper { file: b"theirs".to_vec(), ..Keeper::default() };
    let export = ["export", "latest", "--out", "sweep.gild"];
    let (code, _, err) = within(directory.path(), &keeper, &export);
    assert_eq!(code, Some(2));
    let wanted =
        "gilctl: --out: sweep.gild exists; choose another name, or overwrite it with --force\n";
    assert_eq!((err.as_str(), keeper.heard().as_str()), (wanted, ""), "nobody was asked");
    assert_eq!(fs::read(&path).expect("a file"), b"mine");
    let forced = [&export[..], &["--force"]].concat();
    assert_eq!(within(directory.path(), &keeper, &forced).0, Some(0));
    assert_eq!(fs::read(&path).expect("a file"), b"theirs");
    let nowhere = ["export", "latest", "--out", "no/such/place"];
    let (code, _, err) = within(directory.path(), &keeper, &nowhere);
    assert_eq!(code, Some(2), "{err}");
    let wanted = "--out: no/such/place: No such file or directory (os error 2); name a file in a";
    assert!(err.contains(wanted), "{err}");
}

#[test]
fn ctrl_c_leaves_no_half_of_a_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let keeper = Keeper { file: vec![7; 9], hangs: true, ..Keeper::default() };
    let (_runtime, url) = perform(Actor { keeper, ..Actor::new(Mood::Kind) });
    let mut export = command(&url, &["export", "latest", "--out", "sweep.gild"]);
    let mut child = export.current_dir(directory.path()).spawn().expect("gilctl runs");
    while names_in(directory.path()).is_empty() {
        assert!(child.try_wait().expect("a child").is_none(), "it ended early");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    let (code, _, err) = told(&child.wait_with_output().expect("it ends"));
    assert_eq!((code, names_in(directory.path())), (Some(130), Vec::new()), "{err}");
}

#[test]
fn a_pipe_carries_the_file_as_it_is() {
    let keeper = Keeper { file: (0..200).collect(), ..Keeper::default() };
    let (_runtime, url) = perform(Actor { keeper: keeper.clone(), ..Actor::new(Mood::Kind) });
    let output = command(&url, &["export", "4abcde"]).output().expect("gilctl runs");
    assert_eq!((output.stdout, output.status.code()), (keeper.file, Some(0)));
}

#[test]
fn an_imported_sweep_is_shown_next() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sweep.gild");
    let file: Vec<u8> =
        (0..150_000_u32).map(|byte| u8::try_from(byte % 251).expect("small")).collect();
    fs::write(&path, &file).expect("written");
    let keeper = Keeper::default();
    let (code, out, err) = with(&keeper, &["import", path.to_str().expect("text")]);
    assert_eq!((code, out.as_str()), (Some(0), "06a1f0zzzz9k3v7q2m8x4abcde\n"), "{err}");
    assert_eq!(err, "next: gilctl show 4abcde\n");
    assert_eq!(*keeper.taken.lock().expect("no panic"), file);
}

#[test]
fn stdin_is_a_file_too() {
    let keeper = Keeper::default();
    let (_runtime, url) = perform(Actor { keeper: keeper.clone(), ..Actor::new(Mood::Kind) });
    let mut import = command(&url, &["import", "-", "--output", "ndjson"]);
    let mut child = import.stdin(Stdio::piped()).spawn().expect("gilctl runs");
    child.stdin.take().expect("piped").write_all(b"a sweep").expect("it reads");
    let (code, out, err) = told(&child.wait_with_output().expect("it ends"));
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with(r#"{"kind":"imported","id":"06a1f0zzzz9k3v7q2m8x4abcde""#), "{out}");
    assert_eq!(*keeper.taken.lock().expect("no panic"), b"a sweep");
}

/// Whoever holds stdin open does not hold up the refusal.
#[test]
fn a_refused_import_waits_for_nobody() {
    let keeper = refusing(Code::AlreadyExists);
    let (_runtime, url) = perform(Actor { keeper, ..Actor::new(Mood::Kind) });
    let mut import = command(&url, &["import", "-"]);
    let mut child = import.stdin(Stdio::piped()).spawn().expect("gilctl runs");
    let open = child.stdin.take();
    let (code, _, err) = told(&child.wait_with_output().expect("it ends"));
    assert_eq!((code, err.as_str()), (Some(2), "gilctl: sweep 4abcde runs\n"));
    drop(open);
}

#[test]
fn an_import_that_fails_says_why() {
    let (code, _, err) = with(&Keeper::default(), &["import", "/nonexistent/sweep"]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("gilctl: /nonexistent/sweep: No such file"), "{err}");
    let (code, _, err) = with(&Keeper::default(), &["import", "/"]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("gilctl: /: Is a directory"), "{err}");
    for code in [Code::AlreadyExists, Code::InvalidArgument] {
        let (exit, out, err) = with(&refusing(code), &["import", "/dev/null"]);
        assert_eq!((exit, out.as_str()), (Some(2), ""));
        assert_eq!(err, "gilctl: sweep 4abcde runs\n");
    }
}
