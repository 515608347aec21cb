//! Grid of a sweep: the full product of a request's axes, bounded before it is built, and the limits
//! of each cell. Defines the default of an empty axis. Imports neither rounds, the wire nor threads.

use std::time::Duration;

use strategies::catalog::{Name, Plain, Spec};
use strategies::program::body_spec::Increment;
use strategies::program::limit::{LimitError, WayOut, nanoseconds, within};
use strategies::program::workload::{
    INCREMENTS_MAX, Io, Request, Service, TASK_STEPS_MAX, Workload,
};

use crate::limits::{ATTEMPT_TIME_MAX, CELLS_MAX, WORKERS_MAX};
use crate::plan::cell::Cell;
use crate::plan::spec::SweepSpec;
use crate::plan::subject::Subject;

const DEFAULT_WORKERS: u32 = 2;
const DEFAULT_TASKS: u64 = 100;
const DEFAULT_INCREMENTS: u64 = 1;
const DEFAULT_TASK_STEPS: u32 = 600;
/// About a CPython bytecode; applies when a GIL is among the strategies.
const DEFAULT_STEP_COST_NS: u64 = 15;
const DEFAULT_IO_EVERY: u64 = 1;
const DEFAULT_CPU_WORKERS: u32 = 1;
const DEFAULT_REQUESTS: u64 = 100;
/// Request of requesting workers unless one is named: long against a wake-up, short against an
/// interval.
const DEFAULT_REQUEST: Request = Request::Sleep { duration_ns: 1_000_000 };

/// Builder of a cell: one value of each axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellBuilder {
    subject: Subject,
    workers: u32,
    request: Option<Request>,
    io_every: u64,
    workload: Workload,
}

/// Workers of an attempt, on the axis that `workers` or `cpu_workers` and `io_workers` make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Staff {
    Tasks { workers: u32 },
    Service { cpu_workers: u32, io_workers: u32 },
}

impl CellBuilder {
    fn staff(&mut self, staff: Staff, requests: u64) {
        match staff {
            Staff::Tasks { workers } => self.workers = workers,
            Staff::Service { cpu_workers, io_workers } => {
                self.workers = cpu_workers.saturating_add(io_workers);
                let request = self.request.unwrap_or(DEFAULT_REQUEST);
                let service = Service { workers: io_workers as usize, requests, request };
                self.workload = Workload { service: Some(service), ..self.workload };
            }
        }
    }

    /// Checks the limits of one cell.
    pub(crate) fn cell(self, attempts: u32) -> Result<Cell, LimitError> {
        let workers = within("workers", self.workers, 1, WORKERS_MAX)?;
        within("io_every", self.io_every, 1, INCREMENTS_MAX)?;
        let io = match self.workload.service {
            None => self.request.map(|request| Io { every: self.io_every, request }),
            Some(service) => {
                check_time(service)?;
                None
            }
        };
        let task_steps = if self.subject.is_python() { 0 } else { self.workload.task_steps };
        within("task_steps", self.workload.task_steps, 0, TASK_STEPS_MAX)?;
        let workload = Workload { io, task_steps, ..self.workload }.checked()?;
        check_one_round(&workload, workers)?;
        Ok(Cell { subject: self.subject, workload, workers: workers as usize, attempts })
    }
}

/// Refuses a time in which one body of each worker, one after the other, does not fit.
fn check_one_round(workload: &Workload, workers: u32) -> Result<(), LimitError> {
    let Some(duration_ns) = workload.duration_ns else { return Ok(()) };
    let round_ns = workload.inside_ns.saturating_mul(u64::from(workers));
    let least = Duration::from_nanos(duration_ns.saturating_add(round_ns));
    if least <= ATTEMPT_TIME_MAX {
        return Ok(());
    }
    Err(LimitError {
        field: "inside_ns",
        value: nanoseconds(workload.inside_ns),
        reason: format!(
            "for each of {workers} workers in turn, beside a duration of {}, takes {least:?}, and an \
             attempt may take at most {ATTEMPT_TIME_MAX:?}",
            nanoseconds(duration_ns)
        ),
        way_out: way_out_of_time(
            ATTEMPT_TIME_MAX.as_nanos().saturating_sub(duration_ns.into()) / u128::from(workers),
            "a shorter duration or fewer workers",
        ),
    })
}

