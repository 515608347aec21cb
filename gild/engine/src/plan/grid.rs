//! The grid behind a plan: the full product of a wish's axes, bounded before it is built. Decides
//! what an empty axis means; knows nothing of rounds, the wire or any thread.

use std::collections::HashSet;
use std::hash::Hash;
use std::time::Duration;

use strategies::catalog::{Name, Plain, Spec};
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::Increment;
use strategies::program::limit::{LimitError, picoseconds, within};
use strategies::program::workload::{
    INCREMENTS_MAX, Io, Lengths, Request, Service, TASK_STEPS_MAX, Workload,
};

use crate::limits::{ATTEMPT_TIME_MAX, CELLS_MAX, WORKERS_MAX};
use crate::plan::expand::{named_rules, subjects};
use crate::plan::subject::Subject;
use crate::plan::sweep_spec::{Cell, SweepSpec};
use crate::python::registry::Interpreters;

const DEFAULT_WORKERS: u32 = 2;
const DEFAULT_TASKS: u64 = 100;
const DEFAULT_INCREMENTS: u64 = 1;
const DEFAULT_TASK_STEPS: u32 = 600;
/// About a CPython bytecode; applies when a GIL is among the strategies.
const DEFAULT_STEP_COST_NS: u64 = 15;
const DEFAULT_IO_EVERY: u64 = 1;
const DEFAULT_CPU_WORKERS: u32 = 1;
const DEFAULT_REQUESTS: u64 = 100;
/// What requesting workers ask when the wish does not say: long against a wake-up, short against an
/// interval.
const DEFAULT_REQUEST: Request = Request::Sleep { duration_ns: 1_000_000 };

/// Each list by itself: its length, and the values that only some strategies look at. What breaks a
/// limit is refused here, whatever it would be crossed with.
fn check_axes(wish: &SweepSpec) -> Result<(), LimitError> {
    let lengths = [
        ("strategies", wish.strategies.len()),
        ("eras", wish.eras.len()),
        ("switch_interval_ps", wish.intervals.len()),
        ("switch_ticks", wish.ticks.len()),
        ("workers", wish.workers.len()),
        ("tasks", wish.tasks.len()),
        ("increments", wish.increments.len()),
        ("bodies", wish.bodies.len()),
        ("steps", wish.steps.len()),
        ("task_steps", wish.task_steps.len()),
        ("inside_ns", wish.inside_ns.len()),
        ("outside_ns", wish.outside_ns.len()),
        ("io_ns", wish.io_ns.len()),
        ("io_calls", wish.io_calls.len()),
        ("io_every", wish.io_every.len()),
        ("cpu_workers", wish.cpu_workers.len()),
        ("io_workers", wish.io_workers.len()),
        ("pythons", wish.pythons.len()),
        ("lengths", wish.lengths.len()),
        ("locks", wish.locks.len()),
        ("reads_percent", wish.reads_percent.len()),
        ("arrivals_per_s", wish.arrivals_per_s.len()),
    ];
    for (field, length) in lengths {
        if length > CELLS_MAX {
            return Err(LimitError {
                field,
                value: format!("a list of {length} values"),
                reason: format!("is longer than the limit of {CELLS_MAX}"),
                way_out: "split the sweep".into(),
            });
        }
    }
    let rules = wish.eras.len().max(1) * (wish.intervals.len() + wish.ticks.len()).max(1);
    within("eras", rules, 1, CELLS_MAX)?;
    for rule in named_rules(wish) {
        rule.checked()?;
    }
    check_duration(wish)?;
    check_service(wish)
}

/// A time stands instead of tasks, not beside them.
fn check_duration(wish: &SweepSpec) -> Result<(), LimitError> {
    let SweepSpec { duration_ns, tasks, increments, arrivals_per_s, .. } = wish;
    let Some(duration_ns) = duration_ns else {
        if let Some(reads) = wish.reads_percent.iter().find(|&&reads| reads > 0) {
            let way_out =
                "say for how long, or leave it out: a number of increments is not one of bodies";
            let reason = "needs duration_ns";
            return Err(contradiction("reads_percent", reads.to_string(), reason, way_out));
        }
        return match arrivals_per_s.iter().find(|&&per_s| per_s > 0) {
            Some(per_s) => {
                let way_out = "say for how long bodies arrive, or leave it out";
                Err(contradiction(
                    "arrivals_per_s",
                    per_s.to_string(),
                    "needs duration_ns",
                    way_out,
                ))
            }
            None => Ok(()),
        };
    };
    let beside = |field, value: String| {
        let way_out = "leave it out: workers increment until the time is over";
        Err(contradiction(field, value, "cannot be combined with duration_ns", way_out))
    };
    if !tasks.is_empty() {
        return beside("tasks", shown(tasks));
    }
    if !increments.is_empty() {
        return beside("increments", shown(increments));
    }
    if !wish.io_workers.is_empty() {
        let way_out = "leave one out: requesting workers end an attempt by themselves";
        let shown = picoseconds(duration_ns.saturating_mul(1000));
        let reason = "cannot be combined with io_workers";
        return Err(contradiction("duration_ns", shown, reason, way_out));
    }
    if wish.io_ns.iter().any(|&ns| ns > 0) || !wish.io_calls.is_empty() {
        return beside("io_every", "requests between bodies".into());
    }
    Ok(())
}

