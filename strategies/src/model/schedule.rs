//! Schedule: the worker of each move, written in runs: `T0x1 T1x18 T0x2`.

use std::fmt;

use crate::model::program::WORKERS_MAX;
use crate::program::limit::{LimitError, within};

/// Most runs of a schedule that is read.
pub const RUNS_MAX: usize = 100_000;
/// Most moves of a schedule that is read: eight workers with a million of the longest bodies each,
/// in which a lock adds up to three moves.
pub const RUN_MOVES_MAX: u32 = 280_000_000;

/// Moves of one worker in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Run {
    /// Who.
    pub worker: usize,
    /// How many; at least 1.
    pub moves: u32,
}

/// Who makes each move, in runs; neighbouring runs are of different workers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Schedule(Vec<Run>);

impl Schedule {
    /// Adds one move.
    pub fn push(&mut self, worker: usize) {
        self.push_run(worker, 1);
    }

    /// Adds so many moves of one worker; nothing, if there are none.
    pub fn push_run(&mut self, worker: usize, moves: u32) {
        match self.0.last_mut() {
            _ if moves == 0 => {}
            Some(run) if run.worker == worker => run.moves += moves,
            _ => self.0.push(Run { worker, moves }),
        }
    }

    /// The runs.
    pub fn runs(&self) -> &[Run] {
        &self.0
    }

    /// Who makes each move.
    pub fn workers(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().flat_map(|run| std::iter::repeat_n(run.worker, run.moves as usize))
    }

    /// Reads `T0x1 T1x18 T0x2`.
    pub fn parse(text: &str) -> Result<Self, LimitError> {
        let (mut schedule, mut all) = (Self::default(), 0);
        for word in text.split_whitespace() {
            let (worker, moves) = run(word).ok_or_else(|| refused(word))?;
            if schedule.0.len() == RUNS_MAX {
                return Err(LimitError::range("runs", RUNS_MAX + 1, 1, RUNS_MAX));
            }
            all += u64::from(moves);
            within("moves", all, 1, u64::from(RUN_MOVES_MAX))?;
            schedule.push_run(worker, moves);
        }
        Ok(schedule)
    }
}

impl FromIterator<usize> for Schedule {
    fn from_iter<I: IntoIterator<Item = usize>>(workers: I) -> Self {
        let mut schedule = Self::default();
        workers.into_iter().for_each(|worker| schedule.push(worker));
        schedule
    }
}

fn run(word: &str) -> Option<(usize, u32)> {
    let (worker, moves) = word.strip_prefix('T')?.split_once('x')?;
    let worker = worker.parse().ok().filter(|&worker| worker < WORKERS_MAX)?;
    let moves = moves.parse().ok().filter(|moves| (1..=RUN_MOVES_MAX).contains(moves))?;
    Some((worker, moves))
}

fn refused(word: &str) -> LimitError {
    LimitError {
        field: "schedule",
        value: format!("{word:?}"),
        reason: "is not a run of moves".into(),
        way_out: format!(
            "runs look like T0x18: a worker from 0 to {}, and 1 to {RUN_MOVES_MAX} moves",
            WORKERS_MAX - 1
        )
        .into(),
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Run { worker, moves }) in self.0.iter().enumerate() {
            let gap = if at == 0 { "" } else { " " };
            write!(f, "{gap}T{worker}x{moves}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(workers in prop::collection::vec(0..WORKERS_MAX, 0..200)) {
            let schedule: Schedule = workers.iter().copied().collect();
            prop_assert_eq!(&schedule.workers().collect::<Vec<_>>(), &workers);
            prop_assert_eq!(Schedule::parse(&schedule.to_string()), Ok(schedule));
        }

        #[test]
        fn no_text_is_too_strange(text in ".{0,40}") {
            let _ = Schedule::parse(&text);
        }
    }

    #[test]
    fn runs_that_add_up_to_too_much_are_refused() {
        let error = Schedule::parse(&"T0x280000000 ".repeat(2)).expect_err("refused");
        assert_eq!(error.field, "moves");
    }

    #[test]
    fn neighbouring_runs_are_joined() {
        let schedule = Schedule::parse("T0x1 T0x2 T1x1").expect("three runs");
        assert_eq!(schedule.to_string(), "T0x3 T1x1");
    }

    #[test]
    fn runs_that_are_none_are_named() {
        for text in ["T8x1", "T0x0", "0x1", "T0", "T0x280000001", "T-1x1"] {
            let error = Schedule::parse(text).expect_err("refused").to_string();
            assert!(error.contains(text) && error.contains("T0x18"), "{error}");
        }
    }
}
