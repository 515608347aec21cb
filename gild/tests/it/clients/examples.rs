//! Rust examples, as `cargo test` builds them.

use std::path::PathBuf;
use std::process::Command;

use super::{TOKEN, check_refused, check_sweep, daemon, run, socket_of};

/// An example's program, beside the directory of this test's own.
pub(super) fn example(name: &str) -> Command {
    let test = std::env::current_exe().expect("this test");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("in target/PROFILE/deps");
    let path: PathBuf = profile.join("examples").join(name);
    assert!(
        path.exists(),
        "{} is not built: `cargo test` builds it, `cargo test --test it` does not; \
         run `cargo build -p gild --examples` before",
        path.display()
    );
    Command::new(path)
}

#[test]
fn client_example_runs_sweep_over_socket_and_port() {
    let daemon = daemon();
    check_sweep(&run(example("client"), &socket_of(&daemon), None));
    let port = daemon.tcp.as_deref().expect("it listens");
    check_sweep(&run(example("client"), port, Some(TOKEN)));
    check_refused(&run(example("client"), port, None));
}

#[test]
fn strategy_of_an_example_is_measured_and_right() {
    let output = example("own_strategy").output().expect("it starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    let rows: Vec<Vec<_>> = printed.lines().map(|line| line.split_whitespace().collect()).collect();
    let row = |name: &str| {
        let row = rows.iter().find(|row| row[0] == name);
        row.unwrap_or_else(|| panic!("no {name} in {printed}"))
    };
    for name in ["swap-lock", "spin"] {
        assert_eq!(row(name)[1..4], ["20", "of", "20"], "{printed}");
    }
    for name in ["swap-lock", "spin", "unlocked"] {
        let range = row(name).last().expect("a range");
        assert!(range.ends_with(']'), "{printed}");
    }
}
