//! Axes of a lock's load: one row an axis, with its flag, its field of the request, its column, the
//! phrase over the table, and its field of a record. Reading flags, printing commands, tables and
//! records iterate over the rows: a new axis is a field of [`LoadFlags`] and a row of [`AXES`].

use clap::Args;
use proto::v1::Cell;

use crate::request::flag::{Flag, FlagKind};
use crate::request::parse::duration::show_nanoseconds;

/// Flags of the load, as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct LoadFlags {
    /// Increment for so long instead of taking tasks, 10ms to 8s: rates, fairness by window, waits,
    /// order, hand-over; instead of --tasks and --increments
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub duration: Option<String>,
    /// How the lengths of --inside and --outside are drawn around their means, for each body:
    /// fixed, uniform, exponential [default: fixed]
    #[arg(long, value_name = "NAMES", allow_hyphen_values = true)]
    pub lengths: Vec<String>,
    /// Locks, each with a counter of its own; each body takes one at random, 1 to 4096 [default: 1]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub locks: Vec<String>,
    /// Percent of the bodies that only read, 0 to 99 [default: 0]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub reads: Vec<String>,
    /// Bodies that arrive per second for all workers together, whether or not those before them are
    /// done, 1 to 10000000; waits count from arrival. 0 begins each when the last is done; needs
    /// --duration [default: 0]
    #[arg(long, value_name = "NUMBERS", allow_hyphen_values = true)]
    pub arrivals: Vec<String>,
}

/// An axis of the load.
pub struct LoadAxis {
    /// Its flag and its field of the request.
    pub flag: Flag<LoadFlags>,
    /// Heading of its column, of one or two lines.
    pub heading: &'static str,
    /// Value of a cell in its column; nothing where it does not apply.
    pub text: fn(&Cell) -> Option<Shown>,
    /// Words over the table where all cells agree; nothing for the default.
    pub phrase: fn(&Cell) -> Option<Shown>,
    /// Name and value of its field in NDJSON, JSON and CSV.
    pub record: (&'static str, fn(&Cell) -> Option<AxisValue<'_>>),
}

/// A value of an axis as records hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisValue<'a> {
    /// A name.
    Name(&'a str),
    /// A whole number; the limit of its flag lies far below 2^53.
    Whole(u64),
}

/// A value as tables show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// As it is.
    Text(String),
    /// A number, scaled where it is large, and the words after it.
    Count(u64, &'static str),
    /// A number of things, by the noun for one of them.
    Counted(u64, &'static str),
}

/// Every axis of the load, in the order of flags, columns and fields.
pub const AXES: [LoadAxis; 5] = [
    LoadAxis {
        flag: Flag("--duration", FlagKind::Duration(|f| &f.duration, |spec| &mut spec.duration_ns)),
        heading: "DURATION",
        text: |cell| cell.duration_ns.map(show_nanoseconds).map(Shown::Text),
        phrase: |cell| Some(Shown::Text(format!("for {}", show_nanoseconds(cell.duration_ns?)))),
        record: ("duration_ns", |cell| cell.duration_ns.map(AxisValue::Whole)),
    },
    LoadAxis {
        flag: Flag("--lengths", FlagKind::Names(|f| &f.lengths, |spec| &mut spec.lengths)),
        heading: "LENGTHS",
        text: |cell| is_modelled(cell).then(|| Shown::Text(cell.lengths.clone())),
        phrase: |cell| {
            let is_drawn = !matches!(cell.lengths.as_str(), "" | "fixed");
            is_drawn.then(|| Shown::Text(format!("{} lengths", cell.lengths)))
        },
        record: ("lengths", |cell| {
            Some(cell.lengths.as_str()).filter(|law| !law.is_empty()).map(AxisValue::Name)
        }),
    },
    LoadAxis {
        flag: Flag("--locks", FlagKind::SmallNumbers(|f| &f.locks, |spec| &mut spec.locks)),
        heading: "LOCKS",
        text: |cell| is_modelled(cell).then(|| Shown::Text(cell.locks.to_string())),
        phrase: |cell| (cell.locks > 1).then_some(Shown::Counted(cell.locks.into(), "lock")),
        record: ("locks", |cell| Some(AxisValue::Whole(cell.locks.into()))),
    },
    LoadAxis {
        flag: Flag("--reads", FlagKind::SmallNumbers(|f| &f.reads, |spec| &mut spec.reads_percent)),
        heading: "READS",
        text: |cell| is_modelled(cell).then(|| Shown::Text(format!("{} %", cell.reads_percent))),
        phrase: |cell| {
            let is_mixed = cell.reads_percent > 0;
            is_mixed.then(|| Shown::Text(format!("{} % reads", cell.reads_percent)))
        },
        record: ("reads_percent", |cell| Some(AxisValue::Whole(cell.reads_percent.into()))),
    },
    LoadAxis {
        flag: Flag(
            "--arrivals",
            FlagKind::Numbers(|f| &f.arrivals, |spec| &mut spec.arrivals_per_s),
        ),
        heading: "ARRIVALS\n/S",
        text: |cell| {
            let closed = Shown::Text("closed".to_owned());
            let per_s = cell.arrivals_per_s.map(|per_s| Shown::Count(per_s, ""));
            cell.duration_ns.map(|_| per_s.unwrap_or(closed))
        },
        phrase: |cell| cell.arrivals_per_s.map(|per_s| Shown::Count(per_s, " arrivals/s")),
        record: ("arrivals_per_s", |cell| cell.arrivals_per_s.map(AxisValue::Whole)),
    },
];

/// Whether the lab runs it: in a real interpreter steps and locks are its own.
fn is_modelled(cell: &Cell) -> bool {
    cell.python_version.is_empty()
}
