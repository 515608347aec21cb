//! Live terminal: its state and its screens as values, and gilctl itself in tmux with a real daemon.

mod any_size;
mod in_tmux;
mod job_control;
mod reattached;
mod screens;
mod transitions;
mod windows;

use gilctl::tui::draw::draw;
use gilctl::tui::draw::look::Look;
use gilctl::tui::event::{Effect, Event};
use gilctl::tui::job_log::JobLog;
use gilctl::tui::keys::Key;
use gilctl::tui::state::State;
use proto::v1::{Exploration, GetSweepResponse, Sweep, SweepSpec, SweepState};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use view::listed::{Jobs, Listed};
use view::render::format::color::Color;
use view::render::format::page::Extent;
use view::render::picture::text::page::Charset;
use view::render::sweep::columns::Columns;

use crate::support::explorations::queued;
use crate::support::labs::busy;
use crate::support::pictures::rates;
use crate::support::sweeps::{gil_measurements, gil_sweep};

const MINUTE_NS: u64 = 60_000_000_000;
/// When the lab answered.
const NOW_NS: u64 = 65 * MINUTE_NS;
/// The sizes of screens that are kept as snapshots.
const SMALL: (u16, u16) = (40, 10);
const USUAL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (200, 50);

fn look() -> Look {
    Look {
        color: Color::Plain,
        charset: Charset::Unicode,
        columns: Columns::Usual,
        extent: Extent::Screenful,
        location: "unix:///run/lab/gild.sock".into(),
    }
}

/// The running sweep of [`jobs`].
fn running() -> Sweep {
    let strategies = vec!["gil".into()];
    Sweep {
        state: SweepState::Running.into(),
        spec: Some(SweepSpec { strategies, labels: vec!["v1".into()], ..SweepSpec::default() }),
        cell_count: 6,
        attempts: 600,
        attempts_requested: 1200,
        create_time_ns: 60 * MINUTE_NS,
        owner: "user 1000".into(),
        next_sequence: 9,
        ..gil_sweep()
    }
}

fn waiting() -> Sweep {
    let mut sweep = Sweep {
        name: "sweeps/06a1f0zzzz9k3v7q2m8xwaiter".into(),
        queue_position: 1,
        attempts: 0,
        create_time_ns: 61 * MINUTE_NS,
        owner: "token ci".into(),
        ..running()
    };
    sweep.set_state(SweepState::Queued);
    sweep
}

fn explored() -> Exploration {
    Exploration { create_time_ns: 59 * MINUTE_NS, owner: "user 1000".into(), ..queued() }
}

/// A sweep that waits, one that runs, and an exploration.
fn jobs() -> Jobs {
    Jobs {
        sweeps: Listed { jobs: vec![waiting(), running()], ..Listed::default() },
        explorations: Listed { jobs: vec![explored()], ..Listed::default() },
    }
}

fn listed(jobs: Jobs) -> Event {
    Event::Listed { jobs: Box::new(jobs), lab: Box::new(busy()), now_ns: NOW_NS }
}

/// The running sweep, as the lab answers when it is asked for.
fn opened() -> Event {
    let answer = GetSweepResponse {
        sweep: Some(running()),
        measurements: gil_measurements(),
        ..GetSweepResponse::default()
    };
    Event::Opened(Box::new(JobLog::of_sweep(answer).expect("a sweep")))
}

/// The jobs of a lab, with the running sweep selected, opened and drawn.
fn top() -> State {
    let mut state = State::of_jobs();
    state.apply(listed(jobs()));
    state.apply(opened());
    state.apply(Event::Drawn { name: running().name, answer: Ok(Box::new(rates())) });
    state
}

/// Presses keys one after another; what they ask for.
fn press(state: &mut State, keys: &[Key]) -> Vec<Effect> {
    keys.iter().flat_map(|key| state.apply(Event::Key(*key))).collect()
}

/// The state on a screen of that size.
fn terminal(state: &State, look: &Look, (columns, rows): (u16, u16)) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a screen");
    let canvas = draw(state, look, (columns, rows));
    terminal.draw(|frame| *frame.buffer_mut() = canvas.buffer).expect("it is drawn");
    terminal
}

/// The lines of the screen, without spaces at their ends.
fn shown(state: &State, look: &Look, size: (u16, u16)) -> Vec<String> {
    let text = terminal(state, look, size).backend().to_string();
    text.lines().map(|line| line.trim_matches('"').trim_end().to_owned()).collect()
}
