//! Segments of a trace: consecutive moves of one worker. Uninterrupted whole increments form one
//! segment, however many there are; a stale read and the late write that uses it are always
//! segments of their own. The daemon determines which they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use proto::v1::{Trace, TraceEvent};

use crate::render::explore::trace::moves::{MoveNumbers, times};

/// Most workers in a diagram; the model has at most eight.
const WORKERS_MAX: usize = 64;

/// A trace in segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentedTrace {
    /// The number of workers.
    pub workers: usize,
    /// The segments in order.
    pub segments: Vec<Segment>,
}

/// Consecutive moves of one worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The first move, from 1.
    pub first: usize,
    /// The last move, from 1.
    pub last: usize,
    /// The worker.
    pub worker: usize,
    /// What the worker does.
    pub kind: SegmentKind,
    /// The counter after the segment.
    pub counter: u32,
    /// Its role in a loss.
    pub role: Role,
    /// What becomes of its writes.
    pub outcome: WriteOutcome,
    /// Its events in the trace.
    pub events: Range<usize>,
}

/// What a worker does in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentKind {
    /// The counter is read.
    Reads(u32),
    /// The counter is written.
    Writes(u32),
    /// An atomic read and write.
    Adds(u32),
    /// Uninterrupted whole increments.
    Increments {
        /// How many.
        many: usize,
        /// The counter before.
        from: u32,
        /// The counter after.
        to: u32,
    },
    /// Steps that do not access the counter.
    Steps(usize),
    /// A step of another kind, by its letter.
    Other(char),
}

/// The role of a segment in a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// None.
    Bystander,
    /// A read whose value is stale when it is used.
    StaleRead {
        /// The segment that wrote the value; absent for the start.
        source: Option<usize>,
        /// The segment of the last write that uses the value.
        until: usize,
    },
    /// A write computed from a stale read.
    LateWrite {
        /// The segment of that read.
        since: usize,
    },
}

/// What becomes of the writes of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteOutcome {
    /// They are kept.
    Kept,
    /// All are overwritten.
    Lost,
    /// This many are overwritten.
    PartlyLost(usize),
}

impl SegmentedTrace {
    /// Cuts a trace into segments.
    pub fn new(trace: &Trace) -> Self {
        let mut segments = Cutter::new(trace).cut();
        assign_roles(&mut segments, trace);
        let said = trace.workers as usize;
        let seen = segments.iter().map(|segment| segment.worker + 1).max().unwrap_or(0);
        Self { workers: said.max(seen).min(WORKERS_MAX), segments }
    }
}

impl Segment {
    /// Whether it is the read or the write of a loss.
    pub fn is_marked(&self) -> bool {
        self.role != Role::Bystander
    }

    /// Its moves, counted from 1: `3` or `3-7`.
    pub fn moves(&self) -> String {
        match (self.first, self.last) {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first}-{last}"),
        }
    }

    /// Adds the steps of another segment that follows it.
    fn extend(&mut self, next: &Self) {
        self.last = next.last;
        self.events.end = next.events.end;
    }

    /// A description, e.g. `reads 0`.
    pub fn words(&self) -> String {
        let outcome = match self.outcome {
            WriteOutcome::Kept => String::new(),
            WriteOutcome::Lost => " (lost)".to_owned(),
            WriteOutcome::PartlyLost(many) => format!(" ({many} lost)"),
        };
        format!("{}{outcome}", self.kind.words())
    }
}

impl SegmentKind {
    /// A description, e.g. `reads 0`.
    pub fn words(self) -> String {
        match self {
            Self::Reads(value) => format!("reads {value}"),
            Self::Writes(value) => format!("writes {value}"),
            Self::Adds(value) => format!("adds 1, makes {value}"),
            Self::Increments { many: 1, from, to } => format!("reads {from}, writes {to}"),
            Self::Increments { many, from, to } => format!("{many} increments, {from} -> {to}"),
            Self::Steps(1) => "another step".to_owned(),
            Self::Steps(many) => format!("{many} other steps"),
            Self::Other('A') => "takes the lock".to_owned(),
            Self::Other('R') => "lets the lock go".to_owned(),
            Self::Other('Q') => "gets in line".to_owned(),
            Self::Other('E') => "is first in line".to_owned(),
            Self::Other('D') => "leaves the line".to_owned(),
            Self::Other(letter) => format!("step {letter}"),
        }
    }

    /// What one event is.
    pub fn of(event: &TraceEvent) -> Self {
        let value = event.value.unwrap_or(event.counter);
        match event.letter.chars().next() {
            Some('L') => Self::Reads(value),
            Some('S') => Self::Writes(value),
            Some('X') => Self::Adds(value),
            Some('.') | None => Self::Steps(1),
            Some(letter) => Self::Other(letter),
        }
    }
}

/// Whether a move writes the counter.
pub fn writes(event: &TraceEvent) -> bool {
    matches!(event.letter.as_str(), "S" | "X")
}

/// Cuts a trace into segments.
struct Cutter<'a> {
    trace: &'a Trace,
    /// Positions of the reads and writes of losses.
    marked: BTreeSet<usize>,
    /// The number of moves of each increment, by worker and increment.
    sizes: BTreeMap<(u32, u32), usize>,
    numbers: MoveNumbers,
    segments: Vec<Segment>,
}

