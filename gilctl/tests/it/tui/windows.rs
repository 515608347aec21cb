//! `gilctl top` and `gilctl watch --tui` in windows of three sizes, also while they are resized.

use super::in_tmux::{Seen, Window, long_sweep};
use super::{LARGE, SMALL, USUAL};
use crate::real_lab::end_to_end::Server;

/// Whether the screen is that of `gilctl top` on so many columns and rows: its title is the first line, the
/// job's row is marked, and the keys are the last line, none of them broken.
fn is_top(seen: &Seen, id: &str, (columns, rows): (u16, u16)) -> bool {
    let fits = |line: &String| line.chars().count() <= usize::from(columns);
    seen.0.len() == usize::from(rows)
        && seen.0.iter().all(fits)
        && seen.0[0].starts_with("gilctl top · jobs newest first")
        && seen.0.iter().any(|line| line.starts_with(&format!("> {id}  RUNNING")))
        && seen.0.iter().any(|line| line.starts_with(&format!("── sweep {id} ─")))
        && seen.0.iter().any(|line| line.starts_with("RUNNING: "))
        && seen.0[seen.0.len() - 1].starts_with("q quit · ? help")
}

/// The same of `gilctl watch --tui`.
fn is_job(seen: &Seen, id: &str, (columns, rows): (u16, u16)) -> bool {
    let fits = |line: &String| line.chars().count() <= usize::from(columns);
    seen.0.len() == usize::from(rows)
        && seen.0.iter().all(fits)
        && seen.0[0].starts_with(&format!("gilctl · sweep {id}"))
        && seen.0[1].starts_with("RUNNING: ")
        && seen.has(&format!("sweep {id} · seed "))
        && (rows == SMALL.1 || seen.has("atomic"))
        && seen.0[seen.0.len() - 1].starts_with("q back · ? help")
}

#[test]
fn top_shows_the_running_job_at_three_sizes() {
    let server = Server::start();
    let id = long_sweep(&server);
    for size in [SMALL, USUAL, LARGE] {
        let Some(window) = Window::open(size, &server.unix()) else { return };
        window.gilctl("top");
        window.until("the running job", |seen| is_top(seen, &id, size));
        window.press("Enter");
        window.until("the job alone", |seen| is_job(seen, &id, size));
        window.press("q");
        window.until("the jobs", |seen| is_top(seen, &id, size));
        window.press("q");
        window.is_clean();
    }
}

#[test]
fn watch_shows_one_job_at_three_sizes() {
    let server = Server::start();
    let id = long_sweep(&server);
    for size in [SMALL, USUAL, LARGE] {
        let Some(window) = Window::open(size, &server.unix()) else { return };
        window.gilctl("watch --tui latest");
        window.until("the running job", |seen| is_job(seen, &id, size));
        window.press("q");
        window.until("a hint", |seen| seen.has(&format!("gilctl watch {id}")));
        window.is_clean();
    }
}

#[test]
fn resized_window_is_drawn_anew_and_a_tiny_one_says_what_it_needs() {
    let server = Server::start();
    let id = long_sweep(&server);
    let Some(window) = Window::open(USUAL, &server.unix()) else { return };
    window.gilctl("top");
    window.until("the running job", |seen| is_top(seen, &id, USUAL));
    for size in [LARGE, SMALL, USUAL] {
        window.resize(size);
        window.until("the new size", |seen| is_top(seen, &id, size));
    }
    window.resize((30, 5));
    window.until("the needed size", |seen| seen.0[0] == "needs 40x8, has 30x5");
    window.resize((1, 1));
    window.until("as much as fits", |seen| seen.0 == ["n"]);
    window.resize(USUAL);
    window.until("the running job", |seen| is_top(seen, &id, USUAL));
}

#[test]
fn job_is_paused_and_cancelled_by_keys() {
    let server = Server::start();
    let id = long_sweep(&server);
    let Some(window) = Window::open(USUAL, &server.unix()) else { return };
    window.gilctl("top");
    window.until("an attempt", |seen| seen.attempts().is_some_and(|done| done > 0));
    window.press("p");
    let paused = window.until("a pause", |seen| seen.last_line().starts_with("paused, "));
    let waits = |seen: &Seen| seen.last_line().starts_with("paused, 3 events wait");
    let later = window.until("events", waits);
    assert_eq!(later.attempts(), paused.attempts());
    window.press("Space");
    window.until("later attempts", |seen| seen.attempts() > paused.attempts());
    window.press("c");
    window.until("a question", |seen| seen.last_line() == format!("cancel sweep {id}? y/n"));
    window.press("n");
    window.until("the keys", |seen| seen.last_line().starts_with("q quit"));
    window.press("c");
    window.press("y");
    window.until("its end", |seen| seen.has(&format!("> {id}  CANCELLED")));
    window.press("q");
    window.is_clean();
}