/// Workers that make requests stand instead of tasks, not beside them.
fn check_service(wish: &SweepSpec) -> Result<(), LimitError> {
    let workers = "leave it out: cpu_workers and io_workers say who there is";
    let endless = "leave it out: workers increment until the last request is answered";
    let lonely = "name io_workers too, or leave it out";
    let needs = |field, value: String| contradiction(field, value, "needs io_workers", lonely);
    let beside = |field, value: String, way_out| {
        contradiction(field, value, "cannot be combined with io_workers", way_out)
    };
    let SweepSpec { cpu_workers, requests, tasks, increments, io_every, io_ns, .. } = wish;
    match wish.io_workers.as_slice() {
        [] if !cpu_workers.is_empty() => Err(needs("cpu_workers", shown(cpu_workers))),
        [] => match requests {
            Some(each) => Err(needs("requests", each.to_string())),
            None => Ok(()),
        },
        _ if !wish.workers.is_empty() => Err(beside("workers", shown(&wish.workers), workers)),
        _ if !tasks.is_empty() => Err(beside("tasks", shown(tasks), endless)),
        _ if !increments.is_empty() => Err(beside("increments", shown(increments), endless)),
        _ if !io_every.is_empty() => Err(beside("io_every", shown(io_every), endless)),
        _ if io_ns.contains(&0) => {
            Err(beside("io_ns", "0".into(), "name what they ask for: a duration, echo or write"))
        }
        _ => Ok(()),
    }
}

/// A value that makes no sense beside another.
pub(crate) fn contradiction(
    field: &'static str,
    value: String,
    reason: &str,
    way_out: &str,
) -> LimitError {
    LimitError { field, value, reason: reason.into(), way_out: way_out.into() }
}

fn shown<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// A cell in the making: one value of each axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellBuilder {
    subject: Subject,
    workers: u32,
    request: Option<Request>,
    io_every: u64,
    workload: Workload,
}

/// Who takes part, on the axis that `workers` or `cpu_workers` and `io_workers` make.
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
        value: picoseconds(workload.inside_ns.saturating_mul(1000)),
        reason: format!(
            "for each of {workers} workers in turn, beside duration_ns, takes {least:?}, and an \
             attempt at \
             most {ATTEMPT_TIME_MAX:?}"
        ),
        way_out: "ask for shorter sections, a shorter duration or fewer workers".into(),
    })
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
        value: format!("{requests} x {request}"),
        reason: format!("takes {least:?}, and an attempt at most {ATTEMPT_TIME_MAX:?}"),
        way_out: "ask for fewer requests or shorter sleeps".into(),
    })
}

/// Everybody that may take part: the requesting workers alone first, where there are any, since
/// they are what all else is compared with.
fn staffs(wish: &SweepSpec) -> Result<Vec<Staff>, LimitError> {
    if wish.io_workers.is_empty() {
        return Ok(wish.workers.iter().map(|&workers| Staff::Tasks { workers }).collect());
    }
    // Each once, before they multiply: a thousand of each would be a million.
    let others = match wish.cpu_workers.as_slice() {
        [] => vec![DEFAULT_CPU_WORKERS],
        named => distinct(named),
    };
    for &io_workers in &wish.io_workers {
        within("io_workers", io_workers, 1, WORKERS_MAX)?;
    }
    for &cpu_workers in &others {
        within("cpu_workers", cpu_workers, 0, WORKERS_MAX - 1)?;
    }
    let service = |io_workers: u32| {
        let beside = std::iter::once(0).chain(others.iter().copied());
        beside.map(move |cpu_workers| Staff::Service { cpu_workers, io_workers })
    };
    Ok(distinct(&wish.io_workers).into_iter().flat_map(service).collect())
}

