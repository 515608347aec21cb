//! What is known of an exploration, and its events onto that, without any I/O. Concludes nothing:
//! what is possible and how likely is the daemon's word.
//!
//! Invariants:
//! 1. Sequence numbers rise by exactly one, and nothing follows the end, as in [`crate::follow::sweep_log`].
//! 2. Outcomes stand in the order of their values, each once: a later one replaces an earlier.

use proto::v1::exploration_event::Happening;
use proto::v1::{
    Exploration, ExplorationEvent, ExplorationProgress, ExplorationSpec, Outcome, SweepState,
};

use crate::exit::Exit;
use crate::follow::sweep_log::FollowError;
use crate::ids;

/// An exploration as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplorationView {
    /// The exploration with all outcomes that are known.
    pub exploration: Exploration,
    /// What it is doing, while it does something.
    pub progress: Option<ExplorationProgress>,
}

/// Findings and the cursor into the exploration's events.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplorationLog {
    findings: ExplorationView,
    last_sequence: u64,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Ended,
}

/// What an event changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewChange {
    /// The exploration left the queue.
    Started,
    /// It got further.
    Progress,
    /// A value.
    Outcome {
        /// Its position among the outcomes.
        at: usize,
    },
    /// The exploration ended.
    Ended,
}

impl ExplorationView {
    /// What an answer says.
    pub fn new(exploration: Exploration) -> Self {
        Self { exploration, progress: None }
    }

    /// What was asked.
    pub fn spec(&self) -> ExplorationSpec {
        self.exploration.spec.clone().unwrap_or_default()
    }

    /// The id, or nothing if it was only estimated.
    pub fn id(&self) -> Option<&str> {
        Some(ids::id(&self.exploration.name)).filter(|id| !id.is_empty())
    }

    /// Whether no further event will come.
    pub fn has_ended(&self) -> bool {
        use SweepState::{Cancelled, Failed, Interrupted, Succeeded};
        matches!(self.exploration.state(), Succeeded | Failed | Cancelled | Interrupted)
    }

    /// Whether one value was looked for, and all that could be found was that no schedule leads to
    /// it.
    pub fn is_in_vain(&self) -> bool {
        let found_nothing =
            self.exploration.trace.is_none() && self.exploration.outcomes.is_empty();
        let is_done = self.exploration.state() == SweepState::Succeeded;
        self.spec().value.is_some() && is_done && found_nothing
    }

    /// How this exploration ends gilctl.
    pub fn exit(&self) -> Exit {
        Exit::from_outcome(self.exploration.state(), [])
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
    /// Tracks an exploration whose events up to `after_sequence` are skipped.
    pub fn new(exploration: Exploration, after_sequence: u64) -> Self {
        let findings = ExplorationView::new(exploration);
        Self { findings, last_sequence: after_sequence, phase: Phase::Open }
    }

    /// What is known so far.
    pub fn findings(&self) -> &ExplorationView {
        &self.findings
    }

    /// The last event that was applied.
    pub fn last_sequence(&self) -> u64 {
        self.last_sequence
    }

    /// Applies one event and says what it changed.
    pub fn apply(&mut self, event: ExplorationEvent) -> Result<ViewChange, FollowError> {
        let sequence = event.sequence;
        if self.phase == Phase::Ended {
            return Err(FollowError::AfterEnd(sequence));
        }
        let wanted = self.last_sequence + 1;
        if sequence != wanted {
            return Err(FollowError::Gap { wanted, found: sequence });
        }
        let found = self.take(event.happening.ok_or(FollowError::Unknown(sequence))?);
        self.last_sequence = sequence;
        self.findings.exploration.next_sequence = sequence + 1;
        Ok(found)
    }

    fn take(&mut self, happening: Happening) -> ViewChange {
        let exploration = &mut self.findings.exploration;
        match happening {
            Happening::Started(started) => {
                exploration.set_state(SweepState::Running);
                exploration.estimate = started.estimate.or(exploration.estimate.take());
                ViewChange::Started
            }
            Happening::Progress(progress) => {
                self.findings.progress = Some(progress);
                ViewChange::Progress
            }
            Happening::Outcome(outcome) => ViewChange::Outcome { at: self.findings.put(outcome) },
            Happening::Ended(ended) => {
                self.findings.end(ended);
                self.phase = Phase::Ended;
                ViewChange::Ended
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::v1::ExplorationStarted;

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
    fn outcomes_stand_in_order_and_survive_the_end() {
        let mut tracker = ExplorationLog::new(Exploration::default(), 0);
        let started = Happening::Started(ExplorationStarted::default());
        assert_eq!(tracker.apply(event(1, started)), Ok(ViewChange::Started));
        assert_eq!(tracker.apply(event(2, outcome(4, ""))), Ok(ViewChange::Outcome { at: 0 }));
        assert_eq!(tracker.apply(event(3, outcome(2, ""))), Ok(ViewChange::Outcome { at: 0 }));
        let progress = Happening::Progress(ExplorationProgress::default());
        assert_eq!(tracker.apply(event(4, progress)), Ok(ViewChange::Progress));
        assert_eq!(tracker.apply(event(5, outcome(4, "T0x2"))), Ok(ViewChange::Outcome { at: 1 }));
        assert_eq!(tracker.apply(event(6, ended(SweepState::Succeeded))), Ok(ViewChange::Ended));
        let outcomes = &tracker.findings().exploration.outcomes;
        let known: Vec<_> = outcomes.iter().map(|it| (it.value, it.witness.as_str())).collect();
        assert_eq!(known, [(2, ""), (4, "T0x2")]);
        assert_eq!((tracker.findings().exit(), tracker.last_sequence()), (Exit::Fine, 6));
        assert_eq!(tracker.apply(event(7, outcome(1, ""))), Err(FollowError::AfterEnd(7)));
    }

    #[test]
    fn gaps_repeats_and_the_unknown_are_errors() {
        let mut tracker = ExplorationLog::new(Exploration::default(), 7);
        let gap = |wanted, found| Err(FollowError::Gap { wanted, found });
        assert_eq!(tracker.apply(event(9, outcome(1, ""))), gap(8, 9));
        assert!(tracker.apply(event(8, outcome(1, ""))).is_ok());
        assert_eq!(tracker.apply(event(8, outcome(1, ""))), gap(9, 8));
        let empty = ExplorationEvent { sequence: 9, ..ExplorationEvent::default() };
        assert_eq!(tracker.apply(empty), Err(FollowError::Unknown(9)));
    }

    #[test]
    fn only_a_finished_search_is_in_vain() {
        let found = |value, state: SweepState| {
            let spec = Some(ExplorationSpec { value, ..ExplorationSpec::default() });
            let state = state.into();
            ExplorationView::new(Exploration { spec, state, ..Exploration::default() })
        };
        assert!(found(Some(1), SweepState::Succeeded).is_in_vain());
        assert!(!found(Some(1), SweepState::Cancelled).is_in_vain());
        assert!(!found(None, SweepState::Succeeded).is_in_vain());
    }
}
