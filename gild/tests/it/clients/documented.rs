//! Commands of `docs/clients.md`, each run as it stands there but for the address, the interpreter
//! and the place of the programs.

use std::process::Command;

use super::examples::example;
use super::{TOKEN, check_sweep, daemon, python, root, run, socket_of};
use crate::daemon::Daemon;

const PAGE: &str = "docs/clients.md";

/// Lines of the page's `sh` blocks, without comments.
fn commands() -> Vec<String> {
    let page = std::fs::read_to_string(root().join(PAGE)).expect("the page");
    let mut commands = Vec::new();
    for block in page.split("```sh\n").skip(1) {
        let (block, _) = block.split_once("```").expect("each block ends");
        let lines = block.lines().map(|line| line.split(" #").next().unwrap_or(line).trim_end());
        commands.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    }
    commands
}

/// The address of the daemon that takes the place of the documented one.
fn address(documented: &str, daemon: &Daemon) -> String {
    if documented.starts_with("unix:") {
        socket_of(daemon)
    } else {
        daemon.tcp.clone().expect("it listens")
    }
}

/// The client that a command runs, and the address that it is given; `None` if it runs no client.
fn client(command: &str) -> Option<(Command, &str)> {
    let words: Vec<_> = command.split(' ').collect();
    match words.as_slice() {
        ["cargo", "run", "-p", "gild", "--example", name, "--", address] => {
            Some((example(name), address))
        }
        ["venv/bin/python", script, address] => {
            let mut client = python::python()?;
            client.arg(root().join(script));
            Some((client, address))
        }
        _ => None,
    }
}

#[test]
fn every_documented_command_is_known_to_a_test() {
    for command in commands() {
        let known = ["cargo run -p gild --example client -- ", "venv/bin/python gilctl/examples/"];
        let is_client = known.iter().any(|start| command.starts_with(start));
        let is_setup = command == "python3 -m venv venv" || command == pip_install();
        let is_server = command.starts_with("gild serve ");
        assert!(is_client || is_setup || is_server, "no test runs `{command}` of {PAGE}");
    }
}

#[test]
fn documented_clients_run_a_sweep() {
    let (commands, daemon) = (commands(), daemon());
    let mut ran = 0;
    for command in &commands {
        if let Some((program, documented)) = client(command) {
            check_sweep(&run(program, &address(documented, &daemon), Some(TOKEN)));
            ran += 1;
        }
    }
    assert!(ran >= 2, "{ran} of {commands:?}");
}

#[test]
fn documented_daemon_starts() {
    let commands = commands();
    let serve = commands.iter().find_map(|command| command.strip_prefix("gild serve "));
    let arguments = serve.expect("the page starts a daemon").replace(":7878", ":0");
    let arguments: Vec<_> = arguments.split(' ').collect();
    assert!(Daemon::start(&arguments).tcp.is_some());
}

/// The versions that the client's head names.
fn requirements() -> String {
    let path = root().join("gilctl/examples/client.py");
    let client = std::fs::read_to_string(path).expect("the client");
    let line = client.lines().find_map(|line| line.strip_prefix("Requirements: "));
    line.expect("its head names what it needs").to_owned()
}

fn pip_install() -> String {
    format!("venv/bin/pip install {}", requirements())
}

#[test]
fn versions_of_client_page_and_continuous_integration_agree() {
    assert!(commands().contains(&pip_install()), "{} is not in {PAGE}", pip_install());
    let gate = std::fs::read_to_string(root().join(".ci/run")).expect("the gate");
    assert!(gate.contains("gilctl/examples/client.py"), "it installs what the client's head names");
    assert!(!gate.contains("grpcio=="), "it has no versions of its own");
}
