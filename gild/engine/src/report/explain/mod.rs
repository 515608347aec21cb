//! Explanations of a cell's figures: each law or limit that applies to the cell, the measured
//! value, and whether the two agree. Pure; changes no verdict, and leaves a figure open if its law
//! makes no statement about it.

pub mod claim;

use strategies::catalog::{Promise, Spec};
use strategies::explore::reachable::{Reach, Tightness, of_cell};
use strategies::harness::entry::ModelBasis;
use strategies::model::bounds::Bounds;
use strategies::model::rare_switch::lost_share;
use strategies::program::workload::{Request, Service};

use crate::measure::measurement::{Measurement, Verdict};
use crate::measure::model::model_fit::ModelFit;
use crate::measure::model::prediction::LAW_SWITCHES_LEAST;
use crate::measure::model::rare_switch::{LawApplicability, law_applicability};
use crate::measure::validity::Validity;
use crate::plan::cell::{Cell, MergedInterval};
use crate::plan::subject::Subject;
use crate::plan::sweep_plan::Plan;
use crate::report::agreement::{JUDGED_FROM, LATENCY_TOLERANCE, LOST_TOLERANCE, quartiles};
use crate::report::explain::claim::{Agreement, Claim, if_so};
use crate::report::phrases::{
    ERAS_IN_WORDS, increments as counted, label_of_all, settings, time, work_of, workers_of, wrong,
};
use crate::stats::descriptive::{Share, wilson};
use crate::stats::format::{grouped, percent, tiny};
use crate::stats::lost_increments::LostIncrements;

/// Least reported probability of a correct attempt: below, no sweep can distinguish it from 0.
const CHANCE_MIN: f64 = 0.001;
/// Least interval, in nanoseconds, that is visible in a request's time beside the system's wake-up
/// times.
const CONVOY_INTERVAL_MIN_NS: u64 = 500_000;

/// The explanation of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Its position in the sweep.
    pub cell: usize,
    /// The cell in words.
    pub title: String,
    /// What the claims of the model stand for.
    pub basis: ModelBasis,
    /// The claims about it.
    pub claims: Vec<Claim>,
}

/// The explanation of every cell. `measurements` stand in the order of the plan's cells.
pub fn explain(plan: &Plan, measurements: &[Option<Measurement>]) -> Vec<Explanation> {
    let all: Vec<&Cell> = plan.cells.iter().collect();
    let cells = plan.cells.iter().zip(measurements).enumerate();
    cells
        .map(|(index, (cell, measured))| Explanation {
            cell: index,
            title: title(cell, plan.merged_into(index)) + &settings(cell, &all),
            basis: basis(cell),
            claims: measured
                .as_ref()
                .filter(|seen| seen.attempts > 0)
                .map_or_else(|| vec![Claim::not_measured()], |seen| claims(cell, seen)),
        })
        .collect()
}

/// An interpreter of no known era has no model, so nothing takes the place of its code.
fn basis(cell: &Cell) -> ModelBasis {
    cell.subject.model().map_or(ModelBasis::Code, Spec::basis)
}

fn title(cell: &Cell, also: &[MergedInterval]) -> String {
    let asked = cell.workload.service.map(|Service { request, .. }| format!(", {request}"));
    let (work, asked) = (work_of(cell), asked.unwrap_or_default());
    let (name, body, workers) = (label_of_all(cell, also), cell.workload.body, workers_of(cell));
    format!("{name}, body {body}, {workers}, {work}{asked}")
}

fn claims(cell: &Cell, seen: &Measurement) -> Vec<Claim> {
    let all = [
        no_era(cell),
        cannot_lose(cell, seen),
        reachable_values(cell, seen),
        rare_switches(cell, seen),
        short_runs(cell, seen),
        convoy(cell, seen),
        sequential(seen),
        degraded(seen),
        noisy(seen),
    ];
    all.into_iter().flatten().collect()
}

fn is_exact(cell: &Cell) -> bool {
    cell.subject.promise(&cell.workload, cell.workers) == Promise::Exact
}

/// Whether any worker increments.
fn increments(cell: &Cell) -> bool {
    cell.workload.incrementing(cell.workers) > 0
}

