//! Transitions of the state: keys and events, and what they ask for.

use gilctl::tui::event::{Effect, Event};
use gilctl::tui::job_log::JobLog;
use gilctl::tui::keys::Key;
use gilctl::tui::state::order::SortOrder;
use gilctl::tui::state::pictures::PICTURE_INTERVAL;
use gilctl::tui::state::{Pane, State};
use proto::v1::sweep_event::Happening;
use proto::v1::{Sweep, SweepEvent, SweepState, Turn};
use view::listed::Jobs;

use super::{
    LARGE, NOW_NS, explored, jobs, listed, look, opened, press, running, shown, top, waiting,
};
use crate::support::sweeps::{ended, measured};

/// The next event of the running sweep: a turn of its first cell.
fn turn(sequence: u64) -> Event {
    let measurement = Some(measured(50));
    let turn = Turn { cell: 0, measurement, ..Turn::default() };
    went_on(sequence, Happening::Turn(turn))
}

fn went_on(sequence: u64, happening: Happening) -> Event {
    let event = SweepEvent { sequence, time_ns: 0, happening: Some(happening) };
    Event::SweepWentOn { name: running().name, event: Box::new(event) }
}

fn follow(name: &str) -> Vec<Effect> {
    vec![Effect::Follow(name.to_owned())]
}

#[test]
fn first_list_selects_what_runs_and_follows_it() {
    let mut state = State::of_jobs();
    assert_eq!(state.begin(), []);
    assert_eq!(state.apply(listed(jobs())), follow(&running().name));
    assert_eq!(state.apply(listed(jobs())), [], "it is followed already");
    assert_eq!(state.apply(opened()), [Effect::Draw(running().name)]);
}

#[test]
fn arrows_select_among_sweeps_and_explorations_and_stop_at_both_ends() {
    let mut state = top();
    assert_eq!(press(&mut state, &[Key::Down]), follow(&explored().name));
    assert_eq!(press(&mut state, &[Key::Down, Key::Last]), []);
    assert_eq!(press(&mut state, &[Key::First]), follow(&waiting().name));
    assert_eq!(press(&mut state, &[Key::Up]), []);
    assert_eq!(press(&mut state, &[Key::Down]), follow(&running().name));
}

#[test]
fn selected_job_that_is_gone_gives_way_to_another() {
    let mut state = top();
    let mut left = jobs();
    left.sweeps.jobs.pop();
    assert_eq!(state.apply(listed(left)), follow(&waiting().name));
    let none = Jobs { sweeps: <_>::default(), explorations: <_>::default() };
    assert_eq!(state.apply(listed(none)), []);
    assert_eq!(state.selected(), None);
}

#[test]
fn enter_opens_the_job_and_q_goes_back_before_it_quits() {
    let mut state = top();
    press(&mut state, &[Key::Open]);
    assert_eq!(state.pane(), Pane::Job);
    assert_eq!(press(&mut state, &[Key::Back]), []);
    assert_eq!(state.pane(), Pane::Jobs);
    assert_eq!(press(&mut state, &[Key::Back]), [Effect::Quit]);
    let mut alone = State::of_job(&running().name);
    assert_eq!(alone.begin(), follow(&running().name));
    assert_eq!(press(&mut alone, &[Key::Back]), [Effect::Quit]);
}

#[test]
fn paused_screen_stays_while_events_are_counted_and_catches_up() {
    let mut state = top();
    let before = shown(&state, &look(), LARGE);
    press(&mut state, &[Key::Pause]);
    for sequence in 9..12 {
        assert_eq!(state.apply(turn(sequence)), []);
    }
    assert_eq!(state.waiting(), Some(3));
    let paused = shown(&state, &look(), LARGE);
    let (last, rest) = paused.split_last().expect("lines");
    assert_eq!(last, "paused, 3 events wait");
    assert_eq!(rest, &before[..before.len() - 1]);
    press(&mut state, &[Key::Pause]);
    assert_eq!(state.waiting(), None);
    assert_ne!(shown(&state, &look(), LARGE), before);
}

#[test]
fn job_that_is_selected_while_paused_is_shown() {
    let mut state = State::of_jobs();
    state.apply(listed(jobs()));
    press(&mut state, &[Key::Pause]);
    assert!(!shown(&state, &look(), LARGE).join("\n").contains("RIGHT %"));
    state.apply(opened());
    assert!(shown(&state, &look(), LARGE).join("\n").contains("RIGHT %"));
}

