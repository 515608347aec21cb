//! Comparison of stored sweeps as the daemon made it: the fields that forbid it, or a row per pair
//! of cells. Ratios, outcomes and counts are the daemon's.

use proto::v1::{
    Cell, CompareSweepsResponse, ComparedCell, Difference, Measurement, Sweep, Validity, Verdict,
};

use crate::follow::sweep_view::SweepView;
use crate::ids;
use crate::render::format::color::Emphasis;
use crate::render::format::document::{Document, Record};
use crate::render::format::grid::{Align, Grid};
use crate::render::format::json::Field;
use crate::render::format::page::{Extent, Page, Width};
use crate::render::format::quantity::{Spread, age, p_value};
use crate::render::format::wrap::sentence;
use crate::render::format::{csv, enum_names, json};
use crate::render::history::comparison_fields::{
    conclusion, differences, other, pairs, parameters_of_sweeps, view, whole,
};
use crate::render::sweep::axis::{Axis, NOT_APPLICABLE};
use crate::render::sweep::cell::label;
use crate::render::sweep::figures;
use crate::render::sweep::header;
use crate::request::wire_field::flag_of;

/// Columns that are left out where they have no room: the ratio and the outcome are made of them.
const SPARED: [&str; 4] = ["RATE\nBASE", "RATE\nOTHER", "ROUNDS", "P"];

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
        let mut lines = header::fitted(&head(&self.answer, self.now_ns), page.width);
        let notes = above(&self.answer).into_iter().flat_map(|note| sentence(&note, page.width));
        lines.extend(notes.map(|line| page.color.paint(Emphasis::Lost, &line)));
        lines.push(String::new());
        let mut omitted = Vec::new();
        if let Some(grid) = body(&self.answer) {
            let width = if page.extent == Extent::Everything { Width::Any } else { page.width };
            let (grid, gone) = grid.spared(width, &SPARED);
            lines.extend(grid.fitted(page.width, page.color));
            lines.push(String::new());
            omitted = gone;
        }
        lines.extend(sentence(&self.answer.verdict, page.width));
        lines.extend(below(&self.answer).iter().flat_map(|note| sentence(note, page.width)));
        if !omitted.is_empty() {
            let names = omitted.join(", ").replace('\n', " ").to_lowercase();
            lines.extend(sentence(&format!("(too wide for: {names}; -v shows all)"), page.width));
        }
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn markdown(&self) -> String {
        let mut parts = head(&self.answer, self.now_ns);
        parts.extend(above(&self.answer));
        parts.extend(body(&self.answer).map(|grid| grid.markdown().trim_end().to_owned()));
        parts.push(self.answer.verdict.clone());
        parts.extend(below(&self.answer));
        parts.join("\n\n") + "\n"
    }

    /// A row per pair; where none was compared, a row per field or parameter that differs.
    fn csv(&self) -> String {
        let answer = &self.answer;
        if !answer.cells.is_empty() {
            return csv::rows(pairs(answer));
        }
        // Without pairs nothing was ignored for them.
        let mut parameters = parameters_of_sweeps(answer);
        for fields in &mut parameters {
            fields.retain(|(name, _)| *name != "ignored");
        }
        csv::rows(differences(answer).into_iter().chain(parameters).collect())
    }

    /// A record for the whole, one per difference, parameter and pair, and the end.
    fn records(&self) -> Vec<Record> {
        let answer = &self.answer;
        let mut records = vec![Record::new("comparison", whole(answer))];
        records.extend(differences(answer).into_iter().map(|it| Record::new("difference", it)));
        let parameters = parameters_of_sweeps(answer).into_iter();
        records.extend(parameters.map(|it| Record::new("parameter", it)));
        records.extend(pairs(answer).into_iter().map(|it| Record::new("compared", it)));
        records.push(Record::new("end", conclusion(answer)));
        records
    }

    fn fields(&self) -> Vec<Field> {
        let answer = &self.answer;
        let list = |all: Vec<Vec<Field>>| Some(all.into_iter().map(json::object).collect());
        let mut all = whole(answer);
        all.push(("differences", list(differences(answer))));
        all.push(("parameters", list(parameters_of_sweeps(answer))));
        all.push(("compared", list(pairs(answer))));
        all.extend(conclusion(answer));
        all
    }
}

fn head(answer: &CompareSweepsResponse, now_ns: u64) -> Vec<String> {
    let line = |(place, sweep): (usize, &Sweep)| {
        let role = if place == 0 { "base   " } else { "against" };
        let (state, age) = (enum_names::state(sweep.state()), age(now_ns, sweep.create_time_ns));
        let (id, seed) = (ids::short(&sweep.name), sweep.seed);
        format!("{role} sweep {id} · {state} · {age} old · seed {seed}")
    };
    let mut lines: Vec<String> = answer.sweeps.iter().enumerate().map(line).collect();
    let view = both_sides(answer);
    if !view.rows.is_empty() {
        lines.push(header::in_common(&view));
    }
    // Where machines differ, the differences name both.
    let machine = view.sweep.machine.as_ref().filter(|_| answer.differences.is_empty());
    lines.extend(machine.map(header::machine));
    lines.retain(|line| !line.is_empty());
    lines
}

/// The cells of both sides of each pair, for what all of them have in common.
fn both_sides(answer: &CompareSweepsResponse) -> SweepView {
    let mut view = view(answer);
    let counterparts = answer.cells.iter().filter_map(|it| it.counterpart.clone()).collect();
    view.rows.extend(SweepView::new(Sweep { cells: counterparts, ..Sweep::default() }).rows);
    view
}

