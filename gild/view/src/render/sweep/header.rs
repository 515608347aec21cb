//! The lines over a sweep's table: which sweep, what all of its cells have in common, and where it
//! runs.

use proto::v1::MachineInfo;

use crate::follow::sweep_view::SweepView;
use crate::ids;
use crate::listed::labels;
use crate::render::format::enum_names;
use crate::render::format::page::Width;
use crate::render::format::quantity::{counted, measured_nanoseconds};
use crate::render::format::wrap::{SEPARATOR, phrases};
use crate::render::sweep::axis::Axis;

/// The same as lines of a page: a phrase that does not fit begins a new one.
pub fn fitted(lines: &[String], width: Width) -> Vec<String> {
    let fit = |line: &String| phrases(&line.split(SEPARATOR).collect::<Vec<_>>(), width);
    lines.iter().flat_map(fit).collect()
}

/// The lines, from the sweep to the machine.
pub fn lines(board: &SweepView) -> Vec<String> {
    let mut lines = vec![identity(board)];
    lines.extend(labelled(board));
    lines.extend(Some(in_common(board)).filter(|line| !line.is_empty()));
    lines.extend(board.sweep.machine.as_ref().map(machine));
    lines
}

fn identity(board: &SweepView) -> String {
    let name = match board.id() {
        Some(_) => format!("sweep {}", ids::short(&board.sweep.name)),
        None => "a plan, not run".to_owned(),
    };
    let seed = format!("seed {}", board.sweep.seed);
    let pin = format!("pin {}", enum_names::pin(board.sweep.pin()));
    let cells = counted(board.rows.len() as u64, "cell");
    [name, seed, enum_names::order(board.sweep.order()).to_owned(), pin, cells].join(SEPARATOR)
}

/// The labels, if there are any.
fn labelled(board: &SweepView) -> Option<String> {
    let labels = labels(&board.sweep);
    (!labels.is_empty()).then(|| format!("labels: {}", labels.join(SEPARATOR)))
}

/// What all cells have in common; what varies is a column of the table instead.
pub fn in_common(board: &SweepView) -> String {
    let constant = Axis::ALL.into_iter().filter(|axis| !axis.is_column(&board.rows));
    let phrases = constant.filter_map(|axis| match axis {
        Axis::StepCost => axis.phrase(&board.rows).map(|asked| step_cost(asked, board)),
        _ => axis.phrase(&board.rows),
    });
    phrases.collect::<Vec<String>>().join(SEPARATOR)
}

/// Asked and measured; the daemon measures it before a sweep, so that cells agree.
fn step_cost(asked: String, board: &SweepView) -> String {
    let measurements = board.rows.iter().filter_map(|row| row.measurement.as_ref());
    let measured = measurements.map(|it| it.step_cost_measured_ns).find(|cost| *cost > 0.0);
    match measured {
        Some(cost) => format!("{asked} (measured {})", measured_nanoseconds(cost)),
        None => asked,
    }
}

/// The machine in one line; but for the processor, what is not known is left out.
pub fn machine(machine: &MachineInfo) -> String {
    let known = |name: &str, value: &str| {
        let is_known = !matches!(value, "" | "unknown" | "none");
        is_known.then(|| format!("{name}{value}"))
    };
    let parts = [
        known("", &machine.cpu_model).or(Some("unknown processor".into())),
        Some(counted(machine.cores.into(), "core")),
        known("", &machine.kernel),
        known("governor ", &machine.governor),
        known("under ", &machine.hypervisor),
        known("clock ", &machine.clock_source),
        known("", &machine.profile).map(|profile| format!("{profile} build")),
    ];
    parts.into_iter().flatten().collect::<Vec<String>>().join(SEPARATOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_that_is_not_known_is_said_to_be_unknown() {
        let of = |model: &str| MachineInfo {
            cpu_model: model.into(),
            cores: 4,
            governor: "unknown".into(),
            kernel: "Linux 6.1.0".into(),
            ..MachineInfo::default()
        };
        for unknown in ["unknown", ""] {
            assert_eq!(machine(&of(unknown)), "unknown processor · 4 cores · Linux 6.1.0");
        }
        assert_eq!(machine(&of("POWER9")), "POWER9 · 4 cores · Linux 6.1.0");
    }
}