/// The longest time that fits, in nanoseconds, or something else.
fn way_out_of_time(longest_ns: u128, or: &str) -> WayOut {
    match u64::try_from(longest_ns) {
        Ok(longest) if longest > 0 => WayOut::within_or(0, nanoseconds(longest), or),
        _ => format!("choose {or}").into(),
    }
}

/// Refuses sleeps that take longer by themselves than an attempt may.
fn check_time(service: Service) -> Result<(), LimitError> {
    let Service { requests, request, .. } = service;
    let Request::Sleep { duration_ns } = request else { return Ok(()) };
    let least = Duration::from_nanos(duration_ns.saturating_mul(requests));
    if least <= ATTEMPT_TIME_MAX {
        return Ok(());
    }
    Err(LimitError {
        field: "requests",
        value: requests.to_string(),
        reason: format!("takes {least:?}, and an attempt may take at most {ATTEMPT_TIME_MAX:?}"),
        way_out: WayOut::within_or(
            1,
            ATTEMPT_TIME_MAX.as_nanos() / u128::from(duration_ns.max(1)),
            "shorter sleeps",
        ),
    })
}

/// Workers that may take part. The requesting workers alone come first, where there are any:
/// everything else is compared with them.
fn staffs(spec: &SweepSpec) -> Result<Vec<Staff>, LimitError> {
    if spec.io_workers.is_empty() {
        return Ok(spec.workers.iter().map(|&workers| Staff::Tasks { workers }).collect());
    }
    let others = match spec.cpu_workers.as_slice() {
        [] => &[DEFAULT_CPU_WORKERS],
        named => named,
    };
    for &io_workers in &spec.io_workers {
        within("io_workers", io_workers, 1, WORKERS_MAX)?;
    }
    for &cpu_workers in others {
        within("cpu_workers", cpu_workers, 0, WORKERS_MAX - 1)?;
    }
    let service = |&io_workers: &u32| {
        let beside = std::iter::once(0).chain(others.iter().copied().filter(|&others| others > 0));
        beside.map(move |cpu_workers| Staff::Service { cpu_workers, io_workers })
    };
    Ok(spec.io_workers.iter().flat_map(service).collect())
}

fn requests(spec: &SweepSpec) -> Vec<Option<Request>> {
    let sleep = |&duration_ns: &u64| (duration_ns > 0).then_some(Request::Sleep { duration_ns });
    spec.io_ns.iter().map(sleep).chain(spec.io_calls.iter().copied().map(Some)).collect()
}

fn bodies(spec: &SweepSpec) -> Vec<Increment> {
    let named = spec.bodies.iter().copied().map(Increment::Named);
    named.chain(spec.steps.iter().copied().map(Increment::Custom)).collect()
}

