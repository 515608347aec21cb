//! The parameters of the workload: a column where cells differ in one, a phrase over the table
//! where they do not, and neither where it does not apply.

use proto::v1::Cell;

use crate::follow::sweep_view::Row;
use crate::render::format::quantity::{count, counted};
use crate::render::sweep::cell::{has_requesters, has_tasks, is_real, request};
use crate::request::axes::{AXES, Shown};
use crate::request::parse::duration::show_nanoseconds;

/// Stands where a figure or a parameter does not apply to one row.
pub const NOT_APPLICABLE: &str = "–";

/// A parameter of the workload that may vary among cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Workers of an attempt.
    Workers,
    /// Workers that increment while others make requests.
    CpuWorkers,
    /// Workers that make requests and nothing else.
    IoWorkers,
    /// What these ask of the system.
    Request,
    /// How often each of them asks.
    Requests,
    /// Tasks and increments of each.
    Work,
    /// Name of the body.
    Body,
    /// Steps outside the bodies.
    TaskSteps,
    /// Cost of a step.
    StepCost,
    /// Work in the window.
    Inside,
    /// Work after the body.
    Outside,
    /// Requests between bodies.
    Io,
    /// That row of [`AXES`].
    Load(usize),
}

impl Axis {
    /// Axes that every sweep has, in the order of columns.
    const OF_EVERY_SWEEP: [Self; 12] = [
        Self::Workers,
        Self::CpuWorkers,
        Self::IoWorkers,
        Self::Request,
        Self::Requests,
        Self::Work,
        Self::Body,
        Self::TaskSteps,
        Self::StepCost,
        Self::Inside,
        Self::Outside,
        Self::Io,
    ];

    /// Every axis, in the order of columns; those of the load come last.
    pub const ALL: [Self; Self::OF_EVERY_SWEEP.len() + AXES.len()] = {
        let first = Self::OF_EVERY_SWEEP.len();
        let mut all = [Self::Workers; Self::OF_EVERY_SWEEP.len() + AXES.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = if at < first { Self::OF_EVERY_SWEEP[at] } else { Self::Load(at - first) };
            at += 1;
        }
        all
    };

    /// Whether it is a column: cells differ in it, or it is what the table is about.
    pub fn is_column(self, rows: &[Row]) -> bool {
        let mut texts = rows.iter().filter_map(|row| self.of(&row.cell));
        let Some(first) = texts.next() else {
            return false;
        };
        let is_subject = matches!(self, Self::CpuWorkers | Self::IoWorkers | Self::Request);
        is_subject || texts.any(|text| text != first)
    }

    /// Its name for `--columns`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Workers => "workers",
            Self::CpuWorkers => "cpu-workers",
            Self::IoWorkers => "io-workers",
            Self::Request => "request",
            Self::Requests => "requests-each",
            Self::Work => "work",
            Self::Body => "body",
            Self::TaskSteps => "task-steps",
            Self::StepCost => "step-cost",
            Self::Inside => "inside",
            Self::Outside => "outside",
            Self::Io => "io",
            Self::Load(at) => AXES[at].flag.0.trim_start_matches('-'),
        }
    }

    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Workers => "WORKERS",
            Self::CpuWorkers => "CPU\nWORKERS",
            Self::IoWorkers => "I/O\nWORKERS",
            Self::Io => "I/O",
            Self::Request => "REQUEST",
            Self::Requests => "REQUESTS\nEACH",
            Self::Work => "TASKS\nX INC",
            Self::Body => "BODY",
            Self::TaskSteps => "TASK\nSTEPS",
            Self::StepCost => "STEP\nCOST",
            Self::Inside => "INSIDE",
            Self::Outside => "OUTSIDE",
            Self::Load(at) => AXES[at].heading,
        }
    }

    /// Its value, as a column shows it.
    pub fn text(self, cell: &Cell) -> String {
        self.of(cell).unwrap_or_else(|| NOT_APPLICABLE.to_owned())
    }

    /// Its value, if it applies to the cell.
    fn of(self, cell: &Cell) -> Option<String> {
        let for_tasks = |text: String| has_tasks(cell).then_some(text);
        let unless_real = |text: String| (!is_real(cell)).then_some(text);
        match self {
            Self::Workers => (!has_requesters(cell)).then(|| cell.workers.to_string()),
            Self::CpuWorkers => cell.cpu_workers.map(|workers| workers.to_string()),
            Self::IoWorkers => cell.io_workers.map(|workers| match cell.cpu_workers {
                Some(0) => format!("{workers} alone"),
                _ => workers.to_string(),
            }),
            Self::Request => request(cell).filter(|_| has_requesters(cell)),
            Self::Requests => cell.requests.map(|requests| requests.to_string()),
            Self::Work => for_tasks(format!("{} x {}", cell.tasks, cell.increments)),
            Self::Body => Some(cell.body.clone()),
            Self::TaskSteps => for_tasks(cell.task_steps.to_string()).and_then(unless_real),
            Self::StepCost => unless_real(show_nanoseconds(cell.step_cost_ns)),
            Self::Inside => unless_real(show_nanoseconds(cell.inside_ns)),
            Self::Outside => unless_real(show_nanoseconds(cell.outside_ns)),
            Self::Io => for_tasks(between_bodies(cell).unwrap_or_else(|| "none".to_owned())),
            Self::Load(at) => (AXES[at].text)(cell).map(text),
        }
    }

    /// What all cells that it applies to have in common, in words.
    pub fn phrase(self, rows: &[Row]) -> Option<String> {
        let cell = &rows.iter().find(|row| self.of(&row.cell).is_some())?.cell;
        let unless_zero =
            |name, nanos: u64| (nanos > 0).then(|| format!("{name} {}", show_nanoseconds(nanos)));
        match self {
            Self::Workers => Some(counted(cell.workers.into(), "worker")),
            Self::Requests => cell.requests.map(|it| counted(it, "request") + " each"),
            Self::Work => {
                let tasks = counted(cell.tasks, "task");
                Some(format!("{tasks} x {}", counted(cell.increments, "increment")))
            }
            Self::Body => Some(format!("body {}", cell.body)),
            Self::TaskSteps => Some(counted(cell.task_steps.into(), "task step")),
            Self::StepCost if cell.step_cost_ns == 0 => Some("steps at native speed".to_owned()),
            Self::StepCost => Some(format!("step cost {}", show_nanoseconds(cell.step_cost_ns))),
            Self::Inside => unless_zero("inside", cell.inside_ns),
            Self::Outside => unless_zero("outside", cell.outside_ns),
            Self::Io => between_bodies(cell).map(|io| format!("i/o {io}")),
            Self::Load(at) => (AXES[at].phrase)(cell).map(text),
            Self::CpuWorkers | Self::IoWorkers | Self::Request => None,
        }
    }
}

/// What a worker asks between its bodies, and after how many of them: `sleep 1 ms / 5`.
fn between_bodies(cell: &Cell) -> Option<String> {
    request(cell).map(|request| format!("{request} / {}", cell.io_every.unwrap_or(1)))
}

/// A value of the load as text.
fn text(shown: Shown) -> String {
    match shown {
        Shown::Text(text) => text,
        Shown::Count(number, after) => format!("{}{after}", count(number)),
        Shown::Counted(number, noun) => counted(number, noun),
    }
}
