//! The columns of a sweep's table: where each applies at all, and what it shows of a row.

pub mod load;

use proto::v1::{Grade, LostIncrements, Measurement, Verdict};

use crate::follow::sweep_view::{Row, SweepView};
use crate::render::format::color::Emphasis;
use crate::render::format::grid::Align;
use crate::render::format::quantity::{count, nanoseconds};
use crate::render::sweep::axis::{Axis, NOT_APPLICABLE};
use crate::render::sweep::cell::{anyone_increments, has_requesters, label};
use crate::render::sweep::columns::load::{Load, is_about_load};
use crate::render::sweep::figures;

/// Which columns a reader wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// Those that answer the sweep's question.
    Usual,
    /// All that apply.
    Every,
    /// These, from left to right; they were typed, so they last as long as the process.
    Chosen(&'static [Column]),
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Name, version, switch rule.
    Strategy,
    /// Where the interpreter is.
    Python,
    /// A parameter.
    Axis(Axis),
    /// Requests a second.
    RequestRate,
    /// The median time of a request.
    LatencyMedian,
    /// The time that one request in a hundred exceeds.
    LatencyHigh,
    /// Requests made: what both come from.
    Requests,
    /// Share of right attempts.
    Correct,
    /// Its range among rounds.
    Rounds,
    /// Lost of checked increments, in place of both where they are the unit.
    LostIncrements,
    /// The same in fewer letters; only in place of it.
    LostShare,
    /// The least final value.
    Seen,
    /// What can come out according to the model.
    Possible,
    /// How the values seen stand to that.
    Grade,
    /// Share of lost updates.
    Lost,
    /// The share that a long run loses by the law.
    Law,
    /// Hand-overs.
    Switches,
    /// Hand-overs a second.
    SwitchRate,
    /// Time from getting the lock to having to let it go.
    Slice,
    /// Increments a second.
    Speed,
    /// Of a lock under load.
    Load(Load),
    /// Fairness.
    Jain,
    /// Share of the time that at least two worked.
    Overlap,
    /// What became of the promise.
    Verdict,
}

/// Whether the table is about workers that make requests.
pub fn is_about_requests(board: &SweepView) -> bool {
    board.rows.iter().any(|row| has_requesters(&row.cell))
}

impl Column {
    /// Every column, from left to right: what the sweep asks about stands first.
    pub fn all(board: &SweepView) -> Vec<Self> {
        use Column::{
            Correct, Grade, Jain, LatencyHigh, LatencyMedian, Law, Lost, LostIncrements, Overlap,
            Possible, Python, RequestRate, Requests, Rounds, Seen, Slice, Speed, Strategy,
            SwitchRate, Switches,
        };
        let answer = [Correct, LostIncrements, Lost, Speed, Jain];
        let requests = [RequestRate, LatencyMedian, LatencyHigh, Requests];
        let mut all = vec![Strategy, Python];
        all.extend(Axis::ALL.map(Self::Axis));
        if is_about_requests(board) {
            all.extend(requests);
            all.extend(answer);
        } else {
            all.extend(answer);
            all.extend(requests);
        }
        all.extend([Rounds, Seen, Possible, Grade, Law, Switches, SwitchRate, Slice]);
        all.extend(Load::ALL.map(Self::Load));
        all.extend([Overlap, Self::Verdict]);
        all
    }

