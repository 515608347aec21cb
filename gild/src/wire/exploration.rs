//! Explorations, played schedules and explanations: the lab's types as the wire spells them.

use proto::v1;
use strategies::explore::estimate::Estimate;
use strategies::explore::query::Query;
use strategies::explore::survey::answer::{QueryOptions, SchedulerChoice};
use strategies::model::replay;
use strategies::program::body_spec::Increment;
use strategies::program::era::SwitchRule;

use crate::wire::exploration_request::EVERY_K;
use crate::wire::number::small;
use crate::wire::state::wire_state;
use engine::jobs::event::exploration::{
    ExplorationEnd, ExplorationEvent, ExplorationResult, FinalValue, Witness,
};
use engine::jobs::exploration::job::ExplorationSpec;
use engine::jobs::replay::Replay;
use engine::report::explain::Explanation;
use engine::report::explain::claim::{Agreement, Claim};

/// An exploration that was estimated and no more.
pub fn estimated(asked: &ExplorationSpec, taking: &Estimate) -> v1::Exploration {
    v1::Exploration {
        spec: Some(spec(asked)),
        steps: asked.query.letters(),
        estimate: Some(estimate(taking)),
        expected: asked.program.expected(),
        model: asked.query.spec.basis().note().unwrap_or_default().into(),
        ..v1::Exploration::default()
    }
}

/// The exploration with everything found but its outcomes.
fn with(found: &ExplorationResult, bare: v1::Exploration) -> v1::Exploration {
    let ExplorationResult {
        interleavings,
        interleavings_rounded,
        states,
        classes,
        deadlocks,
        verdict,
        trace,
    } = found;
    v1::Exploration {
        interleavings: interleavings.clone(),
        interleavings_rounded: interleavings_rounded.clone(),
        states: *states,
        classes: classes.clone(),
        deadlocks: *deadlocks,
        verdict: verdict.clone(),
        trace: trace.as_ref().map(playback),
        ..bare
    }
}

/// An event of that exploration.
pub fn event(
    created: &v1::Exploration,
    happening: &ExplorationEvent,
    sequence: u64,
    time_ns: u64,
) -> v1::ExplorationEvent {
    use v1::exploration_event::Happening as Wire;
    let happening = match happening {
        ExplorationEvent::Started(taking) => {
            Wire::Started(v1::ExplorationStarted { estimate: Some(estimate(taking)) })
        }
        ExplorationEvent::Progress { part, done } => {
            Wire::Progress(v1::ExplorationProgress { part: (*part).into(), done: *done })
        }
        ExplorationEvent::Outcome(one) => Wire::Outcome(outcome(one)),
        ExplorationEvent::Ended(ending) => {
            let ExplorationEnd { state, time_ns, found, error } = &**ending;
            Wire::Ended(v1::Exploration {
                state: wire_state(*state).into(),
                end_time_ns: *time_ns,
                error: error.clone(),
                next_sequence: sequence + 1,
                ..with(found, created.clone())
            })
        }
    };
    v1::ExplorationEvent { sequence, time_ns, happening: Some(happening) }
}

fn spec(asked: &ExplorationSpec) -> v1::ExplorationSpec {
    let ExplorationSpec { query, options, q, program: _ } = asked;
    let Query { spec, body, workers, increments } = *query;
    let QueryOptions { choice, exact, value } = *options;
    let (scheduler, k, phase) = match choice {
        SchedulerChoice::Random(scheduler) => (scheduler.name(), None, None),
        SchedulerChoice::EveryK { k, phase } => (EVERY_K, Some(k), phase),
    };
    let (body, steps) = match body {
        Increment::Named(name) => (name.to_string(), String::new()),
        Increment::Custom(spelled) => (String::new(), spelled.to_string()),
    };
    let switch_ticks = match spec.rule() {
        Some(SwitchRule::Ticks(ticks)) => Some(ticks),
        None | Some(SwitchRule::Interval(_) | SwitchRule::Free) => None,
    };
    v1::ExplorationSpec {
        strategy: spec.name().to_string(),
        era: spec.era().map(|era| era.to_string()).unwrap_or_default(),
        switch_ticks,
        workers: Some(small(workers)),
        increments: Some(increments),
        body,
        steps,
        scheduler: scheduler.into(),
        q: q.clone().unwrap_or_default(),
        k,
        phase,
        exact,
        value,
    }
}

fn estimate(estimate: &Estimate) -> v1::SearchEstimate {
    let Estimate { method, states, bytes, seconds } = *estimate;
    v1::SearchEstimate { method: method.into(), states, bytes, seconds }
}

fn outcome(outcome: &FinalValue) -> v1::Outcome {
    let FinalValue { value, count, probability, probability_log10, ratio, witness } = outcome;
    let (numerator, denominator) = ratio.clone();
    let (fewest_preemptions, witness, script) = match witness.clone() {
        None => (None, String::new(), String::new()),
        Some(Witness { fewest_preemptions, schedule, script }) => {
            (fewest_preemptions, schedule, script)
        }
    };
    v1::Outcome {
        value: *value,
        count: count.clone(),
        probability: *probability,
        probability_log10: *probability_log10,
        fewest_preemptions,
        witness,
        script,
        numerator,
        denominator,
    }
}

/// A schedule as it was played.
pub fn playback(played: &Replay) -> v1::Trace {
    let Replay { trace, expected, workers, schedule, script, basis, instructions } = played;
    let replay::Trace { events, losses, value, preemptions } = trace;
    v1::Trace {
        events: events.iter().map(trace_event).collect(),
        losses: losses.iter().map(loss).collect(),
        value: *value,
        expected: *expected,
        preemptions: *preemptions,
        workers: small(*workers),
        schedule: schedule.clone(),
        script: script.clone(),
        model: basis.note().unwrap_or_default().into(),
        instructions: instructions.clone(),
    }
}

fn trace_event(event: &replay::Event) -> v1::TraceEvent {
    let replay::Event { worker, made, increment, counter, value, times } = *event;
    v1::TraceEvent {
        worker: small(worker),
        letter: made.letter().into(),
        increment,
        counter,
        value,
        times: if times > 1 { times } else { 0 },
    }
}

fn loss(loss: &replay::Loss) -> v1::Loss {
    let replay::Loss { load, store, lost } = loss;
    v1::Loss {
        load: small(*load),
        store: small(*store),
        lost: lost.iter().map(|&at| small(at)).collect(),
    }
}

/// A cell's reasons.
pub fn explanation(explained: Explanation) -> v1::CellExplanation {
    let Explanation { cell, title, basis, claims } = explained;
    v1::CellExplanation {
        cell: small(cell),
        title,
        model: basis.note().unwrap_or_default().into(),
        claims: claims.into_iter().map(claim).collect(),
    }
}

fn claim(claim: Claim) -> v1::Claim {
    let Claim { law, claim, measured, agreement } = claim;
    v1::Claim {
        law: law.into(),
        claim,
        measured,
        agreement: match agreement {
            Agreement::Yes => v1::Agreement::Yes,
            Agreement::No => v1::Agreement::No,
            Agreement::Open => v1::Agreement::Open,
        }
        .into(),
    }
}
