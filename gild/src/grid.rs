//! The grid behind a plan: the full product of a wish's axes, bounded before it is built. Decides
//! what an empty axis means; knows nothing of rounds, the wire or any thread.

use strategies::catalog::{Name, Plain, Spec};
use strategies::era::{Era, RuleKind, SwitchInterval, SwitchRule};
use strategies::step::BodyName;
use strategies::workload::{Io, LimitError, Workload, within};

use crate::config::{CELLS_MAX, WORKERS_MAX};
use crate::plan::{Cell, Choice, Wish};

/// The chapter's intervals: the default, and two that are one setting. In picoseconds.
const DEFAULT_INTERVALS_PS: [u64; 3] = [5_000_000_000, 500_000, 500];
const DEFAULT_TICKS: [u32; 3] = [100, 10, 1];
const DEFAULT_WORKERS: u32 = 2;
const DEFAULT_TASKS: u64 = 100;
const DEFAULT_INCREMENTS: u64 = 1;
const DEFAULT_TASK_STEPS: u32 = 600;
/// About a CPython bytecode; applies when a GIL is among the strategies.
const DEFAULT_STEP_COST_NS: u64 = 15;
const DEFAULT_IO_EVERY: u64 = 1;

/// Each list by itself: its length, and the values that only some strategies look at. What breaks a
/// limit is refused here, whatever it would be crossed with.
fn check_axes(wish: &Wish) -> Result<(), LimitError> {
    let lengths = [
        ("strategies", wish.strategies.len()),
        ("eras", wish.eras.len()),
        ("switch_interval_ps", wish.intervals.len()),
        ("switch_ticks", wish.ticks.len()),
        ("workers", wish.workers.len()),
        ("tasks", wish.tasks.len()),
        ("increments", wish.increments.len()),
        ("bodies", wish.bodies.len()),
        ("task_steps", wish.task_steps.len()),
        ("inside_ns", wish.inside_ns.len()),
        ("outside_ns", wish.outside_ns.len()),
        ("io_ns", wish.io_ns.len()),
        ("io_every", wish.io_every.len()),
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
    Ok(())
}

/// A cell in the making: one value of each axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draft {
    spec: Spec,
    workers: u32,
    io_ns: u64,
    io_every: u64,
    workload: Workload,
}

impl Draft {
    /// Checks the limits of one cell.
    pub(crate) fn cell(self, attempts: u32) -> Result<Cell, LimitError> {
        let workers = within("workers", self.workers, 1, WORKERS_MAX)?;
        within("io_every", self.io_every, 1, strategies::workload::INCREMENTS_MAX)?;
        let io = (self.io_ns > 0).then_some(Io { every: self.io_every, duration_ns: self.io_ns });
        let workload = Workload { io, ..self.workload }.checked()?;
        Ok(Cell { spec: self.spec, workload, workers: workers as usize, attempts })
    }
}

/// The full product of the axes, strategies outermost.
pub(crate) fn drafts(wish: &Wish) -> Result<Vec<Draft>, LimitError> {
    check_axes(wish)?;
    let specs = distinct(&specs(wish));
    if specs.is_empty() {
        return Err(LimitError {
            field: "strategies",
            value: "an empty list".into(),
            reason: "names no strategy".into(),
            way_out: "name at least one, or `all`".into(),
        });
    }
    let step_cost_ns = wish.step_cost_ns.unwrap_or_else(|| default_step_cost(&specs));
    let first = Draft {
        spec: Spec::Plain(Plain::Unlocked),
        workers: DEFAULT_WORKERS,
        io_ns: 0,
        io_every: DEFAULT_IO_EVERY,
        workload: Workload {
            tasks: DEFAULT_TASKS,
            increments: DEFAULT_INCREMENTS,
            body: BodyName::Increment,
            task_steps: DEFAULT_TASK_STEPS,
            step_cost_ns,
            inside_ns: 0,
            outside_ns: 0,
            io: None,
        },
    };
    let mut grid = Grid(vec![first]);
    grid.cross(&specs, |draft, spec| draft.spec = spec)?;
    grid.cross(&wish.workers, |draft, workers| draft.workers = workers)?;
    grid.cross(&wish.tasks, |draft, tasks| draft.workload.tasks = tasks)?;
    grid.cross(&wish.increments, |draft, increments| draft.workload.increments = increments)?;
    grid.cross(&wish.bodies, |draft, body| draft.workload.body = body)?;
    grid.cross(&wish.task_steps, |draft, steps| draft.workload.task_steps = steps)?;
    grid.cross(&wish.inside_ns, |draft, inside| draft.workload.inside_ns = inside)?;
    grid.cross(&wish.outside_ns, |draft, outside| draft.workload.outside_ns = outside)?;
    grid.cross(&wish.io_ns, |draft, io| draft.io_ns = io)?;
    grid.cross(&wish.io_every, |draft, every| draft.io_every = every)?;
    Ok(grid.0)
}

