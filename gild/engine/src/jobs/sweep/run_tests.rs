//! Which turns of a sweep may be discarded, and how a sweep ends whose earlier run cannot be read.

use std::sync::Arc;

use super::*;
use crate::exec::lost_workers::LostWorkers;
use crate::jobs::event::recorder::EventRecorder;
use crate::jobs::owner::Owner;
use crate::jobs::state::State;
use crate::jobs::sweep::job::PreviousRun;
use crate::jobs::sweep::job::tests::sweep;
use crate::measure::measurement::tests::seen;
use crate::measure::turn::StoredTurn;
use crate::measure::validity::Disturbance;
use crate::plan::sweep_plan::EarlyEnd;
use crate::python::registry::Interpreters;
use crate::sys::affinity::CpuSet;

/// A sweep in the queue, and what it stores.
struct Fixture {
    job: Arc<Job>,
    sweep: Arc<Sweep>,
    sink: EventRecorder,
}

impl Fixture {
    fn of(sweep: Sweep) -> Self {
        let sweep = Arc::new(sweep);
        let job = Job::new("a".into(), Owner::Local, sweep.clone());
        Self { job, sweep, sink: EventRecorder::default() }
    }

    /// Three attempts of it are stored.
    fn resumed(previous_run: Box<dyn PreviousRun>) -> Self {
        Self::of(Sweep::resumed(sweep().plan, 3, previous_run))
    }

    /// Whether a turn of its one cell, whose strategy is exact, may be discarded.
    fn may_discard(&self, totals: &[u64]) -> bool {
        let seen: Vec<_> = totals.iter().map(|&total| seen(total)).collect();
        let run = SweepRun::new(&self.job, &self.sweep, &self.sink, 0.0);
        run.may_discard(self.sweep.plan.turns()[0], &seen)
    }

    fn expected(&self) -> u64 {
        self.sweep.plan.cells[0].workload.expected()
    }

    fn run(&self) {
        let mut executor =
            Executor::on(CpuSet::default(), LostWorkers::default(), Interpreters::default());
        self.job.run(&mut executor, &self.sink).expect("it can be stored");
    }

    fn last_verdict(&self) -> String {
        match self.sink.sweep_events("a").pop() {
            Some(SweepEvent::Ended { verdict, .. }) => verdict,
            other => panic!("{other:?} is not the end"),
        }
    }
}

#[test]
fn turn_within_its_guarantee_may_be_discarded() {
    let fixture = Fixture::of(sweep());
    let expected = fixture.expected();
    assert!(fixture.may_discard(&[expected; 3]));
}

#[test]
fn turn_that_breaks_a_guarantee_is_never_discarded() {
    let fixture = Fixture::of(sweep());
    let expected = fixture.expected();
    assert!(!fixture.may_discard(&[expected, expected - 1, expected]));
    assert!(!fixture.may_discard(&[expected, expected + 1]));
}

#[test]
fn stopping_sweep_discards_no_turn() {
    let fixture = Fixture::of(sweep());
    fixture.job.lifecycle().stop(StopReason::Cancelled);
    assert!(!fixture.may_discard(&[fixture.expected()]));
}

/// Attempts of the cell of a sweep that are all alike, as many as it takes, and the sweep's notes.
fn attempts_alike(fixture: &Fixture) -> (u32, Vec<String>) {
    let mut run = SweepRun::new(&fixture.job, &fixture.sweep, &fixture.sink, 0.0);
    for turn in fixture.sweep.plan.turns() {
        if !run.ended[0] {
            let observations = (0..turn.attempts).map(|_| seen(fixture.expected())).collect();
            run.store_turn(turn, observations).expect("it can be stored");
        }
    }
    assert!(run.ended[0]);
    (run.cells[0].len(), run.summary().notes)
}

#[test]
fn settled_cell_ends_early_and_a_note_says_so() {
    let (attempts, notes) = attempts_alike(&Fixture::of(sweep()));
    assert_eq!(attempts, 50);
    let note = "Ended early, as no update can be lost and the rate is known within 3 %: atomic after \
                50 attempts; `--attempts 100` runs them all.";
    assert!(notes.iter().any(|it| it == note), "{notes:?}");
}

#[test]
fn attempts_that_were_asked_for_all_run() {
    let mut asked = sweep();
    asked.plan.early_end = EarlyEnd::Never;
    let (attempts, notes) = attempts_alike(&Fixture::of(asked));
    assert_eq!(attempts, 100);
    assert!(!notes.iter().any(|it| it.contains("Ended early")), "{notes:?}");
}

/// An earlier run on a disk that cannot be read.
#[derive(Debug)]
struct Unreadable;

impl PreviousRun for Unreadable {
    fn replay_turns(
        &self,
        _take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Vec<usize>>, AppendError> {
        Err(AppendError::Broken("no sector there".into()))
    }
}

#[test]
fn unreadable_earlier_run_interrupts_the_sweep_and_keeps_its_attempts() {
    let fixture = Fixture::resumed(Box::new(Unreadable));
    fixture.run();
    let attempts = fixture.sweep.attempts_done();
    assert_eq!((fixture.job.state(), attempts), (State::Interrupted, 3));
    let verdict = fixture.last_verdict();
    assert!(verdict.contains(": 3 of ") && verdict.contains("no sector there"), "{verdict}");
    assert_eq!(fixture.sink.len(), 2, "it started and ended, and says nothing of cells");
}

#[test]
fn sweep_with_unreadable_earlier_run_can_be_cancelled() {
    let fixture = Fixture::resumed(Box::new(Unreadable));
    let Fixture { job, sink, .. } = &fixture;
    job.lifecycle().apply(Transition::Cancel).expect("it waits");
    job.end_unstarted(sink, StopReason::Cancelled).expect("it can be stored");
    assert_eq!((job.state(), sink.len()), (State::Cancelled, 1));
    assert!(fixture.last_verdict().contains("not readable now (no sector there)"));
}

/// An earlier run with more turns than a stop can wait for.
#[derive(Debug)]
struct Endless;

impl PreviousRun for Endless {
    fn replay_turns(
        &self,
        take: &mut dyn FnMut(&StoredTurn) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Vec<usize>>, AppendError> {
        let turn = StoredTurn {
            sequence: 2,
            cell: 0,
            round: 0,
            first_attempt: 0,
            seen: vec![seen(100)],
            disturbance: Disturbance::default(),
        };
        while take(&turn).is_continue() {}
        Ok(ControlFlow::Break(()))
    }
}

#[test]
fn stop_ends_the_restoring_of_an_earlier_run() {
    let fixture = Fixture::resumed(Box::new(Endless));
    std::thread::scope(|scope| {
        let running = scope.spawn(|| fixture.run());
        while fixture.sink.len() == 0 {
            std::thread::yield_now();
        }
        fixture.job.lifecycle().stop(StopReason::Interrupted);
        running.join().expect("no panic");
    });
    assert_eq!((fixture.job.state(), fixture.sink.len()), (State::Interrupted, 2));
    assert!(fixture.last_verdict().starts_with("Ended before it went on: 3 of "));
}
