//! Comparison of stored sweeps as the daemon made it: the fields that forbid it, or a row per pair
//! of cells. Ratios, outcomes and counts are the daemon's.

use proto::v1::{CompareSweepsResponse, ComparedCell, Measurement, Sweep, Validity, Verdict};

use crate::follow::sweep_view::{Row, SweepView};
use crate::ids;
use crate::render::format::color::Emphasis;
use crate::render::format::document::{Document, Record};
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::Field;
use crate::render::format::page::Page;
use crate::render::format::quantity::{Spread, age, p_value};
use crate::render::format::value::Value;
use crate::render::format::{csv, enum_names, json};
use crate::render::sweep::axis::{Axis, NOT_APPLICABLE};
use crate::render::sweep::cell::label;
use crate::render::sweep::figures;
use crate::render::sweep::header;
use crate::render::sweep::record::{increments, parameters};

/// A comparison at the time `now_ns`, in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The comparison that the daemon made.
    pub answer: CompareSweepsResponse,
    /// The time from which ages are counted.
    pub now_ns: u64,
}

impl Document for Comparison {
    /// The sweeps, then the pairs or the differences, then the verdict.
    fn table(&self, page: Page) -> String {
        let mut lines = head(&self.answer, self.now_ns);
        let forced = forced_note(&self.answer);
        lines.extend(forced.map(|line| page.color.paint(Emphasis::Lost, &line)));
        lines.push(String::new());
        if let Some(grid) = body(&self.answer) {
            lines.extend(grid.lines(page.color));
            lines.push(String::new());
        }
        lines.push(self.answer.verdict.clone());
        lines.extend(not_known(&self.answer));
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn markdown(&self) -> String {
        let mut parts = head(&self.answer, self.now_ns);
        parts.extend(forced_note(&self.answer));
        parts.extend(body(&self.answer).map(|grid| grid.markdown().trim_end().to_owned()));
        parts.push(self.answer.verdict.clone());
        parts.extend(not_known(&self.answer));
        parts.join("\n\n") + "\n"
    }

    /// A row per pair; where none was compared, a row per field that differs.
    fn csv(&self) -> String {
        let answer = &self.answer;
        let is_forbidden = answer.cells.is_empty() && !answer.differences.is_empty();
        csv::rows(if is_forbidden { differences(answer) } else { pairs(answer) })
    }

    /// A record for the whole, one per difference and per pair, and the end.
    fn records(&self) -> Vec<Record> {
        let answer = &self.answer;
        let mut records = vec![Record::new("comparison", whole(answer))];
        records.extend(differences(answer).into_iter().map(|it| Record::new("difference", it)));
        records.extend(pairs(answer).into_iter().map(|it| Record::new("compared", it)));
        records.push(Record::new("end", conclusion(answer)));
        records
    }

    fn fields(&self) -> Vec<Field> {
        let answer = &self.answer;
        let list = |all: Vec<Vec<Field>>| Some(all.into_iter().map(json::object).collect());
        let mut all = whole(answer);
        all.push(("differences", list(differences(answer))));
        all.push(("compared", list(pairs(answer))));
        all.extend(conclusion(answer));
        all
    }
}

fn head(answer: &CompareSweepsResponse, now_ns: u64) -> Vec<String> {
    let line = |(place, sweep): (usize, &Sweep)| {
        let role = if place == 0 { "base   " } else { "against" };
        let (state, age) = (enum_names::state(sweep.state()), age(now_ns, sweep.create_time_ns));
        format!("{role} sweep {} · {state} · {age} old", ids::short(&sweep.name))
    };
    let mut lines: Vec<String> = answer.sweeps.iter().enumerate().map(line).collect();
    let view = view(answer);
    if !view.rows.is_empty() {
        lines.push(header::in_common(&view));
    }
    // Where machines differ, the differences name both.
    let machine = view.sweep.machine.as_ref().filter(|_| answer.differences.is_empty());
    lines.extend(machine.map(header::machine));
    lines.retain(|line| !line.is_empty());
    lines
}

/// The compared cells as a view of the first sweep, so that they are worded as in a sweep.
fn view(answer: &CompareSweepsResponse) -> SweepView {
    let first = answer.sweeps.first().cloned().unwrap_or_default();
    let cells = answer.cells.iter().map(|it| it.cell.clone().unwrap_or_default()).collect();
    let mut view = SweepView::new(Sweep { cells, ..first });
    for (row, compared) in view.rows.iter_mut().zip(&answer.cells) {
        row.measurement.clone_from(&compared.first);
    }
    view
}

fn not_known(answer: &CompareSweepsResponse) -> Option<String> {
    let fields = answer.unknown.join(", ");
    let note =
        || format!("note: not known to be equal, because the system does not report it: {fields}");
    (!fields.is_empty()).then(note)
}

fn forced_note(answer: &CompareSweepsResponse) -> Option<String> {
    let differences = answer.differences.iter();
    let fields: Vec<String> =
        differences.map(|it| format!("{} ({})", it.field, it.values.join(" | "))).collect();
    answer.forced.then(|| format!("forced: differs in {}", fields.join(", ")))
}

/// The pairs, or the differences that forbid them.
fn body(answer: &CompareSweepsResponse) -> Option<Grid> {
    if !answer.cells.is_empty() {
        return Some(pairs_grid(answer));
    }
    let is_forbidden = !answer.differences.is_empty() && !answer.forced;
    is_forbidden.then(|| differences_grid(answer))
}

fn differences_grid(answer: &CompareSweepsResponse) -> Grid {
    let ids = answer.sweeps.iter().map(|sweep| ids::short(&sweep.name).to_owned());
    let headings = ["FIELD".to_owned()].into_iter().chain(ids);
    let mut grid = Grid::new(headings.map(|heading| (heading, Align::Left)));
    for it in &answer.differences {
        grid.push([it.field.clone()].into_iter().chain(it.values.iter().cloned()), Emphasis::None);
    }
    grid
}

fn pairs_grid(answer: &CompareSweepsResponse) -> Grid {
    let view = view(answer);
    let axes: Vec<Axis> = Axis::ALL.into_iter().filter(|it| it.is_column(&view.rows)).collect();
    let has_several = answer.sweeps.len() > 2;
    let mut columns = vec![("STRATEGY", Align::Left)];
    columns.extend(axes.iter().map(|axis| (axis.heading(), Align::Right)));
    columns.extend(has_several.then_some(("AGAINST", Align::Left)));
    columns.extend(if figures::is_judged_by_increments(&view) {
        [("LOST OF INC\nBASE", Align::Right), ("LOST OF INC\nOTHER", Align::Right)]
    } else {
        [("CORRECT\nBASE", Align::Right), ("CORRECT\nOTHER", Align::Right)]
    });
    columns.extend([
        ("INC/S\nBASE", Align::Right),
        ("INC/S\nOTHER", Align::Right),
        ("RATIO\n[95 %]", Align::Right),
        ("P", Align::Right),
        ("ROUNDS", Align::Right),
        ("OUTCOME", Align::Left),
    ]);
    let mut grid = Grid::new(columns);
    for (row, compared) in view.rows.iter().zip(&answer.cells) {
        let mut texts = vec![label(&row.cell)];
        texts.extend(axes.iter().map(|axis| axis.text(&row.cell)));
        texts.extend(has_several.then(|| other_id(answer, compared)));
        texts.extend(figures_of(compared));
        grid.push(texts, mark(compared));
    }
    grid
}

fn other_id(answer: &CompareSweepsResponse, compared: &ComparedCell) -> String {
    let other = usize::try_from(compared.other).ok().and_then(|at| answer.sweeps.get(at));
    other.map_or(String::new(), |sweep| ids::short(&sweep.name).to_owned())
}

fn figures_of(compared: &ComparedCell) -> [String; 8] {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| NOT_APPLICABLE.to_owned());
    let both = [compared.first.as_ref(), compared.second.as_ref()];
    let [correct_base, correct_other] = both.map(|it| or_none(it.and_then(correct)));
    let [speed_base, speed_other] = both.map(|it| or_none(it.and_then(speed)));
    let rounds: Vec<String> = compared.rounds.iter().map(u32::to_string).collect();
    let ratio = ratio(compared).map(Spread::ratio);
    [
        correct_base,
        correct_other,
        speed_base,
        speed_other,
        or_none(ratio),
        or_none(compared.p.map(p_value)),
        rounds.join(", "),
        outcome(compared),
    ]
}

