//! Fields of a comparison in NDJSON, JSON and CSV. Their names are a contract with programs that parse
//! them.

use proto::v1::{Cell, CompareSweepsResponse, ComparedCell, Measurement, Sweep};

use crate::follow::sweep_view::{Row, SweepView};
use crate::ids;
use crate::render::format::json::Field;
use crate::render::format::value::Value;
use crate::render::format::{enum_names, json};
use crate::render::sweep::record::{increments, parameters};

/// The compared cells as a view of the first sweep, so that they are worded as in a sweep.
pub(super) fn view(answer: &CompareSweepsResponse) -> SweepView {
    let first = answer.sweeps.first().cloned().unwrap_or_default();
    let cells = answer.cells.iter().map(|it| it.cell.clone().unwrap_or_default()).collect();
    let mut view = SweepView::new(Sweep { cells, ..first });
    for (row, compared) in view.rows.iter_mut().zip(&answer.cells) {
        row.measurement.clone_from(&compared.first);
    }
    view
}

/// The sweep that a pair holds against the first.
pub(super) fn other<'a>(
    answer: &'a CompareSweepsResponse,
    compared: &ComparedCell,
) -> Option<&'a Sweep> {
    usize::try_from(compared.other).ok().and_then(|at| answer.sweeps.get(at))
}

/// What is said first: the sweeps, and in spite of what they are compared.
pub(super) fn whole(answer: &CompareSweepsResponse) -> Vec<Field> {
    let sweeps: Vec<&str> = answer.sweeps.iter().map(|sweep| ids::id(&sweep.name)).collect();
    let seeds = answer.sweeps.iter().map(|sweep| Value::digits(sweep.seed)).collect();
    vec![
        ("sweeps", Some(sweeps.into())),
        ("seeds", Some(seeds)),
        ("forced", Some(answer.forced.into())),
        ("by", (!answer.by.is_empty()).then(|| answer.by.clone().into())),
    ]
}

/// What is said last.
pub(super) fn conclusion(answer: &CompareSweepsResponse) -> Vec<Field> {
    let unknown = answer.unknown.clone();
    vec![
        ("unmatched", Some(answer.unmatched.into())),
        ("unknown", (!unknown.is_empty()).then(|| unknown.into())),
        ("forced_pairs", answer.forced_pairs.map(Value::from)),
        ("verdict", Some(answer.verdict.as_str().into())),
    ]
}

/// Each field that makes the sweeps not comparable.
pub(super) fn differences(answer: &CompareSweepsResponse) -> Vec<Vec<Field>> {
    let fields = |it: &proto::v1::Difference| {
        vec![("field", Some(it.field.as_str().into())), ("values", Some(it.values.clone().into()))]
    };
    answer.differences.iter().map(fields).collect()
}

/// Each parameter of which the sweeps have other values, and whether pairs differ in it.
pub(super) fn parameters_of_sweeps(answer: &CompareSweepsResponse) -> Vec<Vec<Field>> {
    let fields = |it: &proto::v1::Difference| {
        vec![
            ("field", Some(it.field.as_str().into())),
            ("values", Some(it.values.clone().into())),
            ("ignored", Some(answer.ignored.contains(&it.field).into())),
        ]
    };
    answer.parameters.iter().map(fields).collect()
}

/// Each pair.
pub(super) fn pairs(answer: &CompareSweepsResponse) -> Vec<Vec<Field>> {
    let view = view(answer);
    let pair = |(row, compared): (&Row, &ComparedCell)| {
        let mut fields = parameters(&view, row);
        let counterpart = compared.counterpart.as_ref();
        let others = counterpart.map(|cell| json::object(other_parameters(&fields, &view, cell)));
        fields.extend([
            ("other", other(answer, compared).map(|sweep| ids::id(&sweep.name).into())),
            ("other_cell", Some(compared.other_cell.into())),
            ("other_parameters", others),
        ]);
        fields.extend(side(compared.first.as_ref(), compared.rounds.first(), FIRST));
        fields.extend(side(compared.second.as_ref(), compared.rounds.get(1), SECOND));
        fields.extend([
            ("ratio", compared.ratio.map(Value::from)),
            ("ratio_low", compared.ratio_low.map(Value::from)),
            ("ratio_high", compared.ratio_high.map(Value::from)),
            ("p", compared.p.map(Value::from)),
            ("outcome", enum_names::outcome(compared.outcome()).map(Value::from)),
        ]);
        fields
    };
    view.rows.iter().zip(&answer.cells).map(pair).collect()
}

/// The counterpart's parameters that are others than the first one's; null where one does not apply.
fn other_parameters(first: &[Field], view: &SweepView, counterpart: &Cell) -> Vec<Field> {
    const OF_THE_SWEEP: [&str; 4] = ["sweep", "cell", "seed", "attempts_requested"];
    let cells = vec![counterpart.clone()];
    let other = SweepView::new(Sweep { cells, ..view.sweep.clone() });
    let fields = other.rows.iter().flat_map(|row| parameters(&other, row));
    let differs = |(name, value): &Field| {
        let known = first.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        !OF_THE_SWEEP.contains(name) && known != Some(value)
    };
    let or_null = |(name, value): Field| (name, Some(value.unwrap_or_else(Value::null)));
    fields.filter(differs).map(or_null).collect()
}

/// Names of the fields of one side.
type SideNames = [&'static str; 13];

const FIRST: SideNames = [
    "first_attempts",
    "first_correct",
    "first_increments_checked",
    "first_increments_lost",
    "first_increments_lost_fraction",
    "first_increments_lost_low",
    "first_increments_lost_high",
    "first_increments_per_second",
    "first_increments_per_second_median_low",
    "first_increments_per_second_median_high",
    "first_rounds",
    "first_validity",
    "first_verdict",
];

const SECOND: SideNames = [
    "second_attempts",
    "second_correct",
    "second_increments_checked",
    "second_increments_lost",
    "second_increments_lost_fraction",
    "second_increments_lost_low",
    "second_increments_lost_high",
    "second_increments_per_second",
    "second_increments_per_second_median_low",
    "second_increments_per_second_median_high",
    "second_rounds",
    "second_validity",
    "second_verdict",
];

fn side(it: Option<&Measurement>, rounds: Option<&u32>, names: SideNames) -> Vec<Field> {
    let [checked, lost, fraction, low, high] = increments(it).map(|(_, value)| value);
    let values = [
        it.map(|it| it.attempts.into()),
        it.map(|it| it.correct.into()),
        checked,
        lost,
        fraction,
        low,
        high,
        it.map(|it| it.increments_per_second.into()),
        it.map(|it| it.increments_per_second_median_low.into()),
        it.map(|it| it.increments_per_second_median_high.into()),
        rounds.map(|rounds| (*rounds).into()),
        it.and_then(|it| enum_names::validity(it.validity())).map(Value::from),
        it.and_then(|it| enum_names::verdict(it.verdict())).map(Value::from),
    ];
    names.into_iter().zip(values).collect()
}
