//! A timeline in the Trace Event Format, which Perfetto and `chrome://tracing` read: an object whose
//! `traceEvents` are names of tracks, complete events, and counters. Times are microseconds.

use serde_json::{Map, Value, json};

use crate::render::timeline::data::{Figure, Slice, Timeline};

/// The process of all tracks.
const PROCESS: u32 = 1;
/// Nanoseconds of the format's unit.
const UNIT_NS: f64 = 1000.0;
/// Counters of shares are in percent.
const PERCENT: f64 = 100.0;

/// The file's text.
pub fn text(timeline: &Timeline) -> String {
    let mut events: Vec<(u64, u64, Value)> = Vec::new();
    for (at, track) in (1..).zip(&timeline.tracks) {
        for slice in &track.slices {
            events.push((slice.start_ns, slice.length_ns, complete(slice, at)));
            let curves = curves(slice, &track.name);
            events.extend(curves.map(|it| (slice.end_ns(), 0, it)));
        }
    }
    // The longer one of two that begin at once encloses the other, and so comes first.
    events.sort_by_key(|(start, length, _)| (*start, std::cmp::Reverse(*length)));
    let all = names(timeline).into_iter().chain(events.into_iter().map(|(_, _, event)| event));
    let notes = timeline.notes.iter().map(|(name, text)| ((*name).to_owned(), text.clone().into()));
    let mut other: Map<String, Value> = Map::new();
    other.insert("title".to_owned(), timeline.title.clone().into());
    if timeline.origin_ns > 0 {
        // Digits, as in every document: a double has too few.
        other.insert("origin_time_ns".to_owned(), timeline.origin_ns.to_string().into());
    }
    other.extend(notes);
    let file = json!({
        "displayTimeUnit": "ns",
        "otherData": other,
        "traceEvents": all.collect::<Vec<Value>>(),
    });
    format!("{file}\n")
}

/// The names of the process and of its tracks, and their order.
fn names(timeline: &Timeline) -> Vec<Value> {
    let meta = |name: &str, tid: u32, args: Value| json!({"ph": "M", "name": name, "ts": 0, "pid": PROCESS, "tid": tid, "args": args});
    let mut events = vec![meta("process_name", 0, json!({"name": timeline.title}))];
    for (at, track) in (1_u32..).zip(&timeline.tracks) {
        events.push(meta("thread_name", at, json!({"name": track.name})));
        events.push(meta("thread_sort_index", at, json!({"sort_index": at})));
    }
    events
}

fn complete(slice: &Slice, tid: u32) -> Value {
    let fields = slice.kind.fields().iter().zip(&slice.values);
    let args: Map<String, Value> = fields
        .filter_map(|(field, value)| Some((field.key.to_owned(), number(value.as_ref()?))))
        .collect();
    json!({
        "ph": "X",
        "name": slice.name,
        "cat": slice.kind.category(),
        "ts": microseconds(slice.start_ns),
        "dur": microseconds(slice.length_ns),
        "pid": PROCESS,
        "tid": tid,
        "args": args,
    })
}

/// The counters that a slice sets at its end, each named after its track.
fn curves<'a>(slice: &'a Slice, track: &'a str) -> impl Iterator<Item = Value> + 'a {
    let fields = slice.kind.fields().iter().zip(&slice.values);
    fields.filter_map(move |(field, value)| {
        let (name, value) = (field.curve?, value.as_ref()?);
        let value = match value {
            Figure::Share(share) => json!(share * PERCENT),
            other => number(other),
        };
        Some(json!({
            "ph": "C",
            "name": format!("{name} of {track}"),
            "ts": microseconds(slice.end_ns()),
            "pid": PROCESS,
            "args": {name: value},
        }))
    })
}

fn number(value: &Figure) -> Value {
    match value {
        Figure::Count(count) | Figure::Nanoseconds(count) => json!(count),
        Figure::Share(share) => json!(share),
        Figure::Text(text) => json!(text),
    }
}

fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / UNIT_NS
}
