//! A cell as named fields: the one list behind NDJSON, JSON and CSV. The names are a contract with
//! programs that parse them: units and statistics stand in them, and none is ever renamed.

use proto::v1::{Cell, Measurement, SeenValue};
use serde_json::{Number, Value};

use crate::cli::axes::AXES;
use crate::follow::sweep_view::{Row, Stage, SweepView};
use crate::render::format::json::Field;
use crate::render::format::{csv, enum_names};
use crate::render::sweep::cell::{has_tasks, is_real};

/// The fields of a cell, in the order of the columns of CSV.
pub fn fields(board: &SweepView, row: &Row) -> Vec<Field> {
    let mut fields = vec![("sweep", board.id().map(Value::from))];
    fields.extend(strategy(&row.cell));
    fields.extend(workload(board, row));
    fields.extend(outcome(row));
    fields.extend(model(row.figures()));
    let figures = row.figures();
    fields.extend(speed(figures));
    fields.extend(switching(figures));
    fields.extend(requests(figures));
    fields.extend(contention(figures));
    fields.extend([
        ("validity", enum_names::validity(row.validity()).map(Value::from)),
        maybe("reruns", figures.map(|it| it.reruns)),
        maybe("others_fraction", figures.and_then(|it| it.others_fraction)),
        maybe("steal_fraction", figures.and_then(|it| it.steal_fraction)),
        ("promise", enum_names::promise(row.promise()).map(Value::from)),
        ("verdict", enum_names::verdict(row.verdict()).map(Value::from)),
    ]);
    fields
}

/// The cells of a sweep as CSV. A sweep has at least one cell, so that the header is always known.
pub fn csv(view: &SweepView) -> String {
    csv::rows(view.rows.iter().map(|row| fields(view, row)).collect())
}

/// What was asked of a cell, without what came of it.
pub fn parameters(board: &SweepView, row: &Row) -> Vec<Field> {
    const RESULTS: [&str; 3] = ["step_cost_measured_ns", "attempts", "complete"];
    let mut fields = vec![("sweep", board.id().map(Value::from))];
    fields.extend(strategy(&row.cell));
    fields.extend(workload(board, row));
    fields.retain(|(name, _)| !RESULTS.contains(name));
    fields
}

fn strategy(cell: &Cell) -> [Field; 9] {
    let era = Some(&cell.era).filter(|era| !era.is_empty());
    [
        some("cell", cell.cell),
        some("strategy", cell.strategy.as_str()),
        ("era", era.map(|era| Value::from(era.as_str()))),
        ("hypothetical", era.map(|_| Value::from(cell.hypothetical))),
        text("python_version", &cell.python_version),
        text("python", &cell.python),
        maybe("switch_ticks", cell.switch_ticks),
        ("switch_interval_ns", cell.switch_interval_ps.and_then(nanoseconds)),
        maybe("effective_switch_interval_ns", cell.effective_switch_interval_ns),
    ]
}

fn workload(board: &SweepView, row: &Row) -> Vec<Field> {
    let cell = &row.cell;
    let measured = row.measurement.as_ref().map(|it| it.step_cost_measured_ns);
    let has_tasks = has_tasks(cell);
    let is_modelled = !is_real(cell);
    let mut fields = vec![
        some("workers", cell.workers),
        maybe("cpu_workers", cell.cpu_workers),
        maybe("io_workers", cell.io_workers),
        maybe("tasks", has_tasks.then_some(cell.tasks)),
        maybe("increments", has_tasks.then_some(cell.increments)),
        some("body", cell.body.as_str()),
        some("steps", cell.steps.as_str()),
        maybe("task_steps", (has_tasks && is_modelled).then_some(cell.task_steps)),
        maybe("step_cost_ns", is_modelled.then_some(cell.step_cost_ns)),
        maybe("step_cost_measured_ns", measured.filter(|_| is_modelled)),
        maybe("inside_ns", is_modelled.then_some(cell.inside_ns)),
        maybe("outside_ns", is_modelled.then_some(cell.outside_ns)),
        text("io_call", &cell.io_call),
        maybe("io_every", cell.io_every),
        maybe("io_ns", cell.io_ns),
    ];
    fields.extend(AXES.iter().map(|axis| (axis.record.0, (axis.record.1)(cell))));
    fields.extend([
        // What was asked of each; `requests` is what all of them made.
        maybe("requests_per_worker", cell.requests),
        some("order", enum_names::order(board.sweep.order())),
        some("pin", enum_names::pin(board.sweep.pin())),
        some("seed", board.sweep.seed),
        some("attempts_requested", cell.attempts_requested),
        some("attempts", row.attempts()),
        some("complete", row.stage == Stage::Complete),
    ]);
    fields
}

