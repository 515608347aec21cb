//! The figures of a row as texts: a share with its interval, a median with its quartiles or with
//! the number of samples that it comes from.

use engine::measure::validity::SEQUENTIAL_BELOW;
use engine::stats::format::tiny;
use proto::v1::{Grade, LostIncrements, Measurement, Validity, Verdict};

use crate::follow::sweep_view::{Row, Stage, SweepView};
use crate::render::format::enum_names;
use crate::render::format::quantity::{Spread, count, nanoseconds};
use crate::render::sweep::cell::has_requesters;

/// The share with its interval, and its count unless the heading says it; `of 40/100` where attempts
/// are missing.
pub fn correct(board: &SweepView, row: &Row, it: &Measurement) -> String {
    let spread = Spread { middle: it.correct_fraction, low: it.correct_low, high: it.correct_high };
    let share = spread.bare_percent();
    let (done, asked) = (it.attempts, row.cell.attempts_requested);
    match row.stage {
        _ if common_count(board) == Some(done) => share,
        Stage::Complete => format!("{share} of {done}"),
        Stage::Open | Stage::Partial if done == asked => format!("{share} of {done}"),
        Stage::Open | Stage::Partial => format!("{share} of {done}/{asked}"),
    }
}

/// Attempts are not independent of the machine's moods: where rounds differ by more than the
/// interval allows, the interval alone would claim too much.
pub fn rounds_say_more(it: &Measurement) -> bool {
    it.rounds > 1 && it.round_high - it.round_low > it.correct_high - it.correct_low
}

/// The range between rounds.
pub fn rounds(it: &Measurement) -> String {
    let (low, high) = ((100.0 * it.round_low).floor(), (100.0 * it.round_high).ceil());
    format!("{low:.0}-{high:.0}")
}

/// The least value, and the greatest where it is more than can be.
pub fn seen(board: &SweepView, row: &Row, it: &Measurement) -> String {
    let expected = row.cell.expected;
    let values = if it.observed_max > expected {
        format!("{}-{}", it.observed_min, it.observed_max)
    } else {
        it.observed_min.to_string()
    };
    match one_expected(board) {
        Some(_) => values,
        None => format!("{values} of {expected}"),
    }
}

/// The attempts of most cells, where none is unfinished and at least one did all; the heading says
/// them then, and a row that ended early says its own.
pub fn common_count(board: &SweepView) -> Option<u32> {
    let asked = board.rows.first()?.cell.attempts_requested;
    let is_done = |row: &Row| row.cell.attempts_requested == asked && row.attempts() == asked;
    let has_ended = |row: &Row| is_done(row) || row.stage == Stage::Complete;
    let is_common = board.rows.iter().all(has_ended) && board.rows.iter().any(is_done);
    is_common.then_some(asked)
}

/// The expected value of every cell, if it is the same; the heading says it then.
pub fn one_expected(board: &SweepView) -> Option<u64> {
    let first = board.rows.first()?.cell.expected;
    board.rows.iter().all(|row| row.cell.expected == first).then_some(first)
}

/// Whether correctness is judged by increments, because a time or requests end an attempt.
pub fn is_judged_by_increments(board: &SweepView) -> bool {
    board.rows.iter().filter_map(Row::figures).any(|it| it.lost_increments.is_some())
}

/// Lost of checked increments: `0 of 4.8 M (<6.2e-7)`, or with the share and its interval,
/// `96.2 k of 4.8 M (2.0 % [1.8-2.2])`. A single round has no interval.
pub fn lost_increments(it: &LostIncrements) -> String {
    let counts = format!("{} of {}", count(it.increments_lost), count(it.increments_checked));
    let middle = it.increments_lost_fraction;
    match (it.increments_lost_low, it.increments_lost_high) {
        (_, Some(most)) if it.increments_lost == 0 => format!("{counts} (<{})", tiny(most)),
        (Some(low), Some(high)) => {
            format!("{counts} ({})", Spread { middle, low, high }.tiny_percent())
        }
        _ => format!("{counts} ({}, 1 round)", tiny(middle)),
    }
}

/// The same without counts: `0 of 4.8 M`, `2.0 % [1.8-2.2]`.
pub fn lost_share(it: &LostIncrements) -> String {
    let middle = it.increments_lost_fraction;
    match (it.increments_lost_low, it.increments_lost_high) {
        (Some(low), Some(high)) if it.increments_lost > 0 => {
            Spread { middle, low, high }.tiny_percent()
        }
        _ if it.increments_lost > 0 => format!("{} (1 round)", tiny(middle)),
        _ => format!("0 of {}", count(it.increments_checked)),
    }
}

