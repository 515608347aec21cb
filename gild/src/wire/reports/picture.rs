//! Pictures: stored sweeps and explorations onto the figures of [`engine::picture`], and its pictures back.
//! Judges nothing.

use std::collections::BTreeMap;

use proto::v1;
use strategies::harness::durations::Durations;

use crate::wire::number::small;
use crate::wire::reports::comparison::{Loaded, caveat, verdict};
use crate::wire::sweep::axes::{AXES, axis_values};
use engine::picture::data::{
    Axis, Band, Mark, Picture, PictureKind, Point, ScaleKind, Series, SeriesStyle,
};
use engine::picture::figures::{
    CellFigures, RightShare, RoundFigure, SeenFigure, Setting, SweepFigures, WaitFigures,
};
use engine::picture::kinds::exploration::{ExplorationFigures, ExploredValue};
use engine::stats::descriptive::Share;
use engine::stats::fairness::WorkerShare;
use engine::stats::lost_increments::{IncrementCounts, LostIncrements};
use view::follow::lost_increments::{is_judged_by_increments, lost_increments};

/// A round of a sweep as the history has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LoadedRound {
    /// The cell's position.
    pub(crate) cell: usize,
    /// What is drawn of it.
    pub(crate) figure: RoundFigure,
    /// Values of the counter after an attempt, each with the number of attempts.
    pub(crate) finals: Vec<(u64, u64)>,
}

/// The figures of a sweep; without rounds it has neither rounds nor final values.
pub(crate) fn sweep_figures(loaded: &Loaded, rounds: &[LoadedRound]) -> SweepFigures {
    let Loaded { sweep, measurements, round_rates, version: _ } = loaded;
    let nothing = v1::Measurement::default();
    let cell = |(at, asked): (usize, &v1::Cell)| {
        let measured = measurements.get(at).unwrap_or(&nothing);
        let own: Vec<&LoadedRound> = rounds.iter().filter(|round| round.cell == at).collect();
        CellFigures {
            round_rates: round_rates.get(at).cloned().unwrap_or_default(),
            rounds: own.iter().map(|round| round.figure).collect(),
            seen: seen(&own, measured),
            lost: lost(&own, asked, measured),
            ..cell_figures(at, asked, measured)
        }
    };
    SweepFigures {
        has_ended: sweep.end_time_ns > 0,
        axes: &AXES,
        cells: sweep.cells.iter().enumerate().map(cell).collect(),
    }
}

fn cell_figures(at: usize, asked: &v1::Cell, measured: &v1::Measurement) -> CellFigures {
    let interval = asked.switch_interval_ps.map(Setting::Interval);
    let (low, high) =
        (measured.increments_per_second_median_low, measured.increments_per_second_median_high);
    CellFigures {
        cell: at,
        parameters: axis_values(asked).into(),
        workers: asked.workers,
        setting: interval.or(asked.switch_ticks.map(Setting::Ticks)),
        also_intervals: asked.also_switch_interval_ps.clone(),
        expected: if is_judged_by_increments(asked) { 0 } else { asked.expected },
        attempts: measured.attempts.into(),
        only_requests: asked.cpu_workers == Some(0),
        verdict: verdict(measured.verdict()),
        caveat: caveat(measured.validity()),
        right: right(measured),
        // Sweeps of before this field have none.
        rate: (measured.increments_per_second, (high > 0.0).then_some((low, high))),
        reachable: measured.reachable.clone(),
        waits: waits(measured),
        jain: measured.jain,
        jain_windows: windows(measured.contention.as_ref()),
        worker_shares: measured.worker_shares.iter().map(worker_share).collect(),
        slowest: measured.contention.as_ref().map(|it| it.slowest_fraction),
        ..CellFigures::default()
    }
}

fn right(measured: &v1::Measurement) -> RightShare {
    match &measured.lost_increments {
        Some(wire) => {
            let lost = lost_increments(wire);
            let (low, high) = lost.widest();
            let share = Share { fraction: 1.0 - lost.fraction(), low: 1.0 - high, high: 1.0 - low };
            RightShare { share, count: lost.counts.checked, is_by_increments: true }
        }
        None => RightShare {
            share: Share {
                fraction: measured.correct_fraction,
                low: measured.correct_low,
                high: measured.correct_high,
            },
            count: measured.attempts.into(),
            is_by_increments: false,
        },
    }
}

fn worker_share(wire: &v1::WorkerShare) -> WorkerShare {
    // The share of all attempts follows from the increments.
    let v1::WorkerShare { increments, fraction: _, fraction_least, fraction_greatest } = *wire;
    WorkerShare { increments, least: fraction_least, greatest: fraction_greatest }
}

fn windows(contention: Option<&v1::Contention>) -> Vec<(u32, f64)> {
    let Some(it) = contention else { return Vec::new() };
    let kept = [(1, it.jain_1ms), (10, it.jain_10ms), (100, it.jain_100ms)];
    kept.into_iter().filter_map(|(ms, jain)| Some((ms, jain?))).collect()
}

fn waits(measured: &v1::Measurement) -> WaitFigures {
    let hdr = measured.wait_ns_hdr.as_deref();
    let all = hdr.and_then(|bytes| Durations::from_hdr(bytes, measured.wait_ns_max).ok());
    let kept = [
        (0.5, measured.wait_ns_p50),
        (0.99, measured.wait_ns_p99),
        (0.999, measured.wait_ns_p999),
        (1.0, measured.wait_ns_max),
    ];
    WaitFigures {
        all,
        count: measured.waits,
        quantiles: kept.into_iter().filter_map(|(share, ns)| Some((share, ns?))).collect(),
    }
}

