//! The daemon's sweeps as a list.

use proto::v1::Sweep;
use serde_json::Value;

use super::grid::{Align, Grid};
use super::ink::Mark;
use super::quantity::age;
use super::record::Field;
use super::words;
use crate::ids;

/// The sweeps as a table; ages are counted from `now_ns`.
pub fn grid(sweeps: &[Sweep], now_ns: u64) -> Grid {
    let mut grid = Grid::new([
        ("ID", Align::Left),
        ("STATE", Align::Left),
        ("AGE", Align::Right),
        ("STRATEGIES", Align::Left),
        ("CELLS", Align::Right),
        ("ATTEMPTS", Align::Right),
    ]);
    for sweep in sweeps {
        grid.push(row(sweep, now_ns), Mark::None);
    }
    grid
}

fn row(sweep: &Sweep, now_ns: u64) -> Vec<String> {
    let spec = sweep.spec.clone().unwrap_or_default();
    let state = match sweep.queue_position {
        0 => words::state(sweep.state()).to_owned(),
        ahead => format!("{}, {ahead} ahead", words::state(sweep.state())),
    };
    vec![
        ids::short(&sweep.name).to_owned(),
        state,
        age(now_ns, sweep.create_time_ns),
        spec.strategies.join(","),
        sweep.cell_count.to_string(),
        format!("{}/{}", sweep.attempts, sweep.attempts_requested),
    ]
}

/// A sweep of the list as named fields.
pub fn fields(sweep: &Sweep) -> Vec<Field> {
    let strategies = sweep.spec.as_ref().map(|spec| spec.strategies.join(","));
    let ended = Some(sweep.end_time_ns).filter(|end| *end > 0);
    vec![
        ("id", Some(ids::id(&sweep.name).into())),
        ("state", Some(words::state(sweep.state()).into())),
        ("create_time_ns", Some(sweep.create_time_ns.into())),
        ("end_time_ns", ended.map(Value::from)),
        ("strategies", strategies.map(Value::from)),
        ("cells", Some(sweep.cell_count.into())),
        ("attempts", Some(sweep.attempts.into())),
        ("attempts_requested", Some(sweep.attempts_requested.into())),
        ("queue_position", Some(sweep.queue_position.into())),
    ]
}