/// Right of all attempts, or lost of all increments where they are the unit.
fn correct(it: &Measurement) -> Option<String> {
    let text = match &it.lost_increments {
        Some(lost) => figures::lost_increments(lost),
        None => format!("{}/{}", it.correct, it.attempts),
    };
    (it.attempts > 0).then_some(text)
}

/// The median with the interval that the comparison uses.
fn speed(it: &Measurement) -> Option<String> {
    let spread = Spread {
        middle: it.increments_per_second,
        low: it.increments_per_second_median_low,
        high: it.increments_per_second_median_high,
    };
    (it.attempts > 0).then(|| spread.scaled())
}

fn ratio(compared: &ComparedCell) -> Option<Spread> {
    let ComparedCell { ratio, ratio_low, ratio_high, .. } = compared;
    Some(Spread { middle: (*ratio)?, low: (*ratio_low)?, high: (*ratio_high)? })
}

/// The outcome with the validity of either side if it is not ok: `faster (noisy)`.
fn outcome(compared: &ComparedCell) -> String {
    let word = enum_names::outcome(compared.outcome()).unwrap_or(NOT_APPLICABLE);
    let both = [&compared.first, &compared.second].map(|it| it.as_ref().map(Measurement::validity));
    let mut caveats: Vec<&str> = both
        .into_iter()
        .flatten()
        .filter(|validity| *validity != Validity::Ok)
        .filter_map(enum_names::validity)
        .collect();
    caveats.dedup();
    if caveats.is_empty() { word.to_owned() } else { format!("{word} ({})", caveats.join(", ")) }
}