/// The percentage of lost updates: the median with its quartiles, `33 [30-35]`. Where at least half of
/// the attempts lost nothing, the worst one, `0, worst 1.0`; a bare 0 where none lost any.
pub fn lost(row: &Row, it: &Measurement) -> String {
    let (expected, least) = (row.cell.expected, it.observed_min);
    if it.lost_fraction > 0.0 {
        let spread = Spread { middle: it.lost_fraction, low: it.lost_low, high: it.lost_high };
        return spread.bare_percent();
    }
    match expected.saturating_sub(least) {
        0 => "0".to_owned(),
        lost => format!("0, worst {}", off_zero(100.0 * lost as f64 / expected as f64)),
    }
}

/// A percentage with as few decimals as keep it from 0.
fn off_zero(percent: f64) -> String {
    match percent {
        10.0.. => format!("{percent:.0}"),
        0.05.. => format!("{percent:.1}"),
        _ => format!("{percent:.0e}"),
    }
}

/// All that can come out; `at most` where some of it may be out of reach.
pub fn possible(it: &Measurement) -> String {
    let values = it.reachable.replace(" to ", "-");
    if it.reachable_at_most { format!("at most {values}") } else { values }
}

/// How the values seen stand to the model, with the rarest one's probability where that says more.
pub fn grade(it: &Measurement) -> String {
    let rarest = it.outcomes.iter().filter_map(|seen| seen.probability).min_by(f64::total_cmp);
    match (it.grade(), rarest) {
        (Grade::Unspecified, _) => String::new(),
        (Grade::Reachable, _) => "reachable".to_owned(),
        (Grade::Rare, Some(chance)) => format!("rare ({chance:.0e})"),
        (Grade::Rare, None) => "rare".to_owned(),
        (Grade::Impossible, _) => "IMPOSSIBLE".to_owned(),
    }
}

/// The share that a long run loses by the law.
pub fn law(it: &Measurement) -> Option<String> {
    it.lost_predicted.map(|share| format!("{:.1}", 100.0 * share))
}

/// Increments per second.
pub fn speed(it: &Measurement) -> String {
    let (low, high) = (it.increments_per_second_low, it.increments_per_second_high);
    let spread = Spread { middle: it.increments_per_second, low, high };
    // Quartiles of a single attempt are no spread.
    if it.attempts == 1 { spread.alone() } else { spread.scaled() }
}

/// Switches per second.
pub fn switch_rate(it: &Measurement) -> Option<String> {
    let (low, high) = (it.switches_per_second_low?, it.switches_per_second_high?);
    Some(Spread { middle: it.switches_per_second?, low, high }.scaled())
}

/// How long a holder kept the lock: `5.02 ms [5.00 ms-5.10 ms] of 240`.
pub fn slice(it: &Measurement) -> Option<String> {
    let [low, middle, high] = [it.slice_ns_p10?, it.slice_ns_p50?, it.slice_ns_p90?];
    let [low, middle, high] = [low, middle, high].map(nanoseconds);
    Some(format!("{middle} [{low}-{high}] of {}", count(it.slices)))
}

/// Requests answered per second.
pub fn request_rate(it: &Measurement) -> Option<String> {
    let (low, high) = (it.requests_per_second_low?, it.requests_per_second_high?);
    Some(Spread { middle: it.requests_per_second?, low, high }.scaled())
}

/// The doubt that all measured rows have in common, if it is one; a note says it then.
pub fn one_validity(board: &SweepView) -> Option<&'static str> {
    let mut all = board.rows.iter().filter(|row| row.figures().is_some()).map(Row::validity);
    let first = all.next().filter(|_| board.rows.len() > 1)?;
    all.all(|it| it == first).then(|| doubt(first)).flatten()
}

/// The word for a validity that is not ok.
fn doubt(validity: Validity) -> Option<&'static str> {
    enum_names::validity(validity).filter(|_| validity != Validity::Ok)
}

/// What became of the promise, and whether it says much; `common` is said in a note.
pub fn verdict(row: &Row, common: Option<&'static str>) -> String {
    let word = match (row.verdict(), row.stage) {
        (Verdict::Unspecified, _) | (Verdict::Invalid, Stage::Open) => return String::new(),
        (Verdict::Kept, _) => "kept",
        (Verdict::Lost, _) => "lost !",
        (Verdict::Broken, _) => "BROKEN !!!",
        (Verdict::Invalid, _) => "not run",
    };
    let own = doubt(row.validity()).filter(|doubt| common != Some(doubt));
    // Of several doubts the lab reports noise first; that workers did not meet explains the row still.
    let hidden = (row.validity() == Validity::Noisy && hardly_met(row))
        .then(|| doubt(Validity::Sequential))
        .flatten();
    let doubts: Vec<&str> = [hidden, own].into_iter().flatten().collect();
    if doubts.is_empty() { word.to_owned() } else { format!("{word} ({})", doubts.join(", ")) }
}

/// Whether the row's workers ran almost one after the other.
fn hardly_met(row: &Row) -> bool {
    let is_of_several = row.cell.workers > 1 && !has_requesters(&row.cell);
    is_of_several && row.figures().is_some_and(|it| it.overlap_fraction < SEQUENTIAL_BELOW)
}
