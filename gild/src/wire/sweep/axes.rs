//! Axes of a cell: the parameters that make it another experiment, each under the name of its flag
//! and as text. Cells are the same experiment if all of these texts are equal.

use engine::plan::spec::distinct;
use proto::v1;
use strategies::program::limit::{LimitError, picoseconds, within};

use crate::wire::names::unknown;

/// Where a parameter does not apply.
const NONE: &str = "none";
/// Picoseconds of a nanosecond.
const PER_NS: u64 = 1000;

/// The names of the axes: the flags of `gilctl sweep`, without their dashes.
pub const AXES: [&str; 22] = [
    "strategy",
    "era",
    "python",
    "switch-interval",
    "switch-ticks",
    "workers",
    "cpu-workers",
    "io-workers",
    "requests",
    "tasks",
    "increments",
    "duration",
    "body",
    "task-steps",
    "inside",
    "outside",
    "lengths",
    "io",
    "io-every",
    "locks",
    "reads",
    "arrivals",
];

/// The positions of named axes, each once; `steps` are of the axis `body`.
///
/// # Errors
/// The first name that is none, with the nearest one.
pub fn named(names: &[String]) -> Result<Vec<usize>, LimitError> {
    within("by", names.len(), 0, AXES.len())?;
    let position = |name: &String| {
        let wanted = if name == "steps" { "body" } else { name };
        let position = AXES.iter().position(|axis| *axis == wanted);
        position.ok_or_else(|| unknown("by", "axis", name, &AXES))
    };
    Ok(distinct(&names.iter().map(position).collect::<Result<Vec<_>, _>>()?))
}

/// The cell's value of each of [`AXES`], in their order.
pub(crate) fn axis_values(cell: &v1::Cell) -> [String; AXES.len()] {
    let v1::Cell {
        strategy,
        era,
        switch_ticks,
        switch_interval_ps,
        effective_switch_interval_ns,
        workers,
        tasks,
        increments,
        body,
        steps,
        task_steps,
        inside_ns,
        outside_ns,
        io_every,
        io_ns,
        io_call,
        cpu_workers,
        io_workers,
        requests,
        python_version,
        python,
        duration_ns,
        lengths,
        locks,
        reads_percent,
        arrivals_per_s,
        // Its place, how often it is run, what follows from the rest, and the cost of steps, which is
        // a setting of the whole sweep.
        cell: _,
        attempts_requested: _,
        expected: _,
        promise: _,
        hypothetical: _,
        step_cost_ns: _,
        also_switch_interval_ps: _,
    } = cell;
    let interval = switch_interval_ps.map(|asked| interval(asked, *effective_switch_interval_ns));
    [
        strategy.clone(),
        or_none(era),
        or_none(format!("{python_version} {python}").trim()),
        interval.unwrap_or_else(|| NONE.to_owned()),
        number(switch_ticks.as_ref()),
        workers.to_string(),
        number(cpu_workers.as_ref()),
        number(io_workers.as_ref()),
        number(requests.as_ref()),
        // Where a time or requests end an attempt there are none.
        number(Some(tasks).filter(|tasks| **tasks > 0)),
        number(Some(increments).filter(|increments| **increments > 0)),
        duration_ns.map_or_else(|| NONE.to_owned(), nanoseconds),
        // A body that was asked for by its steps has them as its name.
        if body == steps { body.clone() } else { format!("{body} ({steps})") },
        task_steps.to_string(),
        nanoseconds(*inside_ns),
        nanoseconds(*outside_ns),
        or_none(lengths),
        or_none([io_call.clone(), io_ns.map(nanoseconds).unwrap_or_default()].join(" ").trim()),
        number(io_every.as_ref()),
        locks.to_string(),
        format!("{reads_percent} %"),
        arrivals_per_s.map_or_else(|| NONE.to_owned(), |per_s| format!("{per_s}/s")),
    ]
}

/// Asked, and what of it takes effect if that is something else: `500 ns (1 us)`.
fn interval(asked_ps: u64, effective_ns: Option<u64>) -> String {
    let (asked, effective) = (picoseconds(asked_ps), effective_ns.map(nanoseconds));
    match effective.filter(|effective| *effective != asked) {
        Some(effective) => format!("{asked} ({effective})"),
        None => asked,
    }
}

fn nanoseconds(ns: u64) -> String {
    picoseconds(ns.saturating_mul(PER_NS))
}

fn number<T: ToString>(number: Option<&T>) -> String {
    number.map_or_else(|| NONE.to_owned(), T::to_string)
}

