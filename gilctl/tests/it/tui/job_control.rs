//! Job control: Ctrl-Z and `fg`, Ctrl-C, an error and a panic leave the shell its terminal.

use gilctl::tui::terminal::LiveTerminal;
use nix::sys::signal::Signal;
use view::render::format::color::Color;

use super::USUAL;
use super::in_tmux::{PROMPT, Window, long_sweep};
use crate::real_lab::end_to_end::Server;
use crate::support::server::{command, outcome};

/// Set for the process that panics.
const PANICS: &str = "GILD_TEST_PANICS";

#[test]
fn suspended_top_gives_the_terminal_back_and_fg_draws_it_anew() {
    let server = Server::start();
    let id = long_sweep(&server);
    let Some(window) = Window::open(USUAL, &server.unix()) else { return };
    window.gilctl("top");
    for _ in 0..2 {
        window.until("the running job", |seen| seen.has(&format!("> {id}  RUNNING")));
        window.press("C-z");
        window.until("a stop", |seen| seen.has("Stopped"));
        window.is_clean();
        window.command("fg");
    }
    window.until("the running job", |seen| seen.has(&format!("> {id}  RUNNING")));
    window.press("?");
    window.until("the help", |seen| seen.has("any key goes back"));
    window.press("q");
    window.until("the jobs", |seen| seen.last_line().starts_with("q quit"));
    window.press("q");
    window.is_clean();
}

#[test]
fn stop_from_outside_is_continued_on_a_whole_screen() {
    let server = Server::start();
    let id = long_sweep(&server);
    let Some(window) = Window::open(USUAL, &server.unix()) else { return };
    window.gilctl("top");
    window.until("the running job", |seen| seen.has(&format!("> {id}  RUNNING")));
    window.signal(Signal::SIGSTOP);
    window.until("a stop", |seen| seen.has("Stopped"));
    window.command("stty sane; clear; fg");
    window.until("the running job", |seen| {
        seen.0[0].starts_with("gilctl top") && seen.last_line().starts_with("q quit")
    });
    window.press("q");
    window.is_clean();
}

#[test]
fn ctrl_c_leaves_a_clean_terminal_whatever_is_shown() {
    let server = Server::start();
    let id = long_sweep(&server);
    let Some(window) = Window::open(USUAL, &server.unix()) else { return };
    for key in ["", "?", "c", "Enter", "p"] {
        window.gilctl("top");
        window.until("the running job", |seen| seen.has(&format!("> {id}  RUNNING")));
        if !key.is_empty() {
            window.press(key);
        }
        window.press("C-c");
        window.is_clean();
    }
    window.gilctl("watch --tui latest; echo exit $?");
    window.until("the running job", |seen| seen.has("RUNNING: "));
    window.press("C-c");
    window.until("the exit code", |seen| seen.has("exit 130"));
    window.is_clean();
}

#[test]
fn sigterm_leaves_a_clean_terminal() {
    let server = Server::start();
    let id = long_sweep(&server);
    let Some(window) = Window::open(USUAL, &server.unix()) else { return };
    window.gilctl("top");
    window.until("the running job", |seen| seen.has(&format!("> {id}  RUNNING")));
    window.signal(Signal::SIGTERM);
    window.is_clean();
}

#[test]
fn panic_leaves_a_clean_terminal_and_its_message() {
    if std::env::var_os(PANICS).is_some() {
        let _terminal = LiveTerminal::take(Color::Plain).expect("a terminal");
        panic!("planted");
    }
    let Some(window) = Window::open(USUAL, "") else { return };
    let this = std::env::current_exe().expect("a path");
    let name = std::thread::current().name().expect("the test's name").to_owned();
    let test = format!("{} --exact {name} --nocapture", this.display());
    window.command(&format!("{PANICS}=1 {test}"));
    window.until("the message", |seen| seen.has("planted") && seen.last_line().contains(PROMPT));
    window.is_clean();
}

#[test]
fn stdout_that_is_not_a_terminal_is_refused_with_the_way_out() {
    let server = Server::start();
    let (exit, out, err) = outcome(&command(&server.unix(), &["top"]).output().expect("it runs"));
    assert_eq!((exit, out.as_str()), (Some(2), ""));
    assert_eq!(
        err,
        "gilctl: `gilctl top` needs a terminal, and stdout is not one; `gilctl list` and \
         `gilctl watch latest` print lines instead\n"
    );
    let watch = command(&server.unix(), &["watch", "--tui", "latest"]).output();
    let (exit, out, err) = outcome(&watch.expect("it runs"));
    assert_eq!((exit, out.as_str()), (Some(2), ""));
    assert_eq!(
        err,
        "gilctl: `gilctl watch --tui` needs a terminal, and stdout is not one; `gilctl watch latest` \
         without --tui prints it\n"
    );
}
