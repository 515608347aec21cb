//! List of stored sweeps.

use proto::v1::Sweep;

use crate::ids;
use crate::listed::labels;
use crate::render::format::color::Emphasis;
use crate::render::format::enum_names;
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::Field;
use crate::render::format::quantity::age;
use crate::render::format::value::Value;
use crate::render::sweep::json::all_labels;

/// The sweeps as a table; ages are counted from `now_ns`. Owners, labels, runs and origins have a
/// column if any sweep has one.
pub fn grid(sweeps: &[Sweep], now_ns: u64) -> Grid {
    let columns: Vec<ListColumn> =
        ListColumn::ALL.into_iter().filter(|column| column.applies(sweeps)).collect();
    let mut grid = Grid::new(columns.iter().map(|column| column.heading()));
    for sweep in sweeps {
        grid.push(columns.iter().map(|column| column.text(sweep, now_ns)), Emphasis::None);
    }
    grid
}

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListColumn {
    Id,
    State,
    Age,
    Owner,
    Labels,
    Strategies,
    Cells,
    Attempts,
    Runs,
    Origin,
}

impl ListColumn {
    const ALL: [Self; 10] = [
        Self::Id,
        Self::State,
        Self::Age,
        Self::Owner,
        Self::Labels,
        Self::Strategies,
        Self::Cells,
        Self::Attempts,
        Self::Runs,
        Self::Origin,
    ];

    fn heading(self) -> (&'static str, Align) {
        match self {
            Self::Id => ("ID", Align::Left),
            Self::State => ("STATE", Align::Left),
            Self::Age => ("AGE", Align::Right),
            Self::Owner => ("OWNER", Align::Left),
            Self::Labels => ("LABELS", Align::Left),
            Self::Strategies => ("STRATEGIES", Align::Left),
            Self::Cells => ("CELLS", Align::Right),
            Self::Attempts => ("ATTEMPTS", Align::Right),
            Self::Runs => ("RUNS", Align::Right),
            Self::Origin => ("IMPORTED FROM", Align::Left),
        }
    }

    fn applies(self, sweeps: &[Sweep]) -> bool {
        let any = |is_so: fn(&Sweep) -> bool| sweeps.iter().any(is_so);
        match self {
            Self::Owner => any(|sweep| !sweep.owner.is_empty()),
            Self::Labels => any(|sweep| !labels(sweep).is_empty()),
            Self::Runs => any(|sweep| sweep.runs > 1),
            Self::Origin => any(|sweep| !sweep.imported_from.is_empty()),
            Self::Id
            | Self::State
            | Self::Age
            | Self::Strategies
            | Self::Cells
            | Self::Attempts => true,
        }
    }

    fn text(self, sweep: &Sweep, now_ns: u64) -> String {
        match self {
            Self::Id => ids::short(&sweep.name).to_owned(),
            Self::State => match sweep.queue_position {
                0 => enum_names::state(sweep.state()).to_owned(),
                ahead => format!("{}, {ahead} ahead", enum_names::state(sweep.state())),
            },
            Self::Age => age(now_ns, sweep.create_time_ns),
            Self::Owner => sweep.owner.clone(),
            Self::Labels => labels(sweep).join(", "),
            Self::Strategies => {
                sweep.spec.as_ref().map(|spec| spec.strategies.join(",")).unwrap_or_default()
            }
            Self::Cells => sweep.cell_count.to_string(),
            Self::Attempts => format!("{}/{}", sweep.attempts, sweep.attempts_requested),
            Self::Runs => sweep.runs.to_string(),
            Self::Origin => sweep.imported_from.clone(),
        }
    }
}

/// A sweep of the list as named fields.
pub fn fields(sweep: &Sweep) -> Vec<Field> {
    let strategies = sweep.spec.as_ref().map(|spec| spec.strategies.join(","));
    let ended = Some(sweep.end_time_ns).filter(|end| *end > 0);
    vec![
        ("id", Some(ids::id(&sweep.name).into())),
        ("state", Some(enum_names::state(sweep.state()).into())),
        ("create_time_ns", Some(Value::digits(sweep.create_time_ns))),
        ("end_time_ns", ended.map(Value::digits)),
        ("strategies", strategies.map(Value::from)),
        ("cells", Some(sweep.cell_count.into())),
        ("attempts", Some(Value::number(sweep.attempts))),
        ("attempts_requested", Some(Value::number(sweep.attempts_requested))),
        ("queue_position", Some(sweep.queue_position.into())),
        ("owner", text(&sweep.owner)),
        ("runs", Some(sweep.runs.into())),
        ("imported_from", text(&sweep.imported_from)),
        ("labels", all_labels(sweep)),
    ]
}

/// An empty text does not apply.
fn text(text: &str) -> Option<Value> {
    Some(text).filter(|text| !text.is_empty()).map(Value::from)
}
