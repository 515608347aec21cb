//! State of the live terminal: what is known, what is shown of it, and what an event changes. Pure: it
//! neither draws nor calls.

pub mod known;
pub mod order;
pub mod pictures;
mod selection;

use proto::v1::{Lab as LabStatus, SweepState};

use crate::ids::{Kind, short};
use crate::tui::event::{Effect, Event, Link};
use crate::tui::job_log::JobLog;
use crate::tui::keys::Key;
use crate::tui::state::known::Known;
use crate::tui::state::order::SortOrder;
use crate::tui::state::pictures::PictureRequests;
use view::follow::cursor::FollowError;
use view::listed::{Jobs, has_ended};
use view::render::format::enum_names;

/// Lines that a page key scrolls by.
const PAGE_LINES: usize = 10;

/// What fills the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// The jobs, and the selected one below.
    Jobs,
    /// The selected job alone.
    Job,
}

/// All that the screen shows, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// As it arrives.
    live: Known,
    /// As it was when the screen was paused.
    held: Option<Held>,
    /// What fills the screen at first, and where `q` leaves.
    root: Pane,
    pane: Pane,
    selected: Option<String>,
    sort: SortOrder,
    scroll: usize,
    scroll_most: usize,
    /// The job that is cancelled after a `y`.
    asked: Option<String>,
    shows_help: bool,
    message: Option<String>,
    /// Why the list and the stream broke, while they are broken.
    lost: [Option<String>; 2],
    pictures: PictureRequests,
}

/// A paused screen.
#[derive(Debug, Clone, PartialEq)]
struct Held {
    known: Known,
    /// Events that have arrived since.
    waiting: u64,
}

impl State {
    /// The jobs of a lab; the first that runs is selected once they are known.
    pub fn of_jobs() -> Self {
        Self::new(Pane::Jobs, None)
    }

    /// One job alone, by its resource name.
    pub fn of_job(name: &str) -> Self {
        Self::new(Pane::Job, Some(name.to_owned()))
    }

    fn new(root: Pane, selected: Option<String>) -> Self {
        Self {
            live: Known::default(),
            held: None,
            root,
            pane: root,
            selected,
            sort: SortOrder::default(),
            scroll: 0,
            scroll_most: 0,
            asked: None,
            shows_help: false,
            message: None,
            lost: [None, None],
            pictures: PictureRequests::default(),
        }
    }

    /// What is shown: as it arrives, or as it was when the screen was paused.
    pub fn shown(&self) -> &Known {
        self.held.as_ref().map_or(&self.live, |held| &held.known)
    }

    /// The events that wait while the screen is paused.
    pub fn waiting(&self) -> Option<u64> {
        self.held.as_ref().map(|held| held.waiting)
    }

    /// What fills the screen.
    pub fn pane(&self) -> Pane {
        self.pane
    }

    /// The selected job.
    pub fn selected(&self) -> Option<&str> {
        self.selected.as_deref()
    }

    /// The order of the jobs.
    pub fn sort(&self) -> SortOrder {
        self.sort
    }

    /// Lines above the first that is shown of the selected job.
    pub fn scroll(&self) -> usize {
        self.scroll
    }

    /// The job that a `y` cancels.
    pub fn asked(&self) -> Option<&str> {
        self.asked.as_deref()
    }

    /// Whether the keys are listed.
    pub fn shows_help(&self) -> bool {
        self.shows_help
    }

    /// What the last key or answer led to.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Why the lab cannot be reached, while it cannot.
    pub fn lost(&self) -> Option<&str> {
        self.lost.iter().flatten().map(String::as_str).next()
    }

    /// The followed job as it arrived last.
    pub fn job(&self) -> Option<&JobLog> {
        self.live.job.as_ref()
    }

    /// What is to be done before the first event.
    pub fn begin(&self) -> Vec<Effect> {
        self.selected.iter().cloned().map(Effect::Follow).collect()
    }