fn outcome(row: &Row) -> [Field; 13] {
    let figures = row.figures();
    let expected = has_tasks(&row.cell).then_some(row.cell.expected);
    [
        maybe("correct", figures.map(|it| it.correct)),
        maybe("correct_fraction", figures.map(|it| it.correct_fraction)),
        maybe("correct_low", figures.map(|it| it.correct_low)),
        maybe("correct_high", figures.map(|it| it.correct_high)),
        maybe("expected", expected),
        maybe("observed_min", figures.map(|it| it.observed_min)),
        maybe("observed_max", figures.map(|it| it.observed_max)),
        maybe("lost_fraction", figures.map(|it| it.lost_fraction)),
        maybe("lost_low", figures.map(|it| it.lost_low)),
        maybe("lost_high", figures.map(|it| it.lost_high)),
        maybe("rounds", figures.map(|it| it.rounds)),
        maybe("round_low", figures.map(|it| it.round_low)),
        maybe("round_high", figures.map(|it| it.round_high)),
    ]
}

fn model(figures: Option<&Measurement>) -> [Field; 8] {
    let modelled = figures.filter(|it| !it.reachable.is_empty());
    let outcomes = modelled.map(|it| it.outcomes.iter().map(seen).collect::<Vec<_>>());
    [
        maybe("reachable", modelled.map(|it| it.reachable.as_str())),
        maybe("reachable_at_most", modelled.map(|it| it.reachable_at_most)),
        maybe("correct_predicted", modelled.and_then(|it| it.correct_predicted)),
        maybe("lost_predicted", figures.and_then(|it| it.lost_predicted)),
        maybe("grade", modelled.and_then(|it| enum_names::grade(it.grade()))),
        maybe("impossible_value", figures.and_then(|it| it.impossible_value)),
        maybe("impossible_seed", figures.and_then(|it| it.impossible_seed)),
        maybe("outcomes", outcomes.filter(|all| !all.is_empty())),
    ]
}

fn seen(seen: &SeenValue) -> Value {
    let fields = [
        some("value", seen.value),
        some("times", seen.times),
        some("frequency", seen.frequency),
        maybe("probability", seen.probability),
        maybe("grade", enum_names::grade(seen.grade())),
    ];
    let present = |(name, value): Field| value.map(|value| (name.to_owned(), value));
    Value::Object(fields.into_iter().filter_map(present).collect())
}

fn speed(figures: Option<&Measurement>) -> [Field; 11] {
    [
        maybe("duration_ns_median", figures.map(|it| it.duration_ns_median)),
        maybe("duration_ns_low", figures.map(|it| it.duration_ns_low)),
        maybe("duration_ns_high", figures.map(|it| it.duration_ns_high)),
        maybe("increments_per_second", figures.map(|it| it.increments_per_second)),
        maybe("increments_per_second_low", figures.map(|it| it.increments_per_second_low)),
        maybe("increments_per_second_high", figures.map(|it| it.increments_per_second_high)),
        maybe(
            "increments_per_second_median_low",
            figures.map(|it| it.increments_per_second_median_low),
        ),
        maybe(
            "increments_per_second_median_high",
            figures.map(|it| it.increments_per_second_median_high),
        ),
        maybe("ns_per_increment", figures.map(|it| it.ns_per_increment)),
        maybe("jain", figures.map(|it| it.jain)),
        maybe("overlap_fraction", figures.map(|it| it.overlap_fraction)),
    ]
}

