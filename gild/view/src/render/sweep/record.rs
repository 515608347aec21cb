//! A cell as named fields: the one list behind NDJSON, JSON and CSV. The names are a contract with
//! programs that parse them: units and statistics stand in them, and none is ever renamed.

use data_encoding::BASE64;
use proto::v1::{Cell, Measurement, SeenValue, WorkerShare};

use crate::follow::sweep_view::{Row, Stage, SweepView};
use crate::render::format::json::{Field, object};
use crate::render::format::value::Value;
use crate::render::format::{csv, enum_names};
use crate::render::sweep::cell::{has_tasks, is_real};
use crate::request::axes::{AXES, AxisValue};

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

fn strategy(cell: &Cell) -> [Field; 10] {
    let era = Some(&cell.era).filter(|era| !era.is_empty());
    [
        some("cell", cell.cell),
        some("strategy", cell.strategy.as_str()),
        ("era", era.map(|era| Value::from(era.as_str()))),
        ("hypothetical", era.map(|_| Value::from(cell.hypothetical))),
        text("python_version", &cell.python_version),
        text("python", &cell.python),
        maybe("switch_ticks", cell.switch_ticks),
        ("switch_interval_ns", cell.switch_interval_ps.map(nanoseconds)),
        whole("effective_switch_interval_ns", cell.effective_switch_interval_ns),
        ("also_switch_interval_ns", all_nanoseconds(&cell.also_switch_interval_ps)),
    ]
}

/// Lengths as a list; an empty one does not apply.
fn all_nanoseconds(picos: &[u64]) -> Option<Value> {
    (!picos.is_empty()).then(|| picos.iter().copied().map(nanoseconds).collect())
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
        whole("tasks", has_tasks.then_some(cell.tasks)),
        whole("increments", has_tasks.then_some(cell.increments)),
        some("body", cell.body.as_str()),
        some("steps", cell.steps.as_str()),
        maybe("task_steps", (has_tasks && is_modelled).then_some(cell.task_steps)),
        whole("step_cost_ns", is_modelled.then_some(cell.step_cost_ns)),
        maybe("step_cost_measured_ns", measured.filter(|_| is_modelled)),
        whole("inside_ns", is_modelled.then_some(cell.inside_ns)),
        whole("outside_ns", is_modelled.then_some(cell.outside_ns)),
        text("io_call", &cell.io_call),
        whole("io_every", cell.io_every),
        whole("io_ns", cell.io_ns),
    ];
    fields.extend(AXES.iter().map(|axis| (axis.record.0, (axis.record.1)(cell).map(of_axis))));
    fields.extend([
        // What was asked of each; `requests` is what all of them made.
        whole("requests_per_worker", cell.requests),
        some("order", enum_names::order(board.sweep.order())),
        some("pin", enum_names::pin(board.sweep.pin())),
        ("seed", Some(Value::digits(board.sweep.seed))),
        some("attempts_requested", cell.attempts_requested),
        some("attempts", row.attempts()),
        some("complete", row.stage == Stage::Complete),
    ]);
    fields
}

fn outcome(row: &Row) -> [Field; 18] {
    let figures = row.figures();
    let [checked, lost, fraction, low, high] = increments(figures);
    let expected = has_tasks(&row.cell).then_some(row.cell.expected);
    [
        maybe("correct", figures.map(|it| it.correct)),
        maybe("correct_fraction", figures.map(|it| it.correct_fraction)),
        maybe("correct_low", figures.map(|it| it.correct_low)),
        maybe("correct_high", figures.map(|it| it.correct_high)),
        whole("expected", expected),
        whole("observed_min", figures.map(|it| it.observed_min)),
        whole("observed_max", figures.map(|it| it.observed_max)),
        maybe("lost_fraction", figures.map(|it| it.lost_fraction)),
        maybe("lost_low", figures.map(|it| it.lost_low)),
        maybe("lost_high", figures.map(|it| it.lost_high)),
        checked,
        lost,
        fraction,
        low,
        high,
        maybe("rounds", figures.map(|it| it.rounds)),
        maybe("round_low", figures.map(|it| it.round_low)),
        maybe("round_high", figures.map(|it| it.round_high)),
    ]
}

/// Lost of checked increments, where correctness is judged by them.
pub fn increments(figures: Option<&Measurement>) -> [Field; 5] {
    let lost = figures.and_then(|it| it.lost_increments.as_ref());
    [
        whole("increments_checked", lost.map(|it| it.increments_checked)),
        whole("increments_lost", lost.map(|it| it.increments_lost)),
        maybe("increments_lost_fraction", lost.map(|it| it.increments_lost_fraction)),
        maybe("increments_lost_low", lost.and_then(|it| it.increments_lost_low)),
        maybe("increments_lost_high", lost.and_then(|it| it.increments_lost_high)),
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
        whole("impossible_value", figures.and_then(|it| it.impossible_value)),
        ("impossible_seed", figures.and_then(|it| it.impossible_seed).map(Value::digits)),
        maybe("outcomes", outcomes.filter(|all| !all.is_empty())),
    ]
}

