//! Event log of an exploration: applies events to an [`ExplorationView`], without any I/O. It
//! concludes nothing: the daemon decides what is possible and how likely.
//!
//! Invariants:
//! 1. Events are numbered as [`EventCursor`] demands.
//! 2. Outcomes are ordered by value, each value once: a later outcome replaces an earlier one.

use prost::Message as _;
use proto::v1::exploration_event::Happening;
use proto::v1::{
    Exploration, ExplorationEvent, ExplorationProgress, ExplorationSpec, Outcome, SweepState,
};

use crate::follow::cursor::{EventCursor, FollowError};
use crate::ids;
use crate::listed;

/// An exploration as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplorationView {
    /// The exploration with all outcomes that are known.
    pub exploration: Exploration,
    /// The progress of the search, while it runs.
    pub progress: Option<ExplorationProgress>,
}

/// An exploration's view and the cursor into its events.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplorationLog {
    view: ExplorationView,
    cursor: EventCursor,
}

/// What an event changed in the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewChange {
    /// The exploration left the queue.
    Started,
    /// The search progressed.
    Progress,
    /// A value was found.
    Outcome {
        /// Position of its outcome.
        at: usize,
    },
    /// The exploration ended.
    Ended,
}

/// The parts of an event that came in several messages.
#[derive(Debug, Default)]
pub struct EventParts(Option<ExplorationEvent>);

impl EventParts {
    /// The whole event, once its last part is there; `continued` is whether more follow. A part with a
    /// sequence number begins an event: what was left of another was lost with its stream.
    ///
    /// # Errors
    ///
    /// Refuses a part that continues no event, or that cannot be merged into it.
    pub fn whole(
        &mut self,
        part: ExplorationEvent,
        continued: bool,
    ) -> Result<Option<ExplorationEvent>, FollowError> {
        let whole = if part.sequence > 0 {
            part
        } else {
            let mut begun = self.0.take().ok_or(FollowError::Unknown(0))?;
            let merged = begun.merge(&part.encode_to_vec()[..]);
            merged.map_err(|_| FollowError::Unknown(begun.sequence))?;
            begun
        };
        self.0 = None;
        if continued {
            self.0 = Some(whole);
            return Ok(None);
        }
        Ok(Some(whole))
    }
}

impl ExplorationView {
    /// The view of an exploration as the daemon returned it.
    pub fn new(exploration: Exploration) -> Self {
        Self { exploration, progress: None }
    }

    /// The request.
    pub fn spec(&self) -> ExplorationSpec {
        self.exploration.spec.clone().unwrap_or_default()
    }

    /// The id; absent if the exploration was only estimated.
    pub fn id(&self) -> Option<&str> {
        Some(ids::id(&self.exploration.name)).filter(|id| !id.is_empty())
    }

    /// Whether the exploration has ended.
    pub fn has_ended(&self) -> bool {
        listed::has_ended(self.exploration.state())
    }

    /// Whether the exploration looked for one value and proved that no schedule leads to it.
    pub fn is_unreachable(&self) -> bool {
        let found_nothing =
            self.exploration.trace.is_none() && self.exploration.outcomes.is_empty();
        let is_done = self.exploration.state() == SweepState::Succeeded;
        self.spec().value.is_some() && is_done && found_nothing
    }

    fn put(&mut self, outcome: Outcome) -> usize {
        let outcomes = &mut self.exploration.outcomes;
        match outcomes.binary_search_by_key(&outcome.value, |known| known.value) {
            Ok(at) => {
                outcomes[at] = outcome;
                at
            }
            Err(at) => {
                outcomes.insert(at, outcome);
                at
            }
        }
    }

    fn end(&mut self, mut ended: Exploration) {
        if ended.outcomes.is_empty() {
            ended.outcomes = std::mem::take(&mut self.exploration.outcomes);
        }
        self.exploration = ended;
        self.progress = None;
    }
}

impl ExplorationLog {
    /// The log of an exploration after the event `after_sequence`.
    pub fn new(exploration: Exploration, after_sequence: u64) -> Self {
        Self { view: ExplorationView::new(exploration), cursor: EventCursor::new(after_sequence) }
    }

    /// The exploration as far as it is known.
    pub fn view(&self) -> &ExplorationView {
        &self.view
    }

    /// The sequence number of the last event that was applied.
    pub fn last_sequence(&self) -> u64 {
        self.cursor.last_sequence()
    }

    /// Applies one event and returns what it changed.
    ///
    /// # Errors
    ///
    /// Refuses an event that does not continue the log, or that this version does not know.
    pub fn apply(&mut self, event: ExplorationEvent) -> Result<ViewChange, FollowError> {
        let sequence = event.sequence;
        self.cursor.check(sequence)?;
        let change = self.take(event.happening.ok_or(FollowError::Unknown(sequence))?);
        self.cursor.advance(sequence);
        self.view.exploration.next_sequence = sequence.saturating_add(1);
        Ok(change)
    }

