//! List of stored sweeps.

use crate::support::sweeps::gil_sweep;
use proto::v1::{Sweep, SweepSpec, SweepState};
use view::render::format::color::Color;
use view::render::format::json;
use view::render::history::sweeps;

#[test]
fn sweeps_as_table() {
    const MINUTE_NS: u64 = 60_000_000_000;
    let spec =
        SweepSpec { strategies: vec!["gil".into(), "atomic".into()], ..SweepSpec::default() };
    let running = Sweep {
        state: SweepState::Running.into(),
        spec: Some(spec.clone()),
        attempts: 40,
        attempts_requested: 600,
        create_time_ns: 2 * MINUTE_NS,
        ..gil_sweep()
    };
    let queued = Sweep {
        name: "sweeps/06a1f0zzzzabcdefghij123456".into(),
        state: SweepState::Queued.into(),
        queue_position: 2,
        attempts: 0,
        ..running.clone()
    };
    let grid = sweeps::grid(&[queued, running], 5 * MINUTE_NS);
    insta::assert_snapshot!(grid.lines(Color::Plain).join("\n"));
}

#[test]
fn owners_runs_and_origins_have_columns() {
    const HOUR_NS: u64 = 3_600_000_000_000;
    let own = Sweep { owner: "user 1000".into(), runs: 1, ..gil_sweep() };
    let resumed = Sweep { owner: "token ci".into(), runs: 3, ..gil_sweep() };
    let imported = Sweep { imported_from: "lab.example".into(), ..gil_sweep() };
    let all = [own, resumed, imported];
    let lines = all.iter().map(|it| json::line("listed", sweeps::fields(it)));
    let text: Vec<String> =
        sweeps::grid(&all, 5 * HOUR_NS).lines(Color::Plain).into_iter().chain(lines).collect();
    insta::assert_snapshot!(text.join("\n"));
}
