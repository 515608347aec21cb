//! Findings of `gilctl doctor`: how fit a machine is to measure, with advice.

use proto::v1::{ExamineMachineResponse, Examined, Fitness};

use crate::render::format::color::Emphasis;
use crate::render::format::document::{Document, Record};
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::{Field, object};
use crate::render::format::page::Page;
use crate::render::format::value::Value;
use crate::render::format::wrap::sentence;
use crate::render::format::{csv, enum_names};
use crate::render::sweep::json::machine;

impl Document for ExamineMachineResponse {
    fn table(&self, page: Page) -> String {
        let mut lines = grid(self).fitted(page.width, page.color);
        lines.push(String::new());
        lines.extend(sentence(&self.verdict, page.width));
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn markdown(&self) -> String {
        format!("{}\n{}\n", grid(self).markdown(), self.verdict)
    }

    fn csv(&self) -> String {
        csv::rows(self.examined.iter().map(finding).collect())
    }

    fn records(&self) -> Vec<Record> {
        let examined = self.examined.iter().map(|it| Record::new("examined", finding(it)));
        examined.chain([Record::new("end", conclusion(self))]).collect()
    }

    fn fields(&self) -> Vec<Field> {
        let examined: Vec<Value> = self.examined.iter().map(|it| object(finding(it))).collect();
        let mut all = vec![("examined", Some(examined.into()))];
        all.extend(conclusion(self));
        all
    }
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

/// A finding as named fields.
fn finding(examined: &Examined) -> Vec<Field> {
    let Examined { name, found, fitness: _, advice } = examined;
    vec![
        ("name", Some(name.as_str().into())),
        ("found", Some(found.as_str().into())),
        ("fitness", Some(enum_names::fitness(examined.fitness()).into())),
        ("advice", Some(advice.as_str()).filter(|advice| !advice.is_empty()).map(Value::from)),
    ]
}

fn conclusion(answer: &ExamineMachineResponse) -> Vec<Field> {
    vec![
        ("verdict", Some(answer.verdict.as_str().into())),
        ("machine", answer.machine.as_ref().map(machine)),
    ]
}
