//! Stored jobs as clients see them: records and encoded events as messages.

use prost::Message;
use proto::v1;

use crate::lab::Lab;
use crate::lab::error::LabError;
use crate::limits::MESSAGE_BYTES_MAX;
use crate::store::codec::Unreadable;
use crate::store::error::HistoryError;
use crate::store::record::{CellEvents, Record};
use crate::wire::number::small;
use crate::wire::request::{EXPLORATIONS, SWEEPS};
use crate::wire::state::wire_state;
use crate::wire::sweep::measurement::without_histograms;
use view::follow::lost_increments::{is_judged_by_increments, wire_lost_increments};

/// A sweep in its current state; `position` is the number of jobs before it in the queue.
pub(crate) fn sweep(record: &Record, position: usize) -> Result<v1::Sweep, Unreadable> {
    let created = v1::Sweep::decode(&record.resource[..])?;
    Ok(v1::Sweep {
        name: format!("{SWEEPS}{}", record.id),
        state: wire_state(record.state).into(),
        create_time_ns: record.create_time_ns,
        end_time_ns: record.end_time_ns,
        next_sequence: record.last_sequence + 1,
        error: record.error.clone(),
        queue_position: small(position),
        attempts: record.attempts,
        attempts_requested: record.attempts_requested,
        owner: record.owner.to_string(),
        runs: record.runs,
        imported_from: record.imported_from.clone(),
        ..created
    })
}

/// A stored sweep with its measurements; `position` as for [`sweep`]. Those of a gild that did not yet
/// count lost increments get them from the attempts.
pub(crate) fn stored_sweep(
    lab: &Lab,
    record: &Record,
    position: usize,
) -> Result<v1::GetSweepResponse, LabError> {
    let events = lab.results(record)?;
    let mut answer =
        sweep_with_results(record, position, &events).map_err(HistoryError::Unreadable)?;
    let cells = answer.sweep.as_ref().map_or(&[][..], |sweep| &sweep.cells);
    let lacks = |(cell, measured): &(&v1::Cell, &mut v1::Measurement)| {
        let is_counted = measured.attempts == 0 || measured.lost_increments.is_some();
        !is_counted && is_judged_by_increments(cell)
    };
    let mut lacking: Vec<_> = cells
        .iter()
        .zip(&mut answer.measurements)
        .enumerate()
        .filter(|(_, row)| lacks(row))
        .map(|(at, (_, measured))| (at, measured))
        .collect();
    if !lacking.is_empty() {
        let counted = lab.lost_increments(record)?;
        for (at, measured) in &mut lacking {
            measured.lost_increments = counted.get(*at).map(wire_lost_increments);
        }
    }
    Ok(answer)
}

/// A sweep with its measurements as they are stored.
fn sweep_with_results(
    record: &Record,
    position: usize,
    events: &CellEvents,
) -> Result<v1::GetSweepResponse, Unreadable> {
    let sweep = sweep(record, position)?;
    let mut measurements = vec![v1::Measurement::default(); sweep.cells.len()];
    for (cell, body) in &events.newest {
        if let Some(place) = measurements.get_mut(*cell) {
            *place = measurement_in(body)?.unwrap_or_default();
        }
    }
    let ended = events.ended.as_deref().map(ending).transpose()?.flatten().unwrap_or_default();
    Ok(v1::GetSweepResponse {
        sweep: Some(sweep),
        measurements,
        verdict: ended.verdict,
        notes: ended.notes,
    })
}

/// The same without histograms where it would pass the largest message with them.
pub(crate) fn fitting(answer: v1::GetSweepResponse) -> v1::GetSweepResponse {
    if answer.encoded_len() <= MESSAGE_BYTES_MAX {
        return answer;
    }
    let measurements = answer.measurements.into_iter().map(without_histograms).collect();
    v1::GetSweepResponse { measurements, ..answer }
}

/// The measurement of an event.
fn measurement_in(body: &[u8]) -> Result<Option<v1::Measurement>, Unreadable> {
    use v1::sweep_event::Happening as Wire;
    Ok(match v1::SweepEvent::decode(body)?.happening {
        Some(Wire::Turn(turn)) => turn.measurement,
        Some(Wire::CellEnded(ended)) => ended.measurement,
        Some(Wire::Started(_) | Wire::Ended(_)) | None => None,
    })
}

fn ending(body: &[u8]) -> Result<Option<v1::Ended>, Unreadable> {
    use v1::sweep_event::Happening as Wire;
    Ok(match v1::SweepEvent::decode(body)?.happening {
        Some(Wire::Ended(ended)) => Some(ended),
        Some(Wire::Started(_) | Wire::Turn(_) | Wire::CellEnded(_)) | None => None,
    })
}

/// An exploration in its current state, with its encoded outcomes and last event.
pub(crate) fn exploration(
    record: &Record,
    outcomes: &[Vec<u8>],
    ended: Option<&[u8]>,
) -> Result<v1::Exploration, Unreadable> {
    use v1::exploration_event::Happening as Wire;
    let happening = |body: &[u8]| v1::ExplorationEvent::decode(body).map(|event| event.happening);
    let (base, end_time_ns) = match ended.map(happening).transpose()?.flatten() {
        Some(Wire::Ended(found)) => (found.clone(), found.end_time_ns),
        _ => (v1::Exploration::decode(&record.resource[..])?, record.end_time_ns),
    };
    let mut found = Vec::with_capacity(outcomes.len());
    for body in outcomes {
        if let Some(Wire::Outcome(outcome)) = happening(body)? {
            found.push(outcome);
        }
    }
    Ok(v1::Exploration {
        name: format!("{EXPLORATIONS}{}", record.id),
        state: wire_state(record.state).into(),
        create_time_ns: record.create_time_ns,
        end_time_ns,
        error: record.error.clone(),
        outcomes: found,
        next_sequence: record.last_sequence + 1,
        owner: record.owner.to_string(),
        ..base
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_that_do_not_fit_a_message_are_left_out() {
        let answer = |cells: usize| {
            let hdr = |of: u8| Some(vec![of; 1024]);
            let measured = v1::Measurement {
                attempts: 7,
                wait_ns_hdr: hdr(1),
                hand_over_ns_hdr: hdr(2),
                slice_ns_hdr: hdr(3),
                latency_ns_hdr: hdr(4),
                ..v1::Measurement::default()
            };
            v1::GetSweepResponse {
                measurements: vec![measured; cells],
                ..v1::GetSweepResponse::default()
            }
        };
        assert_eq!(fitting(answer(250)), answer(250));
        let large = fitting(answer(1024));
        let bare = v1::Measurement { attempts: 7, ..v1::Measurement::default() };
        assert_eq!(large.measurements, vec![bare; 1024]);
        assert!(large.encoded_len() <= MESSAGE_BYTES_MAX);
    }
}