    /// Whether it says anything about any of these cells to such a reader.
    pub fn applies(self, board: &SweepView, columns: Columns) -> bool {
        let every = columns == Columns::Every;
        let any = |says: &dyn Fn(&Measurement) -> bool| {
            board.rows.iter().filter_map(Row::figures).any(says)
        };
        match self {
            Self::Strategy => true,
            Self::Python => every && board.rows.iter().any(|row| !row.cell.python.is_empty()),
            Self::Axis(axis) => axis.is_column(&board.rows),
            Self::RequestRate | Self::LatencyMedian | Self::LatencyHigh | Self::Requests => {
                (every || is_about_requests(board)) && any(&|it| it.requests_per_second.is_some())
            }
            Self::Speed => any(&|_| true),
            Self::Correct => any(&|_| true) && !figures::is_judged_by_increments(board),
            Self::LostIncrements => figures::is_judged_by_increments(board),
            Self::LostShare => false,
            // Without a number to expect, a final value says nothing.
            Self::Seen => any(&|_| true) && !is_about_requests(board) && !is_about_load(board),
            Self::Load(load) => (every || !load.is_for_experts()) && any(&|it| load.says(it)),
            Self::Verdict => board.rows.iter().any(|row| !figures::verdict(row, None).is_empty()),
            Self::Rounds | Self::Lost if figures::is_judged_by_increments(board) => false,
            Self::Rounds => any(&figures::rounds_say_more),
            Self::Lost => any(&|_| true) && !is_about_requests(board),
            Self::Possible => any(&|it| !it.reachable.is_empty()),
            // Beyond being possible there is seldom more to say.
            Self::Grade => any(&|it| {
                (every && it.grade() != Grade::Unspecified) || it.grade() > Grade::Reachable
            }),
            Self::Law => any(&|it| it.lost_predicted.is_some()),
            // Watching workers say more than a count of waits.
            Self::Switches => any(&|it| it.switches.is_some()) && !is_about_load(board),
            Self::SwitchRate => every && any(&|it| it.switches_per_second.is_some()),
            Self::Slice => every && any(&|it| it.slice_ns_p50.is_some()),
            Self::Jain | Self::Overlap => {
                any(&|_| true) && board.rows.iter().any(|row| row.cell.workers > 1)
            }
        }
    }

    /// Its heading, of one or two lines.
    pub fn heading(self, board: &SweepView) -> String {
        let heading = match self {
            Self::Axis(axis) => axis.heading(),
            Self::Load(load) => load.heading(),
            Self::Correct => match figures::common_count(board) {
                Some(attempts) => return format!("RIGHT %\nOF {attempts}"),
                None => "RIGHT %",
            },
            Self::Seen => match figures::one_expected(board) {
                Some(expected) => return format!("SEEN\nOF {expected}"),
                None => "SEEN",
            },
            Self::Strategy => "STRATEGY",
            Self::Python => "PYTHON",
            Self::RequestRate => "REQUESTS\n/S",
            Self::LatencyMedian => "LATENCY\nP50",
            Self::LatencyHigh => "LATENCY\nP99",
            Self::Requests => "REQUESTS",
            Self::Rounds => "RIGHT %\nBY ROUND",
            Self::LostIncrements | Self::LostShare => "LOST OF\nINCREMENTS",
            Self::Possible => "POSSIBLE",
            Self::Grade => "GRADE",
            Self::Lost => "LOST %",
            Self::Law => "LOST %\nBY LAW",
            Self::Switches => "SWITCHES",
            Self::SwitchRate => "SWITCHES\n/S",
            Self::Slice => "SLICE\nP50 [P10-P90]",
            // Bodies that only read are counted as well.
            Self::Speed if board.rows.iter().any(|row| row.cell.reads_percent > 0) => {
                "RATE\nBODIES/S"
            }
            Self::Speed => "RATE\nINC/S",
            Self::Jain => "FAIR",
            Self::Overlap => "OVERLAP",
            // A doubt that all rows have in common has a note below the table.
            Self::Verdict => "NOTE",
        };
        heading.to_owned()
    }

    /// Where its texts stand.
    pub fn align(self) -> Align {
        match self {
            Self::Strategy
            | Self::Python
            | Self::Verdict
            | Self::Grade
            | Self::Axis(Axis::Body | Axis::Request | Axis::IoWorkers) => Align::Left,
            _ => Align::Right,
        }
    }

