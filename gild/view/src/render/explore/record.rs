//! Explorations as named fields: NDJSON records, the JSON document, CSV rows. Counts and fractions
//! that no double holds are texts. The names are a contract and are never changed.

use std::collections::BTreeMap;

use proto::v1::{Exploration, Loss, Outcome, SearchEstimate, Trace, TraceEvent};

use crate::follow::exploration_log::{ExplorationView, ViewChange};
use crate::render::explore::outcomes::is_counted;
use crate::render::explore::trace::moves::times;
use crate::render::format::document::Record;
use crate::render::format::json::{Field, object};
use crate::render::format::value::Value;
use crate::render::format::{csv, enum_names};

/// The fields of the JSON document: the request and the result.
pub(super) fn fields(view: &ExplorationView) -> Vec<Field> {
    let outcomes: Vec<Value> =
        view.exploration.outcomes.iter().map(|it| object(outcome(it))).collect();
    let mut fields = vec![("kind", Some(kind(view).into()))];
    fields.extend(identity(view));
    fields.extend(question(view));
    fields.extend(counts(view));
    // An estimate has no outcomes; an exploration may have found none.
    fields.push(("outcomes", view.id().map(|_| outcomes.into())));
    fields.extend(conclusion(view));
    fields
}

/// The record of a queued or estimated exploration, before anything is found.
pub fn opening(view: &ExplorationView) -> Record {
    let mut fields = identity(view);
    fields.extend(question(view));
    fields.extend(counts(view));
    Record::new("exploration", fields)
}

/// The record of an event.
pub fn on_event(view: &ExplorationView, found: ViewChange) -> Record {
    let sequence = view.exploration.next_sequence.saturating_sub(1);
    let mut fields = vec![
        ("exploration", view.id().map(Value::from)),
        ("sequence", Some(Value::number(sequence))),
    ];
    match found {
        ViewChange::Started => {
            fields.extend(question(view));
            fields.push(("estimate", view.exploration.estimate.as_ref().map(estimate)));
            Record::new("started", fields)
        }
        ViewChange::Progress => {
            let progress = view.progress.clone().unwrap_or_default();
            fields.push(("part", text(&progress.part)));
            fields.push(("done", Some(progress.done.into())));
            Record::new("progress", fields)
        }
        ViewChange::Outcome { at } => {
            fields.extend(outcome(&view.exploration.outcomes[at]));
            Record::new("outcome", fields)
        }
        ViewChange::Ended => {
            fields.extend(end(view));
            Record::new("end", fields)
        }
    }
}

/// The records of an exploration, without `end` while it runs.
pub(super) fn records(view: &ExplorationView) -> Vec<Record> {
    let of = |fields: Vec<Field>| {
        [("exploration", view.id().map(Value::from))].into_iter().chain(fields).collect()
    };
    let mut records = vec![opening(view)];
    let outcomes = view.exploration.outcomes.iter();
    records.extend(outcomes.map(|it| Record::new("outcome", of(outcome(it)))));
    if view.has_ended() {
        records.push(Record::new("end", of(end(view))));
    }
    records
}

/// A CSV row per value or, for a witness, a row per move; the header is there without rows too.
pub(super) fn rows(view: &ExplorationView) -> String {
    let asked = || {
        let id = ("exploration", view.id().map(Value::from));
        [id].into_iter().chain(question(view))
    };
    let Some(trace) = &view.exploration.trace else {
        let row = |it: &Outcome| asked().chain(outcome(it)).collect::<Vec<Field>>();
        return csv::headed(&row(&Outcome::default()), view.exploration.outcomes.iter().map(row));
    };
    moves(trace)
}

/// A CSV row per move of a trace; with a last column where one stands for several increments.
pub(super) fn moves(trace: &Trace) -> String {
    let loads: BTreeMap<u32, u32> = trace.losses.iter().map(|it| (it.store, it.load)).collect();
    let lost_to = trace.losses.iter().flat_map(|it| it.lost.iter().map(|&at| (at, it.store)));
    let lost_to: BTreeMap<u32, u32> = lost_to.rev().collect();
    let is_folded = trace.events.iter().any(|event| times(event) > 1);
    let row = |(at, event): (usize, &TraceEvent)| {
        let position = u32::try_from(at).unwrap_or(u32::MAX);
        let mut fields = vec![
            ("position", Some(Value::number(at as u64))),
            ("worker", Some(event.worker.into())),
            ("letter", Some(event.letter.as_str().into())),
            ("increment", Some(event.increment.into())),
            ("counter", Some(event.counter.into())),
            ("value", event.value.map(Value::from)),
            ("goes_back_to", loads.get(&position).copied().map(Value::from)),
            ("lost_to", lost_to.get(&position).copied().map(Value::from)),
        ];
        fields.extend(is_folded.then(|| ("times", Some(Value::number(times(event) as u64)))));
        fields
    };
    csv::headed(&row((0, &TraceEvent::default())), trace.events.iter().enumerate().map(row))
}

