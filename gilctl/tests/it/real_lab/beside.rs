//! Each command of gilctl without a daemon of its own, beside a lab that has the history open: a
//! sweep inside another gilctl, and a daemon on another socket. The writer is held until the command
//! has answered, so a command that waits for it fails.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use clap::{CommandFactory as _, Parser as _};
use engine::python::registry::Interpreters;
use gilctl::cli::Flags;
use gilctl::cli::access::Access;
use gild::lab::Lab;
use gild::store::Store;
use gild::store::location::DataDir;
use serde_json::Value;
use tempfile::TempDir;

use crate::real_lab::end_to_end::{Server, documents, lines};

/// A name that no daemon listens at; it stands in the lock file of the tests' daemon.
const SOCKET: &str = "unix:///nowhere/gild.sock";

/// Many cells, so that the sweep is long and its turns, a tenth of a second each, are short.
const LONG: [&str; 10] = [
    "--strategy",
    "atomic",
    "--tasks",
    "2",
    "--outside",
    "10ms",
    "--task-steps",
    "0..=99",
    "--attempts",
    "200",
];

/// Directories of a user without a daemon: a history, and an empty one for the default socket.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    /// A home whose history has two ended sweeps; `latest` is the second.
    fn used() -> Self {
        let home = Self::new();
        for _ in 0..2 {
            let swept = home.run(&["sweep", "--strategy", "atomic", "--attempts", "2"]);
            assert_eq!(swept.status.code(), Some(0), "{}", text(&swept.stderr));
        }
        home
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    pub(crate) fn gilctl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gilctl"));
        command
            .args(arguments)
            .env_remove("GILCTL_SERVER")
            .env("GILCTL_DATA_DIR", self.data())
            .env("XDG_RUNTIME_DIR", self.0.path().join("runtime"));
        command
    }

    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.gilctl(arguments).output().expect("gilctl runs")
    }

    /// Starts a sweep inside another gilctl, and waits for its first turn.
    pub(crate) fn sweep(&self) -> Sweeping {
        let mut child = self
            .gilctl(&["sweep", "--output", "ndjson", "--turns", "--embedded"])
            .args(LONG)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("gilctl runs");
        let mut documents = documents(&mut child);
        let id = documents.next().expect("a line")["id"].as_str().expect("an id").to_owned();
        assert_eq!(documents.next().expect("a line")["kind"], "turn");
        // Read on, so that the pipe never fills.
        std::thread::spawn(move || documents.for_each(drop));
        Sweeping { child, id }
    }
}

/// A sweep inside another gilctl; killed when it is dropped.
pub(crate) struct Sweeping {
    child: Child,
    pub(crate) id: String,
}

impl Sweeping {
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Cancels it as Ctrl-C does, and waits for its end.
    fn interrupt(mut self) {
        let kill = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
        self.child.wait().expect("it ends");
    }
}