#[test]
fn cancel_needs_a_yes_and_a_job_that_has_not_ended() {
    let mut state = top();
    for no in [Key::No, Key::Back, Key::Open, Key::Other] {
        assert_eq!(press(&mut state, &[Key::Cancel, no]), []);
        assert_eq!((state.asked(), state.pane()), (None, Pane::Jobs));
    }
    let asked = press(&mut state, &[Key::Cancel, Key::Yes]);
    assert_eq!(asked, [Effect::Cancel(running().name)]);
    let end = went_on(9, Happening::Ended(ended(SweepState::Cancelled)));
    assert_eq!(state.apply(end), [Effect::Draw(running().name)]);
    assert_eq!(press(&mut state, &[Key::Cancel, Key::Yes]), []);
    press(&mut state, &[Key::Cancel]);
    let message = state.message().expect("a message");
    assert!(message.ends_with("has ended: CANCELLED"), "{message}");
}

#[test]
fn ctrl_c_and_ctrl_z_work_in_every_mode() {
    for before in [&[][..], &[Key::Help], &[Key::Cancel], &[Key::Open], &[Key::Pause]] {
        let mut state = top();
        press(&mut state, before);
        assert_eq!(press(&mut state, &[Key::Suspend]), [Effect::Suspend]);
        assert_eq!(press(&mut state, &[Key::Quit]), [Effect::Quit]);
    }
}

#[test]
fn s_cycles_the_order_and_the_selected_job_stays_selected() {
    let mut state = top();
    let names = |state: &State| state.sort().names(state.shown().jobs.as_ref().expect("jobs"));
    let orders = [SortOrder::State, SortOrder::Owner, SortOrder::Newest];
    for order in orders {
        assert_eq!(press(&mut state, &[Key::Sort]), []);
        assert_eq!((state.sort(), state.selected()), (order, Some(running().name.as_str())));
        let first = if order == SortOrder::State { running().name } else { waiting().name };
        assert_eq!(names(&state)[0], first, "{order:?}");
    }
}

#[test]
fn event_that_does_not_continue_the_log_opens_the_job_anew() {
    let mut state = top();
    assert_eq!(state.apply(turn(11)), follow(&running().name));
    assert_eq!(state.message(), Some("event 11 came where event 9 belongs"));
    assert_eq!(state.apply(opened()), [Effect::Draw(running().name)]);
    assert_eq!(state.apply(turn(9)), []);
}

#[test]
fn sweep_that_is_resumed_after_its_end_is_followed_again() {
    let mut state = State::of_job(&running().name);
    state.apply(opened());
    state.apply(went_on(9, Happening::Ended(ended(SweepState::Interrupted))));
    let mut stopped = jobs();
    stopped.sweeps.jobs[1].set_state(SweepState::Interrupted);
    assert_eq!(state.apply(listed(stopped)), []);
    assert_eq!(state.apply(listed(jobs())), follow(&running().name));
}

#[test]
fn picture_is_asked_for_again_only_after_events_and_time() {
    let mut state = top();
    let interval = u64::try_from(PICTURE_INTERVAL.as_nanos()).expect("it fits");
    let tick = |state: &mut State, now_ns| state.apply(Event::Tick { now_ns });
    assert_eq!(tick(&mut state, NOW_NS + 9 * interval), [], "nothing has changed");
    state.apply(turn(9));
    assert_eq!(tick(&mut state, NOW_NS + 9 * interval), [Effect::Draw(running().name)]);
    state.apply(turn(10));
    let refused = Event::Drawn { name: running().name, answer: Err("no result".into()) };
    state.apply(refused);
    assert_eq!(tick(&mut state, NOW_NS + 9 * interval + 1), []);
    assert!(matches!(state.shown().picture, Some(Ok(_))), "the last picture stays");
}

#[test]
fn answers_about_another_job_are_left_out() {
    let mut state = top();
    let before = state.clone();
    let other = Sweep { next_sequence: 3, ..waiting() };
    let answer = proto::v1::GetSweepResponse { sweep: Some(other), ..<_>::default() };
    let job = JobLog::of_sweep(answer).expect("a sweep");
    assert_eq!(state.apply(Event::Opened(Box::new(job))), []);
    let mut event = turn(9);
    if let Event::SweepWentOn { name, .. } = &mut event {
        *name = waiting().name;
    }
    assert_eq!(state.apply(event), []);
    assert_eq!(state, before);
}

#[test]
fn scrolling_stops_at_the_last_line() {
    let mut state = top();
    press(&mut state, &[Key::Open]);
    state.apply(Event::Scrollable { most: 14 });
    press(&mut state, &[Key::PageDown, Key::Down]);
    assert_eq!(state.scroll(), 11);
    press(&mut state, &[Key::PageDown]);
    assert_eq!(state.scroll(), 14);
    press(&mut state, &[Key::Up]);
    assert_eq!(state.scroll(), 13);
    state.apply(Event::Scrollable { most: 3 });
    assert_eq!(state.scroll(), 3);
    press(&mut state, &[Key::First]);
    assert_eq!(state.scroll(), 0);
}