fn requests(wish: &SweepSpec) -> Vec<Option<Request>> {
    let sleep = |&duration_ns: &u64| (duration_ns > 0).then_some(Request::Sleep { duration_ns });
    wish.io_ns.iter().map(sleep).chain(wish.io_calls.iter().copied().map(Some)).collect()
}

fn bodies(wish: &SweepSpec) -> Vec<Increment> {
    let named = wish.bodies.iter().copied().map(Increment::Named);
    named.chain(wish.steps.iter().copied().map(Increment::Custom)).collect()
}

/// The full product of the axes, strategies outermost.
pub(crate) fn drafts(
    wish: &SweepSpec,
    interpreters: &Interpreters,
) -> Result<Vec<CellBuilder>, LimitError> {
    check_axes(wish)?;
    let subjects = distinct(&subjects(wish, interpreters)?);
    if subjects.is_empty() {
        return Err(LimitError {
            field: "strategies",
            value: "an empty list".into(),
            reason: "names no strategy".into(),
            way_out: "name at least one, or `all`".into(),
        });
    }
    let step_cost_ns = wish.step_cost_ns.unwrap_or_else(|| default_step_cost(&subjects));
    let first = CellBuilder {
        subject: Subject::Lab(Spec::Plain(Plain::Unlocked)),
        workers: DEFAULT_WORKERS,
        request: None,
        io_every: DEFAULT_IO_EVERY,
        workload: Workload {
            tasks: DEFAULT_TASKS,
            increments: DEFAULT_INCREMENTS,
            body: BodyName::Increment.into(),
            task_steps: DEFAULT_TASK_STEPS,
            step_cost_ns,
            inside_ns: 0,
            outside_ns: 0,
            io: None,
            service: None,
            duration_ns: wish.duration_ns,
            lengths: Lengths::Fixed,
            locks: 1,
            reads_percent: 0,
            arrivals_per_s: None,
        },
    };
    let mut grid = Grid(vec![first]);
    grid.cross(&subjects, |draft, subject| draft.subject = subject)?;
    // Before the staff, which may put its request into the workload.
    grid.cross(&requests(wish), |draft, request| draft.request = request)?;
    let each = wish.requests.unwrap_or(DEFAULT_REQUESTS);
    grid.cross(&staffs(wish)?, |draft, staff| draft.staff(staff, each))?;
    grid.cross(&wish.tasks, |draft, tasks| draft.workload.tasks = tasks)?;
    grid.cross(&wish.increments, |draft, increments| draft.workload.increments = increments)?;
    grid.cross(&bodies(wish), |draft, body| draft.workload.body = body)?;
    grid.cross(&wish.task_steps, |draft, steps| draft.workload.task_steps = steps)?;
    grid.cross(&wish.inside_ns, |draft, inside| draft.workload.inside_ns = inside)?;
    grid.cross(&wish.outside_ns, |draft, outside| draft.workload.outside_ns = outside)?;
    grid.cross(&wish.lengths, |draft, lengths| draft.workload.lengths = lengths)?;
    grid.cross(&wish.locks, |draft, locks| draft.workload.locks = locks)?;
    grid.cross(&wish.reads_percent, |draft, reads| draft.workload.reads_percent = reads)?;
    grid.cross(&wish.arrivals_per_s, |draft, per_s| {
        draft.workload.arrivals_per_s = (per_s > 0).then_some(per_s);
    })?;
    grid.cross(&wish.io_every, |draft, every| draft.io_every = every)?;
    Ok(grid.0)
}

/// Cells so far.
struct Grid(Vec<CellBuilder>);

impl Grid {
    /// Every draft with every value of an axis; an empty axis leaves the default.
    fn cross<T: Copy + Eq + Hash>(
        &mut self,
        axis: &[T],
        set: impl Fn(&mut CellBuilder, T),
    ) -> Result<(), LimitError> {
        let axis = distinct(axis);
        if axis.is_empty() {
            return Ok(());
        }
        within("cells", self.0.len().saturating_mul(axis.len()), 1, CELLS_MAX)?;
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

/// Each value once, in the order of its first mention.
pub fn distinct<T: Copy + Eq + Hash>(values: &[T]) -> Vec<T> {
    let mut seen = HashSet::new();
    values.iter().copied().filter(|value| seen.insert(*value)).collect()
}

fn default_step_cost(subjects: &[Subject]) -> u64 {
    let has_gil = subjects.iter().any(|subject| subject.model().name() == Name::Gil);
    if has_gil { DEFAULT_STEP_COST_NS } else { 0 }
}

#[cfg(test)]
#[path = "crowd_tests.rs"]
mod tests;
