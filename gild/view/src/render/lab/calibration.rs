//! Calibration of a real interpreter: the cost of its steps, and the sweep that models it.

use proto::v1::{CalibratePythonResponse, Estimate};

use crate::render::format::color::Emphasis;
use crate::render::format::document::{Document, Record};
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::Field;
use crate::render::format::page::Page;
use crate::render::format::quantity::Spread;
use crate::render::format::value::Value;
use crate::render::format::wrap::sentence;
use crate::render::sweep::axis::NOT_APPLICABLE;
use crate::request::parse::duration;

impl Document for CalibratePythonResponse {
    /// The proposed command is the last line, ready to be typed.
    fn table(&self, page: Page) -> String {
        let mut lines = sentence(&heading(self), page.width);
        lines.push(String::new());
        lines.extend(grid(self).fitted(page.width, page.color));
        if !self.notes.is_empty() {
            lines.push(String::new());
            let notes = self.notes.iter().map(|note| format!("note: {note}"));
            lines.extend(notes.flat_map(|note| sentence(&note, page.width)));
        }
        lines.extend([String::new(), command(self).unwrap_or_else(|| no_era(self))]);
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn markdown(&self) -> String {
        let last = command(self).map_or_else(|| no_era(self), |command| format!("    {command}"));
        let notes: Vec<_> = self.notes.iter().map(|note| format!("- {note}")).collect();
        let notes = if notes.is_empty() { String::new() } else { notes.join("\n") + "\n\n" };
        format!("{}\n\n{}\n{notes}{last}\n", heading(self), grid(self).markdown())
    }

    fn records(&self) -> Vec<Record> {
        vec![Record::new("calibration", fields(self))]
    }

    fn fields(&self) -> Vec<Field> {
        fields(self)
    }
}

/// The figures as named fields.
fn fields(answer: &CalibratePythonResponse) -> Vec<Field> {
    let CalibratePythonResponse {
        python,
        version,
        step_cost_ns,
        task_ns,
        task_steps,
        step_cost_ns_proposed,
        task_steps_proposed,
        era,
        notes,
        others,
        steal,
    } = answer;
    let mut fields =
        vec![("python", Some(python.as_str().into())), ("version", Some(version.as_str().into()))];
    fields.extend(estimate(
        step_cost_ns.as_ref(),
        ["step_cost_ns_median", "step_cost_ns_low", "step_cost_ns_high", "step_cost_samples"],
    ));
    fields.extend(estimate(
        task_ns.as_ref(),
        ["task_ns_median", "task_ns_low", "task_ns_high", "task_samples"],
    ));
    fields.extend(estimate(
        task_steps.as_ref(),
        ["task_steps_median", "task_steps_low", "task_steps_high", "task_steps_samples"],
    ));
    fields.extend([
        ("step_cost_ns_proposed", Some(Value::number(*step_cost_ns_proposed))),
        ("task_steps_proposed", Some((*task_steps_proposed).into())),
        ("era", Some(era.as_str()).filter(|era| !era.is_empty()).map(Value::from)),
        ("command", command(answer).map(Value::from)),
        ("others_fraction", others.map(Value::from)),
        ("steal_fraction", steal.map(Value::from)),
        ("notes", (!notes.is_empty()).then(|| Value::from(notes.clone()))),
    ]);
    fields
}

fn estimate(it: Option<&Estimate>, names: [&'static str; 4]) -> [Field; 4] {
    let values = it.map(|it| {
        [it.median.into(), it.low.into(), it.high.into(), Value::from(it.samples)].map(Some)
    });
    let values = values.unwrap_or_default();
    let mut fields = names.map(|name| (name, None));
    for (field, value) in fields.iter_mut().zip(values) {
        field.1 = value.filter(|value| !value.is_null());
    }
    fields
}

fn heading(answer: &CalibratePythonResponse) -> String {
    format!("CPython {} at {}", answer.version, answer.python)
}

fn grid(answer: &CalibratePythonResponse) -> Grid {
    let mut grid = Grid::new([
        ("", Align::Left),
        ("MEDIAN [QUARTILES]", Align::Right),
        ("SAMPLES", Align::Right),
    ]);
    let mut add = |name: &str, estimate: Option<Estimate>, show: fn(Spread) -> String| {
        let texts = estimate.map(|Estimate { low, median, high, samples }| {
            [show(Spread { middle: median, low, high }), samples.to_string()]
        });
        let [figure, samples] = texts.unwrap_or([NOT_APPLICABLE; 2].map(str::to_owned));
        grid.push([name.to_owned(), figure, samples], Emphasis::None);
    };
    add("cost per step", answer.step_cost_ns, Spread::time);
    add("cost per task", answer.task_ns, Spread::time);
    add("steps per task", answer.task_steps, Spread::number);
    grid
}

/// The sweep that models this interpreter; `None` where the lab has no era of it.
fn command(answer: &CalibratePythonResponse) -> Option<String> {
    let step_cost = duration::show_nanoseconds(answer.step_cost_ns_proposed).replace(' ', "");
    let (era, task_steps) = (&answer.era, answer.task_steps_proposed);
    (!era.is_empty()).then(|| {
        format!(
            "gilctl sweep --strategy gil --era {era} --step-cost {step_cost} --task-steps {task_steps}"
        )
    })
}

/// Where there is no such sweep.
fn no_era(answer: &CalibratePythonResponse) -> String {
    format!("This lab has no era of CPython {}, so no `gil` models it.", answer.version)
}