fn cannot_lose(cell: &Cell, seen: &Measurement) -> Option<Claim> {
    let is_right = seen.correct == seen.attempts;
    let measured = match (&seen.lost_increments, is_right) {
        (Some(lost), true) => format!(
            "0 of {} increments lost; up to {} of them lost would show the same at 95 %, counted by \
             increments",
            grouped(lost.counts.checked),
            tiny(lost.widest().1),
        ),
        (None, true) => {
            let possible = percent(1.0 - seen.correct_share.low);
            let of = seen.attempts;
            format!("0 of {of} attempts wrong; up to {possible} wrong would show the same at 95 %")
        }
        (_, false) => wrong(seen),
    };
    (is_exact(cell) && increments(cell)).then(|| {
        let claim = format!(
            "no worker can come between load and store{}, so no update can be lost",
            if is_alone(cell) { "" } else { basis(cell).condition() },
        );
        let claim = Claim::open("cannot lose", claim, measured);
        claim.judged(is_right, keeps_anyway(cell, seen))
    })
}

fn is_alone(cell: &Cell) -> bool {
    cell.workload.incrementing(cell.workers) <= 1
}

/// Why a cell would have lost nothing under any strategy.
fn keeps_anyway(cell: &Cell, seen: &Measurement) -> Option<&'static str> {
    match seen.validity {
        _ if is_alone(cell) => Some("one worker loses nothing under any strategy"),
        Validity::Sequential => Some("workers that hardly meet lose nothing under any strategy"),
        Validity::Uncontended => Some("the workers hardly met at the lock"),
        Validity::Ok | Validity::Noisy | Validity::Degraded => None,
    }
}

fn reachable_values(cell: &Cell, seen: &Measurement) -> Option<Claim> {
    if is_exact(cell) || !increments(cell) {
        return None;
    }
    let law = "reachable values";
    Some(match &seen.lost_increments {
        Some(lost) => at_least_one_of_all(law, lost, seen),
        None => values(law, cell, seen),
    })
}

/// Where attempts differ in their increments, each has limits of its own.
fn at_least_one_of_all(law: &'static str, lost: &LostIncrements, seen: &Measurement) -> Claim {
    let claim = "in every order of the workers, an attempt that increments counts at least 1 of its \
                 increments, and never more than all";
    let holds = seen.verdict != Verdict::Broken;
    let kept = if holds { "each" } else { "not each" };
    let measured = format!("{}; {kept} attempt within these limits", counted(lost));
    let silent = "an attempt can count nothing else";
    Claim::open(law, claim.into(), measured).judged(holds, Some(silent))
}

fn values(law: &'static str, cell: &Cell, seen: &Measurement) -> Claim {
    let (least, most) = seen.observed;
    let measured = format!("{least} to {most} in {} attempts", seen.attempts);
    let expected = cell.workload.expected();
    // The last store leaves at least 1, and the counter cannot exceed the increments: a set that leaves
    // out none of these would hold for any strategy.
    let any = format!("1 to {expected}");
    let by_closed_form = if seen.modelled.is_some() { None } else { reach(cell) };
    let (claim, measured, holds, says_all) = match (&seen.modelled, by_closed_form) {
        (Some(ModelFit { reachable, tightness, impossible, .. }), _) => {
            let found = impossible.map(|(value, seed)| format!("; {value} with seed {seed}"));
            let claim = in_every_order(reachable, *tightness);
            let measured = measured + &found.unwrap_or_default();
            (claim, measured, impossible.is_none(), *reachable == any)
        }
        (None, Some(Reach { values, tightness })) => {
            let holds = values.contains(least) && values.contains(most);
            let values = values.to_string();
            (in_every_order(&values, tightness), measured, holds, values == any)
        }
        (None, None) => {
            let claim = format!(
                "the model does not have this workload or interpreter, so its reachable values are \
                 not known; in every order of the workers, the counter ends at no less than 1 and no \
                 more than {expected}"
            );
            (claim, measured, 1 <= least && most <= expected, true)
        }
    };
    let silent = says_all.then_some("a counter can end at no other value");
    Claim::open(law, claim, measured).judged(holds, silent)
}

