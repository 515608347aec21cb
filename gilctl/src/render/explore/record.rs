//! Explorations as named fields: the lines of NDJSON, the one document of JSON, the rows of CSV.
//! Counts and fractions that no double holds are texts. No name is ever changed.

use std::collections::BTreeMap;

use proto::v1::{Exploration, Loss, Outcome, SearchEstimate, Trace, TraceEvent};
use serde_json::{Value, json};

use crate::follow::exploration_log::{ExplorationView, ViewChange};
use crate::render::format::json;
use crate::render::format::json::Field;
use crate::render::format::{csv, enum_names};

/// The one document: what was asked, what was found.
pub fn document(findings: &ExplorationView) -> String {
    let outcomes: Vec<Value> =
        findings.exploration.outcomes.iter().map(|it| json::object(outcome(it))).collect();
    let mut fields = identity(findings);
    fields.extend(question(findings));
    fields.extend(counts(findings));
    // Of what was only estimated nothing can be said; of what was explored, that there is nothing.
    fields.push(("outcomes", findings.id().map(|_| outcomes.into())));
    fields.extend(conclusion(findings));
    json::line(kind(findings), fields)
}

/// What was queued or estimated, before anything is found.
pub fn opening(findings: &ExplorationView) -> String {
    let mut fields = identity(findings);
    fields.extend(question(findings));
    fields.extend(counts(findings));
    json::line("exploration", fields)
}

/// The line that an event makes.
pub fn on_event(findings: &ExplorationView, found: ViewChange) -> String {
    let sequence = findings.exploration.next_sequence.saturating_sub(1);
    let mut fields =
        vec![("exploration", findings.id().map(Value::from)), ("sequence", Some(sequence.into()))];
    match found {
        ViewChange::Started => {
            fields.extend(question(findings));
            fields.push(("estimate", findings.exploration.estimate.as_ref().map(estimate)));
            json::line("started", fields)
        }
        ViewChange::Progress => {
            let progress = findings.progress.clone().unwrap_or_default();
            fields.push(("part", text(&progress.part)));
            fields.push(("done", Some(progress.done.into())));
            json::line("progress", fields)
        }
        ViewChange::Outcome { at } => {
            fields.extend(outcome(&findings.exploration.outcomes[at]));
            json::line("outcome", fields)
        }
        ViewChange::Ended => {
            fields.extend(end(findings));
            json::line("end", fields)
        }
    }
}

/// Every line of an exploration as it stands; `end` only if it has ended.
pub fn lines(findings: &ExplorationView) -> Vec<String> {
    let of = || vec![("exploration", findings.id().map(Value::from))];
    let line = |it: &Outcome| json::line("outcome", of().into_iter().chain(outcome(it)).collect());
    let mut lines = vec![opening(findings)];
    lines.extend(findings.exploration.outcomes.iter().map(line));
    if findings.has_ended() {
        lines.push(json::line("end", of().into_iter().chain(end(findings)).collect()));
    }
    lines
}

/// A row a value, or, where one value was asked for, a row a move; the header stands even alone.
pub fn rows(findings: &ExplorationView) -> String {
    let asked = || {
        let id = ("exploration", findings.id().map(Value::from));
        [id].into_iter().chain(question(findings))
    };
    let Some(trace) = &findings.exploration.trace else {
        let row = |it: &Outcome| asked().chain(outcome(it)).collect::<Vec<Field>>();
        return csv::headed(
            &row(&Outcome::default()),
            findings.exploration.outcomes.iter().map(row),
        );
    };
    moves(trace)
}

/// A row a move.
pub fn moves(trace: &Trace) -> String {
    let loads: BTreeMap<u32, u32> = trace.losses.iter().map(|it| (it.store, it.load)).collect();
    let lost_to = trace.losses.iter().flat_map(|it| it.lost.iter().map(|&at| (at, it.store)));
    let lost_to: BTreeMap<u32, u32> = lost_to.rev().collect();
    let row = |(at, event): (usize, &TraceEvent)| {
        let position = u32::try_from(at).unwrap_or(u32::MAX);
        vec![
            ("position", Some(at.into())),
            ("worker", Some(event.worker.into())),
            ("letter", Some(event.letter.as_str().into())),
            ("increment", Some(event.increment.into())),
            ("counter", Some(event.counter.into())),
            ("value", event.value.map(Value::from)),
            ("goes_back_to", loads.get(&position).copied().map(Value::from)),
            ("lost_to", lost_to.get(&position).copied().map(Value::from)),
        ]
    };
    csv::headed(&row((0, &TraceEvent::default())), trace.events.iter().enumerate().map(row))
}

