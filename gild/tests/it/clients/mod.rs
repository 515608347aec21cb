//! Clients of the daemon in Rust and Python, the commands of `docs/clients.md`, and the one request
//! that a client can send only by accident.

mod authority;
mod documented;
mod examples;
mod python;

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use crate::daemon::Daemon;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// Where a client finds its token.
const TOKEN_VARIABLE: &str = "GILCTL_TOKEN";

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A daemon with a socket and with a port that asks for [`TOKEN`].
fn daemon() -> Daemon {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let tokens = directory.path().join("tokens");
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&tokens);
    let file = file.as_mut().expect("the directory is ours");
    writeln!(file, "ci {TOKEN}").expect("it can be written");
    let tokens = tokens.to_str().expect("text");
    let arguments = ["--listen", "127.0.0.1:0", "--token-file", tokens];
    Daemon::start_in(Arc::new(directory), &arguments)
}

/// Its socket, as clients spell it.
fn socket_of(daemon: &Daemon) -> String {
    format!("unix://{}", daemon.socket().display())
}

/// Runs a client at that address, with a token or without.
fn run(mut client: Command, address: &str, token: Option<&str>) -> Output {
    client.arg(address).env_remove(TOKEN_VARIABLE);
    client.envs(token.map(|token| (TOKEN_VARIABLE, token)));
    client.output().expect("it starts")
}

/// Checks that a client has listed the strategies, run its sweep and said what came of it.
#[track_caller]
fn check_sweep(output: &Output) {
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{printed}{errors}");
    for wanted in [
        "unlocked: lossy",
        "created sweeps/",
        "SWEEP_STATE_SUCCEEDED after 60 turns",
        "fair-mutex: 20 of 20 right, ",
        "atomic: 20 of 20 right, ",
    ] {
        assert!(printed.contains(wanted), "{wanted:?} is not in {printed}");
    }
}

/// Checks that a client was refused for want of a token, and says so.
#[track_caller]
fn check_refused(output: &Output) {
    let errors = String::from_utf8_lossy(&output.stderr).to_lowercase();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("authenticat"), "{errors}");
}