    fn take(&mut self, happening: Happening) -> ViewChange {
        let exploration = &mut self.view.exploration;
        match happening {
            Happening::Started(started) => {
                exploration.set_state(SweepState::Running);
                exploration.estimate = started.estimate.or(exploration.estimate.take());
                ViewChange::Started
            }
            Happening::Progress(progress) => {
                self.view.progress = Some(progress);
                ViewChange::Progress
            }
            Happening::Outcome(outcome) => ViewChange::Outcome { at: self.view.put(outcome) },
            Happening::Ended(ended) => {
                self.view.end(ended);
                self.cursor.end();
                ViewChange::Ended
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::v1::{ExplorationStarted, Trace, TraceEvent};

    use super::*;

    fn event(sequence: u64, happening: Happening) -> ExplorationEvent {
        ExplorationEvent { sequence, time_ns: 0, happening: Some(happening) }
    }

    fn outcome(value: u32, witness: &str) -> Happening {
        Happening::Outcome(Outcome { value, witness: witness.into(), ..Outcome::default() })
    }

    fn ended(state: SweepState) -> Happening {
        let exploration = Exploration { state: state.into(), ..Exploration::default() };
        Happening::Ended(exploration)
    }

    #[test]
    fn outcomes_are_ordered_and_survive_the_end() {
        let mut log = ExplorationLog::new(Exploration::default(), 0);
        let started = Happening::Started(ExplorationStarted::default());
        assert_eq!(log.apply(event(1, started)), Ok(ViewChange::Started));
        assert_eq!(log.apply(event(2, outcome(4, ""))), Ok(ViewChange::Outcome { at: 0 }));
        assert_eq!(log.apply(event(3, outcome(2, ""))), Ok(ViewChange::Outcome { at: 0 }));
        let progress = Happening::Progress(ExplorationProgress::default());
        assert_eq!(log.apply(event(4, progress)), Ok(ViewChange::Progress));
        assert_eq!(log.apply(event(5, outcome(4, "T0x2"))), Ok(ViewChange::Outcome { at: 1 }));
        assert_eq!(log.apply(event(6, ended(SweepState::Succeeded))), Ok(ViewChange::Ended));
        let outcomes = &log.view().exploration.outcomes;
        let known: Vec<_> = outcomes.iter().map(|it| (it.value, it.witness.as_str())).collect();
        assert_eq!(known, [(2, ""), (4, "T0x2")]);
        assert_eq!(log.last_sequence(), 6);
        assert_eq!(log.apply(event(7, outcome(1, ""))), Err(FollowError::AfterEnd(7)));
    }

    #[test]
    fn gap_repetition_or_unknown_event_is_refused() {
        let mut log = ExplorationLog::new(Exploration::default(), 7);
        let gap = |wanted, found| Err(FollowError::Gap { wanted, found });
        assert_eq!(log.apply(event(9, outcome(1, ""))), gap(8, 9));
        assert!(log.apply(event(8, outcome(1, ""))).is_ok());
        assert_eq!(log.apply(event(8, outcome(1, ""))), gap(9, 8));
        let empty = ExplorationEvent { sequence: 9, ..ExplorationEvent::default() };
        assert_eq!(log.apply(empty), Err(FollowError::Unknown(9)));
    }

    #[test]
    fn event_in_parts_is_merged() {
        let traced = |worker| {
            let events = vec![TraceEvent { worker, ..TraceEvent::default() }];
            let trace = Some(Trace { events, ..Trace::default() });
            Happening::Ended(Exploration { trace, ..Exploration::default() })
        };
        let mut parts = EventParts::default();
        assert_eq!(parts.whole(event(0, traced(1)), false), Err(FollowError::Unknown(0)));
        assert_eq!(
            parts.whole(event(4, outcome(1, "")), false),
            Ok(Some(event(4, outcome(1, ""))))
        );
        assert_eq!(parts.whole(event(5, traced(9)), true), Ok(None), "lost with its stream");
        assert_eq!(parts.whole(event(5, traced(1)), true), Ok(None));
        assert_eq!(parts.whole(event(0, traced(2)), true), Ok(None));
        let whole = parts.whole(event(0, traced(3)), false).expect("parts").expect("the last");
        let Some(Happening::Ended(ended)) = whole.happening else { panic!("the end") };
        let workers = ended.trace.expect("merged").events.into_iter().map(|it| it.worker);
        assert_eq!((whole.sequence, workers.collect()), (5, vec![1, 2, 3]));
    }

    #[test]
    fn only_a_finished_search_proves_a_value_unreachable() {
        let found = |value, state: SweepState| {
            let spec = Some(ExplorationSpec { value, ..ExplorationSpec::default() });
            let state = state.into();
            ExplorationView::new(Exploration { spec, state, ..Exploration::default() })
        };
        assert!(found(Some(1), SweepState::Succeeded).is_unreachable());
        assert!(!found(Some(1), SweepState::Cancelled).is_unreachable());
        assert!(!found(None, SweepState::Succeeded).is_unreachable());
    }
}
