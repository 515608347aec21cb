//! Backup beside a running sweep and of an old history, and restoring both elsewhere.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proto::v1::sweep_event::Happening;
use proto::v1::{GetSweepRequest, SweepState};

use super::{gild, said};
use crate::daemon::{Daemon, create, endless, spec, start, stopped_after_a_sweep, watch};

/// A history of 2c8d602, from the crate's directory.
pub(super) const RECORDED: &str = "../gilctl/tests/data/2c8d602/history.db";

/// The history of [`Daemon`]s in that directory.
pub(super) fn data_dir(directory: &Path) -> PathBuf {
    directory.join("private/gild.data/gild")
}

pub(super) fn run(
    arguments: &[&str],
    file: &Path,
    data_dir: &Path,
) -> (Option<i32>, String, String) {
    let mut command = gild(arguments);
    command.arg(file).arg("--data-dir").arg(data_dir);
    said(command)
}

#[tokio::test]
async fn backup_beside_a_running_sweep_is_restored_elsewhere() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let ended = create(&mut sweeps, spec("atomic", 20)).await;
    let events = watch(&mut sweeps, &ended, 0).await;
    let (running, _stream) = start(&mut sweeps, endless()).await;

    let file = daemon.directory().path().join("backup.db");
    let (code, out, err) = run(&["backup"], &file, &data_dir(daemon.directory().path()));
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains(": 2 sweeps and explorations, "), "{out}");
    let (code, _, err) = run(&["backup"], &file, &data_dir(daemon.directory().path()));
    assert_eq!(code, Some(2), "{err}");
    let (code, _, err) = run(&["restore"], &file, &data_dir(daemon.directory().path()));
    assert_eq!(code, Some(69), "{err}");
    assert!(err.contains("another lab has this history open"), "{err}");

    let elsewhere = Arc::new(tempfile::tempdir().expect("a directory"));
    let place = data_dir(elsewhere.path());
    let (code, out, err) = run(&["restore"], &file, &place);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let restored = Daemon::start_in(elsewhere, &[]);
    let mut sweeps = restored.sweeps().await;
    assert_eq!(watch(&mut sweeps, &ended, 0).await, events);
    let stopped = watch(&mut sweeps, &running, 0).await;
    let Some(Happening::Ended(end)) = &stopped.last().expect("an end").happening else {
        panic!("it has not ended");
    };
    assert_eq!(end.state(), SweepState::Interrupted);
}

#[tokio::test]
async fn history_of_2c8d602_is_backed_up_and_restored() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join(RECORDED);
    let directory = Arc::new(tempfile::tempdir().expect("a directory"));
    let old = directory.path().join("old");
    std::fs::create_dir(&old).expect("ours");
    std::fs::copy(recorded, old.join("lab.db")).expect("a copy");
    let file = directory.path().join("backup.db");
    let (code, saved, err) = run(&["backup"], &file, &old);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{saved}");
    let (code, _, err) = run(&["restore"], &file, &data_dir(directory.path()));
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let daemon = Daemon::start_in(Arc::clone(&directory), &[]);
    let mut sweeps = daemon.sweeps().await;
    let listed = sweeps.list_sweeps(proto::v1::ListSweepsRequest::default()).await;
    let listed = listed.expect("a list").into_inner().sweeps;
    assert!(listed.len() >= 5, "{}", listed.len());
    for sweep in listed {
        let request = GetSweepRequest { name: sweep.name.clone() };
        let read = sweeps.get_sweep(request).await.expect("it can be read").into_inner();
        assert_eq!(read.sweep.expect("a sweep").spec, sweep.spec);
    }
}

/// A directory that another user made, or a read-only mount.
#[tokio::test]
async fn history_is_backed_up_without_write_access() {
    let (daemon, _) = stopped_after_a_sweep().await;
    let from = data_dir(daemon.directory().path());
    let directory = tempfile::tempdir().expect("a directory");
    let shared = directory.path().join("shared");
    std::fs::create_dir(&shared).expect("ours");
    let set = |path: &Path, mode| {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("ours");
    };
    for file in ["lab.db", "lab.lock"] {
        std::fs::copy(from.join(file), shared.join(file)).expect("a copy");
        set(&shared.join(file), 0o444);
    }
    set(&shared, 0o555);
    set(directory.path(), 0o777);
    let mut command = gild(&["backup"]);
    if nix::unistd::geteuid().is_root() {
        // A user without a name; the binary is copied to where that user may run it.
        let copy = directory.path().join("gild");
        std::fs::copy(command.get_program(), &copy).expect("a copy");
        let mut copied = std::process::Command::new(copy);
        copied.args(command.get_args()).uid(65534).gid(65534);
        command = copied;
    }
    command.arg(directory.path().join("backup.db")).arg("--data-dir").arg(&shared);
    let (code, out, err) = said(command);
    let files = std::fs::read_dir(&shared).expect("readable").count();
    set(&shared, 0o755);
    assert_eq!((code, err.as_str(), files), (Some(0), "", 2), "{out}");
    assert!(out.contains(": 1 sweep"), "{out}");
}

#[tokio::test]
async fn lab_db_copied_without_its_log_is_refused_by_all_that_open_it() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let name = create(&mut sweeps, spec("atomic", 20)).await;
    watch(&mut sweeps, &name, 0).await;
    let directory = tempfile::tempdir().expect("a directory");
    let copy = directory.path().join("copy");
    std::fs::create_dir(&copy).expect("ours");
    std::fs::copy(daemon.database(), copy.join("lab.db")).expect("a copy");
    let missing = |(code, _, err): (Option<i32>, String, String), who: &str| {
        assert_eq!(code, Some(74), "{who}: {err}");
        assert!(err.contains("lab.db-wal, is missing") && err.contains("gild backup"), "{err}");
    };
    for command in ["serve", "check-config", "serve"] {
        let mut refused = gild(&[command, "--data-dir"]);
        refused.arg(&copy).env("GILD_SOCKET", directory.path().join("own/gild.sock"));
        missing(said(refused), command);
    }
    let file = directory.path().join("backup.db");
    missing(run(&["backup"], &file, &copy), "backup");
    let elsewhere = directory.path().join("elsewhere");
    missing(run(&["restore"], &copy.join("lab.db"), &elsewhere), "restore");
    let (code, out, err) = run(&["restore", "--without-log"], &copy.join("lab.db"), &elsewhere);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains(": 0 sweeps and explorations"), "{out}");
}

#[tokio::test]
async fn backup_and_restore_find_the_directory_as_the_daemon_does() {
    let directory = tempfile::tempdir().expect("a directory");
    let (config, file) = (directory.path().join("gild.toml"), directory.path().join("backup.db"));
    let daemon = Daemon::start(&[]);
    create(&mut daemon.sweeps().await, spec("atomic", 1)).await;
    let place = data_dir(daemon.directory().path());
    let write = |place: &Path| {
        std::fs::write(&config, format!("data-dir = {place:?}\n")).expect("ours");
    };
    let with_config = |command: &str| {
        let mut command = gild(&[command]);
        command.arg(&file).arg("--config").arg(&config);
        said(command)
    };
    write(&place);
    let (code, out, err) = with_config("backup");
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains(": 1 sweep or exploration, "), "{out}");
    let elsewhere = directory.path().join("elsewhere");
    write(&elsewhere);
    let (code, _, err) = with_config("restore");
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(elsewhere.join("lab.db").exists());
    std::fs::write(&config, "data-dri = 7\n").expect("ours");
    let (code, _, err) = with_config("backup");
    assert_eq!(code, Some(78), "{err}");
    assert!(err.contains("data-dri"), "{err}");
}
