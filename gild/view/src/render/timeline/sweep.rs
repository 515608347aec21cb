//! The timeline of a sweep, from its stored events: a track per cell with a slice per turn, and one of
//! rounds.
//!
//! An event has the time at which its turn was over; when the turn began is not stored. A slice ends at
//! that time and is as long as the turn's attempts together, but begins at the event before at the
//! earliest.

use std::collections::BTreeMap;

use proto::v1::sweep_event::Happening;
use proto::v1::{Measurement, Sweep, SweepEvent, Turn};

use crate::follow::cursor::FollowError;
use crate::follow::sweep_log::{Change, SweepLog};
use crate::follow::sweep_view::Row;
use crate::ids;
use crate::render::format::enum_names;
use crate::render::sweep::axis::Axis;
use crate::render::sweep::cell::label;
use crate::render::timeline::data::{Figure, Slice, SliceKind, Timeline, Track};

/// The name of the track of rounds.
const ROUNDS: &str = "rounds";
/// What the times of turns are.
const TIMES: &str = "measured: a turn ends at the time of its event, by the clock of the day; its \
                     beginning is not stored, so its slice is as long as its attempts together, but \
                     begins at the event before at the earliest. What lies between two slices is \
                     preparation, statistics and what was run again.";

/// The timeline of a sweep and its events from the first on.
///
/// # Errors
///
/// Refuses events that do not continue one another, or that this version does not know.
pub fn timeline(sweep: Sweep, events: Vec<SweepEvent>) -> Result<Timeline, FollowError> {
    let title = format!("sweep {}", ids::short(&sweep.name));
    let seed = sweep.seed.to_string();
    let origin_ns = events.first().map_or(0, |event| event.time_ns);
    let mut turns = TurnLog::new(SweepLog::new(sweep, 0), origin_ns);
    for event in events {
        turns.take(event)?;
    }
    let notes = vec![("time", TIMES.to_owned()), ("seed", seed)];
    Ok(Timeline { title, origin_ns, tracks: turns.tracks(), notes })
}

/// The turns so far.
struct TurnLog {
    log: SweepLog,
    origin_ns: u64,
    /// The time of the last event, which does not go back.
    now_ns: u64,
    slices: BTreeMap<usize, Vec<Slice>>,
    rounds: Vec<Slice>,
}

impl TurnLog {
    fn new(log: SweepLog, origin_ns: u64) -> Self {
        Self { log, origin_ns, now_ns: 0, slices: BTreeMap::new(), rounds: Vec::new() }
    }

    fn take(&mut self, event: SweepEvent) -> Result<(), FollowError> {
        let since_ns = self.now_ns;
        self.now_ns = since_ns.max(event.time_ns.saturating_sub(self.origin_ns));
        let before = match &event.happening {
            Some(Happening::Turn(turn)) => self.measured(turn.cell),
            _ => Measurement::default(),
        };
        if let Change::Turn { row } = self.log.apply(event)? {
            let slice = turn_slice(&self.log.view().rows[row], &before, (since_ns, self.now_ns));
            if let Some(slice) = slice {
                let round = self.log.view().rows[row].turn.as_ref().map_or(0, |turn| turn.round);
                self.count(round, &slice);
                self.slices.entry(row).or_default().push(slice);
            }
        }
        Ok(())
    }

    /// The measurement of a cell before a turn; of none before the first.
    fn measured(&self, cell: u32) -> Measurement {
        let row = self.log.view().rows.iter().find(|row| row.cell.cell == cell);
        row.and_then(|row| row.measurement.clone()).unwrap_or_default()
    }

    /// Adds a turn to its round.
    fn count(&mut self, round: u32, turn: &Slice) {
        let number = Some(Figure::Count(round.into()));
        if let Some(last) = self.rounds.last_mut().filter(|last| last.values[0] == number) {
            last.length_ns = turn.end_ns() - last.start_ns;
            if let Some(Figure::Count(turns)) = &mut last.values[1] {
                *turns += 1;
            }
            return;
        }
        self.rounds.push(Slice {
            kind: SliceKind::Round,
            name: format!("round {round}"),
            group: "round".to_owned(),
            start_ns: turn.start_ns,
            length_ns: turn.length_ns,
            values: vec![number, Some(Figure::Count(1))],
        });
    }

    fn tracks(mut self) -> Vec<Track> {
        let rows = &self.log.view().rows;
        let rounds = Track { name: ROUNDS.to_owned(), slices: self.rounds };
        let cells = rows.iter().enumerate().map(|(at, row)| Track {
            name: name(row, rows),
            slices: self.slices.remove(&at).unwrap_or_default(),
        });
        std::iter::once(rounds).chain(cells).collect()
    }
}

/// The name of a cell: its position, its label, and the parameters in which cells differ.
fn name(row: &Row, rows: &[Row]) -> String {
    let axes = Axis::ALL.into_iter().filter(|axis| axis.is_column(rows));
    let differing = axes.map(|axis| format!("{} {}", axis.name(), axis.text(&row.cell)));
    let words: Vec<String> = std::iter::once(label(&row.cell)).chain(differing).collect();
    format!("{}: {}", row.cell.cell, words.join(", "))
}

/// The slice of a row's newest turn, between the event before and its own.
fn turn_slice(row: &Row, before: &Measurement, (since_ns, now_ns): (u64, u64)) -> Option<Slice> {
    let (turn, after) = (row.turn.as_ref()?, row.measurement.as_ref()?);
    let elapsed_ns = turn.duration_ns.iter().fold(0_u64, |sum, it| sum.saturating_add(*it));
    let start_ns = now_ns.saturating_sub(elapsed_ns).max(since_ns);
    Some(Slice {
        kind: SliceKind::Turn,
        name: format!("turn {}", turn.round),
        group: "turn".to_owned(),
        start_ns,
        length_ns: now_ns - start_ns,
        values: values(turn, before, after, elapsed_ns),
    })
}

fn values(
    turn: &Turn,
    before: &Measurement,
    after: &Measurement,
    elapsed_ns: u64,
) -> Vec<Option<Figure>> {
    let attempts = after.attempts.saturating_sub(before.attempts);
    let correct = after.correct.saturating_sub(before.correct);
    let (old, new) = (before.lost_increments.unwrap_or_default(), after.lost_increments);
    let checked = new.map(|it| it.increments_checked.saturating_sub(old.increments_checked));
    let lost = new.map(|it| it.increments_lost.saturating_sub(old.increments_lost));
    let (right, right_so_far) = match (new, checked.zip(lost)) {
        (Some(new), Some((checked, lost))) => {
            (kept(lost, checked), kept(new.increments_lost, new.increments_checked))
        }
        _ => (share(correct, attempts), share(after.correct, after.attempts)),
    };
    let count = |count: u32| Some(Figure::Count(count.into()));
    let validity = enum_names::validity(after.validity());
    vec![
        count(turn.round),
        count(turn.first_attempt),
        count(attempts),
        new.is_none().then(|| Figure::Count(correct.into())),
        checked.map(Figure::Count),
        lost.map(Figure::Count),
        count(after.reruns.saturating_sub(before.reruns)),
        validity.map(|text| Figure::Text(text.to_owned())),
        Some(Figure::Nanoseconds(elapsed_ns)),
        right,
        right_so_far,
    ]
}

fn share(of: u32, all: u32) -> Option<Figure> {
    (all > 0).then(|| Figure::Share(f64::from(of) / f64::from(all)))
}

fn kept(lost: u64, checked: u64) -> Option<Figure> {
    (checked > 0).then(|| Figure::Share(1.0 - lost as f64 / checked as f64))
}
