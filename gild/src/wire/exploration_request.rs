//! Request of an exploration: names become types, and fields that contradict each other are refused.
//! Limits of size are checked by the model.

use proto::v1;
use strategies::catalog::{Name, Spec};
use strategies::explore::query::{Query, gil};
use strategies::explore::round_robin::K_MAX;
use strategies::explore::survey::answer::{QueryOptions, SchedulerChoice};
use strategies::model::scheduler::{Probability, Scheduler};
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::{CustomBody, Increment};
use strategies::program::era::{Era, RuleKind};
use strategies::program::limit::{LimitError, within};

use crate::wire::names::{ALL, unknown};
use engine::jobs::exploration::job::ExplorationSpec;
use engine::plan::subject::CPYTHON;

const DEFAULT_WORKERS: u32 = 2;
const DEFAULT_INCREMENTS: u32 = 10;
/// The race itself: a strategy that is not an interpreter has no use for more.
const DEFAULT_STEPS: &str = "LS";

/// The schedulers' names, the default first.
pub(crate) const SCHEDULERS: [&str; 4] =
    [Scheduler::Interleavings.name(), Scheduler::UniformStep.name(), SWITCH_Q, EVERY_K];
const SWITCH_Q: &str = "switch-q";
pub(crate) const EVERY_K: &str = "every-k";

/// An exploration as the wire spells it, defaults filled in.
pub fn asked(spec: Option<v1::ExplorationSpec>) -> Result<ExplorationSpec, LimitError> {
    let spec = spec.ok_or_else(|| LimitError {
        field: "spec",
        value: "nothing".into(),
        reason: "says nothing about what to explore".into(),
        way_out: "name a strategy".into(),
    })?;
    let choice = choice(&spec)?;
    let v1::ExplorationSpec {
        strategy,
        era,
        switch_ticks,
        workers,
        increments,
        body,
        steps,
        scheduler: _,
        q,
        k: _,
        phase: _,
        exact,
        value,
    } = spec;
    let spec = strategy_of(&strategy, &era, switch_ticks)?;
    let question = Query {
        spec,
        body: body_of(spec, &body, &steps)?,
        workers: workers.unwrap_or(DEFAULT_WORKERS) as usize,
        increments: increments.unwrap_or(DEFAULT_INCREMENTS),
    };
    let q = (!q.is_empty()).then_some(q);
    ExplorationSpec::new(question, QueryOptions { choice, exact, value }, q).map_err(renamed)
}

/// A sweep has lists where an exploration has one.
fn renamed(error: LimitError) -> LimitError {
    let field = match error.field {
        "eras" => "era",
        "bodies" => "body",
        other => other,
    };
    LimitError { field, ..error }
}

fn contradiction(field: &'static str, value: String, reason: String, way_out: &str) -> LimitError {
    LimitError { field, value, reason, way_out: way_out.into() }
}

fn strategy_of(name: &str, era: &str, ticks: Option<u32>) -> Result<Spec, LimitError> {
    let known: Vec<_> = Name::all().into_iter().map(|known| known.entry().name).collect();
    let refuse = |value: &str, reason: &str, way_out: String| LimitError {
        field: "strategy",
        value: value.into(),
        reason: reason.into(),
        way_out: way_out.into(),
    };
    let one_of = format!("name one of {}", known.join(", "));
    match (Name::parse(name), name) {
        (None, "") => Err(refuse("nothing", "says nothing about what to explore", one_of)),
        (None, ALL) => {
            Err(refuse(ALL, "cannot be explored: an exploration has one strategy", one_of))
        }
        (None, name) if name == CPYTHON.name => Err(refuse(
            name,
            "cannot be explored: a real interpreter's steps cannot be taken one at a time",
            "explore `gil` with the era of that interpreter".into(),
        )),
        (None, name) => Err(unknown("strategy", "strategy", name, &known)),
        (Some(Name::Gil), _) => Ok(gil(era_of(era, ticks)?, ticks)),
        (Some(Name::Plain(plain)), _) => {
            let foreign = |field, value| {
                let reason = format!("means nothing to `{name}`, which is not an interpreter");
                Err(contradiction(field, value, reason, "leave it out, or explore `gil`"))
            };
            match (era, ticks) {
                ("", None) => Ok(Spec::Plain(plain)),
                ("", Some(ticks)) => foreign("switch_ticks", ticks.to_string()),
                (era, _) => foreign("era", era.into()),
            }
        }
    }
}

