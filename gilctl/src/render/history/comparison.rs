//! Stored sweeps side by side, as the daemon compared them: what makes them not comparable, or a
//! row for each pair of cells. No ratio, outcome or count begins here.

use proto::v1::{CompareSweepsResponse, ComparedCell, Measurement, Sweep, Validity, Verdict};
use serde_json::Value;

use crate::follow::sweep_view::{Row, SweepView};
use crate::ids;
use crate::render::format::color::{Color, Emphasis};
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::Field;
use crate::render::format::quantity::{Spread, age, p_value};
use crate::render::format::{csv as sheet, enum_names, json};
use crate::render::sweep::axis::{Axis, NOT_APPLICABLE};
use crate::render::sweep::cell::label;
use crate::render::sweep::header;
use crate::render::sweep::record::parameters;

/// For people: the sweeps, what is wrong between them, the pairs, the verdict.
pub fn table(answer: &CompareSweepsResponse, now_ns: u64, ink: Color) -> String {
    let mut lines = head(answer, now_ns);
    lines.extend(label_of_force(answer).map(|line| ink.paint(Emphasis::Lost, &line)));
    lines.push(String::new());
    if let Some(grid) = body(answer) {
        lines.extend(grid.lines(ink));
        lines.push(String::new());
    }
    lines.push(answer.verdict.clone());
    lines.into_iter().map(|line| line + "\n").collect()
}

/// The same in Markdown.
pub fn markdown(answer: &CompareSweepsResponse, now_ns: u64) -> String {
    let mut parts = head(answer, now_ns);
    parts.extend(label_of_force(answer));
    parts.extend(body(answer).map(|grid| grid.markdown().trim_end().to_owned()));
    parts.push(answer.verdict.clone());
    parts.join("\n\n") + "\n"
}

/// A line for the whole, one a difference or pair, and the end.
pub fn lines(answer: &CompareSweepsResponse) -> Vec<String> {
    let mut lines = vec![json::line("comparison", whole(answer))];
    lines.extend(differences(answer).into_iter().map(|it| json::line("difference", it)));
    lines.extend(pairs(answer).into_iter().map(|it| json::line("compared", it)));
    lines.push(json::line("end", conclusion(answer)));
    lines
}

/// The one document, on one line.
pub fn document(answer: &CompareSweepsResponse) -> String {
    let list = |all: Vec<Vec<Field>>| Some(all.into_iter().map(json::object).collect());
    let mut all = whole(answer);
    all.push(("differences", list(differences(answer))));
    all.push(("compared", list(pairs(answer))));
    all.extend(conclusion(answer));
    json::document_of(all)
}

/// A row a pair; where none was compared, a row for each field that differs.
pub fn csv(answer: &CompareSweepsResponse) -> String {
    let is_forbidden = answer.cells.is_empty() && !answer.differences.is_empty();
    sheet::rows(if is_forbidden { differences(answer) } else { pairs(answer) })
}

fn head(answer: &CompareSweepsResponse, now_ns: u64) -> Vec<String> {
    let line = |(place, sweep): (usize, &Sweep)| {
        let role = if place == 0 { "base   " } else { "against" };
        let (state, age) = (enum_names::state(sweep.state()), age(now_ns, sweep.create_time_ns));
        format!("{role} sweep {} · {state} · {age} old", ids::short(&sweep.name))
    };
    let mut lines: Vec<String> = answer.sweeps.iter().enumerate().map(line).collect();
    let board = board(answer);
    if !board.rows.is_empty() {
        lines.push(header::in_common(&board));
    }
    // Where machines differ, the differences say it better.
    let machine = board.sweep.machine.as_ref().filter(|_| answer.differences.is_empty());
    lines.extend(machine.map(header::machine));
    lines.retain(|line| !line.is_empty());
    lines
}

/// The compared cells as the first sweep has them, so that they are worded as everywhere.
fn board(answer: &CompareSweepsResponse) -> SweepView {
    let first = answer.sweeps.first().cloned().unwrap_or_default();
    let cells = answer.cells.iter().map(|it| it.cell.clone().unwrap_or_default()).collect();
    let mut board = SweepView::new(Sweep { cells, ..first });
    for (row, compared) in board.rows.iter_mut().zip(&answer.cells) {
        row.measurement.clone_from(&compared.first);
    }
    board
}