/// In spite of what cells are compared.
pub fn above(answer: &CompareSweepsResponse) -> Vec<String> {
    let forced =
        answer.forced.then(|| format!("forced: differs in {}", listed(&answer.differences)));
    let by: Vec<String> = answer.by.iter().map(|field| flag(field)).collect();
    let by = (!by.is_empty()).then(|| format!("paired by {}", by.join(", ")));
    let is_ignored = |it: &&Difference| answer.ignored.contains(&it.field);
    let ignored = listed(answer.parameters.iter().filter(is_ignored));
    let ignored = (!ignored.is_empty()).then(|| format!("ignored: {ignored}"));
    [forced, by, ignored].into_iter().flatten().collect()
}

/// What is not known, and why cells are left over.
pub fn below(answer: &CompareSweepsResponse) -> Vec<String> {
    let fields = answer.unknown.join(", ");
    let unknown =
        || format!("note: not known to be equal, because the system does not report it: {fields}");
    let is_kept = |it: &&Difference| !answer.ignored.contains(&it.field);
    let kept = listed(answer.parameters.iter().filter(is_kept));
    let has_left_over = !answer.cells.is_empty() && answer.unmatched > 0 && !kept.is_empty();
    let left_over = || format!("note: without a counterpart because of {kept}");
    [has_left_over.then(left_over), (!fields.is_empty()).then(unknown)]
        .into_iter()
        .flatten()
        .collect()
}

/// Fields with the values of each sweep: `--inside (0 ns | 1 us)`.
fn listed<'a>(differences: impl IntoIterator<Item = &'a Difference>) -> String {
    let one = |it: &Difference| format!("{} ({})", flag(&it.field), shown(it).join(" | "));
    differences.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A parameter by its flag, a property of the machine or the build by its name.
fn flag(field: &str) -> String {
    if field.starts_with("machine.") || field == "version" {
        field.to_owned()
    } else {
        flag_of(field)
    }
}

/// The values, with the unit that stands in the field's name.
fn shown(it: &Difference) -> Vec<String> {
    let unit = if it.field.ends_with("_ns") { " ns" } else { "" };
    it.values.iter().map(|value| format!("{value}{unit}")).collect()
}

/// The pairs; where there are none, what differs.
pub fn body(answer: &CompareSweepsResponse) -> Option<Grid> {
    if !answer.cells.is_empty() {
        return Some(pairs_grid(answer));
    }
    let forbidding = answer.differences.iter().filter(|_| !answer.forced);
    let all: Vec<&Difference> = forbidding.chain(&answer.parameters).collect();
    (!all.is_empty()).then(|| differences_grid(answer, &all))
}

fn differences_grid(answer: &CompareSweepsResponse, differences: &[&Difference]) -> Grid {
    let ids = answer.sweeps.iter().map(|sweep| ids::short(&sweep.name).to_owned());
    let headings = ["FIELD".to_owned()].into_iter().chain(ids);
    let mut grid = Grid::new(headings.map(|heading| (heading, Align::Left)));
    for it in differences {
        grid.push([flag(&it.field)].into_iter().chain(shown(it)), Emphasis::None);
    }
    grid
}

fn pairs_grid(answer: &CompareSweepsResponse) -> Grid {
    let (view, both) = (view(answer), both_sides(answer));
    let axes: Vec<Axis> = Axis::ALL.into_iter().filter(|it| it.is_column(&both.rows)).collect();
    let has_several = answer.sweeps.len() > 2;
    let mut columns = vec![("STRATEGY", Align::Left)];
    columns.extend(axes.iter().map(|axis| (axis.heading(), Align::Right)));
    columns.extend(has_several.then_some(("AGAINST", Align::Left)));
    columns.extend(correctness_headings(answer).map(|heading| (heading, Align::Right)));
    columns.extend([
        ("RATE\nBASE", Align::Right),
        ("RATE\nOTHER", Align::Right),
        ("RATIO\n[95 %]", Align::Right),
        ("P", Align::Right),
        ("ROUNDS", Align::Right),
        ("OUTCOME", Align::Left),
    ]);
    let mut grid = Grid::new(columns);
    for (row, compared) in view.rows.iter().zip(&answer.cells) {
        let counterpart = compared.counterpart.as_ref().unwrap_or(&row.cell);
        let of_both = |text: &dyn Fn(&Cell) -> String| either(text(&row.cell), &text(counterpart));
        let mut texts = vec![of_both(&label)];
        texts.extend(axes.iter().map(|axis| of_both(&|cell: &Cell| axis.text(cell))));
        texts.extend(has_several.then(|| other_id(answer, compared)));
        texts.extend(figures_of(compared));
        grid.push(texts, mark(compared));
    }
    grid
}

/// Headings of both sides, each by the unit in which its cells are judged.
fn correctness_headings(answer: &CompareSweepsResponse) -> [&'static str; 2] {
    let by_increments = |side: fn(&ComparedCell) -> Option<&Measurement>| {
        answer.cells.iter().filter_map(side).any(|it| it.lost_increments.is_some())
    };
    let of_base = by_increments(|it| it.first.as_ref());
    let of_other = by_increments(|it| it.second.as_ref());
    [
        if of_base { "LOST\nBASE" } else { "RIGHT\nBASE" },
        if of_other { "LOST\nOTHER" } else { "RIGHT\nOTHER" },
    ]
}

/// What both have, or the one and the other: `ticket | mcs`.
fn either(one: String, other: &str) -> String {
    if one == other { one } else { format!("{one} | {other}") }
}

fn other_id(answer: &CompareSweepsResponse, compared: &ComparedCell) -> String {
    other(answer, compared).map_or(String::new(), |sweep| ids::short(&sweep.name).to_owned())
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
