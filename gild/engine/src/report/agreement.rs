//! Agreement of real interpreters with the GIL of their era: what was shown of both is compared, or the
//! note says why not. Pure; decides no verdict.

use strategies::catalog::Spec;
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::Increment;
use strategies::program::era::Era;
use strategies::program::step::Sites;
use strategies::program::workload::{Request, Workload};

use crate::measure::measurement::Measurement;
use crate::measure::validity::Validity;
use crate::plan::cell::Cell;
use crate::plan::subject::{Python, Subject, era_of};
use crate::report::phrases::{ERAS_IN_WORDS, NAMED_MAX, increments, label, time};
use crate::stats::descriptive::Share;
use crate::stats::format::{list, percent};
use crate::stats::lost_increments::LostIncrements;

/// Largest difference at which two rows agree: of the lost shares (where attempts are counted, of their
/// medians), and of the shares of right attempts.
pub(crate) const LOST_TOLERANCE: f64 = 0.10;
/// Fewest attempts of both rows for a statement whether they agree.
pub(crate) const JUDGED_FROM: u32 = 9;
/// Largest ratio of two median latencies at which two rows agree.
pub(crate) const LATENCY_TOLERANCE: f64 = 1.5;

/// A cell beside its measurement.
pub(crate) type MeasuredCell<'a> = (&'a Cell, &'a Measurement);

/// Interpreters that let no other thread in between the body's load and its store, so that a newcomer
/// who sees every attempt right knows why. Each is named once.
pub(crate) fn closed_windows(rows: &[MeasuredCell<'_>]) -> Vec<String> {
    let mut notes: Vec<String> = rows.iter().filter_map(closed_window).collect();
    notes.dedup();
    notes
}

fn closed_window((cell, _): &MeasuredCell<'_>) -> Option<String> {
    let Subject::Python(Python { version, .. }) = cell.subject else { return None };
    let (era, body) = (era_of(version)?, cell.workload.body);
    let sites = match era.facts().sites {
        Sites::AtCallsAndJumps => "calls and jumps",
        Sites::AtCallsAndBackwardJumps => "calls and backward jumps",
        Sites::AfterMostSteps | Sites::Nowhere => return None,
    };
    // Work inside calls a function, and `len` is a call until its code object is warm.
    let is_open = era.can_lose(body) || cell.workload.inside_ns > 0 || body == BodyName::Len.into();
    let is_closed = cell.workers > 1 && !is_open && !body.has_lock();
    let source = match body {
        Increment::Named(name) => name.source().replace('\n', "; "),
        Increment::Custom(spelled) => spelled.to_string(),
    };
    is_closed.then(|| {
        format!(
            "cpython {version} loses no update of `{source}`, at any interval: CPython {era} looks \
             whether it must switch at {sites} only, and none lies between load and store; \
             --body call has one."
        )
    })
}

/// How an interpreter's cell compares with that of its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ModelAgreement {
    /// The lab has no era of the interpreter.
    Unmodelled,
    /// No cell has its era, rule and workload.
    Alone,
    /// One of the two has limited validity.
    Doubtful,
    /// One of the two has too few attempts.
    TooFew,
    Agrees,
    /// They differ by more than the tolerance, and chance may be why.
    Undecided,
    Differs,
}

impl ModelAgreement {
    /// In the order of the notes.
    const ALL: [Self; 7] = [
        Self::Differs,
        Self::Undecided,
        Self::Agrees,
        Self::TooFew,
        Self::Doubtful,
        Self::Unmodelled,
        Self::Alone,
    ];

    /// The agreement of two figures that are so far apart.
    fn of(apart: f64, are_disjoint: bool) -> Self {
        match (apart <= LOST_TOLERANCE, are_disjoint) {
            (true, _) => Self::Agrees,
            (false, false) => Self::Undecided,
            (false, true) => Self::Differs,
        }
    }

    /// Of two, the one that speaks more against the model.
    fn worse(self, other: Self) -> Self {
        if self == Self::Differs || other == Self::Agrees { self } else { other }
    }

