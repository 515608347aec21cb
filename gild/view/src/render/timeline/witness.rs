//! The timeline of a schedule: a track per worker with a slice per move. Its time is the number of the
//! move. Under a GIL who holds it and who waits, in the words of CPython's sampling profiler.

use std::ops::Range;

use proto::v1::Trace;

use crate::follow::exploration_log::ExplorationView;
use crate::ids;
use crate::render::explore::header;
use crate::render::explore::trace::instructions::MoveInstructions;
use crate::render::explore::trace::moves::{MoveNumbers, times};
use crate::render::explore::trace::segments::SegmentKind;
use crate::render::timeline::data::{Figure, MOVE_NS, Slice, SliceKind, Timeline, Track};

/// The strategy whose workers hold a GIL.
const GIL: &str = "gil";
/// A worker that holds the GIL.
const HAS: &str = "Has GIL";
/// A worker that has moves to make, and waits for the GIL.
const WAITS: &str = "Waiting for GIL";
/// A worker that has made all its moves.
const NONE: &str = "No GIL";
/// The track of the counter.
const COUNTER: &str = "counter";
/// What time is.
const TIME: &str = "not measured: time is the number of the move, a millisecond each. A row that stands \
                    for increments in a row is as long as all their moves.";

/// The timeline of a stored exploration; absent if it found no schedule.
pub fn timeline(view: &ExplorationView) -> Option<Timeline> {
    let trace = view.exploration.trace.as_ref()?;
    let short = ids::short(&view.exploration.name);
    let has_gil = view.spec().strategy == GIL;
    let mut notes = vec![("time", TIME.to_owned()), ("schedule", trace.schedule.clone())];
    notes.push(("value", format!("{} of {}", trace.value, trace.expected)));
    let model = &view.exploration.model;
    notes.extend((!model.is_empty()).then(|| ("model", model.clone())));
    let title = format!("exploration {short}: {}", header::title(view));
    Some(Timeline { title, origin_ns: 0, tracks: tracks(trace, has_gil), notes })
}

fn tracks(trace: &Trace, has_gil: bool) -> Vec<Track> {
    let numbers = MoveNumbers::of(trace);
    let instructions = MoveInstructions::of(trace);
    let workers = trace.events.iter().map(|event| event.worker + 1).max().unwrap_or(0);
    let of_worker = |worker: u32| {
        let mut slices = if has_gil { gil(trace, &numbers, worker) } else { Vec::new() };
        let rows = rows(trace).filter(|row| trace.events[row.start].worker == worker);
        slices.extend(rows.map(|row| slice(trace, &row, &numbers, &instructions)));
        slices.sort_by_key(|slice| (slice.start_ns, std::cmp::Reverse(slice.length_ns)));
        Track { name: format!("T{worker}"), slices }
    };
    let workers = (0..workers.max(trace.workers)).map(of_worker);
    std::iter::once(counter(trace, &numbers)).chain(workers).collect()
}

/// The rows of a schedule as ranges of events: one event, or all of an increment that is repeated.
fn rows(trace: &Trace) -> impl Iterator<Item = Range<usize>> {
    let events = &trace.events;
    let is_one = |a: &proto::v1::TraceEvent, b: &proto::v1::TraceEvent| {
        a.times > 1 && (a.worker, a.increment, a.times) == (b.worker, b.increment, b.times)
    };
    events.chunk_by(is_one).scan(0, |start, chunk| {
        let row = *start..*start + chunk.len();
        *start = row.end;
        Some(row)
    })
}

fn slice(
    trace: &Trace,
    row: &Range<usize>,
    numbers: &MoveNumbers,
    instructions: &MoveInstructions,
) -> Slice {
    let events = &trace.events[row.clone()];
    let (first, last) = (numbers.first(row.start), numbers.last(row.end - 1));
    let many = times(&events[0]);
    let instruction = Some(instructions.words(row)).filter(|words| !words.is_empty());
    let only = instruction.clone().filter(|_| many == 1);
    let name = match (&only, many) {
        (Some(instruction), _) => instruction.clone(),
        (None, 1) => SegmentKind::of(&events[0]).words(),
        (None, many) => format!("{many} increments"),
    };
    let letters: String = events.iter().map(|event| event.letter.as_str()).collect();
    let value = events[0].value.filter(|_| many == 1);
    let count = |count: u64| Some(Figure::Count(count));
    Slice {
        kind: if only.is_some() { SliceKind::Opcode } else { SliceKind::Move },
        name,
        group: only.unwrap_or_else(|| "move".to_owned()),
        start_ns: (first as u64 - 1) * MOVE_NS,
        length_ns: (last - first + 1) as u64 * MOVE_NS,
        values: vec![
            count(first as u64),
            count(last as u64),
            Some(Figure::Text(letters)),
            count(events[0].increment.into()),
            value.map(|value| Figure::Count(value.into())),
            instruction.map(Figure::Text),
            count(events[events.len() - 1].counter.into()),
        ],
    }
}

/// How long the counter had each value, from 0 on.
fn counter(trace: &Trace, numbers: &MoveNumbers) -> Track {
    let mut slices: Vec<Slice> = Vec::new();
    let (mut value, mut since) = (0, 0);
    let mut put = |value: u32, since: usize, until: usize| {
        slices.extend((until > since).then(|| Slice {
            kind: SliceKind::Counter,
            name: value.to_string(),
            group: COUNTER.to_owned(),
            start_ns: since as u64 * MOVE_NS,
            length_ns: (until - since) as u64 * MOVE_NS,
            values: vec![Some(Figure::Count(value.into()))],
        }));
    };
    for (at, event) in trace.events.iter().enumerate() {
        if event.counter != value {
            let now = numbers.last(at);
            put(value, since, now);
            (value, since) = (event.counter, now);
        }
    }
    // The last value is shown for a move more, or there would be nothing to see of it.
    put(value, since, numbers.count() + 1);
    Track { name: COUNTER.to_owned(), slices }
}

/// When a worker holds the GIL, waits for it, and needs it no more.
fn gil(trace: &Trace, numbers: &MoveNumbers, worker: u32) -> Vec<Slice> {
    let mut slices = Vec::new();
    let mut now = 0;
    let mut put = |name: &str, until: usize| {
        let (start_ns, length_ns) = (now as u64 * MOVE_NS, (until - now) as u64 * MOVE_NS);
        slices.extend((until > now).then(|| Slice {
            kind: SliceKind::Gil,
            name: name.to_owned(),
            group: name.to_owned(),
            start_ns,
            length_ns,
            values: Vec::new(),
        }));
        now = until;
    };
    let mut at = 0;
    for run in trace.events.chunk_by(|a, b| a.worker == b.worker) {
        if run[0].worker == worker {
            put(WAITS, numbers.first(at) - 1);
            put(HAS, numbers.last(at + run.len() - 1));
        }
        at += run.len();
    }
    put(NONE, numbers.count());
    slices
}
