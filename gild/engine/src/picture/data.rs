//! A picture as data: axes, series of points, bands, marks and notes.

use std::fmt;

use strategies::program::limit::LimitError;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// Rate against workers.
    Rate,
    /// Share that is right.
    Right,
    /// Final values.
    Outcomes,
    /// Percentiles of waits.
    Waits,
    /// How evenly workers share the work.
    Shares,
    /// Rate of each round in the order of turns.
    Rounds,
    /// Ratios of rates between sweeps.
    Ratios,
    /// Share of updates that was lost, by eras or strategies and bodies.
    Heatmap,
    /// Share of each worker in the increments.
    Workers,
}

impl PictureKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 9] = [
        Self::Rate,
        Self::Right,
        Self::Outcomes,
        Self::Waits,
        Self::Shares,
        Self::Rounds,
        Self::Ratios,
        Self::Heatmap,
        Self::Workers,
    ];

    /// Its name, as a request spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Right => "right",
            Self::Outcomes => "outcomes",
            Self::Waits => "waits",
            Self::Shares => "shares",
            Self::Rounds => "rounds",
            Self::Ratios => "ratios",
            Self::Heatmap => "heatmap",
            Self::Workers => "workers",
        }
    }
}

impl fmt::Display for PictureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the numbers of an axis are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScaleKind {
    /// Evenly.
    #[default]
    Linear,
    /// By their logarithm.
    Log,
    /// Numbers are positions in a list of names.
    Category,
}

/// An axis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Axis {
    /// What its numbers are.
    pub label: String,
    /// Their unit; empty for plain numbers.
    pub unit: &'static str,
    /// How they are spaced.
    pub scale: ScaleKind,
    /// Names of positions from 0, where [`ScaleKind::Category`] applies.
    pub categories: Vec<String>,
    /// Points that a logarithm leaves out, because they are 0.
    pub dropped_zeros: usize,
}

impl Axis {
    /// An axis of evenly spaced numbers.
    pub fn linear(label: &str, unit: &'static str) -> Self {
        Self { label: label.to_owned(), unit, ..Self::default() }
    }

    /// An axis of logarithms.
    pub fn log(label: &str, unit: &'static str) -> Self {
        Self { scale: ScaleKind::Log, ..Self::linear(label, unit) }
    }

    /// An axis of names.
    pub fn of_names(label: &str, categories: Vec<String>) -> Self {
        Self { scale: ScaleKind::Category, categories, ..Self::linear(label, "") }
    }
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesStyle {
    /// A line through the points.
    Line,
    /// A mark at each point.
    Points,
    /// A bar from the axis to each point.
    Bars,
    /// A line that keeps its height up to the next point.
    Steps,
    /// Rectangles in the columns of their x, shaded by y.
    Cells,
}

/// A point of a series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Point {
    /// Where on the x axis.
    pub x: f64,
    /// Where on the y axis.
    pub y: f64,
    /// The 95 % interval of y; `None` where it is not known.
    pub interval: Option<(f64, f64)>,
    /// Observations behind y; `None` on a computed curve.
    pub count: Option<u64>,
    /// Whether others kept the machine busy meanwhile.
    pub is_noisy: bool,
    /// What there is to say of it; mostly empty.
    pub label: String,
}

/// Points that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name, which says so where the strategy was wrong.
    pub name: String,
    /// How it is drawn.
    pub style: SeriesStyle,
    /// The points.
    pub points: Vec<Point>,
}

/// An area between two curves.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Its name.
    pub name: String,
    /// Its places from left to right: x, lower end, upper end.
    pub points: Vec<(f64, f64, f64)>,
}

/// A line or a place to compare with.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What it is.
    pub label: String,
    /// Where on the x axis; alone it is a vertical line.
    pub x: Option<f64>,
    /// Where on the y axis; alone it is a horizontal line.
    pub y: Option<f64>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// What it shows.
    pub kind: PictureKind,
    /// Its title.
    pub title: String,
    /// What can be seen, in sentences.
    pub description: String,
    /// From left to right.
    pub x: Axis,
    /// From bottom to top.
    pub y: Axis,
    /// The series.
    pub series: Vec<Series>,
    /// Areas behind them.
    pub bands: Vec<Band>,
    /// What to compare with.
    pub marks: Vec<Mark>,
    /// What else must be known, in sentences.
    pub notes: Vec<String>,
}

/// A kind of picture that the jobs cannot give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedPicture {
    /// The kind.
    pub kind: PictureKind,
    /// Why not, as a sentence without its end.
    pub reason: String,
    /// The kinds that they can give.
    pub possible: Vec<PictureKind>,
}

impl From<RefusedPicture> for LimitError {
    fn from(refused: RefusedPicture) -> Self {
        let RefusedPicture { kind, reason, possible } = refused;
        let possible: Vec<String> = possible.iter().map(ToString::to_string).collect();
        let way_out = match possible.as_slice() {
            [] => "there is no picture of it yet".to_owned(),
            [only] => format!("choose {only}"),
            [others @ .., last] => format!("choose {} or {last}", others.join(", ")),
        };
        let reason = format!("cannot be drawn of this: {reason}");
        Self { field: "kind", value: kind.to_string(), reason, way_out: way_out.into() }
    }
}
