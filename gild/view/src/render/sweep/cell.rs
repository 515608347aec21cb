//! A cell in words: its label, what it asks of the system, and which kind of experiment it is.

use proto::v1::Cell;

use crate::request::parse::duration::{show, show_nanoseconds};

/// Whether some of its workers make requests and nothing else.
pub fn has_requesters(cell: &Cell) -> bool {
    cell.io_workers.is_some()
}

/// Whether its workers take tasks; else a time or requests end an attempt, and what is expected is
/// whatever was done.
pub fn has_tasks(cell: &Cell) -> bool {
    !has_requesters(cell) && cell.duration_ns.is_none()
}

/// Whether any of its workers increments; beside one that does not, requests are as fast as they
/// get.
pub fn anyone_increments(cell: &Cell) -> bool {
    cell.cpu_workers != Some(0)
}

/// Whether a real interpreter runs it: then steps cost what they cost.
pub fn is_real(cell: &Cell) -> bool {
    !cell.python_version.is_empty()
}

/// Other intervals of a cell that its label names; of more it gives the number.
const OTHERS_NAMED_MAX: usize = 2;

/// Name, version and rule: `gil 3.9 500 ns (1 us)` asks for 500 ns, of which 1 us takes effect;
/// `gil 3.9 500, 0.5 ns` was asked for both, and a note of the sweep says what takes effect.
pub fn label(cell: &Cell) -> String {
    let version = if is_real(cell) { &cell.python_version } else { &cell.era };
    let mut words = vec![cell.strategy.clone()];
    words.extend(Some(version.clone()).filter(|version| !version.is_empty()));
    words.extend(cell.switch_ticks.map(|ticks| format!("ticks {ticks}")));
    let asked = cell.switch_interval_ps.map(show);
    let effective = cell.effective_switch_interval_ns.map(show_nanoseconds);
    let has_others = !cell.also_switch_interval_ps.is_empty();
    let differs = effective.filter(|effective| !has_others && Some(effective) != asked.as_ref());
    words.extend(asked.map(|asked| intervals(asked, &cell.also_switch_interval_ps)));
    words.extend(differs.map(|effective| format!("({effective})")));
    words.extend(cell.hypothetical.then(|| "hypothetical".to_owned()));
    words.join(" ")
}

/// An interval and others that are one setting with it: `500, 0.5 ns`, `1 us, 500 ns and 7 more`. A
/// unit that the next has too is left out.
fn intervals(asked: String, others: &[u64]) -> String {
    let named = others.iter().take(OTHERS_NAMED_MAX).map(|&picos| show(picos));
    let all: Vec<String> = std::iter::once(asked).chain(named).collect();
    let text = |at: usize| {
        let next = all.get(at + 1).and_then(|next| next.split_once(' '));
        match (all[at].split_once(' '), next) {
            (Some((number, unit)), Some((_, next))) if unit == next => number.to_owned(),
            _ => all[at].clone(),
        }
    };
    let texts = (0..all.len()).map(text).collect::<Vec<_>>().join(", ");
    match others.len().saturating_sub(OTHERS_NAMED_MAX) {
        0 => texts,
        more => format!("{texts} and {more} more"),
    }
}

/// What is asked of the system, if anything: `sleep 1 ms`, `echo`.
pub fn request(cell: &Cell) -> Option<String> {
    match (cell.io_call.as_str(), cell.io_ns) {
        ("", _) => None,
        (name, Some(length)) => Some(format!("{name} {}", show_nanoseconds(length))),
        (name, None) => Some(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_what_tells_cells_apart() {
        let gil = |era: &str| Cell { strategy: "gil".into(), era: era.into(), ..Cell::default() };
        assert_eq!(label(&gil("3.13t")), "gil 3.13t");
        let interval = Cell {
            switch_interval_ps: Some(500_000),
            effective_switch_interval_ns: Some(1000),
            ..gil("3.9")
        };
        assert_eq!(label(&interval), "gil 3.9 500 ns (1 us)");
        let merged =
            |also: &[u64]| Cell { also_switch_interval_ps: also.into(), ..interval.clone() };
        assert_eq!(label(&merged(&[500])), "gil 3.9 500, 0.5 ns");
        assert_eq!(label(&merged(&[1_000_000])), "gil 3.9 500 ns, 1 us");
        let many = label(&merged(&[1, 2, 3, 4]));
        assert_eq!(many, "gil 3.9 500, 0.001, 0.002 ns and 2 more");
        let real = Cell {
            strategy: "cpython".into(),
            era: "3.12".into(),
            python_version: "3.11.7".into(),
            switch_interval_ps: Some(5_000_000_000),
            effective_switch_interval_ns: Some(5_000_000),
            ..Cell::default()
        };
        assert_eq!(label(&real), "cpython 3.11.7 5 ms");
        let ticks = Cell { switch_ticks: Some(10), hypothetical: true, ..gil("3.12") };
        assert_eq!(label(&ticks), "gil 3.12 ticks 10 hypothetical");
    }

    #[test]
    fn requests_are_named() {
        let asks = |call: &str, io_ns| Cell { io_call: call.into(), io_ns, ..Cell::default() };
        assert_eq!(request(&asks("", None)), None);
        assert_eq!(request(&asks("sleep", Some(1_000_000))).as_deref(), Some("sleep 1 ms"));
        assert_eq!(request(&asks("echo", None)).as_deref(), Some("echo"));
    }
}