/// Cells so far.
struct Grid(Vec<Draft>);

impl Grid {
    /// Every draft with every value of an axis; an empty axis leaves the default.
    fn cross<T: Copy + PartialEq>(
        &mut self,
        axis: &[T],
        set: impl Fn(&mut Draft, T),
    ) -> Result<(), LimitError> {
        let axis = distinct(axis);
        if axis.is_empty() {
            return Ok(());
        }
        within("cells", self.0.len().saturating_mul(axis.len()), 1, CELLS_MAX)?;
        let with = |draft: &Draft, value| {
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
fn distinct<T: Copy + PartialEq>(values: &[T]) -> Vec<T> {
    let mut distinct = Vec::new();
    for value in values {
        if !distinct.contains(value) {
            distinct.push(*value);
        }
    }
    distinct
}

fn default_step_cost(specs: &[Spec]) -> u64 {
    let has_gil = specs.iter().any(|spec| spec.name() == Name::Gil);
    if has_gil { DEFAULT_STEP_COST_NS } else { 0 }
}

/// Every strategy with every combination of its own parameters; each strategy once.
fn specs(wish: &Wish) -> Vec<Spec> {
    let mut names: Vec<Name> = Vec::new();
    for choice in &wish.strategies {
        let chosen = match *choice {
            Choice::All => Name::all(),
            Choice::One(name) => vec![name],
        };
        for name in chosen {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names.into_iter().flat_map(|name| specs_of(name, wish)).collect()
}

fn specs_of(name: Name, wish: &Wish) -> Vec<Spec> {
    match name {
        Name::Plain(plain) => vec![Spec::Plain(plain)],
        Name::Gil => gil_specs(wish),
    }
}

fn gil_specs(wish: &Wish) -> Vec<Spec> {
    let gil = |era, rule| Spec::Gil { era, rule };
    let rules = named_rules(wish);
    match (wish.eras.as_slice(), rules.as_slice()) {
        ([], []) => [RuleKind::Interval, RuleKind::Ticks]
            .into_iter()
            .flat_map(|kind| default_rules(kind).map(move |rule| gil(Era::default_for(kind), rule)))
            .collect(),
        ([], rules) => rules.iter().map(|&rule| gil(Era::default_for(rule.kind()), rule)).collect(),
        (eras, []) => eras
            .iter()
            .flat_map(|&era| default_rules(era.facts().rule).map(move |rule| gil(era, rule)))
            .collect(),
        (eras, rules) => {
            eras.iter().flat_map(|&era| rules.iter().map(move |&rule| gil(era, rule))).collect()
        }
    }
}

fn named_rules(wish: &Wish) -> Vec<SwitchRule> {
    let intervals = wish.intervals.iter().map(|&interval| SwitchRule::Interval(interval));
    intervals.chain(wish.ticks.iter().map(|&ticks| SwitchRule::Ticks(ticks))).collect()
}

fn default_rules(kind: RuleKind) -> [SwitchRule; 3] {
    match kind {
        RuleKind::Interval => DEFAULT_INTERVALS_PS
            .map(|ps| SwitchRule::Interval(SwitchInterval::from_picoseconds(ps))),
        RuleKind::Ticks => DEFAULT_TICKS.map(SwitchRule::Ticks),
    }
}
