//! What the lab can run: strategies with their promises and parameters, bodies, eras.

use proto::v1::{BodyInfo, EraInfo, ListStrategiesResponse, ParameterInfo, StrategyInfo};
use serde_json::{Value, json};

use super::grid::{Align, Grid};
use super::ink::{Ink, Mark};
use super::json::line;
use super::record::Field;

/// The tables for people.
pub fn tables(catalog: &ListStrategiesResponse, ink: Ink) -> String {
    let lines = sections(catalog).into_iter().map(|grid| grid.lines(ink).join("\n") + "\n");
    lines.collect::<Vec<String>>().join("\n")
}

/// The tables in Markdown.
pub fn markdown(catalog: &ListStrategiesResponse) -> String {
    let sections = sections(catalog).into_iter().map(|grid| grid.markdown());
    sections.collect::<Vec<String>>().join("\n")
}

/// A strategy as named fields; its parameters are a list.
pub fn fields(strategy: &StrategyInfo) -> Vec<Field> {
    let parameters: Vec<Value> = strategy.parameters.iter().map(parameter).collect();
    vec![
        ("strategy", Some(strategy.strategy.as_str().into())),
        ("summary", Some(strategy.summary.as_str().into())),
        ("promise", Some(strategy.promise.as_str().into())),
        ("parameters", Some(parameters.into())),
    ]
}

/// A line of NDJSON for each strategy, body and era.
pub fn lines(catalog: &ListStrategiesResponse) -> Vec<String> {
    let mut lines: Vec<String> =
        catalog.strategies.iter().map(|it| line("strategy", fields(it))).collect();
    lines.extend(catalog.bodies.iter().map(|it| line("body", body_fields(it))));
    lines.extend(catalog.eras.iter().map(|it| line("era", era_fields(it))));
    lines
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
    json!({
        "name": parameter.name,
        "unit": parameter.unit,
        "default": parameter.default_value,
        "range": parameter.range,
        "description": parameter.description,
    })
}

fn sections(catalog: &ListStrategiesResponse) -> Vec<Grid> {
    vec![strategies(catalog), parameters(catalog), bodies(catalog), eras(catalog)]
}

fn words<const N: usize>(headings: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Grid {
    let mut grid = Grid::new(headings.map(|heading| (heading, Align::Left)));
    rows.for_each(|row| grid.push(row.to_vec(), Mark::None));
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
    words(
        ["BODY", "STEPS (L load, S store, C call, J jump back, . other, , silent)", "STANDS FOR"],
        catalog.bodies.iter().map(row),
    )
}

fn eras(catalog: &ListStrategiesResponse) -> Grid {
    let row = |it: &EraInfo| [it.era.clone(), it.rule.clone(), it.sites.clone()];
    words(["ERA", "RULE", "MAY SWITCH AFTER"], catalog.eras.iter().map(row))
}
