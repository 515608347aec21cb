//! Examples of the daemon's `--help`, each run as it stands there, but for the numbers of ports.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::CommandFactory as _;
use gild::daemon::cli::Flags;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Examples of the help of all commands, without the remarks beside them.
fn examples() -> Vec<String> {
    let flags = Flags::command();
    let all = [&flags].into_iter().chain(flags.get_subcommands());
    let mut examples = Vec::new();
    for command in all {
        let texts = [command.get_after_help(), command.get_after_long_help()];
        for text in texts.into_iter().flatten().map(ToString::to_string) {
            let block = text.split_once("Examples:\n").map(|(_, block)| block.to_owned());
            let lines = block.unwrap_or_default();
            let lines = lines.lines().map(|line| line.trim().split("  ").next().unwrap_or(""));
            examples.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
        }
    }
    examples.extend(administrators());
    let mut seen = std::collections::HashSet::new();
    examples.retain(|example| seen.insert(example.clone()));
    examples
}

/// Commands of the daemon in the page for administrators.
fn administrators() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/administrator.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let (block, _) =
        page.split_once("```sh\n").expect("its commands").1.split_once("```").expect("an end");
    let own: Vec<_> =
        block.lines().filter(|line| line.starts_with("gild ")).map(str::to_owned).collect();
    assert_eq!(own.len(), 2, "{block}");
    own
}

/// The command in a folder of its own, with the files that the examples name.
fn program(example: &str, folder: &Path) -> Command {
    let words: Vec<_> = example.split(' ').skip(1).map(without_port).collect();
    let mut program = Command::new(env!("CARGO_BIN_EXE_gild"));
    program.args(words).current_dir(folder).env_remove("RUST_LOG");
    for variable in ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
        program.env(variable, folder);
    }
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

/// Any free port instead of one that another program may have.
fn without_port(word: &str) -> String {
    word.replace(":7878", ":0").replace("9878", "127.0.0.1:0")
}

/// Whether the daemon listens, and ends well when it is asked to; else what it logged.
fn serves(mut program: Command) -> Result<(), String> {
    let mut child = program.stdout(Stdio::null()).spawn().expect("it starts");
    let mut log = BufReader::new(child.stderr.take().expect("piped")).lines();
    let mut logged = String::new();
    while let Some(Ok(line)) = log.next() {
        logged = logged + &line + "\n";
        if line.contains("listening") {
            let pid = i32::try_from(child.id()).expect("a process id");
            kill(Pid::from_raw(pid), Signal::SIGTERM).expect("it runs");
        }
    }
    let status = child.wait().expect("it ends");
    let is_well = status.success() && logged.contains("listening");
    is_well.then_some(()).ok_or(format!("{status}: {logged}"))
}

#[test]
fn every_example_of_help_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let tokens = folder.path().join("tokens");
    std::fs::write(&tokens, "ada 0123456789abcdef0123456789abcdef\n").expect("written");
    std::fs::set_permissions(&tokens, std::fs::Permissions::from_mode(0o600)).expect("ours");
    std::fs::write(folder.path().join("gild.toml"), "lanes = 1\n").expect("written");
    let examples = examples();
    for example in &examples {
        if example.starts_with("gild serve") {
            let result = serves(program(example, folder.path()));
            assert_eq!(result, Ok(()), "`{example}`");
        } else if example.starts_with("gild ") {
            let output = program(example, folder.path()).output().expect("it runs");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "`{example}`: {}: {said}", output.status);
        } else {
            // gilctl is another crate's program, whose tests run it.
            assert_eq!(example, "gilctl sweep --strategy gil");
        }
    }
    assert!(examples.len() > 5, "{examples:?}");
}