fn switching(figures: Option<&Measurement>) -> [Field; 24] {
    [
        maybe("switches", figures.and_then(|it| it.switches)),
        maybe("switches_forced", figures.and_then(|it| it.switches_forced)),
        maybe("switches_voluntary", figures.and_then(|it| it.switches_voluntary)),
        maybe("switches_per_second", figures.and_then(|it| it.switches_per_second)),
        maybe("switches_per_second_low", figures.and_then(|it| it.switches_per_second_low)),
        maybe("switches_per_second_high", figures.and_then(|it| it.switches_per_second_high)),
        maybe("slices", figures.map(|it| it.slices)),
        maybe("slice_ns_p10", figures.and_then(|it| it.slice_ns_p10)),
        maybe("slice_ns_p50", figures.and_then(|it| it.slice_ns_p50)),
        maybe("slice_ns_p90", figures.and_then(|it| it.slice_ns_p90)),
        maybe("hand_overs", figures.map(|it| it.hand_overs)),
        maybe("hand_over_ns_p50", figures.and_then(|it| it.hand_over_ns_p50)),
        maybe("hand_over_ns_p99", figures.and_then(|it| it.hand_over_ns_p99)),
        maybe("waits", figures.map(|it| it.waits)),
        maybe("wait_ns_p50", figures.and_then(|it| it.wait_ns_p50)),
        maybe("wait_ns_p99", figures.and_then(|it| it.wait_ns_p99)),
        maybe("wait_ns_p999", figures.and_then(|it| it.wait_ns_p999)),
        maybe("wait_ns_max", figures.and_then(|it| it.wait_ns_max)),
        maybe("wait_ranks", figures.map(|it| &it.wait_ranks[..]).filter(|it| !it.is_empty())),
        maybe("cpu_ns_user", figures.map(|it| it.cpu_ns_user)),
        maybe("cpu_ns_system", figures.map(|it| it.cpu_ns_system)),
        maybe("cpu_ns_per_increment", figures.map(|it| it.cpu_ns_per_increment)),
        maybe("context_switches_voluntary", figures.and_then(|it| it.context_switches_voluntary)),
        maybe("context_switches_forced", figures.and_then(|it| it.context_switches_forced)),
    ]
}

fn requests(figures: Option<&Measurement>) -> [Field; 7] {
    [
        maybe("requests", figures.map(|it| it.requests)),
        maybe("requests_per_second", figures.and_then(|it| it.requests_per_second)),
        maybe("requests_per_second_low", figures.and_then(|it| it.requests_per_second_low)),
        maybe("requests_per_second_high", figures.and_then(|it| it.requests_per_second_high)),
        maybe("latency_ns_p50", figures.and_then(|it| it.latency_ns_p50)),
        maybe("latency_ns_p99", figures.and_then(|it| it.latency_ns_p99)),
        maybe("latency_ns_max", figures.and_then(|it| it.latency_ns_max)),
    ]
}