    /// A sentence about all cells of this kind; `figures` are those that were compared.
    fn note(self, cells: &str, figures: &str) -> String {
        let points = LOST_TOLERANCE * 100.0;
        match self {
            Self::Differs => format!("SHOULD AGREE AND DO NOT: {cells}."),
            Self::Agrees => format!(
                "Interpreter and model agree within {points:.0} points, in {figures}: {cells}."
            ),
            Self::Undecided => format!(
                "Undecided whether interpreter and model agree: they differ by more than {points:.0} \
                 points in {figures}, but not beyond chance; more attempts decide it: {cells}."
            ),
            Self::TooFew => format!(
                "Too few attempts to say whether interpreter and model agree, from {JUDGED_FROM} on \
                 they are judged: {cells}."
            ),
            Self::Doubtful => {
                format!("Not compared with the model, because a row is doubtful itself: {cells}.")
            }
            Self::Unmodelled => format!(
                "This lab has no era of these interpreters ({ERAS_IN_WORDS} are its eras), so they are \
                 compared with no gil and promise nothing by one: {cells}."
            ),
            Self::Alone => format!(
                "No gil with the interpreter's era, rule and workload is in this sweep: {cells}."
            ),
        }
    }
}

/// The notes, one for each kind of agreement; `name` distinguishes cells of the sweep.
pub(crate) fn agreement_notes(
    rows: &[MeasuredCell<'_>],
    name: impl Fn(MeasuredCell<'_>) -> String,
) -> Vec<String> {
    let judged: Vec<(ModelAgreement, String)> =
        rows.iter().filter_map(|row| judge(*row, rows, &name)).collect();
    let figures = if rows.iter().any(|(_, measured)| measured.lost_increments.is_some()) {
        "lost increments"
    } else {
        "lost updates and in right attempts"
    };
    let note = |kind: ModelAgreement| {
        let of_kind = judged.iter().filter(|(agreement, _)| *agreement == kind);
        let cells: Vec<String> = of_kind.map(|(_, cells)| cells.clone()).collect();
        // A contradiction is never left out.
        let most = if kind == ModelAgreement::Differs { cells.len() } else { NAMED_MAX };
        (!cells.is_empty()).then(|| kind.note(&list(&cells, most), figures))
    };
    ModelAgreement::ALL.into_iter().filter_map(note).collect()
}

/// The agreement of a row, if it is an interpreter's, and the words for it.
fn judge(
    row: MeasuredCell<'_>,
    rows: &[MeasuredCell<'_>],
    name: &impl Fn(MeasuredCell<'_>) -> String,
) -> Option<(ModelAgreement, String)> {
    let (cell, real) = row;
    let Subject::Python(_) = cell.subject else { return None };
    if cell.workload.incrementing(cell.workers) == 0 {
        return None;
    }
    let Some(model) = cell.subject.model() else {
        return Some((ModelAgreement::Unmodelled, name(row)));
    };
    let Some((twin, own)) = rows.iter().find(|(other, _)| is_twin(cell, model, other)) else {
        return Some((ModelAgreement::Alone, name(row)));
    };
    let names = format!("{} and {}", name(row), label(twin));
    if let Some(doubt) = doubt(real).or_else(|| doubt(own)) {
        return Some((ModelAgreement::Doubtful, format!("{names} ({doubt})")));
    }
    let counts = format!("{} and {} attempts", real.attempts, own.attempts);
    let [real_lost, own_lost] = [real, own].map(|it| it.lost_increments.as_ref());
    if real.attempts.min(own.attempts) < JUDGED_FROM {
        return Some((ModelAgreement::TooFew, format!("{names} ({counts})")));
    }
    let (waits, of_waits) = match cell.workload.service.map(|service| service.request) {
        // Other requests are answered at once or after an interval, and a median says which.
        Some(Request::Sleep { .. }) => latencies(real, own)?,
        Some(Request::Echo | Request::Write) => {
            ("; latencies are not compared".into(), ModelAgreement::Agrees)
        }
        None => (String::new(), ModelAgreement::Agrees),
    };
    let (figures, agreement) = if let Some((real, own)) = real_lost.zip(own_lost) {
        let figures = [real, own].map(increments).join(" and ");
        (format!("{figures}; {counts}{waits}"), of_increments(real, own))
    } else {
        let [lost, right] = [[real, own].map(quartiles), [real, own].map(right)];
        let figures = format!(
            "lost {} and {}, right {} and {} of {counts}{waits}",
            lost[0], lost[1], right[0], right[1]
        );
        (figures, of_lost(real, own).worse(of_right(real, own)))
    };
    Some((agreement.worse(of_waits), format!("{names} ({figures})")))
}

/// Why a row's figures do not bear on the claim.
fn doubt(measured: &Measurement) -> Option<&'static str> {
    match measured.validity {
        Validity::Ok => None,
        Validity::Sequential => Some("its workers ran one after the other"),
        Validity::Noisy => Some("the machine was busy"),
        Validity::Uncontended => Some("its workers hardly met"),
        Validity::Degraded => Some("beside a lost worker"),
    }
}

/// Whether `other` is the GIL of the interpreter's era with the same rule and workload.
fn is_twin(python: &Cell, model: Spec, other: &Cell) -> bool {
    let Subject::Lab(spec) = other.subject else { return false };
    spec.rule() == model.rule()
        && spec.era().map(Era::facts) == model.era().map(Era::facts)
        && paced(&other.workload, &python.workload) == python.workload
        && other.workers == python.workers
}

/// `workload` with the step cost and task steps of `as_in`, which are not compared.
fn paced(workload: &Workload, as_in: &Workload) -> Workload {
    let Workload { step_cost_ns, task_steps, .. } = *as_in;
    Workload { step_cost_ns, task_steps, ..*workload }
}

/// By the medians of the lost shares and their quartiles.
fn of_lost(a: &Measurement, b: &Measurement) -> ModelAgreement {
    let is_disjoint = a.lost.low > b.lost.high || b.lost.low > a.lost.high;
    ModelAgreement::of((a.lost.median - b.lost.median).abs(), is_disjoint)
}

/// By the lost shares of increments and their intervals.
fn of_increments(a: &LostIncrements, b: &LostIncrements) -> ModelAgreement {
    let ((a_low, a_high), (b_low, b_high)) = (a.widest(), b.widest());
    let is_disjoint = a_low > b_high || b_low > a_high;
    ModelAgreement::of((a.fraction() - b.fraction()).abs(), is_disjoint)
}

/// By the shares of right attempts and their intervals.
fn of_right(a: &Measurement, b: &Measurement) -> ModelAgreement {
    let (a, b) = (a.correct_share, b.correct_share);
    let is_disjoint = a.low > b.high || b.low > a.high;
    ModelAgreement::of((a.fraction - b.fraction).abs(), is_disjoint)
}

fn right(m: &Measurement) -> String {
    let Share { fraction, low, high } = m.correct_share;
    format!("{} [{}-{}]", percent(fraction), percent(low), percent(high))
}

/// The median of the lost share with its quartiles.
pub(crate) fn quartiles(m: &Measurement) -> String {
    let [low, middle, high] = [m.lost.low, m.lost.median, m.lost.high].map(|lost| lost * 100.0);
    format!("{middle:.1} % [{low:.1}-{high:.1}]")
}

/// Two median latencies, and whether their ratio is within the tolerance.
fn latencies(a: &Measurement, b: &Measurement) -> Option<(String, ModelAgreement)> {
    let (a, b) = (a.latencies.p50_ns?, b.latencies.p50_ns?);
    let ratio = a.max(b) as f64 / a.min(b).max(1) as f64;
    let is_within = ratio <= LATENCY_TOLERANCE;
    let agreement = if is_within { ModelAgreement::Agrees } else { ModelAgreement::Differs };
    Some((format!("; a request took {} and {}", time(a), time(b)), agreement))
}

#[cfg(test)]
#[path = "tests/agreement.rs"]
mod tests;
