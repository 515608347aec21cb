//! `gilctl export` and `gilctl import` against a fake server.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tonic::Code;

use super::{refusing, with};
use crate::support::fake_history::FakeHistory;
use crate::support::fake_sweeps::{FakeSweeps, serve_sweeps};
use crate::support::server::{ServerBehavior, command, outcome};

#[test]
fn broken_export_leaves_no_partial_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sweep.gild");
    let shown = path.to_str().expect("text");
    let history = FakeHistory { file: (0..=255).collect(), ..FakeHistory::default() };
    let (code, out, err) = with(&history, &["export", "latest", "--out", shown]);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
    assert_eq!(
        err,
        format!("wrote {shown}, 256 B; another lab stores it with `gilctl import {shown}`\n")
    );
    assert_eq!(fs::read(&path).expect("a file"), history.file);
    let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o600;
    assert_eq!(mode, 0o600, "as any file of the user's");

    let breaking = FakeHistory { breaks: true, ..history };
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
fn within(
    place: &Path,
    history: &FakeHistory,
    arguments: &[&str],
) -> (Option<i32>, String, String) {
    let (_runtime, url) = serve_sweeps(FakeSweeps {
        history: history.clone(),
        ..FakeSweeps::new(ServerBehavior::Serves)
    });
    outcome(&command(&url, arguments).current_dir(place).output().expect("gilctl runs"))
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
fn existing_file_is_overwritten_only_with_force() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sweep.gild");
    fs::write(&path, "mine").expect("written");
    let history = FakeHistory { file: b"theirs".to_vec(), ..FakeHistory::default() };
    let export = ["export", "latest", "--out", "sweep.gild"];
    let (code, _, err) = within(directory.path(), &history, &export);
    assert_eq!(code, Some(2));
    let wanted =
        "gilctl: --out: sweep.gild exists; choose another name, or overwrite it with --force\n";
    assert_eq!((err.as_str(), history.requests().as_str()), (wanted, ""), "no request was sent");
    assert_eq!(fs::read(&path).expect("a file"), b"mine");
    let forced = [&export[..], &["--force"]].concat();
    assert_eq!(within(directory.path(), &history, &forced).0, Some(0));
    assert_eq!(fs::read(&path).expect("a file"), b"theirs");
    let nowhere = ["export", "latest", "--out", "no/such/place"];
    let (code, _, err) = within(directory.path(), &history, &nowhere);
    assert_eq!(code, Some(2), "{err}");
    let wanted = "--out: no/such/place: No such file or directory (os error 2); name a file in a";
    assert!(err.contains(wanted), "{err}");
}

#[test]
fn ctrl_c_during_export_leaves_no_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = FakeHistory { file: vec![7; 9], hangs: true, ..FakeHistory::default() };
    let (_runtime, url) =
        serve_sweeps(FakeSweeps { history, ..FakeSweeps::new(ServerBehavior::Serves) });
    let mut export = command(&url, &["export", "latest", "--out", "sweep.gild"]);
    let mut child = export.current_dir(directory.path()).spawn().expect("gilctl runs");
    while names_in(directory.path()).is_empty() {
        assert!(child.try_wait().expect("a child").is_none(), "it ended early");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    let (code, _, err) = outcome(&child.wait_with_output().expect("it ends"));
    assert_eq!((code, names_in(directory.path())), (Some(130), Vec::new()), "{err}");
}

#[test]
fn export_to_a_pipe_writes_the_file_unchanged() {
    let history = FakeHistory { file: (0..200).collect(), ..FakeHistory::default() };
    let (_runtime, url) = serve_sweeps(FakeSweeps {
        history: history.clone(),
        ..FakeSweeps::new(ServerBehavior::Serves)
    });
    let output = command(&url, &["export", "4abcde"]).output().expect("gilctl runs");
    assert_eq!((output.stdout, output.status.code()), (history.file, Some(0)));
}

#[test]
fn imported_file_arrives_whole_and_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sweep.gild");
    let file: Vec<u8> =
        (0..150_000_u32).map(|byte| u8::try_from(byte % 251).expect("small")).collect();
    fs::write(&path, &file).expect("written");
    let history = FakeHistory::default();
    let (code, out, err) = with(&history, &["import", path.to_str().expect("text")]);
    assert_eq!((code, out.as_str()), (Some(0), "06a1f0zzzz9k3v7q2m8x4abcde\n"), "{err}");
    assert_eq!(err, "next: gilctl show 4abcde\n");
    assert_eq!(*history.imported.lock().expect("no panic"), file);
}

#[test]
fn import_reads_stdin() {
    let history = FakeHistory::default();
    let (_runtime, url) = serve_sweeps(FakeSweeps {
        history: history.clone(),
        ..FakeSweeps::new(ServerBehavior::Serves)
    });
    let mut import = command(&url, &["import", "-", "--output", "ndjson"]);
    let mut child = import.stdin(Stdio::piped()).spawn().expect("gilctl runs");
    child.stdin.take().expect("piped").write_all(b"a sweep").expect("it reads");
    let (code, out, err) = outcome(&child.wait_with_output().expect("it ends"));
    assert_eq!(code, Some(0), "{err}");
    let beginning = r#"{"kind":"imported","schema":"gild.v2","id":"06a1f0zzzz9k3v7q2m8x4abcde""#;
    assert!(out.starts_with(beginning), "{out}");
    assert_eq!(*history.imported.lock().expect("no panic"), b"a sweep");
}

/// An open stdin does not delay the refusal.
#[test]
fn refused_import_exits_while_stdin_stays_open() {
    let history = refusing(Code::AlreadyExists);
    let (_runtime, url) =
        serve_sweeps(FakeSweeps { history, ..FakeSweeps::new(ServerBehavior::Serves) });
    let mut import = command(&url, &["import", "-"]);
    let mut child = import.stdin(Stdio::piped()).spawn().expect("gilctl runs");
    let open = child.stdin.take();
    let (code, _, err) = outcome(&child.wait_with_output().expect("it ends"));
    assert_eq!((code, err.as_str()), (Some(2), "gilctl: sweep 4abcde runs\n"));
    drop(open);
}

#[test]
fn failed_import_names_its_cause() {
    let (code, _, err) = with(&FakeHistory::default(), &["import", "/nonexistent/sweep"]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("gilctl: /nonexistent/sweep: No such file"), "{err}");
    let (code, _, err) = with(&FakeHistory::default(), &["import", "/"]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("gilctl: /: Is a directory"), "{err}");
    for code in [Code::AlreadyExists, Code::InvalidArgument] {
        let (exit, out, err) = with(&refusing(code), &["import", "/dev/null"]);
        assert_eq!((exit, out.as_str()), (Some(2), ""));
        assert_eq!(err, "gilctl: sweep 4abcde runs\n");
    }
}
