//! Validity of a cell's figures. Pure; changes no figure and no verdict.

use crate::measure::contention::Contention;
use crate::plan::cell::Cell;
use crate::sys::interference::Interference;

/// Below this median overlap the workers count as having run one after the other.
pub const SEQUENTIAL_BELOW: f64 = 0.1;

/// Validity of a cell's figures. Of several problems the first is reported, in this order: a lost
/// worker, noise, sequential execution, no contention. A lost worker's usage cannot be
/// distinguished from the lab's own; on a busy machine sequential execution may be an effect of the
/// noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// The workers ran as the cell says.
    Ok,
    /// Their times hardly overlapped: correct results prove little.
    Sequential,
    /// Other processes or the hypervisor used too much of the machine.
    Noisy,
    /// The workers hardly ever met at the lock: its speed is that of an uncontended one.
    Uncontended,
    /// A worker of an earlier attempt never returned and may have run at the same time.
    Degraded,
}

/// Interference with a cell's turns.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Disturbance {
    /// Interference during all turns that count; `None` while none was judged.
    pub noise: Option<Interference>,
    /// Turns that count though they were too noisy.
    pub noisy_turns: u32,
    /// Turns that were run again.
    pub reruns: u32,
    /// Turns that count though an abandoned worker of an earlier attempt may have run meanwhile.
    pub degraded_turns: u32,
}

impl Disturbance {
    /// Adds the interference of turns that count.
    pub fn add(&mut self, noise: Interference) {
        self.noise = Some(self.noise.map_or(noise, |sum| sum.plus(noise)));
    }

    /// Whether a turn that counts was too noisy, or all of them together.
    pub fn is_too_much(&self) -> bool {
        self.noisy_turns > 0 || self.noise.is_some_and(|noise| noise.is_too_much())
    }
}

/// Judges a cell by the median overlap of its workers and by the interference.
pub fn validity(
    cell: &Cell,
    overlap: f64,
    disturbance: &Disturbance,
    contention: Option<&Contention>,
) -> Validity {
    if disturbance.degraded_turns > 0 {
        return Validity::Degraded;
    }
    if disturbance.is_too_much() {
        return Validity::Noisy;
    }
    // Requesting workers sleep most of the time.
    if cell.workload.incrementing(cell.workers) <= 1 || cell.workload.service.is_some() {
        return Validity::Ok;
    }
    if overlap < SEQUENTIAL_BELOW {
        return Validity::Sequential;
    }
    match contention.and_then(|it| it.watched) {
        // Workers that wait for arrivals need not meet.
        Some(watched)
            if cell.workload.arrivals_per_s.is_none() && watched.is_contested() == Some(false) =>
        {
            Validity::Uncontended
        }
        Some(_) | None => Validity::Ok,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::measurement::tests::CELL;
    use crate::sys::interference::tests::second;

    fn disturbed(others: f64) -> Disturbance {
        let mut disturbance = Disturbance::default();
        disturbance.add(second(0.2, others, 0.0).expect("known"));
        disturbance
    }

    #[test]
    fn noise_precedes_sequential_execution() {
        assert_eq!(validity(&CELL, 0.8, &disturbed(0.0), None), Validity::Ok);
        assert_eq!(validity(&CELL, 0.01, &disturbed(0.0), None), Validity::Sequential);
        assert_eq!(validity(&CELL, 0.8, &disturbed(0.5), None), Validity::Noisy);
        assert_eq!(validity(&CELL, 0.01, &disturbed(0.5), None), Validity::Noisy);
    }

    #[test]
    fn counted_noisy_turn_makes_the_cell_noisy() {
        let quiet = Disturbance { noisy_turns: 1, ..disturbed(0.01) };
        assert_eq!(validity(&CELL, 0.8, &quiet, None), Validity::Noisy);
    }

    #[test]
    fn lost_worker_precedes_every_other_problem() {
        for (overlap, others) in [(0.8, 0.0), (0.01, 0.0), (0.8, 0.5)] {
            let degraded = Disturbance { degraded_turns: 1, ..disturbed(others) };
            assert_eq!(validity(&CELL, overlap, &degraded, None), Validity::Degraded);
        }
    }

    #[test]
    fn unknown_interference_is_valid() {
        let unknown = Disturbance { reruns: 3, ..Disturbance::default() };
        assert_eq!(validity(&CELL, 0.8, &unknown, None), Validity::Ok);
    }
}
