//! Lost increments as the wire has them, and the cells that are judged by them.

use engine::stats::lost_increments::{IncrementCounts, LostIncrements};
use proto::v1;

/// Lost increments on the wire.
pub fn wire_lost_increments(found: &LostIncrements) -> v1::LostIncrements {
    let LostIncrements { counts: IncrementCounts { checked, lost }, interval } = *found;
    v1::LostIncrements {
        increments_checked: checked,
        increments_lost: lost,
        increments_lost_fraction: found.fraction(),
        increments_lost_low: interval.map(|(low, _)| low),
        increments_lost_high: interval.map(|(_, high)| high),
    }
}

/// Lost increments from the wire.
pub fn lost_increments(wire: &v1::LostIncrements) -> LostIncrements {
    let v1::LostIncrements {
        increments_checked: checked,
        increments_lost: lost,
        // It follows from the counts.
        increments_lost_fraction: _,
        increments_lost_low: low,
        increments_lost_high: high,
    } = *wire;
    LostIncrements { counts: IncrementCounts { checked, lost }, interval: low.zip(high) }
}

/// Whether a measurement of this cell is judged by increments: a time or requests end its attempts,
/// and some worker increments.
pub fn is_judged_by_increments(cell: &v1::Cell) -> bool {
    cell.duration_ns.is_some() || (cell.io_workers.is_some() && cell.cpu_workers != Some(0))
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    /// None lost, lost in several rounds, lost in a single one.
    #[test]
    fn lost_increments_return_from_the_wire_as_they_were() {
        let round = |lost| IncrementCounts { checked: 1_000_000, lost };
        for rounds in [&[round(0); 3][..], &[round(7), round(9_000)], &[round(5)]] {
            let found = LostIncrements::of(rounds);
            let bytes = wire_lost_increments(&found).encode_to_vec();
            let read = v1::LostIncrements::decode(&bytes[..]).expect("a message");
            assert_eq!(lost_increments(&read), found);
            assert_eq!(read.increments_lost_low.is_some(), found.interval.is_some());
        }
    }

    #[test]
    fn cells_judged_by_increments_have_a_time_or_computing_workers_beside_requests() {
        let cell = v1::Cell { tasks: 100, ..v1::Cell::default() };
        assert!(!is_judged_by_increments(&cell));
        assert!(is_judged_by_increments(&v1::Cell { duration_ns: Some(1), ..cell.clone() }));
        let beside = |cpu_workers| v1::Cell {
            io_workers: Some(1),
            cpu_workers: Some(cpu_workers),
            ..cell.clone()
        };
        assert_eq!([0, 1, 2].map(|it| is_judged_by_increments(&beside(it))), [false, true, true]);
    }
}