fn in_every_order(values: &str, tightness: Tightness) -> String {
    let or_fewer = match tightness {
        Tightness::Exact => "",
        Tightness::AtMost => ", or fewer values",
    };
    format!("in every order of the workers, the counter ends at {values}{or_fewer}")
}

/// What the closed forms say of a cell of the lab's own that has no stored prediction: older labs had
/// none beyond a size.
fn reach(cell: &Cell) -> Option<Reach> {
    let Subject::Lab(spec) = cell.subject else { return None };
    let bounds = Bounds { states: 0, ..Bounds::ALL };
    of_cell(spec, &cell.workload, cell.workers, bounds).ok()
}

/// Forced hand-overs per attempt; `None` where they are not counted.
fn forced(seen: &Measurement) -> Option<f64> {
    seen.switches.map(|switches| switches.forced as f64 / f64::from(seen.attempts))
}

fn hand_overs(switches: Option<f64>) -> String {
    match switches {
        None => "hand-overs are not counted here".into(),
        Some(switches) => format!("{switches:.1} forced hand-overs an attempt"),
    }
}

fn rare_switches(cell: &Cell, seen: &Measurement) -> Option<Claim> {
    let switches = forced(seen);
    let (lost, low, high) = if let Some(found) = &seen.lost_increments {
        let (low, high) = found.widest();
        (counted(found), low, high)
    } else {
        let of = seen.attempts;
        let lost = format!("{} lost, median and quartiles of {of} attempts", quartiles(seen));
        (lost, seen.lost.low, seen.lost.high)
    };
    let measured = format!("{lost}; {}", hand_overs(switches));
    let law = "rare-switch law";
    let share = match law_applicability(cell)? {
        LawApplicability::Share(share) => share,
        LawApplicability::Silent(reason) => {
            return Some(Claim::open(law, format!("says nothing here: {reason}"), measured));
        }
    };
    let workers = cell.workload.incrementing(cell.workers);
    let claim = format!(
        "a hand-over falls into the window with p = {share:.3}, so {workers} workers lose {} of a \
         long run of at least {LAW_SWITCHES_LEAST} hand-overs",
        percent(lost_share(share, workers)),
    );
    let claim = Claim::open(law, claim, measured);
    let Some(lost) = seen.lost_predicted.filter(|_| seen.attempts >= JUDGED_FROM) else {
        return Some(claim);
    };
    let (low, high) = (low - LOST_TOLERANCE, high + LOST_TOLERANCE);
    let silent = (low <= 0.0 && high >= 1.0).then_some("it scatters over all shares");
    Some(claim.judged((low..=high).contains(&lost), silent))
}

/// About attempts as a whole, so only where they are the unit: with a time, an attempt is a short run
/// only if it was asked to be one.
fn short_runs(cell: &Cell, seen: &Measurement) -> Option<Claim> {
    if seen.lost_increments.is_some() {
        return None;
    }
    let LawApplicability::Share(share) = law_applicability(cell)? else { return None };
    let Share { fraction, low, high } = seen.correct_share;
    let switches = forced(seen);
    let measured = format!(
        "right in {} of {}: {} [{} to {} at 95 %]; {}",
        seen.correct,
        seen.attempts,
        percent(fraction),
        percent(low),
        percent(high),
        hand_overs(switches),
    );
    let open = |claim: String| Claim::open("short runs", claim, measured);
    Some(match switches.map(|switches| (1.0 - share).powf(switches)) {
        None => open("an attempt of s hand-overs is right with (1 - p)^s".into()),
        Some(chance) if chance < CHANCE_MIN => {
            let chance = percent(CHANCE_MIN);
            open(format!("so many hand-overs leave a chance below {chance} to be right"))
        }
        // Attempts scatter about their mean, and not each hit loses: a lower bound.
        Some(chance) => {
            let claim = format!(
                "every hand-over misses the window with {:.3}: right with a chance of at least \
                 about {}",
                1.0 - share,
                percent(chance),
            );
            let never_right = wilson(0, seen.attempts.into()).high;
            let silent = match (never_right >= chance, switches) {
                (true, _) => Some("so few attempts may all be wrong"),
                (false, Some(0.0)) => Some("without a hand-over nothing is lost under any law"),
                (false, _) => keeps_anyway(cell, seen),
            };
            open(claim).judged(high >= chance, silent)
        }
    })
}

