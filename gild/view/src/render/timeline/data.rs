//! A timeline as data: tracks with slices, and the kinds of slices with their fields. Writers of file
//! formats read it.

/// Nanoseconds by which a schedule's move is shown: one millisecond.
pub const MOVE_NS: u64 = 1_000_000;

/// What happened over time, track by track.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// What it is of, e.g. `sweep 4abcde`.
    pub title: String,
    /// The time 0, in nanoseconds since the Unix epoch; 0 where time is no clock's.
    pub origin_ns: u64,
    /// The tracks, in the order in which they are shown.
    pub tracks: Vec<Track>,
    /// What a reader must know of the numbers, as names and sentences.
    pub notes: Vec<(&'static str, String)>,
}

/// A row of slices.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Its name, e.g. that of a cell.
    pub name: String,
    /// Its slices by their beginnings; of two that begin at once the longer one first. One lies within
    /// another, or beside it.
    pub slices: Vec<Slice>,
}

/// Something that took a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Its kind.
    pub kind: SliceKind,
    /// Its name.
    pub name: String,
    /// What it has in common with others, for programs with a row for each of these.
    pub group: String,
    /// When it began, in nanoseconds from the timeline's origin.
    pub start_ns: u64,
    /// How long it took, in nanoseconds.
    pub length_ns: u64,
    /// The values of [`SliceKind::fields`], in that order; `None` for what does not apply.
    pub values: Vec<Option<Figure>>,
}

impl Slice {
    /// When it ended, in nanoseconds from the timeline's origin.
    pub fn end_ns(&self) -> u64 {
        self.start_ns.saturating_add(self.length_ns)
    }
}

/// A value beside a slice.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// A number or a count.
    Count(u64),
    /// A share, 0 to 1.
    Share(f64),
    /// A length of time in nanoseconds.
    Nanoseconds(u64),
    /// A text.
    Text(String),
}

/// What a field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldFormat {
    /// [`Figure::Count`].
    Count,
    /// [`Figure::Share`].
    Share,
    /// [`Figure::Nanoseconds`].
    Nanoseconds,
    /// [`Figure::Text`].
    Text,
}

/// A field of the slices of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceField {
    /// Its name for programs.
    pub key: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What its values are.
    pub format: FieldFormat,
    /// Whether it is also drawn as a curve, under this name.
    pub curve: Option<&'static str>,
}

const fn field(key: &'static str, label: &'static str, format: FieldFormat) -> SliceField {
    SliceField { key, label, format, curve: None }
}

/// The kinds of slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SliceKind {
    /// A turn of a cell.
    Turn,
    /// A round, or the part of one that was run without another between.
    Round,
    /// A move of a worker, or increments in a row that are one row of the schedule.
    Move,
    /// A move that is an instruction of CPython.
    Opcode,
    /// Whether a worker has the GIL.
    Gil,
    /// How long the counter had a value.
    Counter,
}

const TURN: [SliceField; 11] = [
    field("round", "Round, from 0", FieldFormat::Count),
    field("first_attempt", "First attempt, from 0", FieldFormat::Count),
    field("attempts", "Attempts", FieldFormat::Count),
    field("correct", "Attempts that were right", FieldFormat::Count),
    field("increments_checked", "Increments checked", FieldFormat::Count),
    field("increments_lost", "Increments lost", FieldFormat::Count),
    field("reruns", "Times it was run again", FieldFormat::Count),
    field("validity", "Validity of the cell so far", FieldFormat::Text),
    field("elapsed_ns", "Sum of its attempts", FieldFormat::Nanoseconds),
    field("right_fraction", "Share that is right", FieldFormat::Share),
    SliceField {
        key: "right_fraction_so_far",
        label: "Share that is right so far",
        format: FieldFormat::Share,
        curve: Some("right %"),
    },
];
const ROUND: [SliceField; 2] = [
    field("round", "Round, from 0", FieldFormat::Count),
    field("turns", "Turns", FieldFormat::Count),
];
const MOVE: [SliceField; 7] = [
    field("first_move", "Move, from 1", FieldFormat::Count),
    field("last_move", "Last move", FieldFormat::Count),
    field("letters", "Letters of the moves", FieldFormat::Text),
    field("increment", "Increment, from 0", FieldFormat::Count),
    field("value", "Value read or written", FieldFormat::Count),
    field("opname", "Instruction", FieldFormat::Text),
    field("counter", "Counter after it", FieldFormat::Count),
];
const COUNTER: [SliceField; 1] = [SliceField {
    key: "value",
    label: "Value",
    format: FieldFormat::Count,
    curve: Some("counter"),
}];

impl SliceKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Turn, Self::Round, Self::Move, Self::Opcode, Self::Gil, Self::Counter];

    /// Its name, as the type of a marker.
    pub fn name(self) -> &'static str {
        match self {
            Self::Turn => "Turn",
            Self::Round => "Round",
            Self::Move => "Move",
            Self::Opcode => "Opcode",
            Self::Gil => "GIL",
            Self::Counter => "Counter",
        }
    }

    /// Its category; those of what CPython's sampling profiler also shows have its names.
    pub fn category(self) -> &'static str {
        match self {
            Self::Turn => "Turns",
            Self::Round => "Rounds",
            Self::Move => "Moves",
            Self::Opcode => "Opcodes",
            Self::Gil => "GIL",
            Self::Counter => "Counter",
        }
    }

    /// Its fields.
    pub fn fields(self) -> &'static [SliceField] {
        match self {
            Self::Turn => &TURN,
            Self::Round => &ROUND,
            Self::Move | Self::Opcode => &MOVE,
            Self::Gil => &[],
            Self::Counter => &COUNTER,
        }
    }
}
