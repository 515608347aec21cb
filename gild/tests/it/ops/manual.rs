//! `gild completions` and `gild man` as a shell and `man` read them.

use std::process::{Command, Output};

fn gild(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gild")).args(arguments).output().expect("gild runs")
}

#[test]
fn completions_and_pages_know_every_command() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().to_str().expect("text");
    let script = gild(&["completions", "bash"]);
    assert!(script.status.success());
    assert!(gild(&["man", "--dir", path]).status.success());
    let script = String::from_utf8(script.stdout).expect("text");
    for command in ["serve", "check-config", "certs", "backup", "restore", "version"] {
        assert!(script.contains(command), "{command}");
        assert!(dir.path().join(format!("gild-{command}.1")).exists(), "{command}");
    }
    // What bash reads without a complaint it can complete with.
    let file = dir.path().join("gild.bash");
    std::fs::write(&file, &script).expect("a file");
    let sourced = Command::new("bash").arg("-n").arg(&file).output().expect("bash runs");
    assert!(sourced.status.success(), "{}", String::from_utf8_lossy(&sourced.stderr));
    let page = gild(&["man"]);
    assert!(String::from_utf8_lossy(&page.stdout).starts_with(".ie"), "a page in roff");
}