/// That no law can be held against an interpreter whose era the lab does not have.
fn no_era(cell: &Cell) -> Option<Claim> {
    let Subject::Python(python) = cell.subject else { return None };
    let version = python.version;
    let claim = format!("this lab has no era of CPython {version} ({ERAS_IN_WORDS} are its eras)");
    let claim = Claim::open("era", claim, "not compared with a model".into());
    cell.subject.model().is_none().then_some(claim)
}

fn convoy(cell: &Cell, seen: &Measurement) -> Option<Claim> {
    let service = cell.workload.service?;
    let others = cell.workload.incrementing(cell.workers);
    let interval_ns = cell.subject.model()?.effective_interval_us()?.saturating_mul(1000);
    let median_ns = seen.latencies.p50_ns.filter(|_| others > 0)?;
    let measured = format!("{}, median of {} requests", time(median_ns), seen.latencies.count);
    let waits = if others == 1 { "one interval" } else { "at least one interval" };
    let interval = time(interval_ns);
    let claim = |more: String| {
        format!("a worker that returns to {others} computing waits for {waits}, {interval}{more}")
    };
    let (claim, agreement) = match service.request {
        Request::Sleep { duration_ns } => {
            let waited = median_ns.saturating_sub(duration_ns) as f64;
            let intervals = waited / interval_ns as f64;
            let is_long = intervals >= 1.0 / LATENCY_TOLERANCE;
            let is_one = is_long && intervals <= LATENCY_TOLERANCE;
            let agreement = match others {
                _ if interval_ns < CONVOY_INTERVAL_MIN_NS => Agreement::Open,
                1 => if_so(is_one),
                _ => if_so(is_long),
            };
            (claim(format!(", in addition to the sleep of {}", time(duration_ns))), agreement)
        }
        Request::Echo | Request::Write => {
            let often = "; it is answered at once or after an interval, so a median says nothing";
            (claim(often.into()), Agreement::Open)
        }
    };
    Some(Claim { law: "convoy", claim, measured, agreement })
}

fn sequential(seen: &Measurement) -> Option<Claim> {
    (seen.validity == Validity::Sequential).then(|| Claim {
        law: "one after the other",
        claim:
            "workers that hardly meet lose nothing under any strategy: being right proves little"
                .into(),
        measured: format!(
            "two were at work in {} of the time, median of {} attempts",
            percent(seen.overlap),
            seen.attempts,
        ),
        agreement: Agreement::Open,
    })
}

fn degraded(seen: &Measurement) -> Option<Claim> {
    let turns = match seen.disturbance.degraded_turns {
        1 => "1 turn was".to_owned(),
        turns => format!("{turns} turns were"),
    };
    (seen.validity == Validity::Degraded).then(|| Claim {
        law: "a lost worker",
        claim: "a worker that never came back takes a core from the workers measured after it"
            .into(),
        measured: format!("{turns} measured while one may still have run"),
        agreement: Agreement::Open,
    })
}

fn noisy(seen: &Measurement) -> Option<Claim> {
    let shares = seen.disturbance.noise.map(|noise| {
        let [others, steal, doubt] = [noise.others(), noise.steal(), noise.doubt()].map(percent);
        format!("others used {others} of it and the hypervisor {steal}, both to +-{doubt}")
    });
    let turns = match seen.disturbance.noisy_turns {
        1 => "1 turn that counts was too noisy".to_owned(),
        turns => format!("{turns} turns that count were too noisy"),
    };
    (seen.validity == Validity::Noisy).then(|| Claim {
        law: "a busy machine",
        claim:
            "who shares the machine with others is slower, and is interrupted at unplanned points"
                .into(),
        measured: match shares {
            Some(shares) => format!("{shares}; {turns}"),
            None => turns,
        },
        agreement: Agreement::Open,
    })
}

#[cfg(test)]
#[path = "../tests/explain.rs"]
mod tests;