/// The final values of these rounds, with what the measurement says that the model says.
fn seen(rounds: &[&LoadedRound], measured: &v1::Measurement) -> Vec<SeenFigure> {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for &(value, attempts) in rounds.iter().flat_map(|round| &round.finals) {
        *counts.entry(value).or_default() += attempts;
    }
    let probability = |value: u64| {
        let graded = measured.outcomes.iter().find(|outcome| outcome.value == value);
        graded.and_then(|outcome| outcome.probability)
    };
    let figure = |(value, times)| SeenFigure { value, times, probability: probability(value) };
    counts.into_iter().map(figure).collect()
}

/// The lost increments of a cell: as they were measured under load, else from the final values.
fn lost(
    rounds: &[&LoadedRound],
    asked: &v1::Cell,
    measured: &v1::Measurement,
) -> Option<LostIncrements> {
    if is_judged_by_increments(asked) {
        return measured.lost_increments.as_ref().map(lost_increments);
    }
    let of_round = |round: &&LoadedRound| {
        let of_value = |&(total, attempts): &(u64, u64)| {
            IncrementCounts::of(asked.expected, total).times(attempts)
        };
        round.finals.iter().map(of_value).fold(IncrementCounts::default(), IncrementCounts::plus)
    };
    (!rounds.is_empty())
        .then(|| LostIncrements::of(&rounds.iter().map(of_round).collect::<Vec<IncrementCounts>>()))
}

/// The figures of an exploration.
pub(crate) fn exploration_figures(one: &v1::Exploration) -> ExplorationFigures {
    let spec = one.spec.clone().unwrap_or_default();
    let value = |it: &v1::Outcome| ExploredValue {
        value: it.value.into(),
        probability: it.probability,
        log10: it.probability_log10,
    };
    // A closed form knows the least and the greatest value, and no probability.
    let is_known = |it: &v1::Outcome| it.probability > 0.0 || it.probability_log10.is_some();
    ExplorationFigures {
        strategy: spec.strategy,
        scheduler: spec.scheduler,
        expected: one.expected.into(),
        has_ended: one.end_time_ns > 0,
        has_probabilities: one.outcomes.iter().any(is_known),
        values: one.outcomes.iter().map(value).collect(),
    }
}

/// A picture on the wire.
pub(crate) fn wire_picture(picture: Picture) -> v1::Picture {
    let Picture { kind, title, description, x, y, series, bands, marks, notes } = picture;
    v1::Picture {
        kind: wire_kind(kind).into(),
        title,
        description,
        x: Some(wire_axis(x)),
        y: Some(wire_axis(y)),
        series: series.into_iter().map(wire_series).collect(),
        bands: bands.into_iter().map(wire_band).collect(),
        marks: marks.into_iter().map(wire_mark).collect(),
        notes,
    }
}

fn wire_kind(kind: PictureKind) -> v1::PictureKind {
    use v1::PictureKind as Wire;
    match kind {
        PictureKind::Rate => Wire::Rate,
        PictureKind::Right => Wire::Right,
        PictureKind::Outcomes => Wire::Outcomes,
        PictureKind::Waits => Wire::Waits,
        PictureKind::Shares => Wire::Shares,
        PictureKind::Rounds => Wire::Rounds,
        PictureKind::Ratios => Wire::Ratios,
        PictureKind::Heatmap => Wire::Heatmap,
        PictureKind::Workers => Wire::Workers,
    }
}

fn wire_axis(axis: Axis) -> v1::PictureAxis {
    let Axis { label, unit, scale, categories, dropped_zeros } = axis;
    let scale = match scale {
        ScaleKind::Linear => v1::PictureScale::Linear,
        ScaleKind::Log => v1::PictureScale::Log,
        ScaleKind::Category => v1::PictureScale::Category,
    };
    v1::PictureAxis {
        label,
        unit: unit.into(),
        scale: scale.into(),
        categories,
        dropped_zeros: small(dropped_zeros),
    }
}

fn wire_series(series: Series) -> v1::PictureSeries {
    let Series { name, style, points } = series;
    let style = match style {
        SeriesStyle::Line => v1::PictureStyle::Line,
        SeriesStyle::Points => v1::PictureStyle::Points,
        SeriesStyle::Bars => v1::PictureStyle::Bars,
        SeriesStyle::Steps => v1::PictureStyle::Steps,
        SeriesStyle::Cells => v1::PictureStyle::Cells,
    };
    let points = points.into_iter().map(wire_point).collect();
    v1::PictureSeries { name, style: style.into(), points }
}

fn wire_point(point: Point) -> v1::PicturePoint {
    let Point { x, y, interval, count, is_noisy, label } = point;
    let (low, high) = (interval.map(|ends| ends.0), interval.map(|ends| ends.1));
    v1::PicturePoint { x, y, low, high, count, is_noisy, label }
}

fn wire_band(band: Band) -> v1::PictureBand {
    let Band { name, points } = band;
    let point = |(x, low, high)| v1::PictureBandPoint { x, low, high };
    v1::PictureBand { name, points: points.into_iter().map(point).collect() }
}

fn wire_mark(mark: Mark) -> v1::PictureMark {
    let Mark { label, x, y } = mark;
    v1::PictureMark { label, x, y }
}
