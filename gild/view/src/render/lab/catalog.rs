//! Catalogue of a lab: strategies with their promises and parameters, bodies, eras.

use proto::v1::{BodyInfo, EraInfo, ListStrategiesResponse, ParameterInfo, StrategyInfo};

use crate::render::format::color::Emphasis;
use crate::render::format::csv;
use crate::render::format::document::{Document, Record};
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::{Field, object};
use crate::render::format::page::Page;
use crate::render::format::value::Value;
use crate::render::format::wrap::wrapped;

/// Rule of an era without a lock.
const NO_RULE: &str = "none";
/// Legend of the letters of steps.
const STEPS: &str = "steps: L load, S store, . local, ',' quiet, C call, N return, \
                     F forward jump, J backward jump, I system call, A and R a lock of the \
                     program's own";
/// Greatest width of the legend, for legibility.
const LEGEND_COLUMNS: usize = 100;

/// A table and the legend below it.
struct Section {
    grid: Grid,
    legend: &'static str,
}

impl Document for ListStrategiesResponse {
    fn table(&self, page: Page) -> String {
        let section = |Section { grid, legend }: Section| {
            let legend = wrapped(legend, page.width.most().min(LEGEND_COLUMNS));
            let lines = grid.fitted(page.width, page.color).into_iter().chain(legend);
            lines.map(|line| line + "\n").collect()
        };
        sections(self).into_iter().map(section).collect::<Vec<String>>().join("\n")
    }

    fn markdown(&self) -> String {
        let section = |Section { grid, legend }: Section| match legend {
            "" => grid.markdown(),
            legend => format!("{}\n{legend}\n", grid.markdown()),
        };
        sections(self).into_iter().map(section).collect::<Vec<String>>().join("\n")
    }

    fn csv(&self) -> String {
        csv::rows(self.strategies.iter().map(strategy_fields).collect())
    }

    fn records(&self) -> Vec<Record> {
        let strategies =
            self.strategies.iter().map(|it| Record::new("strategy", strategy_fields(it)));
        let bodies = self.bodies.iter().map(|it| Record::new("body", body_fields(it)));
        let eras = self.eras.iter().map(|it| Record::new("era", era_fields(it)));
        strategies.chain(bodies).chain(eras).collect()
    }

    fn fields(&self) -> Vec<Field> {
        let strategies: Vec<Value> =
            self.strategies.iter().map(|it| object(strategy_fields(it))).collect();
        let bodies: Vec<Value> = self.bodies.iter().map(|it| object(body_fields(it))).collect();
        let eras: Vec<Value> = self.eras.iter().map(|it| object(era_fields(it))).collect();
        vec![
            ("strategies", Some(strategies.into())),
            ("bodies", Some(bodies.into())),
            ("eras", Some(eras.into())),
        ]
    }
}

/// A strategy as named fields; its parameters are a list.
fn strategy_fields(strategy: &StrategyInfo) -> Vec<Field> {
    let parameters: Vec<Value> = strategy.parameters.iter().map(parameter).collect();
    vec![
        ("strategy", Some(strategy.strategy.as_str().into())),
        ("summary", Some(strategy.summary.as_str().into())),
        ("promise", Some(strategy.promise.as_str().into())),
        ("parameters", Some(parameters.into())),
        ("model", (!strategy.model.is_empty()).then(|| strategy.model.as_str().into())),
    ]
}

fn body_fields(body: &BodyInfo) -> Vec<Field> {
    vec![
        ("body", Some(body.body.as_str().into())),
        ("source", Some(body.source.as_str().into())),
        ("steps", Some(body.steps.as_str().into())),
    ]
}

fn era_fields(era: &EraInfo) -> Vec<Field> {
    vec![
        ("era", Some(era.era.as_str().into())),
        ("rule", Some(era.rule.as_str().into())),
        ("sites", Some(era.sites.as_str().into())),
    ]
}

fn parameter(parameter: &ParameterInfo) -> Value {
    object([
        ("name", Some(parameter.name.as_str().into())),
        ("unit", Some(parameter.unit.as_str().into())),
        ("default", Some(parameter.default_value.as_str().into())),
        ("range", Some(parameter.range.as_str().into())),
        ("description", Some(parameter.description.as_str().into())),
    ])
}

fn sections(catalog: &ListStrategiesResponse) -> Vec<Section> {
    let plain = |grid| Section { grid, legend: "" };
    vec![
        plain(strategies(catalog)),
        plain(parameters(catalog)),
        Section { grid: bodies(catalog), legend: STEPS },
        plain(eras(catalog)),
    ]
}

fn words<const N: usize>(headings: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Grid {
    let mut grid = Grid::new(headings.map(|heading| (heading, Align::Left)));
    rows.for_each(|row| grid.push(row, Emphasis::None));
    grid
}

fn strategies(catalog: &ListStrategiesResponse) -> Grid {
    let row = |it: &StrategyInfo| [it.strategy.clone(), it.promise.clone(), it.summary.clone()];
    words(["STRATEGY", "PROMISE", "WHAT IT IS"], catalog.strategies.iter().map(row))
}

fn parameters(catalog: &ListStrategiesResponse) -> Grid {
    let of_strategy = |strategy: &StrategyInfo| {
        let name = strategy.strategy.clone();
        let row = move |it| {
            let ParameterInfo { name: flag, unit, default_value, range, description } = it;
            [format!("--{flag}"), name.clone(), unit, default_value, range, description]
        };
        strategy.parameters.clone().into_iter().map(row)
    };
    let headings = ["PARAMETER", "OF", "UNIT", "DEFAULT", "RANGE", "WHAT IT DOES"];
    words(headings, catalog.strategies.iter().flat_map(of_strategy))
}

fn bodies(catalog: &ListStrategiesResponse) -> Grid {
    let row = |it: &BodyInfo| [it.body.clone(), it.steps.clone(), it.source.clone()];
    words(["BODY", "STEPS", "STANDS FOR"], catalog.bodies.iter().map(row))
}

/// Neighbours that differ in name only share a line.
fn eras(catalog: &ListStrategiesResponse) -> Grid {
    let is_same = |a: &EraInfo, b: &EraInfo| (&a.rule, &a.sites) == (&b.rule, &b.sites);
    let row = |same: &[EraInfo]| match same {
        [] => Default::default(),
        [first, ..] => {
            let name = match same {
                [.., last] if last != first => format!("{} to {}", first.era, last.era),
                _ => first.era.clone(),
            };
            let sites = if first.rule == NO_RULE { "any step" } else { &first.sites };
            [name, first.rule.clone(), sites.to_owned()]
        }
    };
    words(["ERA", "RULE", "MAY SWITCH AFTER"], catalog.eras.chunk_by(is_same).map(row))
}
