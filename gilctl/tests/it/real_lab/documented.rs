//! Every command in a shell block of the pages and in the examples of `--help`, run in the state that
//! it needs, and every SQL query of the pages, on a history.

use std::path::Path;
use std::process::{Command, Stdio};

use clap::CommandFactory as _;
use tempfile::TempDir;

use crate::real_lab::end_to_end::Server;

const PAGES: [&str; 15] = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/administrator.md",
    "docs/backup.md",
    "docs/building.md",
    "docs/clients.md",
    "docs/documents.md",
    "docs/explorer.md",
    "docs/fuzzing.md",
    "docs/history.md",
    "docs/lock-author.md",
    "docs/operations.md",
    "docs/pictures.md",
    "docs/strategies.md",
    "docs/teacher.md",
];
/// Beginnings of commands that this test does not run, each with the reason.
const ELSEWHERE: [(&str, &str); 17] = [
    ("cargo ", "it builds this project; continuous integration runs the tests and benches"),
    ("gild serve", "`gild/tests/it/clients/documented.rs` starts it"),
    ("gild backup", "`gild/tests/it/ops/help.rs` runs it"),
    ("gild man", "`gild/tests/it/ops/manual.rs` runs it"),
    ("gild completions", "`gild/tests/it/ops/manual.rs` runs it"),
    ("python3 -m venv", "continuous integration makes it"),
    ("venv/bin/", "`gild/tests/it/clients` and `histograms.rs` run it"),
    ("npm install", "continuous integration runs it; it needs a network"),
    ("sqlite3 ", "`every_documented_query_gives_rows` runs the query"),
    ("sudo ", "it installs a service on the machine"),
    ("chmod ", "`gilctl/tests/it/real_lab/reading.rs` reads a history of these permissions"),
    ("gilctl top", "it needs a terminal; `gilctl/tests/it/tui` runs it in tmux"),
    ("gilctl watch latest --tui", "likewise"),
    ("grpcurl ", "a program of others; `gild/tests/it/services` asks the same"),
    ("ssh ", "it needs another machine"),
    ("gilctl export 4abcde | ssh", "it needs another machine"),
    ("gilctl show latest --output ndjson | ", "`histograms.rs` and `readers.rs` run it"),
];
/// A quick sweep, and one that can be cancelled.
const QUICK: &str = "gilctl sweep --strategy atomic --attempts 2 --tasks 2 --seed 42 --quiet";
/// A quick sweep of two locks under load.
const LOADED: &str =
    "gilctl sweep --strategy atomic,fair-mutex --duration 20ms --attempts 2 --quiet";
const SLOW: &str =
    "gilctl sweep --strategy atomic --tasks 2 --outside 10ms --attempts 200 --quiet --detach";

pub(super) fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(path).expect("a page")
}

/// Commands of a block: lines, or what a backslash or an open quote makes one of several.
fn commands(block: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in block.lines().map(|line| line.split(" #").next().unwrap_or_default().trim()) {
        let (line, continues) = line.strip_suffix('\\').map_or((line, false), |it| (it, true));
        match commands.last_mut().filter(|_| goes_on) {
            Some(command) => *command = format!("{} {line}", command.trim_end()),
            None if line.is_empty() || line.starts_with('#') => continue,
            None => commands.push(line.to_owned()),
        }
        let command = commands.last().expect("a command");
        let is_open = ['\'', '"'].iter().any(|quote| command.matches(*quote).count() % 2 == 1);
        goes_on = continues || is_open;
    }
    commands
}

fn of_pages() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for name in PAGES {
        for block in page(name).split("```sh\n").skip(1) {
            let (block, _) = block.split_once("```").expect("each block ends");
            all.extend(commands(block).into_iter().map(|it| (name.to_owned(), it)));
        }
    }
    all
}

/// The examples of each command's help, without the words beside them.
fn of_help() -> Vec<(String, String)> {
    let flags = gilctl::cli::Flags::command();
    let all = [&flags].into_iter().chain(flags.get_subcommands());
    let example = |line: &str| {
        let line = line.strip_prefix("  ")?;
        let is_remark = line.starts_with("       ");
        let (command, _) = line.trim_start().split_once("  ").unwrap_or((line.trim_start(), ""));
        (!is_remark).then(|| command.to_owned())
    };
    let of = |command: &clap::Command| {
        let text = command.get_before_help().map(ToString::to_string).unwrap_or_default();
        let block = text.lines().filter_map(example).collect::<Vec<_>>().join("\n");
        let name = format!("gilctl {} --help", command.get_name());
        commands(&block).into_iter().map(|it| (name.clone(), it)).collect::<Vec<_>>()
    };
    all.flat_map(of).collect()
}

/// Where commands are run: a history without a daemon, and a daemon.
pub(super) struct Place {
    directory: TempDir,
    server: Server,
}