impl<'a> Cutter<'a> {
    fn new(trace: &'a Trace) -> Self {
        let both = trace.losses.iter().flat_map(|loss| [loss.load, loss.store]);
        let mut sizes = BTreeMap::new();
        for event in &trace.events {
            *sizes.entry((event.worker, event.increment)).or_default() += 1;
        }
        let marked = both.map(|at| at as usize).collect();
        Self { trace, marked, sizes, numbers: MoveNumbers::of(trace), segments: Vec::new() }
    }

    fn cut(mut self) -> Vec<Segment> {
        let mut start = 0;
        for run in self.trace.events.chunk_by(|a, b| a.worker == b.worker) {
            let begin = self.segments.len();
            for increment in run.chunk_by(|a, b| a.increment == b.increment) {
                let positions = start..start + increment.len();
                if self.is_whole(&increment[0], &positions) {
                    self.fold(positions.clone(), begin);
                } else {
                    positions.clone().for_each(|at| self.add(at, begin));
                }
                start = positions.end;
            }
        }
        self.segments
    }

    fn is_whole(&self, event: &TraceEvent, positions: &Range<usize>) -> bool {
        let size = self.sizes.get(&(event.worker, event.increment));
        size == Some(&positions.len()) && self.marked.range(positions.clone()).next().is_none()
    }

    /// Adds a whole increment to those before it; `begin` is the first segment of this worker's
    /// run.
    fn fold(&mut self, positions: Range<usize>, begin: usize) {
        let before = positions.start.checked_sub(1).map(|at| self.trace.events[at].counter);
        let to = self.trace.events[positions.end - 1].counter;
        let more = times(&self.trace.events[positions.start]);
        let mut segment = self.segment(positions.start, SegmentKind::Steps(0));
        segment.last = self.numbers.last(positions.end - 1);
        segment.counter = to;
        segment.kind = SegmentKind::Increments { many: more, from: before.unwrap_or(0), to };
        if let Some(last) = self.last_since(begin) {
            let (first, start) = (last.first, last.events.start);
            let joined = match last.kind {
                SegmentKind::Increments { many, from, .. } => {
                    Some(SegmentKind::Increments { many: many + more, from, to })
                }
                SegmentKind::Steps(_) => Some(segment.kind),
                _ => None,
            };
            if let Some(kind) = joined {
                (segment.first, segment.kind) = (first, kind);
                segment.events.start = start;
                self.segments.pop();
            }
        }
        segment.events.end = positions.end;
        self.segments.push(segment);
    }

    /// Adds one move. Steps that do not access the counter are added to the segment before or
    /// after.
    fn add(&mut self, at: usize, begin: usize) {
        let segment = self.segment(at, SegmentKind::of(&self.trace.events[at]));
        match self.last_since(begin) {
            Some(last) => match (last.kind, segment.kind) {
                (SegmentKind::Steps(many), SegmentKind::Steps(_)) => {
                    last.kind = SegmentKind::Steps(many + 1);
                    last.extend(&segment);
                }
                (_, SegmentKind::Steps(_)) => last.extend(&segment),
                (SegmentKind::Steps(_), _) => {
                    let events = last.events.start..segment.events.end;
                    *last = Segment { first: last.first, events, ..segment };
                }
                _ => self.segments.push(segment),
            },
            None => self.segments.push(segment),
        }
    }

    fn last_since(&mut self, begin: usize) -> Option<&mut Segment> {
        self.segments[begin..].last_mut()
    }

    fn segment(&self, at: usize, kind: SegmentKind) -> Segment {
        let TraceEvent { worker, counter, .. } = self.trace.events[at];
        let (first, last) = (self.numbers.first(at), self.numbers.last(at));
        let (role, outcome) = (Role::Bystander, WriteOutcome::Kept);
        let worker = worker as usize;
        Segment { first, last, worker, kind, counter, role, outcome, events: at..at + 1 }
    }
}

/// Sets the roles of the segments of every loss. Positions outside the trace, or in reverse order,
/// are ignored.
fn assign_roles(segments: &mut [Segment], trace: &Trace) {
    let at = |segments: &[Segment], position: u32| {
        let at = segments.partition_point(|segment| segment.events.end <= position as usize);
        (at < segments.len()).then_some(at)
    };
    for loss in &trace.losses {
        let (Some(load), Some(store)) = (at(segments, loss.load), at(segments, loss.store)) else {
            continue;
        };
        if load < store {
            let source = (0..load).rev().find(|&earlier| writes_in(&segments[earlier], trace) > 0);
            segments[load].role = Role::StaleRead { source, until: store };
            segments[store].role = Role::LateWrite { since: load };
        }
    }
    let lost: BTreeSet<usize> =
        trace.losses.iter().flat_map(|loss| &loss.lost).map(|&at| at as usize).collect();
    let writes_at = |at: &usize| trace.events.get(*at).map_or(0, times);
    for segment in segments {
        segment.outcome = match lost.range(segment.events.clone()).map(writes_at).sum() {
            0 => WriteOutcome::Kept,
            many if many >= writes_in(segment, trace) => WriteOutcome::Lost,
            some => WriteOutcome::PartlyLost(some),
        };
    }
}

fn writes_in(segment: &Segment, trace: &Trace) -> usize {
    let events = trace.events[segment.events.clone()].iter();
    events.filter(|event| writes(event)).map(times).sum()
}