impl Drop for Sweeping {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A daemon on a socket of its own with the history of `home`, and a sweep that runs there.
fn serving(home: &Home) -> (Server, String) {
    let data = DataDir::Kept(home.data());
    let history = Store::open_as(&format!("gild serve at {SOCKET}"), data).expect("it is free");
    let server = Server::serving(Lab::start(history, Interpreters::default()).expect("a lab"));
    let socket = server.unix();
    let started = home.run(&[&["sweep", "--detach", "--server", &socket][..], &LONG].concat());
    assert_eq!(started.status.code(), Some(0), "{}", text(&started.stderr));
    (server, text(&started.stdout).trim().to_owned())
}

/// Arguments of each command, one list for each way in which it treats the history. `latest` is the
/// running sweep.
fn samples(command: &str, file: &str) -> Vec<Vec<String>> {
    let race = "--strategy unlocked --increments 2";
    let lines = match command {
        "sweep" => {
            vec!["--strategy atomic --attempts 1".to_owned(), "--strategy atomic --dry-run".into()]
        }
        "strategies" | "list" | "status" | "top" | "doctor" | "tour" | "man" => {
            vec![String::new()]
        }
        "ui" => vec!["--no-open".into()],
        "completions" => vec!["bash".into()],
        "schema" => vec!["sweep".into()],
        "config" => vec!["show".into()],
        "calibrate" => vec!["--python /no/python".into()],
        "explore" => vec![race.into(), format!("{race} --dry-run")],
        "witness" => vec![format!("{race} --value 2")],
        "replay" => vec!["gild1".into()],
        "explain" | "watch" => vec!["latest~1".into()],
        "plot" => vec!["latest~1".into(), "latest~1 latest~2".into()],
        "report" => vec![format!("latest~1 latest~2 --force --out {file}.html")],
        "trace" => vec![format!("latest~1 --force --out {file}.json")],
        "delete" => vec!["latest~1 --yes".into(), "latest~1 --dry-run".into()],
        "show" => vec!["latest".into(), "latest --as-command".into()],
        "cancel" | "resume" | "rerun" => vec!["latest".into()],
        "label" => vec!["latest~1 v2".into()],
        "compare" => vec!["latest~1 latest~2 --force".into()],
        "prune" => vec!["--keep-newest 1 --yes".into(), "--keep-newest 1 --dry-run".into()],
        "export" => vec![format!("latest~1 --force --out {file}")],
        "import" => vec![file.to_owned()],
        new => {
            panic!("`{new}` is new: say here how it is called, and in cli/access.rs what it does")
        }
    };
    let split = |line: String| -> Vec<String> {
        let words = line.split_whitespace().map(str::to_owned);
        std::iter::once(command.to_owned()).chain(words).collect()
    };
    lines.into_iter().map(split).collect()
}

/// Runs every command; `holder` is part of the description of the lab that has the history open, and
/// `running` the sweep that it runs.
fn cross_all_commands(home: &Home, holder: &str, running: &str) {
    let before = home.run(&["list", "--output", "ndjson"]).stdout;
    assert_eq!(lines(&home.run(&["list", "--output", "ndjson"])).len(), 3);
    let file = home.file("sweep.db");
    assert_eq!(home.run(&["export", "latest~1", "--out", &file]).status.code(), Some(0));
    for command in Flags::command().get_subcommands() {
        for sample in samples(command.get_name(), &file) {
            let sample: Vec<&str> = sample.iter().map(String::as_str).collect();
            let parsed = Flags::try_parse_from([&["gilctl"], &sample[..]].concat());
            let purpose = parsed.expect("a valid sample").command.expect("a command").purpose();
            assert_eq!(purpose.command, command.get_name(), "its row has another name");
            let output = home.run(&sample);
            let (code, said) = (output.status.code(), text(&output.stderr));
            let shown = format!("{sample:?} beside {holder}: {code:?} {said}");
            match purpose.access {
                Access::Reads => reads(&sample, &output, running, &shown),
                // Both are refused for what was asked, not for the history.
                Access::Searches if ["calibrate", "replay"].contains(&purpose.command) => {
                    assert_eq!(code, Some(2), "{shown}");
                }
                Access::Searches => {
                    assert_eq!(code, Some(0), "{shown}");
                    assert!(!output.stdout.is_empty(), "{shown}");
                    let line = said.lines().find(|line| line.contains("is not stored"));
                    assert!(line.is_some_and(|line| line.contains(holder)), "{shown}");
                }
                Access::Writes => {
                    assert_eq!((code, output.stdout.len()), (Some(75), 0), "{shown}");
                    let name = format!("`{}`", purpose.command);
                    assert!(said.contains(holder) && said.contains(&name), "{shown}");
                }
            }
        }
    }
    let ids = |stdout: &[u8]| text(stdout).lines().map(id_of).collect::<Vec<_>>();
    let after = home.run(&["list", "--output", "ndjson"]).stdout;
    assert_eq!(ids(&after), ids(&before), "nothing was stored, nothing was deleted");
}

fn id_of(line: &str) -> Value {
    serde_json::from_str::<Value>(line).expect("JSON")["id"].clone()
}

fn reads(sample: &[&str], output: &Output, running: &str, shown: &str) {
    let code = output.status.code();
    if sample == ["top"] {
        assert_eq!(code, Some(2), "it needs a terminal, and does not wait: {shown}");
        return;
    }
    // Any machine may be unfit to measure.
    let allowed: &[i32] = if sample == ["doctor"] { &[0, 4] } else { &[0] };
    assert!(code.is_some_and(|code| allowed.contains(&code)), "{shown}");
    let out = text(&output.stdout);
    let short = &running[running.len() - 6..];
    match sample {
        ["list" | "status"] | ["show", "latest"] => {
            assert!(out.contains(short), "{shown}\n{out}");
        }
        ["export" | "report" | "trace", ..] => {}
        _ => assert!(!out.is_empty(), "{shown}"),
    }
    if sample == ["doctor"] {
        assert!(out.contains("the lab itself was measuring or searching meanwhile"), "{out}");
    }
    if sample == ["status"] {
        assert_eq!(out.matches("unknown").count(), 5, "of the other process is unknown:\n{out}");
    }
    if sample == ["list"] || sample == ["show", "latest"] {
        assert!(out.contains("RUNNING"), "{shown}\n{out}");
    }
}

#[test]
fn every_command_answers_beside_a_sweep_inside_another_gilctl() {
    let home = Home::used();
    let sweeping = home.sweep();
    let holder = format!("process {}, gilctl sweep, since ", sweeping.process());
    cross_all_commands(&home, &holder, &sweeping.id);
    let refused = text(&home.run(&["sweep", "--strategy", "atomic"]).stderr);
    assert!(refused.contains("--no-history"), "{refused}");
}

#[test]
fn every_command_answers_beside_a_daemon_on_another_socket() {
    let home = Home::used();
    let (server, running) = serving(&home);
    let holder = format!("process {}, gild serve at {SOCKET}, since ", std::process::id());
    cross_all_commands(&home, &holder, &running);
    let refused = text(&home.run(&["cancel", "latest"]).stderr);
    assert!(refused.contains(&format!("use that lab with --server {SOCKET}")), "{refused}");
    drop(server);
}

/// Follows a running sweep of another process, cancels it by `cancel`, and sees its end.
fn watch_to_the_end(home: &Home, cancel: impl FnOnce()) {
    let watch = ["watch", "latest", "--output", "ndjson", "--turns"];
    let mut watching = home
        .gilctl(&watch)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("gilctl runs");
    let mut documents = documents(&mut watching);
    let turns = documents.by_ref().filter(|line| line["kind"] == "turn").take(2).count();
    assert_eq!(turns, 2, "events arrive while it runs");
    cancel();
    let end = documents.last().expect("an end");
    assert_eq!((&end["kind"], &end["state"]), (&"end".into(), &"CANCELLED".into()));
    let output = watching.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
}

#[test]
fn sweep_of_another_process_is_watched_to_its_end() {
    let home = Home::new();
    let sweeping = home.sweep();
    watch_to_the_end(&home, || sweeping.interrupt());
    let home = Home::new();
    let (server, id) = serving(&home);
    watch_to_the_end(&home, || {
        let cancelled = home.run(&["cancel", &id, "--server", &server.unix()]);
        assert_eq!(cancelled.status.code(), Some(0), "{}", text(&cancelled.stderr));
    });
}

#[test]
fn watcher_of_a_sweep_whose_process_is_killed_ends() {
    let home = Home::new();
    let sweeping = home.sweep();
    let watching = home
        .gilctl(&["watch", "latest"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("gilctl runs");
    drop(sweeping);
    let output = watching.wait_with_output().expect("it ends");
    // It may have begun before the kill, or after it.
    let said = text(&output.stderr);
    match output.status.code() {
        Some(1) => assert!(said.contains("the lab that ran it ended without warning"), "{said}"),
        code => assert_eq!(code, Some(7), "{said}"),
    }
}

#[test]
fn cancel_without_any_lab_exits_69_and_status_and_watch_answer_from_the_history() {
    let home = Home::used();
    let cancel = home.run(&["cancel", "latest"]);
    assert_eq!(cancel.status.code(), Some(69), "{}", text(&cancel.stderr));
    assert!(Path::new(&home.data()).join("lab.db").exists());
    let status = home.run(&["status"]);
    let (shown, said) = (text(&status.stdout), text(&status.stderr));
    assert_eq!(status.status.code(), Some(0), "{said}");
    assert!(shown.contains("2 sweeps, ") && shown.contains("nothing"), "{shown}");
    assert_eq!(shown.matches("unknown").count(), 5, "no lab runs:\n{shown}");
    assert!(said.contains("no daemon at ") && said.contains("reading the history"), "{said}");
    let watch = home.run(&["watch", "latest"]);
    assert_eq!(watch.status.code(), Some(0), "{}", text(&watch.stderr));
    assert_eq!(watch.stdout, home.run(&["show", "latest"]).stdout, "the stored sweep");
}

#[test]
fn status_and_watch_without_lab_and_history_exit_69_with_a_way_out() {
    let home = Home::new();
    for command in [&["status"][..], &["watch", "latest"], &["cancel", "latest"]] {
        let output = home.run(command);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(69), "{said}");
        assert!(said.contains("; start `gild serve`"), "{said}");
    }
}

/// `docs/history.md` has a row for each class of commands.
#[test]
fn documented_table_has_each_command_in_the_row_of_its_access() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/history.md");
    let page = std::fs::read_to_string(page).expect("the page is in the repository");
    let rows: Vec<(&str, &str)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once(" | "))
        .filter(|(_, effect)| !effect.starts_with("a "))
        .collect();
    for command in Flags::command().get_subcommands() {
        let name = command.get_name();
        let is_own = |(commands, _): &&(&str, &str)| commands.split('`').any(|it| it == name);
        let own: Vec<_> = rows.iter().filter(is_own).collect();
        let [(_, effect)] = own[..] else {
            panic!("`{name}` is not in exactly one row of {rows:?}")
        };
        let sample = &samples(name, "sweep.db")[0];
        let words = std::iter::once("gilctl").chain(sample.iter().map(String::as_str));
        let parsed = Flags::try_parse_from(words).expect("a valid sample").command;
        let starts: &[&str] = match parsed.expect("a command").purpose().access {
            Access::Reads => &["read at once", "need no history"],
            Access::Searches => &["search at once", "need no history"],
            Access::Writes => &["end with 75"],
        };
        assert!(starts.iter().any(|start| effect.starts_with(start)), "`{name}`: {effect}");
    }
}