fn or_none(text: &str) -> String {
    if text.is_empty() { NONE.to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell() -> v1::Cell {
        v1::Cell { strategy: "ticket".into(), workers: 2, ..v1::Cell::default() }
    }

    fn value(name: &str, cell: &v1::Cell) -> String {
        let at = AXES.iter().position(|axis| *axis == name).expect("an axis");
        axis_values(cell)[at].clone()
    }

    /// A change of a field, the axis that has it, and the axis' value.
    type Change = (fn(&mut v1::Cell), &'static str, &'static str);

    #[test]
    fn each_parameter_changes_its_axis_alone() {
        let changes: [Change; 25] = [
            (|it| it.strategy = "mcs".into(), "strategy", "mcs"),
            (|it| it.era = "3.9".into(), "era", "3.9"),
            (|it| it.python_version = "3.11.7".into(), "python", "3.11.7"),
            (|it| it.python = "/bin/python3".into(), "python", "/bin/python3"),
            (|it| it.switch_interval_ps = Some(500), "switch-interval", "0.5 ns"),
            (|it| it.switch_ticks = Some(10), "switch-ticks", "10"),
            (|it| it.workers = 3, "workers", "3"),
            (|it| it.cpu_workers = Some(0), "cpu-workers", "0"),
            (|it| it.io_workers = Some(1), "io-workers", "1"),
            (|it| it.requests = Some(100), "requests", "100"),
            (|it| it.tasks = 7, "tasks", "7"),
            (|it| it.increments = 9, "increments", "9"),
            (|it| it.duration_ns = Some(20_000_000), "duration", "20 ms"),
            (|it| it.body = "call".into(), "body", "call ()"),
            (|it| it.steps = "L.S".into(), "body", " (L.S)"),
            (|it| it.task_steps = 600, "task-steps", "600"),
            (|it| it.inside_ns = 500, "inside", "500 ns"),
            (|it| it.outside_ns = 1500, "outside", "1.5 us"),
            (|it| it.lengths = "uniform".into(), "lengths", "uniform"),
            (|it| it.io_call = "echo".into(), "io", "echo"),
            (|it| it.io_ns = Some(1000), "io", "1 us"),
            (|it| it.io_every = Some(5), "io-every", "5"),
            (|it| it.locks = 16, "locks", "16"),
            (|it| it.reads_percent = 50, "reads", "50 %"),
            (|it| it.arrivals_per_s = Some(1000), "arrivals", "1000/s"),
        ];
        let before = axis_values(&cell());
        for (change, name, shown) in changes {
            let mut other = cell();
            change(&mut other);
            assert_eq!(value(name, &other), shown, "{name}");
            let after = axis_values(&other);
            let differing = (0..AXES.len()).filter(|at| before[*at] != after[*at]);
            assert_eq!(differing.map(|at| AXES[at]).collect::<Vec<_>>(), [name]);
        }
    }

    #[test]
    fn named_axes_are_found_or_refused_with_the_nearest() {
        let named =
            |names: &[&str]| named(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(named(&["workers", "strategy", "workers"]), Ok(vec![5, 0]));
        assert_eq!(named(&["steps"]), named(&["body"]));
        let refused = named(&["insde"]).expect_err("no axis").to_string();
        let wanted = "by: `insde` is not an axis of this lab; did you mean `inside`? choose one of \
                      strategy, era, ";
        assert!(refused.starts_with(wanted), "{refused}");
        let many = named(&["workers"; AXES.len() + 1]).expect_err("too many").to_string();
        assert_eq!(many, "by: 23 is outside the limits; choose a value from 0 to 22");
    }

    #[test]
    fn what_is_no_parameter_changes_no_axis() {
        let other = v1::Cell {
            cell: 7,
            attempts_requested: 500,
            expected: 9,
            promise: 1,
            hypothetical: true,
            step_cost_ns: 15,
            ..cell()
        };
        assert_eq!(axis_values(&other), axis_values(&cell()));
    }

    #[test]
    fn effective_interval_is_shown_where_it_is_another() {
        let of = |asked_ps, effective_ns| v1::Cell {
            switch_interval_ps: Some(asked_ps),
            effective_switch_interval_ns: Some(effective_ns),
            ..cell()
        };
        assert_eq!(value("switch-interval", &of(500_000, 1000)), "500 ns (1 us)");
        assert_eq!(value("switch-interval", &of(5_000_000_000, 5_000_000)), "5 ms");
    }
}