fn seen(seen: &SeenValue) -> Value {
    let fields = [
        ("value", Some(Value::number(seen.value))),
        some("times", seen.times),
        some("frequency", seen.frequency),
        maybe("probability", seen.probability),
        maybe("grade", enum_names::grade(seen.grade())),
    ];
    object(fields)
}

fn worker_share(share: &WorkerShare) -> Value {
    object([
        ("increments", Some(Value::number(share.increments))),
        some("fraction", share.fraction),
        some("fraction_least", share.fraction_least),
        some("fraction_greatest", share.fraction_greatest),
    ])
}

fn speed(figures: Option<&Measurement>) -> [Field; 12] {
    let shares = figures.map(|it| it.worker_shares.iter().map(worker_share).collect::<Vec<_>>());
    [
        whole("duration_ns_median", figures.map(|it| it.duration_ns_median)),
        whole("duration_ns_low", figures.map(|it| it.duration_ns_low)),
        whole("duration_ns_high", figures.map(|it| it.duration_ns_high)),
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
        maybe("worker_shares", shares.filter(|all| !all.is_empty())),
        maybe("overlap_fraction", figures.map(|it| it.overlap_fraction)),
    ]
}

fn switching(figures: Option<&Measurement>) -> [Field; 29] {
    [
        whole("switches", figures.and_then(|it| it.switches)),
        whole("switches_forced", figures.and_then(|it| it.switches_forced)),
        whole("switches_voluntary", figures.and_then(|it| it.switches_voluntary)),
        maybe("switches_per_second", figures.and_then(|it| it.switches_per_second)),
        maybe("switches_per_second_low", figures.and_then(|it| it.switches_per_second_low)),
        maybe("switches_per_second_high", figures.and_then(|it| it.switches_per_second_high)),
        whole("slices", figures.map(|it| it.slices)),
        whole("slice_ns_p10", figures.and_then(|it| it.slice_ns_p10)),
        whole("slice_ns_p50", figures.and_then(|it| it.slice_ns_p50)),
        whole("slice_ns_p90", figures.and_then(|it| it.slice_ns_p90)),
        whole("slice_ns_max", figures.and_then(|it| it.slice_ns_max)),
        hdr("slice_ns_hdr", figures.and_then(|it| it.slice_ns_hdr.as_deref())),
        whole("hand_overs", figures.map(|it| it.hand_overs)),
        whole("hand_over_ns_p50", figures.and_then(|it| it.hand_over_ns_p50)),
        whole("hand_over_ns_p99", figures.and_then(|it| it.hand_over_ns_p99)),
        whole("hand_over_ns_max", figures.and_then(|it| it.hand_over_ns_max)),
        hdr("hand_over_ns_hdr", figures.and_then(|it| it.hand_over_ns_hdr.as_deref())),
        whole("waits", figures.map(|it| it.waits)),
        whole("wait_ns_p50", figures.and_then(|it| it.wait_ns_p50)),
        whole("wait_ns_p99", figures.and_then(|it| it.wait_ns_p99)),
        whole("wait_ns_p999", figures.and_then(|it| it.wait_ns_p999)),
        whole("wait_ns_max", figures.and_then(|it| it.wait_ns_max)),
        hdr("wait_ns_hdr", figures.and_then(|it| it.wait_ns_hdr.as_deref())),
        ("wait_ranks", figures.and_then(|it| wholes(&it.wait_ranks))),
        whole("cpu_ns_user", figures.map(|it| it.cpu_ns_user)),
        whole("cpu_ns_system", figures.map(|it| it.cpu_ns_system)),
        maybe("cpu_ns_per_increment", figures.map(|it| it.cpu_ns_per_increment)),
        whole("context_switches_voluntary", figures.and_then(|it| it.context_switches_voluntary)),
        whole("context_switches_forced", figures.and_then(|it| it.context_switches_forced)),
    ]
}

