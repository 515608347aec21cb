//! Every `next:` line, typed as it stands in the state in which it was shown, does what it says.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io::BufReader;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::outside_program;
use crate::real_lab::end_to_end::Server;

/// Hints that are followed one after the other at most: from then on they repeat themselves.
const CHAIN_MAX: usize = 2;

/// A way to a lab.
struct Way {
    name: &'static str,
    /// The flags that lead there.
    flags: Vec<String>,
    /// `GILCTL_SERVER`, instead of a flag.
    server: Option<String>,
    /// Whether the lab has the jobs that it ran before.
    keeps_jobs: bool,
    directory: TempDir,
}

impl Way {
    fn new(name: &'static str, flags: &[&str]) -> Self {
        let directory = tempfile::Builder::new().prefix("a lab's ").tempdir().expect("a directory");
        let data = directory.path().join("data $1");
        let fill = |flag: &&str| flag.replace("DATA", data.to_str().expect("text"));
        let flags = flags.iter().map(fill).collect();
        Self { name, flags, server: None, keeps_jobs: true, directory }
    }

    /// A shell beside the program under test, with no daemon of this machine in reach.
    fn shell(&self, line: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_gilctl"));
        let folder = program.parent().expect("a folder").display();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).env("PATH", format!("{folder}:{path}"));
        shell.env("XDG_RUNTIME_DIR", self.directory.path());
        shell.env("XDG_DATA_HOME", self.directory.path()).current_dir(self.directory.path());
        match &self.server {
            Some(server) => shell.env("GILCTL_SERVER", server),
            None => shell.env_remove("GILCTL_SERVER"),
        };
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell
    }

    /// The command with the flags of this way.
    fn line(&self, command: &str) -> String {
        let flags = self.flags.iter().map(|flag| shlex::try_quote(flag).expect("text"));
        flags.fold(format!("gilctl {command}"), |line, flag| line + " " + &flag)
    }

    fn run(&self, line: &str) -> Output {
        self.shell(line).output().expect("it runs")
    }

    /// Runs the command, and then what each hint names. The commands that were named.
    #[track_caller]
    fn follow(&self, command: &str) -> Vec<String> {
        self.follow_from(command, &self.run(&self.line(command)))
    }

    #[track_caller]
    fn follow_from(&self, command: &str, output: &Output) -> Vec<String> {
        let (mut hint, mut named) = (next(output), Vec::new());
        while let Some(line) = hint.filter(|_| named.len() < CHAIN_MAX) {
            let output = self.run(&line);
            let (code, said) = (output.status.code(), String::from_utf8_lossy(&output.stderr));
            let context = format!("{}: `{command}` says `{line}`: {said}", self.name);
            assert!(documented(&line).contains(&code), "{code:?}: {context}");
            hint = next(&output);
            named.push(line);
        }
        named
    }
}

/// The exit codes of a command that did what it does.
fn documented(line: &str) -> Vec<Option<i32>> {
    match line.split(' ').nth(1) {
        // Something is bad, and is said.
        Some("doctor") => vec![Some(0), Some(4)],
        // A cancelled job is shown.
        Some("show" | "watch") => vec![Some(0), Some(7)],
        _ => vec![Some(0)],
    }
}

/// The command that the last line of stderr names.
fn next(output: &Output) -> Option<String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let (_, command) = said.lines().last()?.split_once("next: ")?;
    Some(command.to_owned())
}

fn ways(server: &Server) -> Vec<Way> {
    let (unix, http) = (server.unix(), server.http());
    let mut nothing_kept = Way::new("--no-history", &["--embedded", "--no-history"]);
    nothing_kept.keeps_jobs = false;
    let mut environment = Way::new("GILCTL_SERVER", &[]);
    environment.server = Some(unix.clone());
    vec![
        Way::new("the default history", &[]),
        Way::new("a directory", &["--data-dir", "DATA"]),
        Way::new("embedded", &["--embedded", "--data-dir", "DATA"]),
        nothing_kept,
        Way::new("a socket", &["--server", &unix]),
        Way::new("a port", &["--server", &http]),
        environment,
    ]
}

/// A command, and the commands that hints name after it; none where nothing is kept.
const COMMANDS: [(&str, &str); 17] = [
    ("strategies", "sweep"),
    ("doctor", "doctor|sweep"),
    ("sweep --strategy atomic --attempts 2 --tasks 2", "explain|show"),
    ("sweep --strategy atomic --duration 20ms --attempts 2", "explain|show"),
    ("sweep --strategy gil,unlocked --attempts 3", "explain|show"),
    ("explore --strategy unlocked --increments 3", "witness"),
    (
        "explore --strategy gil --era 3.9 --body call --increments 3 --scheduler every-k --k 7",
        "witness",
    ),
    ("explore --strategy unlocked --workers 3 --increments 2 --steps L.S", "witness"),
    ("list", "show"),
    ("rerun latest~1", "explain|show"),
    ("compare latest~1 latest", "compare|rerun|show"),
    ("compare latest latest~1 --force", "rerun|show"),
    ("compare latest~2 latest --force", "rerun|show"),
    ("delete latest~2 --yes", "list"),
    ("prune --keep 1d --yes", "list"),
    ("export latest --out one.db", ""),
    ("delete latest --yes && gilctl import one.db", "show"),
];

