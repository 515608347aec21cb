//! The lines of NDJSON, and the one document of JSON that is made of the same parts.

use proto::v1::{MachineInfo, Skipped, Sweep};

use crate::follow::sweep_log::Change;
use crate::follow::sweep_view::{Row, SweepView};
use crate::listed::labels;
use crate::render::format::enum_names;
use crate::render::format::json::{Field, document_of, line, object, schema};
use crate::render::format::value::Value;
use crate::render::sweep::cell::has_tasks;
use crate::render::sweep::record::{fields, increments, wholes};

/// The first lines of a sweep: what it is, and what was left out of it.
pub fn opening(board: &SweepView) -> Vec<String> {
    let mut lines = vec![line("sweep", about(board))];
    lines.extend(board.sweep.skipped.iter().map(|it| line("skipped", skipped(board, it))));
    lines
}

/// A cell's line.
pub fn cell(board: &SweepView, row: &Row) -> String {
    line("cell", fields(board, row))
}

/// The line that an event makes, if any; turns only where they are wanted.
pub fn on_change(board: &SweepView, change: Change, turns: Turns) -> Option<String> {
    match (change, turns) {
        (Change::Turn { row }, Turns::Shown) => Some(line("turn", turn(board, &board.rows[row]))),
        (Change::CellEnded { row }, _) => Some(cell(board, &board.rows[row])),
        (Change::Ended, _) => Some(line("end", end(board))),
        (Change::Started | Change::Turn { .. } | Change::Resumed, _) => None,
    }
}

/// Every line of a sweep as it stands; `end` only if it has ended.
pub fn all(board: &SweepView) -> Vec<String> {
    let mut lines = opening(board);
    lines.extend(board.rows.iter().map(|row| cell(board, row)));
    if board.has_ended() {
        lines.push(line("end", end(board)));
    }
    lines
}

/// The one document, on one line.
pub fn document(board: &SweepView) -> String {
    document_of(parts(board))
}

/// The same with the command that asks for the sweep.
pub fn document_with_command(board: &SweepView, command: String) -> String {
    let mut fields = parts(board);
    fields.push(("command", Some(command.into())));
    document_of(fields)
}

fn parts(board: &SweepView) -> Vec<Field> {
    let cells: Vec<Value> = board.rows.iter().map(|row| object(fields(board, row))).collect();
    let left_out: Vec<Value> =
        board.sweep.skipped.iter().map(|it| object(skipped(board, it))).collect();
    vec![
        ("sweep", Some(object([schema()].into_iter().chain(about(board))))),
        ("skipped", (!left_out.is_empty()).then(|| left_out.into())),
        ("cells", Some(cells.into())),
        ("end", Some(object(end(board)))),
    ]
}

/// Whether turns are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turns {
    /// A line a turn.
    Shown,
    /// None.
    Hidden,
}

fn about(board: &SweepView) -> Vec<Field> {
    vec![
        ("id", board.id().map(Value::from)),
        ("seed", Some(Value::digits(board.sweep.seed))),
        ("order", Some(enum_names::order(board.sweep.order()).into())),
        ("pin", Some(enum_names::pin(board.sweep.pin()).into())),
        ("labels", all_labels(&board.sweep)),
        ("machine", board.sweep.machine.as_ref().map(machine)),
    ]
}

/// Labels as a field of a document; an empty list does not apply.
pub fn all_labels(sweep: &Sweep) -> Option<Value> {
    Some(labels(sweep)).filter(|labels| !labels.is_empty()).map(|all| Value::from(all.to_vec()))
}

/// A machine as one document.
pub fn machine(machine: &MachineInfo) -> Value {
    let text = |text: &str| Some(Value::from(text));
    object([
        ("cpu_model", text(&machine.cpu_model)),
        ("cores", Some(machine.cores.into())),
        ("kernel", text(&machine.kernel)),
        ("governor", text(&machine.governor)),
        ("hypervisor", text(&machine.hypervisor)),
        ("clock_source", text(&machine.clock_source)),
        ("profile", text(&machine.profile)),
        ("smt", text(&machine.smt)),
        ("load_1m_milli", machine.load_1m_milli.map(Value::from)),
    ])
}

fn skipped(board: &SweepView, skipped: &Skipped) -> Vec<Field> {
    vec![
        ("sweep", board.id().map(Value::from)),
        ("combination", Some(skipped.combination.as_str().into())),
        ("reason", Some(skipped.reason.as_str().into())),
    ]
}

/// The running counts of a cell, and this turn attempt by attempt.
fn turn(board: &SweepView, row: &Row) -> Vec<Field> {
    let figures = row.figures();
    let turn = row.turn.clone().unwrap_or_default();
    let expected = has_tasks(&row.cell).then_some(row.cell.expected);
    let all = |list: &[u64]| list.iter().copied().map(Value::number).collect::<Value>();
    let seeds = turn.seeds.iter().copied().map(Value::digits).collect();
    let known = vec![
        ("sweep", board.id().map(Value::from)),
        ("sequence", Some(Value::number(board.next_sequence.saturating_sub(1)))),
        ("cell", Some(row.cell.cell.into())),
        ("round", Some(turn.round.into())),
        ("first_attempt", Some(turn.first_attempt.into())),
        ("finals", Some(all(&turn.finals))),
        ("durations_ns", Some(all(&turn.duration_ns))),
        ("seeds", Some(seeds)),
        ("overlap_fractions", Some(turn.overlap_fraction.into())),
        ("switches", wholes(&turn.switches)),
        ("increments", wholes(&turn.increments)),
        ("attempts_requested", Some(row.cell.attempts_requested.into())),
        ("attempts", Some(row.attempts().into())),
        ("correct", figures.map(|it| it.correct.into())),
        ("expected", expected.map(Value::number)),
        ("observed_min", figures.map(|it| Value::number(it.observed_min))),
        ("observed_max", figures.map(|it| Value::number(it.observed_max))),
    ];
    known.into_iter().chain(increments(figures)).collect()
}

fn end(board: &SweepView) -> Vec<Field> {
    let text = |text: &String| Some(Value::from(text.as_str())).filter(|_| !text.is_empty());
    let notes = Some(Value::from(board.notes.clone())).filter(|_| !board.notes.is_empty());
    vec![
        ("sweep", board.id().map(Value::from)),
        ("state", Some(enum_names::state(board.state).into())),
        ("next_sequence", Some(Value::number(board.next_sequence))),
        ("verdict", text(&board.verdict)),
        ("notes", notes),
        ("error", text(&board.error)),
    ]
}
