//! A question on a terminal: while it stands, the history is free for others.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use nix::pty::openpty;

use super::beside::Home;

#[test]
fn question_without_an_answer_keeps_no_lab_waiting() {
    let home = Home::new();
    let sweep = ["sweep", "--strategy", "atomic", "--attempts", "1"];
    assert_eq!(home.run(&sweep).status.code(), Some(0));
    let terminal = openpty(None, None).expect("a terminal");
    let mut asking = home
        .gilctl(&["delete", "latest"])
        .stdin(terminal.slave)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("gilctl runs");
    let (mut shown, mut stderr) = (String::new(), asking.stderr.take().expect("piped"));
    let mut part = [0; 256];
    while !shown.contains("[y/N]") {
        let read = stderr.read(&mut part).expect("it is open");
        assert!(read > 0, "it ended without a question: {shown}");
        shown.push_str(&String::from_utf8_lossy(&part[..read]));
    }
    // What it named is deleted, although another is `latest` by now.
    let written = home.run(&sweep);
    assert_eq!(written.status.code(), Some(0), "{}", String::from_utf8_lossy(&written.stderr));
    File::from(terminal.master).write_all(b"y\n").expect("it is typed");
    assert_eq!(asking.wait().expect("it ends").code(), Some(0), "{shown}");
    let left = home.run(&["list", "--output", "csv"]);
    let left = String::from_utf8_lossy(&left.stdout).into_owned();
    assert_eq!(left.lines().count(), 2, "a heading and the second sweep: {left}");
}