impl Place {
    pub(super) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory"), server: Server::start() }
    }

    fn shell(&self, line: &str, needs_daemon: bool) -> (Option<i32>, String) {
        let program = Path::new(env!("CARGO_BIN_EXE_gilctl"));
        let folder = program.parent().expect("a folder").display();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).env("PATH", format!("{folder}:{path}"));
        for variable in ["XDG_RUNTIME_DIR", "XDG_DATA_HOME"] {
            shell.env(variable, self.directory.path());
        }
        shell.env_remove("GILCTL_SERVER").current_dir(self.directory.path()).stdin(Stdio::null());
        if needs_daemon {
            shell.env("GILCTL_SERVER", self.server.unix());
        }
        let output = shell.output().expect("it runs");
        let said = [&output.stdout[..], &output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    /// What a command of a page prints after those before it, with fewer attempts than the page's.
    #[track_caller]
    pub(super) fn transcript(&self, command: &str) -> String {
        let typed = command.replace("http://lab:7878", &self.server.http());
        if command.contains("http://lab:7878 ") || command.ends_with("http://lab:7878") {
            // The daemon of the page has run a sweep.
            let line = format!("{} --server {}", LOADED, self.server.http());
            let (code, said) = self.shell(&line, true);
            assert_eq!(code, Some(0), "before `{command}`: {said}");
        }
        let (code, said) = self.shell(&shortened(&typed), false);
        assert_eq!(code, Some(0), "`{command}`: {said}");
        said
    }

    /// Runs a command in the state that it needs.
    #[track_caller]
    fn run(&self, origin: &str, command: &str) {
        let daemons = [
            "--detach",
            "gilctl watch",
            "gilctl status",
            "gilctl cancel",
            "gilctl resume",
            "gilctl ui",
        ];
        let needs_daemon = daemons.iter().any(|it| command.contains(it));
        let prepared = |line: &str| {
            let (code, said) = self.shell(line, needs_daemon);
            assert!(matches!(code, Some(0 | 7)), "before `{command}`: `{line}`: {code:?}: {said}");
            said
        };
        let mut command = command.replace("http://lab:7878", &self.server.http());
        if command.contains("resume") {
            prepared(&format!("{SLOW} && gilctl cancel latest -q && gilctl watch latest -q"));
        } else if command.contains("cancel latest") {
            prepared(SLOW);
        } else if command.contains("latest") || command.contains("4abcde") {
            prepared(&[QUICK; 3].join(" && "));
        }
        for (invented, number) in [("4abcde", 0), ("9fghij", 1), ("2klmno", 2)] {
            if command.contains(invented) {
                let listed = prepared("gilctl list --quiet");
                let id = listed.lines().nth(number + 1).and_then(|line| line.split(' ').next());
                command = command.replace(invented, id.expect("an id"));
            }
        }
        if command.contains("import ") {
            prepared(
                "gilctl export latest --out sweep.gild --force -q && gilctl delete latest -yq",
            );
        }
        let (code, said) = self.shell(&shortened(&command), needs_daemon);
        let is_documented =
            code == Some(0) || command.starts_with("gilctl doctor") && code == Some(4);
        assert!(is_documented, "{origin}: `{command}`: {code:?}: {said}");
    }
}

/// Two attempts of each cell, or as few as a precision takes; what asks for a confirmation is confirmed,
/// no file is in the way, and no browser opens.
fn shortened(command: &str) -> String {
    if command.starts_with("gilctl sweep") && !command.contains("--dry-run") {
        let attempts = if command.contains(" --precision ") { 11 } else { 2 };
        return format!("{} --attempts {attempts}", command.replace(" --attempts 500", ""));
    }
    if command.starts_with("gilctl ui") && !command.contains("--no-open") {
        return format!("{command} --no-open");
    }
    let is_bounded = command.starts_with("gilctl prune") && !command.contains("--dry-run");
    let is_named = command.starts_with("gilctl delete") && !command.contains("--");
    if (is_bounded || is_named) && !command.contains("--yes") {
        return format!("{command} --yes");
    }
    command.replace("--out sweep.gild", "--out another.gild --force")
}

fn run_all(commands: &[(String, String)]) -> usize {
    let place = Place::new();
    let has_jq = place.shell("jq --version", false).0 == Some(0);
    let here = commands.iter().filter(|(_, command)| {
        let is_elsewhere = ELSEWHERE.iter().any(|(start, _)| command.starts_with(start));
        !is_elsewhere && (has_jq || !command.contains("jq"))
    });
    here.map(|(origin, command)| place.run(origin, command)).count()
}

#[test]
fn every_command_of_the_pages_runs() {
    let ran = run_all(&of_pages());
    assert!(ran > 25, "{ran} commands");
}

#[test]
fn every_example_of_help_runs() {
    let ran = run_all(&of_help());
    assert!(ran > 40, "{ran} examples");
}

#[test]
fn every_page_with_a_shell_block_is_walked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in ["", "docs"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(&root).expect("below").display().to_string();
            let name = name.trim_start_matches('/').to_owned();
            let is_page = path.extension().is_some_and(|it| it == "md");
            let has_block = is_page && page(&name).contains("```sh\n");
            assert!(!has_block || PAGES.contains(&&*name), "no test runs the commands of {name}");
        }
    }
    for (start, reason) in ELSEWHERE {
        let known = [of_pages(), of_help()].concat();
        let is_used = known.iter().any(|(_, command)| command.starts_with(start));
        assert!(is_used, "`{start}` is in no page: {reason}");
    }
}

#[test]
fn every_documented_query_gives_rows() {
    let place = Place::new();
    let (code, said) = place.shell(QUICK, false);
    assert_eq!(code, Some(0), "{said}");
    let history = rusqlite::Connection::open(place.directory.path().join("gild/lab.db"));
    let history = history.expect("a history");
    let mut ran = 0;
    for (origin, command) in of_pages() {
        if !command.starts_with("sqlite3 ") {
            continue;
        }
        let words = shlex::split(&command).expect("a command");
        let mut query = history.prepare(&words[2]).unwrap_or_else(|error| {
            panic!("{origin}: {}: {error}", words[2]);
        });
        let rows = query.query([]).expect("it runs").next().expect("it runs").is_some();
        assert!(rows, "{origin}: {} gives no row", words[2]);
        ran += 1;
    }
    assert!(ran >= 3, "{ran} queries");
}