/// A trace as a value.
pub fn trace(trace: &Trace) -> Value {
    let event = |it: &TraceEvent| {
        json::object(vec![
            ("worker", Some(it.worker.into())),
            ("letter", Some(it.letter.as_str().into())),
            ("increment", Some(it.increment.into())),
            ("counter", Some(it.counter.into())),
            ("value", it.value.map(Value::from)),
        ])
    };
    let loss = |it: &Loss| json!({ "load": it.load, "store": it.store, "lost": it.lost });
    json!({
        "value": trace.value,
        "expected": trace.expected,
        "preemptions": trace.preemptions,
        "workers": trace.workers,
        "schedule": trace.schedule,
        "script": trace.script,
        "events": trace.events.iter().map(event).collect::<Vec<Value>>(),
        "losses": trace.losses.iter().map(loss).collect::<Vec<Value>>(),
    })
}

/// What was asked, as fields; one that does not apply is absent.
pub fn question(findings: &ExplorationView) -> Vec<Field> {
    let spec = findings.spec();
    let steps = match findings.exploration.steps.as_str() {
        "" => &spec.steps,
        steps => steps,
    };
    vec![
        ("strategy", Some(spec.strategy.as_str().into())),
        ("era", text(&spec.era)),
        ("switch_ticks", spec.switch_ticks.map(Value::from)),
        ("workers", spec.workers.map(Value::from)),
        ("increments", spec.increments.map(Value::from)),
        ("body", text(&spec.body)),
        ("steps", text(steps)),
        ("scheduler", text(&spec.scheduler)),
        ("q", text(&spec.q)),
        ("k", spec.k.map(Value::from)),
        ("phase", spec.phase.map(Value::from)),
        ("asked_value", spec.value.map(Value::from)),
    ]
}

fn kind(findings: &ExplorationView) -> &'static str {
    if findings.spec().value.is_some() { "witness" } else { "explore" }
}

fn identity(findings: &ExplorationView) -> Vec<Field> {
    let state = findings.id().map(|_| enum_names::state(findings.exploration.state()).into());
    vec![("id", findings.id().map(Value::from)), ("state", state)]
}

fn counts(findings: &ExplorationView) -> Vec<Field> {
    let Exploration { estimate: said, interleavings, states, classes, deadlocks, expected, .. } =
        &findings.exploration;
    vec![
        ("estimate", said.as_ref().map(estimate)),
        ("interleavings", text(interleavings)),
        ("states", Some(*states).filter(|states| *states > 0).map(Value::from)),
        ("classes", text(classes)),
        ("deadlocks", (findings.has_ended() && *states > 0).then(|| (*deadlocks).into())),
        ("expected", Some((*expected).into())),
    ]
}

fn conclusion(findings: &ExplorationView) -> Vec<Field> {
    let Exploration { verdict, error, trace: drawn, .. } = &findings.exploration;
    vec![("verdict", text(verdict)), ("error", text(error)), ("trace", drawn.as_ref().map(trace))]
}

fn end(findings: &ExplorationView) -> Vec<Field> {
    let exploration = &findings.exploration;
    let mut fields = vec![("state", Some(enum_names::state(exploration.state()).into()))];
    fields.push(("next_sequence", Some(exploration.next_sequence.into())));
    fields.extend(counts(findings));
    fields.extend(conclusion(findings));
    fields
}

fn estimate(estimate: &SearchEstimate) -> Value {
    let SearchEstimate { method, states, bytes, seconds } = estimate;
    json!({ "method": method, "states": states, "bytes": bytes, "seconds": seconds })
}

fn outcome(it: &Outcome) -> Vec<Field> {
    let log10 = it.probability_log10.filter(|log10| log10.is_finite());
    vec![
        ("value", Some(it.value.into())),
        ("count", text(&it.count)),
        ("probability", Some(it.probability.into())),
        ("probability_log10", log10.map(Value::from)),
        ("fewest_preemptions", it.fewest_preemptions.map(Value::from)),
        ("witness", text(&it.witness)),
        ("script", text(&it.script)),
        ("numerator", text(&it.numerator)),
        ("denominator", text(&it.denominator)),
    ]
}

fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| text.into())
}