macro_rules! cross_workload_axes {
    (
        fields { $($(#[$doc:meta])* $field:ident = $wire:ident: $type:ty,)* }
        workload { $($(#[$axis_doc:meta])* $axis:ident: $axis_type:ty,)* }
    ) => {
        /// Crosses the axes that are fields of the workload, in the order of the request's rows.
        fn cross_workload(grid: &mut Grid, spec: &SweepSpec) -> Result<(), LimitError> {
            $(grid.cross(stringify!($axis), &spec.$axis, |draft, value| draft.workload.$axis.assign(value))?;)*
            Ok(())
        }
    };
}

crate::sweep_fields!(cross_workload_axes);

/// A field of the workload that takes values of an axis.
trait Assign<T> {
    fn assign(&mut self, value: T);
}

impl<T> Assign<T> for T {
    fn assign(&mut self, value: T) {
        *self = value;
    }
}

/// 0 stands for absence.
impl Assign<u64> for Option<u64> {
    fn assign(&mut self, value: u64) {
        *self = (value > 0).then_some(value);
    }
}

/// The full product of the axes of a request without duplicates, strategies outermost.
pub(crate) fn cross(
    spec: &SweepSpec,
    subjects: &[Subject],
) -> Result<Vec<CellBuilder>, LimitError> {
    if subjects.is_empty() {
        return Err(LimitError {
            field: "strategies",
            value: "an empty list".into(),
            reason: "names no strategy".into(),
            way_out: "name at least one, or `all`".into(),
        });
    }
    let first = CellBuilder {
        subject: Subject::Lab(Spec::Plain(Plain::Unlocked)),
        workers: DEFAULT_WORKERS,
        request: None,
        io_every: DEFAULT_IO_EVERY,
        workload: Workload {
            tasks: DEFAULT_TASKS,
            increments: DEFAULT_INCREMENTS,
            task_steps: DEFAULT_TASK_STEPS,
            step_cost_ns: spec.step_cost_ns.unwrap_or_else(|| default_step_cost(subjects)),
            duration_ns: spec.duration_ns,
            ..Workload::ONE
        },
    };
    let mut grid = Grid(vec![first]);
    grid.cross("strategies", subjects, |draft, subject| draft.subject = subject)?;
    // Before the staff, which may put its request into the workload.
    let io = if spec.io_ns.is_empty() { "io_calls" } else { "io_ns" };
    grid.cross(io, &requests(spec), |draft, request| draft.request = request)?;
    let each = spec.requests.unwrap_or(DEFAULT_REQUESTS);
    let workers = if spec.io_workers.is_empty() { "workers" } else { "io_workers" };
    grid.cross(workers, &staffs(spec)?, |draft, staff| draft.staff(staff, each))?;
    grid.cross("tasks", &spec.tasks, |draft, tasks| draft.workload.tasks = tasks)?;
    let set = |draft: &mut CellBuilder, increments| draft.workload.increments = increments;
    grid.cross("increments", &spec.increments, set)?;
    let body = if spec.bodies.is_empty() { "steps" } else { "bodies" };
    grid.cross(body, &bodies(spec), |draft, body| draft.workload.body = body)?;
    cross_workload(&mut grid, spec)?;
    grid.cross("io_every", &spec.io_every, |draft, every| draft.io_every = every)?;
    Ok(grid.0)
}

/// Refusal of an axis that makes more cells than a sweep may have.
fn too_many(field: &'static str, values: usize, cells: usize) -> LimitError {
    let most = CELLS_MAX / (cells / values.max(1)).max(1);
    LimitError {
        field,
        value: format!("{values} values"),
        reason: format!("make {cells} cells or more, and a sweep has at most {CELLS_MAX}"),
        way_out: format!("name at most {most}, or split the sweep").into(),
    }
}

/// Cells so far.
struct Grid(Vec<CellBuilder>);

impl Grid {
    /// Every draft with every value of an axis; an empty axis leaves the default.
    fn cross<T: Copy>(
        &mut self,
        field: &'static str,
        axis: &[T],
        set: impl Fn(&mut CellBuilder, T),
    ) -> Result<(), LimitError> {
        if axis.is_empty() {
            return Ok(());
        }
        let cells = self.0.len().saturating_mul(axis.len());
        if cells > CELLS_MAX {
            return Err(too_many(field, axis.len(), cells));
        }
        let with = |draft: &CellBuilder, value| {
            let mut draft = *draft;
            set(&mut draft, value);
            draft
        };
        self.0 = self
            .0
            .iter()
            .flat_map(|d| axis.iter().map(move |v| (d, *v)))
            .map(|(d, v)| with(d, v))
            .collect();
        Ok(())
    }
}

fn default_step_cost(subjects: &[Subject]) -> u64 {
    let has_gil = subjects.iter().any(|subject| {
        subject.is_python() || subject.model().is_some_and(|it| it.name() == Name::Gil)
    });
    if has_gil { DEFAULT_STEP_COST_NS } else { 0 }
}

#[cfg(test)]
#[path = "tests/grid.rs"]
mod tests;
