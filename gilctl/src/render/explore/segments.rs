//! A trace as scenes: moves of one worker that belong together. Whole increments that nobody
//! interrupts are one scene, however many; a read that others overtook and the write that goes back
//! to it are always scenes of their own. Which they are is the daemon's word.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use proto::v1::{Trace, TraceEvent};

/// Most workers that get a place in a picture; the model has no more than eight.
const WORKERS_MAX: usize = 64;

/// A trace in scenes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Play {
    /// How many workers have a place.
    pub workers: usize,
    /// What happens, in order.
    pub scenes: Vec<Segment>,
}

/// Moves of one worker in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The first move, from 1.
    pub first: usize,
    /// The last.
    pub last: usize,
    /// Who.
    pub worker: usize,
    /// What is done.
    pub what: SegmentKind,
    /// The counter after it.
    pub counter: u32,
    /// What part it has in a loss.
    pub part: Part,
    /// What becomes of its writes.
    pub fate: WriteFate,
}

/// What is done in a scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentKind {
    /// The counter is read.
    Reads(u32),
    /// The counter is written.
    Writes(u32),
    /// Reading and writing in one.
    Adds(u32),
    /// Whole increments that nobody interrupts.
    Increments {
        /// How many.
        many: usize,
        /// The counter before.
        from: u32,
        /// The counter after.
        to: u32,
    },
    /// Steps that do nothing to the counter.
    Steps(usize),
    /// A step of another kind, by its letter.
    Other(char),
}

/// What part a scene has in a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// None of its own.
    Bystander,
    /// The read that others overtake.
    StaleRead {
        /// Scene that wrote what is read; none for the start.
        source: Option<usize>,
        /// Scene of the last write that goes back to it.
        until: usize,
    },
    /// The write that goes back to a stale read.
    LateWrite {
        /// Scene of that read.
        since: usize,
    },
}

/// What becomes of a scene's writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteFate {
    /// Nothing.
    Kept,
    /// All are wiped out.
    Lost,
    /// So many are.
    PartlyLost(usize),
}

impl Play {
    /// The scenes of a trace.
    pub fn new(trace: &Trace) -> Self {
        let mut scenes = Cutter::new(trace).cut();
        connect(&mut scenes, trace);
        let said = trace.workers as usize;
        let seen = scenes.iter().map(|scene| scene.worker + 1).max().unwrap_or(0);
        Self { workers: said.max(seen).min(WORKERS_MAX), scenes }
    }
}

impl Segment {
    /// Whether it belongs to a loss, on either side.
    pub fn is_marked(&self) -> bool {
        self.part != Part::Bystander
    }

    /// Its moves, counted from 1.
    pub fn moves(&self) -> String {
        match (self.first, self.last) {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first}-{last}"),
        }
    }

    /// What is done, in words.
    pub fn words(&self) -> String {
        let fate = match self.fate {
            WriteFate::Kept => String::new(),
            WriteFate::Lost => " (lost)".to_owned(),
            WriteFate::PartlyLost(many) => format!(" ({many} lost)"),
        };
        format!("{}{fate}", self.what.words())
    }
}

impl SegmentKind {
    /// What is done, in words.
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

    fn of(event: &TraceEvent) -> Self {
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

/// Cuts a trace into scenes.
struct Cutter<'a> {
    trace: &'a Trace,
    /// Positions of reads and writes that have a part in a loss.
    marked: BTreeSet<usize>,
    /// Moves of each worker's increments.
    sizes: BTreeMap<(u32, u32), usize>,
    scenes: Vec<Segment>,
}

impl<'a> Cutter<'a> {
    fn new(trace: &'a Trace) -> Self {
        let both = trace.losses.iter().flat_map(|loss| [loss.load, loss.store]);
        let mut sizes = BTreeMap::new();
        for event in &trace.events {
            *sizes.entry((event.worker, event.increment)).or_default() += 1;
        }
        Self { trace, marked: both.map(|at| at as usize).collect(), sizes, scenes: Vec::new() }
    }