fn era_of(name: &str, ticks: Option<u32>) -> Result<Era, LimitError> {
    if name.is_empty() {
        let rule = if ticks.is_some() { RuleKind::Ticks } else { RuleKind::Interval };
        return Ok(Era::default_for(rule));
    }
    let known = Era::ALL.map(Era::name);
    Era::parse(name).ok_or_else(|| unknown("era", "era", name, &known))
}

fn body_of(spec: Spec, name: &str, steps: &str) -> Result<Increment, LimitError> {
    match (name, steps) {
        ("", "") if spec.name() == Name::Gil => Ok(BodyName::Increment.into()),
        ("", "") => CustomBody::parse(DEFAULT_STEPS).map(Increment::from),
        ("", steps) => CustomBody::parse(steps).map(Increment::from),
        (name, "") => {
            let known = BodyName::ALL.map(BodyName::name);
            let found = BodyName::parse(name).map(Increment::from);
            found.ok_or_else(|| unknown("body", "body", name, &known))
        }
        (name, steps) => {
            let reason = format!("cannot stand beside the body {name}");
            Err(contradiction("steps", steps.into(), reason, "give one of the two"))
        }
    }
}

fn choice(spec: &v1::ExplorationSpec) -> Result<SchedulerChoice, LimitError> {
    let v1::ExplorationSpec { scheduler, q, k, phase, .. } = spec;
    let name = if scheduler.is_empty() { SCHEDULERS[0] } else { scheduler };
    if !SCHEDULERS.contains(&name) {
        return Err(unknown("scheduler", "scheduler", name, &SCHEDULERS));
    }
    let only_with = |field, value: String, needed| {
        let reason = format!("means nothing to the scheduler {name}");
        let way_out = format!("leave it out, or choose the scheduler {needed}");
        Err(contradiction(field, value, reason, &way_out))
    };
    let missing = |field, way_out| {
        let reason = format!("is too little for the scheduler {name}");
        Err(contradiction(field, "nothing".into(), reason, way_out))
    };
    match (name, q.as_str(), *k, *phase) {
        (SWITCH_Q, "", _, _) => missing("q", "give a probability such as 0.05 or 1/3"),
        (EVERY_K, _, None, _) => missing("k", "give a number of steps"),
        (_, q, _, _) if name != SWITCH_Q && !q.is_empty() => only_with("q", q.into(), SWITCH_Q),
        (_, _, Some(k), _) if name != EVERY_K => only_with("k", k.to_string(), EVERY_K),
        (_, _, _, Some(phase)) if name != EVERY_K => only_with("phase", phase.to_string(), EVERY_K),
        (SWITCH_Q, q, _, _) => {
            Probability::parse(q).map(Scheduler::SwitchQ).map(SchedulerChoice::Random)
        }
        (EVERY_K, _, Some(k), phase) => {
            within("k", k, 1, K_MAX)?;
            if let Some(phase) = phase {
                within("phase", phase, 1, k)?;
            }
            Ok(SchedulerChoice::EveryK { k, phase })
        }
        (name, ..) if name == Scheduler::UniformStep.name() => {
            Ok(SchedulerChoice::Random(Scheduler::UniformStep))
        }
        _ => Ok(SchedulerChoice::Random(Scheduler::Interleavings)),
    }
}

#[cfg(test)]
#[path = "tests/exploration_request.rs"]
mod tests;
