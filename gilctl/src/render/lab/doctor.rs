//! What was found of a machine, how fit it is to measure, and what to do about it.

use proto::v1::{ExamineMachineResponse, Examined, Fitness};
use serde_json::Value;

use crate::render::format::color::{Color, Emphasis};
use crate::render::format::enum_names;
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::Field;
use crate::render::format::json::{document_of, line, object};
use crate::render::sweep::json::machine;

/// The table for people, and the verdict under it.
pub fn table(answer: &ExamineMachineResponse, ink: Color) -> String {
    let mut lines = grid(answer).lines(ink);
    lines.extend([String::new(), answer.verdict.clone()]);
    lines.into_iter().map(|line| line + "\n").collect()
}

/// The table in Markdown.
pub fn markdown(answer: &ExamineMachineResponse) -> String {
    format!("{}\n{}\n", grid(answer).markdown(), answer.verdict)
}

fn grid(answer: &ExamineMachineResponse) -> Grid {
    let headings = ["WHAT", "FOUND", "FITNESS", "ADVICE"];
    let mut grid = Grid::new(headings.map(|heading| (heading, Align::Left)));
    for it in &answer.examined {
        let mark = match it.fitness() {
            Fitness::Bad => Emphasis::Broken,
            Fitness::Doubtful => Emphasis::Lost,
            Fitness::Unspecified | Fitness::Good | Fitness::Unknown => Emphasis::None,
        };
        let fitness = enum_names::fitness(it.fitness()).to_owned();
        grid.push([it.name.clone(), it.found.clone(), fitness, it.advice.clone()], mark);
    }
    grid
}

/// One thing as named fields.
pub fn fields(examined: &Examined) -> Vec<Field> {
    let Examined { name, found, fitness: _, advice } = examined;
    vec![
        ("name", Some(name.as_str().into())),
        ("found", Some(found.as_str().into())),
        ("fitness", Some(enum_names::fitness(examined.fitness()).into())),
        ("advice", Some(advice.as_str()).filter(|advice| !advice.is_empty()).map(Value::from)),
    ]
}

/// A line each, and the verdict last.
pub fn lines(answer: &ExamineMachineResponse) -> Vec<String> {
    let examined = answer.examined.iter().map(|it| line("examined", fields(it)));
    examined.chain([line("end", conclusion(answer))]).collect()
}

/// The one document.
pub fn document(answer: &ExamineMachineResponse) -> String {
    let examined: Vec<Value> = answer.examined.iter().map(|it| object(fields(it))).collect();
    let mut all = vec![("examined", Some(examined.into()))];
    all.extend(conclusion(answer));
    document_of(all)
}

fn conclusion(answer: &ExamineMachineResponse) -> Vec<Field> {
    vec![
        ("verdict", Some(answer.verdict.as_str().into())),
        ("machine", answer.machine.as_ref().map(machine)),
    ]
}
