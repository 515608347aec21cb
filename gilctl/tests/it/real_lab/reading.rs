//! Reading a history that no lab has open: nothing is changed or created, whatever state it was left
//! in, and a user without write access reads it too.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use gild::store::Store;
use gild::store::location::DataDir;
use rusqlite::Connection;
use serde_json::Value;

use crate::real_lab::beside::{Home, text};
use crate::real_lab::end_to_end::lines;

/// Commands that read; each prints something about the newest sweep.
const READING: [&[&str]; 7] = [
    &["list"],
    &["show", "latest"],
    &["explain", "latest"],
    &["plot", "latest"],
    &["watch", "latest"],
    &["compare", "latest", "latest~1", "--force"],
    &["prune", "--keep-newest", "9", "--dry-run", "--output", "json"],
];

/// The files of a directory with their bytes and times.
fn contents(directory: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let listed = fs::read_dir(directory).expect("it is there");
    let file = |path: PathBuf| {
        let modified = fs::metadata(&path).and_then(|it| it.modified()).expect("a time");
        let bytes = fs::read(&path).expect("readable");
        (path, (bytes, modified))
    };
    listed.map(|entry| file(entry.expect("readable").path())).collect()
}

fn sweep(home: &Home) {
    let swept = home.run(&["sweep", "--strategy", "atomic", "--attempts", "2", "-q"]);
    assert_eq!(swept.status.code(), Some(0), "{}", text(&swept.stderr));
}

/// Runs every reading command, which must leave the history as it is.
fn read_all(home: &Home, run: impl Fn(&[&str]) -> Output) {
    let before = contents(&home.data());
    for command in READING {
        let output = run(command);
        let shown = format!("{command:?}: {}", text(&output.stderr));
        // An interrupted sweep is exit 7, and sweeps without a common cell are exit 5.
        assert!(matches!(output.status.code(), Some(0 | 5 | 7)), "{shown}");
        assert!(!output.stdout.is_empty(), "{shown}");
        assert!(contents(&home.data()) == before, "{command:?} changed the history");
    }
}

#[test]
fn quiet_history_is_read_without_a_file_beside_it() {
    let home = Home::new();
    sweep(&home);
    sweep(&home);
    read_all(&home, |command| home.run(command));
    let names: Vec<_> = contents(&home.data()).into_keys().collect();
    assert_eq!(names, ["lab.db", "lab.lock"].map(|name| home.data().join(name)));
}

/// Labs that open and close the history while it is read spoil no reading, and none of them is kept
/// from writing.
#[test]
fn history_is_read_while_labs_come_and_go() {
    let home = Home::new();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| (0..8).for_each(|_| sweep(&home)));
        let mut kept = 0;
        while !writing.is_finished() {
            let output = home.run(&["list", "--output", "ndjson"]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            let count = lines(&output).len();
            assert!(count >= kept, "{count} sweeps, and {kept} before");
            kept = count;
        }
    });
    assert_eq!(lines(&home.run(&["list", "--output", "ndjson"])).len(), 8);
}

#[test]
fn absent_history_is_empty_and_is_not_created() {
    let home = Home::new();
    for (command, wanted) in [(&["list"][..], 0), (&["show", "latest"], 8), (&["watch", "x"], 69)] {
        let output = home.run(command);
        assert_eq!(output.status.code(), Some(wanted), "{}", text(&output.stderr));
    }
    assert!(!home.data().exists());
}

/// A lab that was killed leaves a running sweep and a write-ahead log.
#[test]
fn history_of_a_killed_lab_is_read_as_it_will_be_recovered() {
    let home = Home::new();
    sweep(&home);
    let sweeping = home.sweep();
    let id = sweeping.id.clone();
    drop(sweeping);
    read_all(&home, |command| home.run(command));
    let listed = lines(&home.run(&["list", "--output", "ndjson"]));
    assert_eq!(
        (&listed[0]["id"], &listed[0]["state"]),
        (&id.as_str().into(), &"INTERRUPTED".into())
    );
    let end = |output: &Output| {
        let lines = lines(output);
        let end = lines.iter().find(|line| line["kind"] == "end").expect("an end").clone();
        (output.status.code(), end["state"].clone(), end["verdict"].clone())
    };
    let read = end(&home.run(&["show", "latest", "--output", "ndjson"]));
    assert_eq!((read.0, &read.1), (Some(7), &Value::from("INTERRUPTED")));
    // A lab that writes recovers it now.
    drop(home.run(&["import", "/dev/null"]));
    let store = Store::open(DataDir::Kept(home.data())).expect("it is free");
    assert_eq!(store.unended().expect("readable").len(), 0);
    drop(store);
    assert_eq!(end(&home.run(&["show", "latest", "--output", "ndjson"])), read);
}

/// A history as version 1 of the schema has it; an open connection.
fn old_history(home: &Home) -> Connection {
    fs::create_dir(home.data()).expect("ours");
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/2c8d602/history.db");
    let database = home.data().join("lab.db");
    fs::copy(recorded, &database).expect("a copy");
    let database = Connection::open(database).expect("any tool opens it");
    let version_1 = "DROP INDEX works_by_kind; DROP INDEX works_by_rank; PRAGMA user_version = 1;";
    database.execute_batch(version_1).expect("writable");
    database
}

#[test]
fn older_history_is_read_without_migrating_it() {
    let home = Home::new();
    drop(old_history(&home));
    read_all(&home, |command| home.run(command));
}