    /// Changes the state; what it asks for.
    pub fn apply(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => self.key(key),
            Event::Tick { now_ns } => {
                self.live.now_ns = now_ns;
                self.due_picture()
            }
            Event::Listed { jobs, lab, now_ns } => self.listed(*jobs, *lab, now_ns),
            Event::Opened(job) => self.opened(*job),
            Event::SweepWentOn { name, event } => {
                let applied = self.live.sweep_went_on(&name, *event);
                self.went_on(&name, applied)
            }
            Event::ExplorationWentOn { name, event } => {
                let applied = self.live.exploration_went_on(&name, *event);
                self.went_on(&name, applied)
            }
            Event::Drawn { name, answer } => self.drawn(&name, answer),
            Event::Cancelled { name, answer } => {
                let of = format!("{} {}", Kind::of(&name).noun(), short(&name));
                self.message = Some(match answer {
                    Ok(state) => format!("{of} is {}", enum_names::state(state)),
                    Err(why) => why,
                });
                Vec::new()
            }
            Event::Lost { link, cause } => {
                self.lost[place(link)] = Some(cause);
                Vec::new()
            }
            Event::Reached(link) => {
                self.lost[place(link)] = None;
                Vec::new()
            }
            Event::Refused(why) => {
                self.message = Some(why);
                Vec::new()
            }
            Event::Scrollable { most } => {
                self.scroll_most = most;
                self.scroll = self.scroll.min(most);
                Vec::new()
            }
        }
    }

    fn listed(&mut self, jobs: Jobs, lab: LabStatus, now_ns: u64) -> Vec<Effect> {
        if self.live.jobs.as_ref() != Some(&jobs) {
            self.wait_for_one_more();
        }
        let is_first = self.live.jobs.is_none();
        (self.live.jobs, self.live.lab, self.live.now_ns) = (Some(jobs), Some(lab), now_ns);
        if let Some(held) = self.held.as_mut().filter(|_| is_first) {
            held.known = self.live.clone();
        }
        if self.live.is_resumed() {
            return self.selected.iter().cloned().map(Effect::Follow).collect();
        }
        if self.root == Pane::Jobs { self.select_what_is_there() } else { Vec::new() }
    }

    fn opened(&mut self, job: JobLog) -> Vec<Effect> {
        if self.selected.as_deref() != Some(job.name()) {
            return Vec::new();
        }
        let name = job.name().to_owned();
        if self.live.job_named(&name).is_none() {
            self.live.picture = None;
        }
        self.live.job = Some(job);
        if let Some(held) = self.held.as_mut().filter(|held| held.known.job_named(&name).is_none())
        {
            held.known.job.clone_from(&self.live.job);
            held.known.picture = None;
        }
        self.pictures.at_once(self.live.now_ns);
        vec![Effect::Draw(name)]
    }

    fn went_on(&mut self, name: &str, applied: Result<bool, FollowError>) -> Vec<Effect> {
        match applied {
            Ok(false) => Vec::new(),
            Ok(true) => {
                self.wait_for_one_more();
                self.pictures.changed();
                if self.live.job.as_ref().is_some_and(JobLog::has_ended) {
                    self.pictures.at_once(self.live.now_ns);
                    return vec![Effect::Draw(name.to_owned())];
                }
                Vec::new()
            }
            // What is stored has all events, whichever came here.
            Err(error) => {
                self.message = Some(error.to_string());
                vec![Effect::Follow(name.to_owned())]
            }
        }
    }

    fn drawn(
        &mut self,
        name: &str,
        answer: Result<Box<proto::v1::Picture>, String>,
    ) -> Vec<Effect> {
        self.pictures.answered();
        if self.live.job_named(name).is_none() {
            return Vec::new();
        }
        if answer.is_ok() || !matches!(self.live.picture, Some(Ok(_))) {
            self.live.picture = Some(answer);
        }
        let of_it = |held: &&mut Held| held.known.job_named(name).is_some();
        if let Some(held) = self.held.as_mut().filter(of_it)
            && held.known.picture.is_none()
        {
            held.known.picture.clone_from(&self.live.picture);
        }
        Vec::new()
    }

    fn due_picture(&mut self) -> Vec<Effect> {
        let Some(name) = self.live.job.as_ref().map(|job| job.name().to_owned()) else {
            return Vec::new();
        };
        let is_due = self.held.is_none() && self.pictures.is_due(self.live.now_ns);
        if is_due { vec![Effect::Draw(name)] } else { Vec::new() }
    }

    fn wait_for_one_more(&mut self) {
        if let Some(held) = &mut self.held {
            held.waiting += 1;
        }
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        match key {
            Key::Quit => return vec![Effect::Quit],
            Key::Suspend => return vec![Effect::Suspend],
            _ => {}
        }
        self.message = None;
        if let Some(name) = self.asked.take() {
            return if key == Key::Yes { vec![Effect::Cancel(name)] } else { Vec::new() };
        }
        if self.shows_help {
            self.shows_help = false;
            return Vec::new();
        }
        match key {
            Key::Help => self.shows_help = true,
            Key::Pause => self.pause(),
            Key::Cancel => self.ask_to_cancel(),
            Key::Back if self.pane == self.root => return vec![Effect::Quit],
            Key::Back => (self.pane, self.scroll) = (self.root, 0),
            Key::PageUp => self.scroll_up(PAGE_LINES),
            Key::PageDown => self.scroll_down(PAGE_LINES),
            _ if self.pane == Pane::Jobs => return self.key_of_jobs(key),
            _ => self.key_of_job(key),
        }
        Vec::new()
    }

    fn key_of_jobs(&mut self, key: Key) -> Vec<Effect> {
        match key {
            Key::Sort => self.sort = self.sort.next(),
            Key::Open if self.selected.is_some() => (self.pane, self.scroll) = (Pane::Job, 0),
            _ => return self.select_by(key),
        }
        Vec::new()
    }

    fn key_of_job(&mut self, key: Key) {
        match key {
            Key::Up => self.scroll_up(1),
            Key::Down => self.scroll_down(1),
            Key::First => self.scroll = 0,
            Key::Last => self.scroll = self.scroll_most,
            _ => {}
        }
    }

    fn scroll_up(&mut self, lines: usize) {
        self.scroll = self.scroll.saturating_sub(lines);
    }

    fn scroll_down(&mut self, lines: usize) {
        self.scroll = self.scroll.saturating_add(lines).min(self.scroll_most);
    }

    fn pause(&mut self) {
        self.held = match self.held.take() {
            Some(_) => None,
            None => Some(Held { known: self.live.clone(), waiting: 0 }),
        };
    }

    fn ask_to_cancel(&mut self) {
        let Some(name) = self.selected.clone() else { return };
        match self.live.state_of(&name) {
            Some(state) if has_ended(state) => self.message = Some(ended(&name, state)),
            _ => self.asked = Some(name),
        }
    }
}

/// A sentence about a job that cannot be cancelled.
fn ended(name: &str, state: SweepState) -> String {
    let state = enum_names::state(state);
    format!("{} {} has ended: {state}", Kind::of(name).noun(), short(name))
}

fn place(link: Link) -> usize {
    match link {
        Link::Jobs => 0,
        Link::Stream => 1,
    }
}