fn requests(figures: Option<&Measurement>) -> [Field; 8] {
    [
        whole("requests", figures.map(|it| it.requests)),
        maybe("requests_per_second", figures.and_then(|it| it.requests_per_second)),
        maybe("requests_per_second_low", figures.and_then(|it| it.requests_per_second_low)),
        maybe("requests_per_second_high", figures.and_then(|it| it.requests_per_second_high)),
        whole("latency_ns_p50", figures.and_then(|it| it.latency_ns_p50)),
        whole("latency_ns_p99", figures.and_then(|it| it.latency_ns_p99)),
        whole("latency_ns_max", figures.and_then(|it| it.latency_ns_max)),
        hdr("latency_ns_hdr", figures.and_then(|it| it.latency_ns_hdr.as_deref())),
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
        whole("warm_up_ns", load.map(|it| it.warm_up_ns)),
        maybe("unsteady_attempts", load.map(|it| it.unsteady_attempts)),
        whole("unserved", load.map(|it| it.unserved)),
        whole("longest_ns", load.map(|it| it.longest_ns)),
        maybe("watching_ratio", load.and_then(|it| it.watching_ratio)),
        maybe("watching_ratio_low", load.and_then(|it| it.watching_ratio_low)),
        maybe("watching_ratio_high", load.and_then(|it| it.watching_ratio_high)),
        maybe("timestamp_ns", load.map(|it| it.timestamp_ns)),
        whole("watched", watched.map(|it| it.watched)),
        maybe("owner_switch_fraction", load.and_then(|it| it.owner_switch_fraction)),
        whole("ticketed", load.and_then(|it| it.ticketed)),
        whole("bypassed", load.and_then(|it| it.bypassed)),
        whole("waits_sampled", watched.map(|it| it.waits_sampled)),
        whole("waits_overtaken", watched.map(|it| it.waits_overtaken)),
        whole("others_most", watched.map(|it| it.others_most)),
        whole("overlapped", watched.map(|it| it.overlapped)),
        whole("reads", load.map(|it| it.reads)),
        whole("torn_reads", load.map(|it| it.torn_reads)),
    ]
}

/// An empty text is one that does not apply.
fn text(name: &'static str, value: &str) -> Field {
    (name, Some(value).filter(|value| !value.is_empty()).map(Value::from))
}

/// A whole number with a limit below 2^53; each is listed in `docs/documents.md`.
fn whole(name: &'static str, value: Option<u64>) -> Field {
    (name, value.map(Value::number))
}

/// Such numbers as a list; an empty one does not apply.
pub fn wholes(all: &[u64]) -> Option<Value> {
    (!all.is_empty()).then(|| all.iter().copied().map(Value::number).collect())
}

fn of_axis(value: AxisValue<'_>) -> Value {
    match value {
        AxisValue::Name(name) => name.into(),
        AxisValue::Whole(whole) => Value::number(whole),
    }
}

fn some(name: &'static str, value: impl Into<Value>) -> Field {
    (name, Some(value.into()))
}

/// An absent value, and one that no number can be (a mean of nothing), leave the field out.
fn maybe(name: &'static str, value: Option<impl Into<Value>>) -> Field {
    (name, value.map(Into::into).filter(|value| !value.is_null()))
}

/// A histogram in base64, as a line of a histogram log has it.
fn hdr(name: &'static str, encoded: Option<&[u8]>) -> Field {
    maybe(name, encoded.map(|bytes| BASE64.encode(bytes)))
}

/// Picoseconds as a JSON number of nanoseconds. Exact up to 2^53 ps, far beyond the longest
/// interval: the division rounds to the double nearest to the decimal, and that double is printed
/// as the decimal again.
pub fn nanoseconds(picos: u64) -> Value {
    const PICOS_PER_NANO: u64 = 1000;
    if picos.is_multiple_of(PICOS_PER_NANO) {
        return Value::number(picos / PICOS_PER_NANO);
    }
    (picos as f64 / PICOS_PER_NANO as f64).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message as _;
    use prost_types::FileDescriptorSet;
    use proto::v1::Sweep;

    use super::*;

    /// The messages of a cell, nested ones included.
    const NESTED: [&str; 4] = ["Cell", "Measurement", "Contention", "LostIncrements"];

    /// A field that the wire gains has to find its place here.
    #[test]
    fn every_field_of_the_wire_is_in_the_record() {
        let wire = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("descriptors");
        let messages = wire.file.iter().flat_map(|file| &file.message_type);
        let row = Row { cell: Cell::default(), measurement: None, turn: None, stage: Stage::Open };
        let known: Vec<&str> =
            fields(&SweepView::new(Sweep::default()), &row).iter().map(|(name, _)| *name).collect();
        for message in messages.filter(|it| NESTED.contains(&it.name())) {
            // What is nested stands among the others.
            let nests = |name: &str| ["contention", "lost_increments"].contains(&name);
            for field in message.field.iter().filter(|field| !nests(field.name())) {
                let name = match (message.name(), field.name()) {
                    (_, "switch_interval_ps") => "switch_interval_ns",
                    (_, "also_switch_interval_ps") => "also_switch_interval_ns",
                    ("Cell", "requests") => "requests_per_worker",
                    (_, name) => name,
                };
                assert!(known.contains(&name), "{}.{name}", message.name());
            }
        }
    }

    #[track_caller]
    fn shows(picos: u64, wanted: &str) {
        assert_eq!(nanoseconds(picos).to_string(), wanted);
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
            let text = nanoseconds(picos).to_string();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
            let back = format!("{whole}{fraction:0<3}");
            prop_assert_eq!(back.parse::<u64>(), Ok(picos));
        }
    }
}