fn contention(figures: Option<&Measurement>) -> [Field; 22] {
    let load = figures.and_then(|it| it.contention.as_ref());
    let watched = load.filter(|it| it.watched > 0);
    [
        maybe("jain_1ms", load.and_then(|it| it.jain_1ms)),
        maybe("jain_10ms", load.and_then(|it| it.jain_10ms)),
        maybe("jain_100ms", load.and_then(|it| it.jain_100ms)),
        maybe("slowest_fraction", load.map(|it| it.slowest_fraction)),
        maybe("warm_up_ns", load.map(|it| it.warm_up_ns)),
        maybe("unsteady_attempts", load.map(|it| it.unsteady_attempts)),
        maybe("unserved", load.map(|it| it.unserved)),
        maybe("longest_ns", load.map(|it| it.longest_ns)),
        maybe("watching_ratio", load.and_then(|it| it.watching_ratio)),
        maybe("watching_ratio_low", load.and_then(|it| it.watching_ratio_low)),
        maybe("watching_ratio_high", load.and_then(|it| it.watching_ratio_high)),
        maybe("timestamp_ns", load.map(|it| it.timestamp_ns)),
        maybe("watched", watched.map(|it| it.watched)),
        maybe("owner_switch_fraction", load.and_then(|it| it.owner_switch_fraction)),
        maybe("ticketed", load.and_then(|it| it.ticketed)),
        maybe("bypassed", load.and_then(|it| it.bypassed)),
        maybe("waits_sampled", watched.map(|it| it.waits_sampled)),
        maybe("waits_overtaken", watched.map(|it| it.waits_overtaken)),
        maybe("others_most", watched.map(|it| it.others_most)),
        maybe("overlapped", watched.map(|it| it.overlapped)),
        maybe("reads", load.map(|it| it.reads)),
        maybe("torn_reads", load.map(|it| it.torn_reads)),
    ]
}

/// An empty text is one that does not apply.
fn text(name: &'static str, value: &str) -> Field {
    (name, Some(value).filter(|value| !value.is_empty()).map(Value::from))
}

fn some(name: &'static str, value: impl Into<Value>) -> Field {
    (name, Some(value.into()))
}

/// An absent value, and one that no number can be (a mean of nothing), leave the field out.
fn maybe(name: &'static str, value: Option<impl Into<Value>>) -> Field {
    (name, value.map(Into::into).filter(|value| !value.is_null()))
}

/// Picoseconds as a JSON number of nanoseconds. Exact up to 2^53 ps, far beyond the longest
/// interval: the division rounds to the double nearest to the decimal, and that double is printed
/// as the decimal again.
pub fn nanoseconds(picos: u64) -> Option<Value> {
    const PICOS_PER_NANO: u64 = 1000;
    if picos.is_multiple_of(PICOS_PER_NANO) {
        return Some(Value::from(picos / PICOS_PER_NANO));
    }
    Number::from_f64(picos as f64 / PICOS_PER_NANO as f64).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message as _;
    use prost_types::FileDescriptorSet;
    use proto::v1::Sweep;

    use super::*;

    /// A field that the wire gains has to find its place here.
    #[test]
    fn every_field_of_the_wire_is_in_the_record() {
        let wire = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("descriptors");
        let messages = wire.file.iter().flat_map(|file| &file.message_type);
        let row = Row { cell: Cell::default(), measurement: None, turn: None, stage: Stage::Open };
        let known: Vec<&str> =
            fields(&SweepView::new(Sweep::default()), &row).iter().map(|(name, _)| *name).collect();
        for message in
            messages.filter(|it| ["Cell", "Measurement", "Contention"].contains(&it.name()))
        {
            // What is nested stands among the others.
            for field in message.field.iter().filter(|field| field.name() != "contention") {
                let name = match (message.name(), field.name()) {
                    (_, "switch_interval_ps") => "switch_interval_ns",
                    ("Cell", "requests") => "requests_per_worker",
                    (_, name) => name,
                };
                assert!(known.contains(&name), "{}.{name}", message.name());
            }
        }
    }

    #[track_caller]
    fn shows(picos: u64, wanted: &str) {
        assert_eq!(nanoseconds(picos).map(|value| value.to_string()).as_deref(), Some(wanted));
    }

    #[test]
    fn intervals_are_numbers() {
        shows(500, "0.5");
        shows(500_000, "500");
        shows(5_000_000_000, "5000000");
        shows(1, "0.001");
    }

    proptest! {
        /// Up to the longest interval that a sweep can ask for.
        #[test]
        fn intervals_are_exact(picos in 1_u64..=10_000_000_000_000) {
            let text = nanoseconds(picos).expect("finite").to_string();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
            let back = format!("{whole}{fraction:0<3}");
            prop_assert_eq!(back.parse::<u64>(), Ok(picos));
        }
    }
}
