//! Rounds of a stored sweep in the order in which they were run.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::lab::Lab;
use crate::lab::error::LabError;
use crate::lab::rounds_cache::StoredRound;
use crate::store::queries::{AttemptRow, TurnRow};
use crate::store::record::Record;
use engine::limits::CELLS_MAX;
use engine::stats::two_sample::Sample;

/// A turn while its attempts are read.
#[derive(Debug, Default)]
struct OpenRound {
    key: Option<(usize, u64)>,
    rates: Vec<f64>,
    finals: BTreeMap<u64, u64>,
}

impl OpenRound {
    /// The round so far, which is empty then; with the number of its event.
    fn close(&mut self) -> Option<(u64, StoredRound)> {
        let (cell, sequence) = self.key.take()?;
        let rate = Sample::new(std::mem::take(&mut self.rates)).median();
        let finals = std::mem::take(&mut self.finals).into_iter().collect();
        Some((sequence, StoredRound { cell, turn: 0, rate, finals, is_noisy: false }))
    }

    fn add(&mut self, attempt: &AttemptRow) {
        self.key = Some((attempt.cell, attempt.sequence));
        self.rates.push(attempt.rate);
        *self.finals.entry(attempt.total).or_default() += 1;
    }
}

impl Lab {
    /// The rounds of a sweep in the order in which they were run. Reads each attempt, unless they are
    /// those that were read last.
    pub fn rounds(&self, record: &Record) -> Result<Arc<[StoredRound]>, LabError> {
        let key = (record.number, record.last_sequence);
        if let Some(rounds) = self.0.rounds.of(key) {
            return Ok(rounds);
        }
        let rounds: Arc<[StoredRound]> = self.read_rounds(record)?.into();
        self.0.rounds.keep(key, &rounds);
        Ok(rounds)
    }

    fn read_rounds(&self, record: &Record) -> Result<Vec<StoredRound>, LabError> {
        let mut rounds: Vec<(u64, StoredRound)> = Vec::new();
        let mut open = OpenRound::default();
        let turns = self.0.history.rounds(record.number, &mut |attempt| {
            if open.key != Some((attempt.cell, attempt.sequence)) {
                rounds.extend(open.close());
            }
            open.add(attempt);
        })?;
        rounds.extend(open.close());
        rounds.retain(|(_, round)| round.cell < CELLS_MAX);
        rounds.sort_by_key(|(sequence, _)| *sequence);
        let noisy = noisy(&turns);
        let numbered = rounds.into_iter().zip(1..).map(|((sequence, round), turn)| {
            let is_noisy = noisy.binary_search(&sequence).is_ok();
            StoredRound { turn, is_noisy, ..round }
        });
        Ok(numbered.collect())
    }

    /// Bodies per second of each cell of a sweep, the median of each round.
    pub fn rates(&self, record: &Record) -> Result<Vec<Vec<f64>>, LabError> {
        let mut cells: Vec<Vec<f64>> = Vec::new();
        for round in self.rounds(record)?.iter() {
            cells.resize(cells.len().max(round.cell + 1), Vec::new());
            cells[round.cell].push(round.rate);
        }
        Ok(cells)
    }
}

/// Numbers of the events of noisy turns, in order: a turn keeps the sums of its cell up to it.
fn noisy(turns: &[TurnRow]) -> Vec<u64> {
    let mut before: BTreeMap<usize, u32> = BTreeMap::new();
    let is_noisy = |turn: &&TurnRow| {
        let noisy = turn.disturbance.noisy_turns + turn.disturbance.degraded_turns;
        noisy > before.insert(turn.cell, noisy).unwrap_or_default()
    };
    turns.iter().filter(is_noisy).map(|turn| turn.sequence).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ops::ControlFlow;
    use std::sync::Arc;

    use crate::lab::tests::{all_events, create, lab, spec};
    use crate::store::record::Kind;

    #[tokio::test]
    async fn rounds_are_those_of_the_turns_and_are_read_once() {
        let lab = lab();
        let id = create(&lab, &spec(60));
        all_events(&lab, &id, 0).await;
        let record = lab.record(Kind::Sweep, &id).expect("kept");
        let mut of_turns = Vec::new();
        let _ = lab.history().each_turn(record.number, &mut |turn| {
            let mut finals: BTreeMap<u64, u64> = BTreeMap::new();
            turn.seen.iter().for_each(|seen| *finals.entry(seen.total).or_default() += 1);
            of_turns.push((turn.cell, finals.into_iter().collect::<Vec<_>>()));
            ControlFlow::Continue(())
        });
        let rounds = lab.rounds(&record).expect("stored");
        let read: Vec<_> = rounds.iter().map(|it| (it.cell, it.finals.clone())).collect();
        assert_eq!((read, rounds.len()), (of_turns, 20));
        assert!(rounds.iter().zip(1..).all(|(round, turn)| round.turn == turn && round.rate > 0.0));
        assert!(Arc::ptr_eq(&rounds, &lab.rounds(&record).expect("stored")));
        // Another sweep takes its place.
        let other = create(&lab, &spec(3));
        all_events(&lab, &other, 0).await;
        let other = lab.record(Kind::Sweep, &other).expect("kept");
        assert_eq!(lab.rounds(&other).expect("stored").len(), 3);
        let again = lab.rounds(&record).expect("stored");
        assert!(!Arc::ptr_eq(&rounds, &again) && rounds == again);
    }
}