/// A trace as a JSON value.
pub(super) fn trace(trace: &Trace) -> Value {
    let event = |it: &TraceEvent| {
        object(vec![
            ("worker", Some(it.worker.into())),
            ("letter", Some(it.letter.as_str().into())),
            ("increment", Some(it.increment.into())),
            ("counter", Some(it.counter.into())),
            ("value", it.value.map(Value::from)),
            ("times", (it.times > 1).then(|| it.times.into())),
        ])
    };
    let loss = |it: &Loss| {
        object([
            ("load", Some(it.load.into())),
            ("store", Some(it.store.into())),
            ("lost", Some(it.lost.clone().into())),
        ])
    };
    object([
        ("value", Some(trace.value.into())),
        ("expected", Some(trace.expected.into())),
        ("preemptions", Some(trace.preemptions.into())),
        ("workers", Some(trace.workers.into())),
        ("schedule", Some(trace.schedule.as_str().into())),
        ("script", Some(trace.script.as_str().into())),
        ("model", text(&trace.model)),
        (
            "instructions",
            Some(trace.instructions.clone()).filter(|all| !all.is_empty()).map(Value::from),
        ),
        ("events", Some(trace.events.iter().map(event).collect())),
        ("losses", Some(trace.losses.iter().map(loss).collect())),
    ])
}

/// The request as fields; a field that does not apply is absent.
pub(super) fn question(view: &ExplorationView) -> Vec<Field> {
    let spec = view.spec();
    let steps = match view.exploration.steps.as_str() {
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
        ("model", text(&view.exploration.model)),
    ]
}

fn kind(view: &ExplorationView) -> &'static str {
    if view.spec().value.is_some() { "witness" } else { "explore" }
}

fn identity(view: &ExplorationView) -> Vec<Field> {
    let state = view.id().map(|_| enum_names::state(view.exploration.state()).into());
    vec![("id", view.id().map(Value::from)), ("state", state)]
}

fn counts(view: &ExplorationView) -> Vec<Field> {
    let Exploration { estimate: said, interleavings, states, classes, deadlocks, expected, .. } =
        &view.exploration;
    vec![
        ("estimate", said.as_ref().map(estimate)),
        ("interleavings", text(interleavings)),
        ("interleavings_rounded", text(&view.exploration.interleavings_rounded)),
        ("states", Some(*states).filter(|states| *states > 0).map(Value::number)),
        ("classes", text(classes)),
        ("deadlocks", (view.has_ended() && *states > 0).then(|| Value::number(*deadlocks))),
        ("expected", Some((*expected).into())),
    ]
}

fn conclusion(view: &ExplorationView) -> Vec<Field> {
    let Exploration { verdict, error, trace: drawn, .. } = &view.exploration;
    vec![("verdict", text(verdict)), ("error", text(error)), ("trace", drawn.as_ref().map(trace))]
}

fn end(view: &ExplorationView) -> Vec<Field> {
    let exploration = &view.exploration;
    let mut fields = vec![("state", Some(enum_names::state(exploration.state()).into()))];
    fields.push(("next_sequence", Some(Value::number(exploration.next_sequence))));
    fields.extend(counts(view));
    fields.extend(conclusion(view));
    fields
}

fn estimate(estimate: &SearchEstimate) -> Value {
    let SearchEstimate { method, states, bytes, seconds } = estimate;
    object([
        ("method", Some(method.as_str().into())),
        ("states", Some((*states).into())),
        ("bytes", Some((*bytes).into())),
        ("seconds", Some((*seconds).into())),
    ])
}

fn outcome(it: &Outcome) -> Vec<Field> {
    let log10 = it.probability_log10.filter(|log10| log10.is_finite());
    vec![
        ("value", Some(it.value.into())),
        ("count", text(&it.count)),
        ("probability", is_counted(it).then(|| it.probability.into())),
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
