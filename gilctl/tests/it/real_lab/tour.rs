//! The tour, with and without an interpreter and a history, and on a terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Command, Output, Stdio};

use nix::pty::openpty;
use view::render::lab::tour::{STEPS, WORDS};

use super::beside::{Home, text};
use crate::outside_program;

fn tour(home: &Home, path: Option<&str>, flags: &[&str]) -> Output {
    let mut gilctl = home.gilctl(&[&["tour"], flags].concat());
    if let Some(path) = path {
        gilctl.env("PATH", path);
    }
    gilctl.stdin(Stdio::null()).output().expect("gilctl runs")
}

/// The words, and every command with what it prints.
#[track_caller]
fn is_whole(shown: &str) {
    for (word, _) in WORDS {
        assert!(shown.contains(&format!("\n{word} ")), "{word}: {shown}");
    }
    for number in 1..=STEPS.len() {
        assert!(shown.contains(&format!("\n{number} of {}. ", STEPS.len())), "{shown}");
    }
    assert!(shown.contains("others may come in"), "{shown}");
    assert!(shown.contains("T1's write of 2 (move 12) goes back to its read"), "{shown}");
    assert!(shown.contains("\nunlocked ") && shown.contains("\nfair-mutex "), "{shown}");
}

#[test]
fn tour_without_an_interpreter_says_so_and_goes_on() {
    let home = Home::new();
    let output = tour(&home, Some("/nonexistent"), &[]);
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    is_whole(&shown);
    assert!(shown.contains("No python3 runs here, so the model stands alone: "), "{shown}");
    assert!(shown.contains("\ngilctl sweep --strategy gil --era 3.9"), "{shown}");
    assert!(shown.contains("attempts that lost nothing in %"), "the picture: {shown}");
    // Each hint is given once, for all five commands.
    assert_eq!(said.matches("no daemon at").count(), 1, "{said}");
    assert_eq!(said.matches("next: ").count(), 1, "{said}");
}

#[test]
fn tour_without_a_history_draws_no_picture() {
    let output = tour(&Home::new(), Some("/nonexistent"), &["--no-history"]);
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    is_whole(&shown);
    assert!(shown.contains("without --no-history the picture stands here"), "{shown}");
}

#[test]
fn tour_runs_the_interpreter_of_the_machine_beside_the_experiment() {
    let found = Command::new("python3").arg("--version").output().ok();
    if outside_program::required(found, "no python3 is on PATH").is_none() {
        return;
    }
    let output = tour(&Home::new(), None, &[]);
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    is_whole(&shown);
    assert!(shown.contains("\ncpython 3"), "{shown}");
    for step in STEPS {
        assert!(shown.contains(&format!("\n{}\n", step.line)), "{}: {shown}", step.line);
    }
}

#[test]
fn tour_on_a_terminal_waits_for_enter_between_two_commands() {
    let home = Home::new();
    let terminal = openpty(None, None).expect("a terminal");
    let mut gilctl = home.gilctl(&["tour"]);
    gilctl.env("PATH", "/nonexistent").env("COLUMNS", "100");
    gilctl.stdin(terminal.slave.try_clone().expect("a handle"));
    gilctl.stdout(terminal.slave).stderr(Stdio::piped());
    let mut touring = gilctl.spawn().expect("gilctl runs");
    drop(gilctl);
    let mut typed = File::from(terminal.master);
    for _ in 1..STEPS.len() {
        typed.write_all(b"\n").expect("it is typed");
    }
    // Reading ends when the last handle of the other end is closed.
    let (mut shown, mut part) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = typed.read(&mut part) {
        shown.extend_from_slice(&part[..read]);
    }
    let mut said = String::new();
    touring.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
    assert_eq!(touring.wait().expect("it ends").code(), Some(0), "{said}");
    assert_eq!(said.matches("Enter goes on").count(), STEPS.len() - 1, "{said}");
    assert!(text(&shown).contains("5 of 5. "), "{}", text(&shown));
}