#[test]
fn older_history_is_read_beside_the_lab_that_has_it_open() {
    let home = Home::new();
    // As an older lab has it open: the lock, and the database in WAL mode.
    let writer = old_history(&home);
    let lock = fs::File::create(home.data().join("lab.lock")).expect("ours");
    let _lock = nix::fcntl::Flock::lock(lock, nix::fcntl::FlockArg::LockExclusive).expect("free");
    let run = "PRAGMA journal_mode = WAL; \
               DELETE FROM events WHERE work IN (6, 8) AND kind = 'ended'; \
               UPDATE works SET state = 'running', last_sequence = last_sequence - 1 \
               WHERE number IN (6, 8);";
    writer.execute_batch(run).expect("writable");
    let listed = home.run(&["list"]);
    let out = text(&listed.stdout);
    assert_eq!(out.matches("RUNNING").count(), 2, "{out}{}", text(&listed.stderr));
    let watched = home.run(&["watch", "latest"]);
    let said = text(&watched.stderr);
    assert!(said.contains("an older gild has the history open"), "{said}");
    drop(writer);
}

#[test]
fn history_without_its_write_ahead_log_is_refused() {
    let home = Home::new();
    let lab = home.file("lab.db");
    let database = Connection::open(&lab).expect("a new file");
    let create = "PRAGMA journal_mode = WAL; CREATE TABLE works (number INTEGER);";
    database.execute_batch(create).expect("writable");
    fs::create_dir(home.data()).expect("ours");
    fs::copy(&lab, home.data().join("lab.db")).expect("a copy");
    let listed = home.run(&["list"]);
    let said = text(&listed.stderr);
    assert_eq!(listed.status.code(), Some(1), "{said}");
    assert!(said.contains("write-ahead log") && said.contains("`gild backup`"), "{said}");
}

/// Runs gilctl as a user who may read the history and write nothing there.
fn as_reader(home: &Home, command: &[&str]) -> Output {
    let mut gilctl = home.gilctl(command);
    if nix::unistd::geteuid().is_root() {
        // A user without a name; the binary is copied to where that user may run it.
        let copy = home.file("gilctl");
        if !Path::new(&copy).exists() {
            // By another process: a test that forks while this one writes would keep it open, and a
            // program that is open for writing cannot be run.
            let mut cp = std::process::Command::new("cp");
            let copied = cp.arg(env!("CARGO_BIN_EXE_gilctl")).arg(&copy).status();
            assert!(copied.is_ok_and(|status| status.success()), "a copy");
        }
        let mut copied = std::process::Command::new(copy);
        copied.args(gilctl.get_args());
        copied.envs(gilctl.get_envs().filter_map(|(name, value)| Some((name, value?))));
        copied.env_remove("GILCTL_SERVER").uid(65534).gid(65534);
        gilctl = copied;
    }
    gilctl.output().expect("gilctl runs")
}

/// Lets others read the history as `docs/backup.md` says, and takes the right to write from this user
/// if it is the one that reads.
fn share(home: &Home) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/backup.md");
    let page = fs::read_to_string(page).expect("the page is in the repository");
    let commands: Vec<&str> = page.lines().filter(|line| line.starts_with("chmod ")).collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    let data = home.data().display().to_string();
    for command in commands {
        let command = command.replace("~/.local/share/gild", &data);
        let status = std::process::Command::new("/bin/sh").args(["-c", &command]).status();
        assert!(status.expect("a shell").success(), "{command}");
    }
    let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode));
    // The temporary directory above it is private.
    set(home.data().parent().expect("a directory"), 0o755).expect("ours");
    if !nix::unistd::geteuid().is_root() {
        for path in contents(&home.data()).into_keys() {
            set(&path, 0o444).expect("ours");
        }
        set(&home.data(), 0o555).expect("ours");
    }
}

fn unshare(home: &Home) {
    fs::set_permissions(home.data(), Permissions::from_mode(0o700)).expect("ours");
}

#[test]
fn user_without_write_access_reads_a_quiet_history() {
    let home = Home::new();
    sweep(&home);
    sweep(&home);
    share(&home);
    read_all(&home, |command| as_reader(&home, command));
    let refused = as_reader(&home, &["sweep", "--strategy", "atomic"]);
    unshare(&home);
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("--no-history"), "{said}");
}

#[test]
fn user_without_write_access_reads_the_history_of_a_killed_lab() {
    let home = Home::new();
    sweep(&home);
    drop(home.sweep());
    share(&home);
    read_all(&home, |command| as_reader(&home, command));
    unshare(&home);
}

#[test]
fn user_without_write_access_reads_beside_a_running_sweep() {
    let home = Home::new();
    sweep(&home);
    let sweeping = home.sweep();
    share(&home);
    let listed = as_reader(&home, &["list"]);
    let found = as_reader(&home, &["explore", "--strategy", "unlocked"]);
    let (out, said) = (text(&listed.stdout), text(&listed.stderr));
    unshare(&home);
    assert!(text(&found.stderr).contains("is not stored"), "{}", text(&found.stderr));
    assert!(out.contains("RUNNING"), "{out}{said}");
    assert!(said.contains(&format!("process {}, gilctl sweep", sweeping.process())), "{said}");
}

/// Whether a lab writes it cannot be seen then.
#[test]
fn history_with_an_unreadable_lock_is_refused_with_the_way_out() {
    let home = Home::new();
    sweep(&home);
    share(&home);
    let lock = home.data().join("lab.lock");
    fs::set_permissions(&lock, Permissions::from_mode(0o000)).expect("ours");
    let listed = as_reader(&home, &["list"]);
    unshare(&home);
    let said = text(&listed.stderr);
    assert_eq!(listed.status.code(), Some(1), "{said}");
    assert!(said.contains("lab.lock") && said.contains("`gild backup`"), "{said}");
}