    fn cut(mut self) -> Vec<Segment> {
        let mut start = 0;
        for run in self.trace.events.chunk_by(|a, b| a.worker == b.worker) {
            let begin = self.scenes.len();
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
        self.scenes
    }

    fn is_whole(&self, event: &TraceEvent, positions: &Range<usize>) -> bool {
        let size = self.sizes.get(&(event.worker, event.increment));
        size == Some(&positions.len()) && self.marked.range(positions.clone()).next().is_none()
    }

    /// Adds a whole increment to those before it; `begin` is where this worker's turn begins.
    fn fold(&mut self, positions: Range<usize>, begin: usize) {
        let before = positions.start.checked_sub(1).map(|at| self.trace.events[at].counter);
        let to = self.trace.events[positions.end - 1].counter;
        let mut scene = self.scene(positions.start, SegmentKind::Steps(0));
        scene.last = positions.end;
        scene.counter = to;
        scene.what = SegmentKind::Increments { many: 1, from: before.unwrap_or(0), to };
        match self.last_since(begin).map(|last| (last.first, last.what)) {
            Some((first, SegmentKind::Increments { many, from, .. })) => {
                scene.first = first;
                scene.what = SegmentKind::Increments { many: many + 1, from, to };
                self.scenes.pop();
            }
            Some((first, SegmentKind::Steps(_))) => {
                scene.first = first;
                self.scenes.pop();
            }
            _ => {}
        }
        self.scenes.push(scene);
    }

    /// Adds one move. Steps that do nothing to the counter go with the scene before or after.
    fn add(&mut self, at: usize, begin: usize) {
        let scene = self.scene(at, SegmentKind::of(&self.trace.events[at]));
        match self.last_since(begin) {
            Some(last) => match (last.what, scene.what) {
                (SegmentKind::Steps(many), SegmentKind::Steps(_)) => {
                    last.what = SegmentKind::Steps(many + 1);
                    last.last = scene.last;
                }
                (_, SegmentKind::Steps(_)) => last.last = scene.last,
                (SegmentKind::Steps(_), _) => *last = Segment { first: last.first, ..scene },
                _ => self.scenes.push(scene),
            },
            None => self.scenes.push(scene),
        }
    }

    fn last_since(&mut self, begin: usize) -> Option<&mut Segment> {
        self.scenes[begin..].last_mut()
    }

    fn scene(&self, at: usize, what: SegmentKind) -> Segment {
        let TraceEvent { worker, counter, .. } = self.trace.events[at];
        let (first, last) = (at + 1, at + 1);
        let (part, fate) = (Part::Bystander, WriteFate::Kept);
        Segment { first, last, worker: worker as usize, what, counter, part, fate }
    }
}

/// Marks the scenes of every loss. What points outside the trace, or backwards, is passed over.
fn connect(scenes: &mut [Segment], trace: &Trace) {
    let at = |scenes: &[Segment], position: u32| {
        let move_number = position as usize + 1;
        let at = scenes.partition_point(|scene| scene.last < move_number);
        (at < scenes.len()).then_some(at)
    };
    for loss in &trace.losses {
        let (Some(load), Some(store)) = (at(scenes, loss.load), at(scenes, loss.store)) else {
            continue;
        };
        if load < store {
            let source = (0..load).rev().find(|&earlier| writes_in(&scenes[earlier], trace) > 0);
            scenes[load].part = Part::StaleRead { source, until: store };
            scenes[store].part = Part::LateWrite { since: load };
        }
    }
    let lost: BTreeSet<usize> =
        trace.losses.iter().flat_map(|loss| &loss.lost).map(|&at| at as usize + 1).collect();
    for scene in scenes {
        scene.fate = match lost.range(scene.first..=scene.last).count() {
            0 => WriteFate::Kept,
            many if many >= writes_in(scene, trace) => WriteFate::Lost,
            some => WriteFate::PartlyLost(some),
        };
    }
}

fn writes_in(scene: &Segment, trace: &Trace) -> usize {
    trace.events[scene.first - 1..scene.last].iter().filter(|event| writes(event)).count()
}
