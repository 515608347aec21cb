//! Screens of any size after any keys and events: drawn without a panic, and no line is wider.

use gilctl::tui::draw::draw;
use gilctl::tui::draw::look::Look;
use gilctl::tui::event::{Event, Link};
use gilctl::tui::job_log::JobLog;
use gilctl::tui::keys::Key;
use gilctl::tui::state::State;
use proptest::prelude::*;
use proto::v1::{SweepEvent, SweepState};
use unicode_width::UnicodeWidthStr as _;
use view::render::format::color::Color;
use view::render::picture::text::page::Charset;

use super::{jobs, listed, look, opened, running};
use crate::support::explorations::{events as searched, found};
use crate::support::pictures::all;
use crate::support::sweeps::{ended, events, gil_measurements};

const KEYS: [Key; 17] = [
    Key::Up,
    Key::Down,
    Key::PageUp,
    Key::PageDown,
    Key::First,
    Key::Last,
    Key::Open,
    Key::Sort,
    Key::Pause,
    Key::Cancel,
    Key::Yes,
    Key::No,
    Key::Help,
    Key::Back,
    Key::Quit,
    Key::Suspend,
    Key::Other,
];

fn key() -> impl Strategy<Value = Event> {
    prop::sample::select(&KEYS[..]).prop_map(Event::Key)
}

/// Text with letters of every width, and what a terminal would obey.
fn text() -> impl Strategy<Value = String> {
    "[a-z 日é\u{300}\u{1b}\u{7}\u{202e}\n]{0,60}"
}

fn some_jobs() -> impl Strategy<Value = Event> {
    (text(), text(), 0_usize..40).prop_map(|(owner, strategy, copies)| {
        let mut jobs = jobs();
        let mut sweep = jobs.sweeps.jobs[0].clone();
        sweep.owner = owner;
        sweep.spec.get_or_insert_default().strategies = vec![strategy];
        let copy =
            |at: usize| proto::v1::Sweep { name: format!("sweeps/{at:026}"), ..sweep.clone() };
        jobs.sweeps.jobs.extend((0..copies).map(copy));
        listed(jobs)
    })
}

fn some_event() -> impl Strategy<Value = Event> {
    let of_sweep =
        |event: SweepEvent| Event::SweepWentOn { name: running().name, event: Box::new(event) };
    let log = events(gil_measurements(), true, ended(SweepState::Succeeded));
    let log: Vec<Event> = log.into_iter().map(of_sweep).collect();
    let name = found().name;
    let of_search = |event| Event::ExplorationWentOn { name: name.clone(), event: Box::new(event) };
    let searched: Vec<Event> = searched(found()).into_iter().map(of_search).collect();
    let pictures: Vec<Event> = all()
        .into_iter()
        .map(|(_, picture)| Event::Drawn { name: running().name, answer: Ok(Box::new(picture)) })
        .collect();
    let exploration = Event::Opened(Box::new(JobLog::of_exploration(found())));
    prop_oneof![
        8 => key(),
        2 => prop::sample::select(log),
        1 => prop::sample::select(searched),
        1 => prop::sample::select(pictures),
        1 => some_jobs(),
        1 => Just(opened()),
        1 => Just(exploration),
        1 => text().prop_map(|cause| Event::Lost { link: Link::Jobs, cause }),
        1 => text().prop_map(Event::Refused),
        1 => any::<u64>().prop_map(|now_ns| Event::Tick { now_ns }),
        1 => any::<usize>().prop_map(|most| Event::Scrollable { most }),
    ]
}

fn some_look() -> impl Strategy<Value = Look> {
    (any::<bool>(), any::<bool>()).prop_map(|(is_ascii, is_plain)| Look {
        charset: if is_ascii { Charset::Ascii } else { Charset::Unicode },
        color: if is_plain { Color::Plain } else { Color::Ansi },
        ..look()
    })
}

/// Columns and rows: mostly usual ones, often tiny ones.
fn size() -> impl Strategy<Value = (u16, u16)> {
    prop_oneof![(0_u16..=240, 0_u16..=70), (0_u16..=3, 0_u16..=3), (38_u16..=42, 6_u16..=12)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn no_screen_panics_and_no_line_is_wider_than_its_screen(
        is_one_job in any::<bool>(),
        steps in prop::collection::vec((some_event(), size()), 1..30),
        look in some_look(),
    ) {
        let mut state = if is_one_job { State::of_job(&running().name) } else { State::of_jobs() };
        for (event, (columns, rows)) in steps {
            state.apply(event);
            let canvas = draw(&state, &look, (columns, rows));
            prop_assert_eq!((canvas.buffer.area.width, canvas.buffer.area.height), (columns, rows));
            for row in 0..rows {
                let mut end = 0;
                while end < columns {
                    let symbol = canvas.buffer[(end, row)].symbol();
                    prop_assert!(!symbol.contains(char::is_control), "{symbol:?}");
                    end += u16::try_from(symbol.width().max(1)).expect("a letter");
                }
                prop_assert_eq!(end, columns, "row {}: {:?}", row, canvas.buffer);
            }
        }
    }
}