fn mark(compared: &ComparedCell) -> Emphasis {
    match compared.second.as_ref().map(Measurement::verdict) {
        Some(Verdict::Broken) => Emphasis::Broken,
        Some(Verdict::Lost) => Emphasis::Lost,
        Some(Verdict::Unspecified | Verdict::Kept | Verdict::Invalid) | None => Emphasis::None,
    }
}

fn whole(answer: &CompareSweepsResponse) -> Vec<Field> {
    let sweeps: Vec<&str> = answer.sweeps.iter().map(|sweep| ids::id(&sweep.name)).collect();
    vec![("sweeps", Some(sweeps.into())), ("forced", Some(answer.forced.into()))]
}

fn conclusion(answer: &CompareSweepsResponse) -> Vec<Field> {
    let unknown = answer.unknown.clone();
    vec![
        ("unmatched", Some(answer.unmatched.into())),
        ("unknown", (!unknown.is_empty()).then(|| unknown.into())),
        ("verdict", Some(answer.verdict.as_str().into())),
    ]
}

fn differences(answer: &CompareSweepsResponse) -> Vec<Vec<Field>> {
    let fields = |it: &proto::v1::Difference| {
        vec![("field", Some(it.field.as_str().into())), ("values", Some(it.values.clone().into()))]
    };
    answer.differences.iter().map(fields).collect()
}

fn pairs(answer: &CompareSweepsResponse) -> Vec<Vec<Field>> {
    let view = view(answer);
    let pair = |(row, compared): (&Row, &ComparedCell)| {
        let other = usize::try_from(compared.other).ok().and_then(|at| answer.sweeps.get(at));
        let mut fields = parameters(&view, row);
        fields.extend([
            ("other", other.map(|sweep| ids::id(&sweep.name).into())),
            ("other_cell", Some(compared.other_cell.into())),
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