#[test]
fn every_hint_can_be_typed_in_the_state_in_which_it_is_shown() {
    let server = Server::start();
    for way in ways(&server) {
        for (command, wanted) in COMMANDS {
            let line = command.split(" && gilctl ").map(|it| way.line(it)).collect::<Vec<_>>();
            let output = way.run(&line.join(" && "));
            let named = way.follow_from(command, &output);
            let verb = named.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
            let needs_jobs = !matches!(verb, "" | "sweep" | "doctor" | "witness");
            assert!(way.keeps_jobs || !needs_jobs, "{}: `{command}` names {named:?}", way.name);
            if way.keeps_jobs {
                let wanted: BTreeSet<&str> = wanted.split('|').collect();
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(wanted.contains(verb), "{}: `{command}` says {said}", way.name);
            }
        }
    }
}

/// Attempts of 10 ms: two seconds.
const SLOW: &str = "sweep --strategy atomic --tasks 2 --outside 10ms --attempts 200";

#[test]
fn hints_of_a_daemons_jobs_can_be_typed() {
    let server = Server::start();
    let way = Way::new("a socket", &["--server", &server.unix()]);
    let detached = way.run(&way.line(&format!("{SLOW} --detach")));
    assert_eq!(verb(next(&detached).as_ref()), "watch");
    let running = way.run(&way.line("status"));
    assert_eq!(verb(next(&running).as_ref()), "watch");
    let shown = way.run(&way.line("show latest"));
    assert_eq!(verb(next(&shown).as_ref()), "watch");
    let cancelled = way.run(&way.line("cancel latest"));
    assert_eq!(verb(next(&cancelled).as_ref()), "show");
    // It ends, and what is missing runs.
    let watched = way.run(&next(&detached).expect("a hint"));
    assert_eq!(verb(next(&watched).as_ref()), "resume");
    assert_eq!(verb(way.follow_from("watch", &watched).first()), "resume");
    let exploration = way.follow("explore --strategy unlocked --increments 3 --detach");
    assert_eq!(verb(exploration.first()), "watch");
    assert_eq!(verb(way.follow("status").first()), "list");
}

fn verb(line: Option<&String>) -> &str {
    line.and_then(|line| line.split(' ').nth(1)).unwrap_or_default()
}

/// A sweep that ended early is resumed with the interpreter that it was requested with.
#[test]
fn stopped_sweeps_are_resumed_as_the_hint_says() {
    let python = Command::new("python3").arg("--version").output();
    let python = outside_program::required(python.is_ok().then_some(()), "no python3");
    let mut sweeps = vec![(Way::new("atomic", &["--data-dir", "DATA"]), SLOW.to_owned())];
    if python.is_some() {
        let way = Way::new("cpython", &["--data-dir", "DATA"]);
        let link = way.directory.path().join("another python");
        std::fs::write(&link, "#!/bin/sh\nexec python3 \"$@\"\n").expect("written");
        std::fs::set_permissions(&link, Permissions::from_mode(0o755)).expect("executable");
        let sweep = "sweep --strategy cpython --increments 20000 --attempts 100 --python";
        let link = shlex::try_quote(link.to_str().expect("text")).expect("text").into_owned();
        sweeps.push((way, format!("{sweep} {link}")));
    }
    for (way, sweep) in sweeps {
        let line = format!("exec {} --output ndjson --turns", way.line(&sweep));
        let mut child = way.shell(&line).spawn().expect("it runs");
        let mut lines =
            std::io::BufRead::lines(BufReader::new(child.stdout.take().expect("piped")));
        let turn = lines.by_ref().map_while(Result::ok).find(|it| it.contains("\"kind\":\"turn\""));
        assert!(turn.is_some(), "{}: it ended before its first turn", way.name);
        let id = i32::try_from(child.id()).expect("a process id");
        kill(Pid::from_raw(id), Signal::SIGTERM).expect("it runs");
        lines.for_each(drop);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
        let named = way.follow_from(&sweep, &output);
        assert_eq!(verb(named.first()), "resume", "{}", way.name);
    }
}

/// Commands on lines of their own in the output of others, each with what shortens it.
const PRINTING: [(&str, &str); 4] = [
    ("show latest --as-command", ""),
    ("witness --strategy unlocked --value 2 --increments 3", ""),
    ("witness --strategy gil --value 2 --body call --era 3.9 --increments 2", ""),
    ("calibrate", " --attempts 2 --tasks 2"),
];

#[test]
fn every_command_in_an_output_can_be_typed() {
    let python = Command::new("python3").arg("--version").output();
    let python = outside_program::required(python.is_ok().then_some(()), "no python3");
    let server = Server::start();
    for way in ways(&server) {
        way.run(&way.line("sweep --strategy atomic --attempts 2 --tasks 2"));
        for (command, shortened) in PRINTING {
            // This daemon may run no interpreter.
            let is_daemon = ["a socket", "a port", "GILCTL_SERVER"].contains(&way.name);
            let has_python = python.is_some() && !is_daemon;
            if command == "calibrate" && !has_python
                || command.contains("latest") && !way.keeps_jobs
            {
                continue;
            }
            let output = way.run(&way.line(command));
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            let lines: Vec<_> = printed.lines().filter(|it| it.starts_with("gilctl ")).collect();
            assert!(!lines.is_empty(), "{}: {command}: {printed}", way.name);
            for line in lines {
                let output = way.run(&format!("{line}{shortened}"));
                let said = String::from_utf8_lossy(&output.stderr);
                let context = format!("{}: `{command}` prints `{line}`: {said}", way.name);
                assert!(documented(line).contains(&output.status.code()), "{context}");
            }
        }
    }
}
