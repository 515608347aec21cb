//! Catalogue of strategies, bodies and eras.

use proto::v1::{BodyInfo, EraInfo, ListStrategiesResponse, ParameterInfo, StrategyInfo};
use view::render::format::document::Document as _;

use crate::support::pages::WIDE_PAGE;

fn strategy(name: &str, promise: &str, parameters: Vec<ParameterInfo>) -> StrategyInfo {
    StrategyInfo {
        name: format!("strategies/{name}"),
        strategy: name.into(),
        summary: format!("how {name} shares a counter"),
        promise: promise.into(),
        parameters,
        model: String::new(),
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
fn catalog_as_tables() {
    insta::assert_snapshot!(known().table(WIDE_PAGE));
}

#[test]
fn catalog_as_ndjson() {
    insta::assert_snapshot!(known().ndjson());
}
