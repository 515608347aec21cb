//! Rounds of a stored sweep in the order in which they were run.

use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::lab::Lab;
use crate::lab::error::LabError;
use crate::store::record::Record;
use engine::stats::two_sample::Sample;

/// One cell's share of a round, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRound {
    /// The cell's position.
    pub cell: usize,
    /// Its place among all turns of the sweep, from 1.
    pub turn: u64,
    /// Bodies per second, the median of its attempts.
    pub rate: f64,
    /// The counter after each attempt.
    pub finals: Vec<u64>,
    /// Whether it counts though others kept the machine busy, or a lost worker may have run meanwhile.
    /// Only turns that are long enough to be judged by themselves can be.
    pub is_noisy: bool,
}

impl Lab {
    /// The rounds of a sweep in the order in which they were run. Reads each attempt.
    pub fn rounds(&self, record: &Record) -> Result<Vec<StoredRound>, LabError> {
        let mut rates: HashMap<(usize, u64), Vec<f64>> = HashMap::new();
        for (cell, sequence, rate) in self.0.history.rates(record)? {
            rates.entry((cell, sequence)).or_default().push(rate);
        }
        let mut noisy_before: HashMap<usize, u32> = HashMap::new();
        let mut rounds = Vec::new();
        // Never broken off.
        let _ = self.0.history.each_turn(record.number, &mut |turn| {
            let of_turn = rates.remove(&(turn.cell, turn.sequence)).unwrap_or_default();
            let noisy = turn.disturbance.noisy_turns + turn.disturbance.degraded_turns;
            let before = noisy_before.insert(turn.cell, noisy).unwrap_or_default();
            rounds.push(StoredRound {
                cell: turn.cell,
                turn: rounds.len() as u64 + 1,
                rate: Sample::new(of_turn).median(),
                finals: turn.seen.iter().map(|seen| seen.total).collect(),
                is_noisy: noisy > before,
            });
            ControlFlow::Continue(())
        })?;
        Ok(rounds)
    }
}