fn label_of_force(answer: &CompareSweepsResponse) -> Option<String> {
    let differences = answer.differences.iter();
    let said: Vec<String> =
        differences.map(|it| format!("{} ({})", it.field, it.values.join(" | "))).collect();
    answer.forced.then(|| format!("forced: differs in {}", said.join(", ")))
}

/// Pairs, or what forbids them.
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
    let board = board(answer);
    let axes: Vec<Axis> = Axis::ALL.into_iter().filter(|it| it.is_column(&board.rows)).collect();
    let has_several = answer.sweeps.len() > 2;
    let mut columns = vec![("STRATEGY", Align::Left)];
    columns.extend(axes.iter().map(|axis| (axis.heading(), Align::Right)));
    columns.extend(has_several.then_some(("AGAINST", Align::Left)));
    columns.extend([
        ("CORRECT\nBASE", Align::Right),
        ("CORRECT\nOTHER", Align::Right),
        ("INC/S\nBASE", Align::Right),
        ("INC/S\nOTHER", Align::Right),
        ("RATIO\n[95 %]", Align::Right),
        ("P", Align::Right),
        ("ROUNDS", Align::Right),
        ("OUTCOME", Align::Left),
    ]);
    let mut grid = Grid::new(columns);
    for (row, compared) in board.rows.iter().zip(&answer.cells) {
        let mut texts = vec![label(&row.cell)];
        texts.extend(axes.iter().map(|axis| axis.text(&row.cell)));
        texts.extend(has_several.then(|| other_id(answer, compared)));
        texts.extend(figures(compared));
        grid.push(texts, mark(compared));
    }
    grid
}

fn other_id(answer: &CompareSweepsResponse, compared: &ComparedCell) -> String {
    let other = usize::try_from(compared.other).ok().and_then(|at| answer.sweeps.get(at));
    other.map_or(String::new(), |sweep| ids::short(&sweep.name).to_owned())
}

fn figures(compared: &ComparedCell) -> [String; 8] {
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

fn correct(it: &Measurement) -> Option<String> {
    (it.attempts > 0).then(|| format!("{}/{}", it.correct, it.attempts))
}

/// The median with the interval that a comparison goes by.
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

/// The outcome with every doubt about either side: `faster (noisy)`.
fn outcome(compared: &ComparedCell) -> String {
    let word = enum_names::outcome(compared.outcome()).unwrap_or(NOT_APPLICABLE);
    let both = [&compared.first, &compared.second].map(|it| it.as_ref().map(Measurement::validity));
    let mut doubts: Vec<&str> = both
        .into_iter()
        .flatten()
        .filter(|validity| *validity != Validity::Ok)
        .filter_map(enum_names::validity)
        .collect();
    doubts.dedup();
    if doubts.is_empty() { word.to_owned() } else { format!("{word} ({})", doubts.join(", ")) }
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
    vec![
        ("schema", Some(json::SCHEMA.into())),
        ("sweeps", Some(sweeps.into())),
        ("forced", Some(answer.forced.into())),
    ]
}

fn conclusion(answer: &CompareSweepsResponse) -> Vec<Field> {
    vec![
        ("unmatched", Some(answer.unmatched.into())),
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
    let board = board(answer);
    let pair = |(row, compared): (&Row, &ComparedCell)| {
        let other = usize::try_from(compared.other).ok().and_then(|at| answer.sweeps.get(at));
        let mut fields = parameters(&board, row);
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
    board.rows.iter().zip(&answer.cells).map(pair).collect()
}

/// Names of the fields of either side.
type SideNames = [&'static str; 8];

const FIRST: SideNames = [
    "first_attempts",
    "first_correct",
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
    "second_increments_per_second",
    "second_increments_per_second_median_low",
    "second_increments_per_second_median_high",
    "second_rounds",
    "second_validity",
    "second_verdict",
];

fn side(it: Option<&Measurement>, rounds: Option<&u32>, names: SideNames) -> Vec<Field> {
    let values = [
        it.map(|it| it.attempts.into()),
        it.map(|it| it.correct.into()),
        it.map(|it| it.increments_per_second.into()),
        it.map(|it| it.increments_per_second_median_low.into()),
        it.map(|it| it.increments_per_second_median_high.into()),
        rounds.map(|rounds| (*rounds).into()),
        it.and_then(|it| enum_names::validity(it.validity())).map(Value::from),
        it.and_then(|it| enum_names::verdict(it.verdict())).map(Value::from),
    ];
    names.into_iter().zip(values).collect()
}