    /// What it shows of a row; empty where nothing can be said.
    pub fn text(self, board: &SweepView, row: &Row) -> String {
        let figures = row.figures();
        if self.is_of_the_counter() && !anyone_increments(&row.cell) {
            return figures.map(|_| NOT_APPLICABLE.to_owned()).unwrap_or_default();
        }
        match self {
            Self::Strategy => Some(label(&row.cell)),
            Self::Python => Some(row.cell.python.clone()),
            Self::Axis(axis) => Some(axis.text(&row.cell)),
            Self::RequestRate => figures.and_then(figures::request_rate),
            Self::LatencyMedian => figures.and_then(|it| it.latency_ns_p50).map(nanoseconds),
            Self::LatencyHigh => figures.and_then(|it| it.latency_ns_p99).map(nanoseconds),
            Self::Requests => figures.map(|it| count(it.requests)),
            Self::Correct => figures.map(|it| figures::correct(board, row, it)),
            Self::Rounds => figures.filter(|it| figures::rounds_say_more(it)).map(figures::rounds),
            Self::LostIncrements => figures.map(|it| of_increments(it, figures::lost_increments)),
            Self::LostShare => figures.map(|it| of_increments(it, figures::lost_share)),
            Self::Seen => figures.map(|it| figures::seen(board, row, it)),
            Self::Possible => figures.map(figures::possible),
            Self::Grade => figures.map(figures::grade),
            Self::Lost => figures.map(|it| figures::lost(row, it)),
            Self::Law => figures.and_then(figures::law),
            Self::Switches => figures.and_then(|it| it.switches).map(count),
            Self::SwitchRate => figures.and_then(figures::switch_rate),
            Self::Slice => figures.and_then(figures::slice),
            Self::Speed => figures.map(figures::speed),
            Self::Load(load) => figures.map(|it| load.text(it)),
            Self::Jain => figures.map(|it| format!("{:.2}", it.jain)),
            Self::Overlap => figures.map(|it| format!("{:.0} %", 100.0 * it.overlap_fraction)),
            Self::Verdict => Some(figures::verdict(row, figures::one_validity(board))),
        }
        .unwrap_or_default()
    }

    /// Whether it says nothing where no worker increments.
    fn is_of_the_counter(self) -> bool {
        use Column::{
            Correct, Grade, Jain, Law, Lost, LostIncrements, LostShare, Possible, Rounds, Seen,
            Speed, Verdict,
        };
        let of_speed = [Speed, Jain, Lost, LostIncrements, LostShare, Law];
        let of_values = [Correct, Rounds, Seen, Possible, Grade, Verdict];
        of_speed.contains(&self) || of_values.contains(&self)
    }

    /// Its name in a sentence about columns that were left out.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::Load(load) => load.name(),
            Self::Jain => "fairness",
            Self::Rounds => "range between rounds",
            Self::Lost => "lost updates",
            Self::LostIncrements | Self::LostShare => "lost increments",
            Self::Possible => "possible values",
            Self::Grade => "grade",
            Self::Law => "share lost by the law",
            Self::Correct => "right attempts",
            Self::Strategy => "strategy",
            Self::Python => "interpreter",
            Self::Axis(_) => "a parameter",
            Self::RequestRate => "requests a second",
            Self::LatencyMedian | Self::LatencyHigh => "latency",
            Self::Requests => "requests",
            Self::Seen => "final values",
            Self::Switches | Self::SwitchRate => "switches",
            Self::Slice => "slices",
            Self::Speed => "rate",
            Self::Verdict => "note",
        }
    }
}

fn of_increments(it: &Measurement, shown: fn(&LostIncrements) -> String) -> String {
    it.lost_increments.as_ref().map_or_else(|| NOT_APPLICABLE.to_owned(), shown)
}

/// How much a row asks to be looked at.
pub fn mark(row: &Row) -> Emphasis {
    match row.verdict() {
        Verdict::Broken => Emphasis::Broken,
        Verdict::Lost => Emphasis::Lost,
        Verdict::Kept | Verdict::Invalid | Verdict::Unspecified => Emphasis::None,
    }
}
