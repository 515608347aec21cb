//! The lines over a sweep's table: which sweep, what all of its cells have in common, and where it
//! runs.

use proto::v1::MachineInfo;

use super::columns::{Axis, io};
use super::quantity::{counted, measured_nanoseconds};
use super::words;
use crate::board::{Board, Row};
use crate::ids;
use crate::value::duration::show_nanoseconds;

const SEPARATOR: &str = " · ";

/// The lines, from the sweep to the machine.
pub fn lines(board: &Board) -> Vec<String> {
    let mut lines = vec![identity(board)];
    lines.extend(Some(in_common(board)).filter(|line| !line.is_empty()));
    lines.extend(board.sweep.machine.as_ref().map(machine));
    lines
}

fn identity(board: &Board) -> String {
    let name = match board.id() {
        Some(_) => format!("sweep {}", ids::short(&board.sweep.name)),
        None => "a plan, not run".to_owned(),
    };
    let seed = format!("seed {}", board.sweep.seed);
    let cells = counted(board.rows.len() as u64, "cell");
    [name, seed, words::order(board.sweep.order()).to_owned(), cells].join(SEPARATOR)
}

/// What varies is a column of the table instead.
fn in_common(board: &Board) -> String {
    let Some(first) = board.rows.first() else {
        return String::new();
    };
    let constant = Axis::ALL.into_iter().filter(|axis| !axis.varies(&board.rows));
    let phrases = constant.filter_map(|axis| phrase(axis, first, board));
    phrases.collect::<Vec<String>>().join(SEPARATOR)
}

fn phrase(axis: Axis, row: &Row, board: &Board) -> Option<String> {
    let cell = &row.cell;
    let unless_zero =
        |name, nanos: u64| (nanos > 0).then(|| format!("{name} {}", show_nanoseconds(nanos)));
    match axis {
        Axis::Workers => Some(counted(cell.workers.into(), "worker")),
        Axis::Work => {
            let tasks = counted(cell.tasks, "task");
            Some(format!("{tasks} x {}", counted(cell.increments, "increment")))
        }
        Axis::Body => Some(format!("body {}", cell.body)),
        Axis::TaskSteps => Some(counted(cell.task_steps.into(), "task step")),
        Axis::StepCost => Some(step_cost(cell.step_cost_ns, board)),
        Axis::Inside => unless_zero("inside", cell.inside_ns),
        Axis::Outside => unless_zero("outside", cell.outside_ns),
        Axis::Io => io(cell).map(|io| format!("io {io}")),
    }
}

/// Asked and measured; the daemon measures it before a sweep, so that cells agree.
fn step_cost(asked_ns: u64, board: &Board) -> String {
    let measurements = board.rows.iter().filter_map(|row| row.measurement.as_ref());
    let measured = measurements.map(|it| it.step_cost_measured_ns).find(|cost| *cost > 0.0);
    let asked = match asked_ns {
        0 => "steps at native speed".to_owned(),
        cost => format!("step cost {}", show_nanoseconds(cost)),
    };
    match measured {
        Some(cost) => format!("{asked} (measured {})", measured_nanoseconds(cost)),
        None => asked,
    }
}

fn machine(machine: &MachineInfo) -> String {
    let known = |name: &str, value: &str| {
        let is_known = !matches!(value, "" | "unknown" | "none");
        is_known.then(|| format!("{name}{value}"))
    };
    let parts = [
        known("", &machine.cpu_model),
        Some(counted(machine.cores.into(), "core")),
        known("", &machine.kernel),
        known("governor ", &machine.governor),
        known("under ", &machine.hypervisor),
        known("clock ", &machine.clock_source),
        known("", &machine.profile).map(|profile| format!("{profile} build")),
    ];
    parts.into_iter().flatten().collect::<Vec<String>>().join(SEPARATOR)
}
