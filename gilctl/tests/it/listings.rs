//! Lists of strategies and of sweeps.

use gilctl::render::format::color::Color;
use gilctl::render::format::document::Document as _;
use gilctl::render::format::json;
use gilctl::render::format::page::{Extent, Page, Width};
use gilctl::render::history::sweeps;
use proto::v1::{
    BodyInfo, EraInfo, ListStrategiesResponse, ParameterInfo, StrategyInfo, Sweep, SweepSpec,
    SweepState,
};

use crate::fixture::chapter;

const WIDE: Page = Page { color: Color::Plain, width: Width::Any, extent: Extent::Everything };

fn strategy(name: &str, promise: &str, parameters: Vec<ParameterInfo>) -> StrategyInfo {
    StrategyInfo {
        name: format!("strategies/{name}"),
        strategy: name.into(),
        summary: format!("how {name} shares a counter"),
        promise: promise.into(),
        parameters,
    }
}

fn known() -> ListStrategiesResponse {
    let ticks = ParameterInfo {
        name: "switch-ticks".into(),
        unit: "ticks".into(),
        default_value: "100, 10, 1".into(),
        range: "1 to 1000000".into(),
        description: "the value of sys.setcheckinterval".into(),
    };
    let body =
        BodyInfo { body: "increment".into(), source: "num += 1".into(), steps: "L..S".into() };
    let several_lines = BodyInfo {
        body: "loop".into(),
        source: "t = num\nnum = t + 1".into(),
        steps: "L.,S".into(),
    };
    let era = |era: &str, rule: &str, sites: &str| EraInfo {
        era: era.into(),
        rule: rule.into(),
        sites: sites.into(),
    };
    let eras = vec![
        era("2.7", "ticks", "L.SJ"),
        era("3.2", "interval", "L.SJ"),
        era("3.3", "interval", "L.SJ"),
        era("3.9", "interval", "L.SJ"),
        era("3.10", "interval", "CJ"),
        era("3.13t", "none", ""),
    ];
    ListStrategiesResponse {
        strategies: vec![
            strategy("unlocked", "lossy with two or more workers", Vec::new()),
            strategy("gil", "lossy where it may switch in the window", vec![ticks]),
        ],
        bodies: vec![body, several_lines],
        eras,
    }
}

#[test]
fn strategies_for_people() {
    insta::assert_snapshot!(known().table(WIDE));
}

#[test]
fn strategies_for_programs() {
    insta::assert_snapshot!(known().ndjson());
}

#[test]
fn sweeps_newest_first() {
    const MINUTE_NS: u64 = 60_000_000_000;
    let spec =
        SweepSpec { strategies: vec!["gil".into(), "atomic".into()], ..SweepSpec::default() };
    let running = Sweep {
        state: SweepState::Running.into(),
        spec: Some(spec.clone()),
        attempts: 40,
        attempts_requested: 600,
        create_time_ns: 2 * MINUTE_NS,
        ..chapter()
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
fn sweeps_of_several_owners_that_ran_more_than_once_or_elsewhere() {
    const HOUR_NS: u64 = 3_600_000_000_000;
    let own = Sweep { owner: "user 1000".into(), runs: 1, ..chapter() };
    let resumed = Sweep { owner: "token ci".into(), runs: 3, ..chapter() };
    let imported = Sweep { imported_from: "lab.example".into(), ..chapter() };
    let all = [own, resumed, imported];
    let lines = all.iter().map(|it| json::line("listed", sweeps::fields(it)));
    let text: Vec<String> =
        sweeps::grid(&all, 5 * HOUR_NS).lines(Color::Plain).into_iter().chain(lines).collect();
    insta::assert_snapshot!(text.join("\n"));
}
