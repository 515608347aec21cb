//! Selection of a job among those on the screen.

use crate::tui::event::Effect;
use crate::tui::keys::Key;
use crate::tui::state::State;
use proto::v1::SweepState;

impl State {
    /// Selects the first job that runs, or the first of all, where none is selected or the selected one is
    /// gone.
    pub(super) fn select_what_is_there(&mut self) -> Vec<Effect> {
        let names = self.names();
        let is_there = self.selected.as_ref().is_some_and(|name| names.contains(name));
        if is_there {
            return Vec::new();
        }
        let runs = |name: &&String| self.live.listed_state(name) == Some(SweepState::Running);
        let chosen = names.iter().find(runs).or_else(|| names.first()).cloned();
        self.select(chosen)
    }

    /// Selects the job that a key leads to.
    pub(super) fn select_by(&mut self, key: Key) -> Vec<Effect> {
        let names = self.names();
        let at = names.iter().position(|name| self.selected.as_ref() == Some(name));
        let last = names.len().saturating_sub(1);
        let to = match (key, at) {
            (Key::Up, Some(at)) => at.saturating_sub(1),
            (Key::Down, Some(at)) => (at + 1).min(last),
            (Key::First, _) | (Key::Up | Key::Down, None) => 0,
            (Key::Last, _) => last,
            _ => return Vec::new(),
        };
        let chosen = names.get(to).cloned();
        if chosen == self.selected { Vec::new() } else { self.select(chosen) }
    }

    fn select(&mut self, chosen: Option<String>) -> Vec<Effect> {
        self.scroll = 0;
        self.selected.clone_from(&chosen);
        chosen.into_iter().map(Effect::Follow).collect()
    }

    /// The jobs on the screen, from top to bottom.
    fn names(&self) -> Vec<String> {
        self.shown().jobs.as_ref().map(|jobs| self.sort.names(jobs)).unwrap_or_default()
    }
}
