//! Names of cells by what tells them apart.

use strategies::program::limit::picoseconds;

use crate::picture::figures::{CellFigures, Setting};
use crate::report::phrases::intervals;

/// Where a parameter does not apply.
const NONE: &str = "none";
/// Axes whose values say by themselves what they are.
const BARE: [&str; 4] = ["strategy", "era", "python", "body"];
/// Axes that always are in a name.
const ALWAYS: [&str; 4] = ["strategy", "era", "switch-interval", "switch-ticks"];

/// A name for each cell, from the axes in which they differ, without some that the picture shows
/// otherwise.
pub(crate) fn names(axes: &[&str], cells: &[&CellFigures], without: &[&str]) -> Vec<String> {
    let differs = |axis: usize| {
        let value = |cell: &&CellFigures| cell.parameters.get(axis).cloned();
        let first = cells.first().and_then(value);
        cells.iter().any(|cell| value(cell) != first)
    };
    let is_named = |(at, axis): &(usize, &&str)| {
        !without.contains(*axis) && (ALWAYS.contains(*axis) || differs(*at))
    };
    let named: Vec<(usize, &str)> =
        axes.iter().enumerate().filter(is_named).map(|(at, axis)| (at, *axis)).collect();
    let name = |cell: &&CellFigures| {
        let word = |&(at, axis): &(usize, &str)| {
            let value = cell.parameters.get(at).filter(|value| *value != NONE)?;
            Some(match axis {
                "workers" if value == "1" => "1 worker".to_owned(),
                "switch-interval" => interval(cell).unwrap_or_else(|| value.clone()),
                "switch-ticks" if value == "1" => "1 tick".to_owned(),
                "switch-ticks" => format!("{value} ticks"),
                "workers" => format!("{value} workers"),
                bare if BARE.contains(&bare) => value.clone(),
                other => format!("{other} {value}"),
            })
        };
        named.iter().filter_map(word).collect::<Vec<_>>().join(" ")
    };
    cells.iter().map(name).collect()
}

/// The intervals of a cell that was asked for by several: `500, 0.5 ns`.
fn interval(cell: &CellFigures) -> Option<String> {
    let others = Some(&cell.also_intervals).filter(|others| !others.is_empty())?;
    match cell.setting? {
        Setting::Interval(asked) => Some(intervals(asked, others.iter().copied())),
        Setting::Ticks(_) => None,
    }
}

/// The names by which a cell can be asked for: `name`, and one for each of its intervals.
pub(crate) fn spellings(cell: &CellFigures, name: &str) -> Vec<String> {
    let mut all = vec![name.to_owned()];
    if let (Some(text), Some(Setting::Interval(asked))) = (interval(cell), cell.setting) {
        let each = std::iter::once(asked).chain(cell.also_intervals.iter().copied());
        all.extend(each.map(|one| name.replacen(&text, &picoseconds(one), 1)));
    }
    all
}

/// A name with what is wrong with the cells under it: `unlocked (lost updates)`.
pub(crate) fn with_flaw(name: &str, cells: &[&CellFigures]) -> String {
    let flaws: Vec<Option<&str>> = cells.iter().map(|cell| cell.flaw()).collect();
    // The worst: a broken promise before a loss that was announced.
    let worst = flaws.iter().flatten().max_by_key(|flaw| flaw.len());
    match worst {
        None => name.to_owned(),
        Some(flaw) if flaws.iter().all(Option::is_some) => format!("{name} ({flaw})"),
        Some(flaw) => format!("{name} (at some points {flaw})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::measurement::Verdict;

    const AXES: [&str; 4] = ["strategy", "era", "workers", "locks"];

    fn cell(values: [&str; 4], verdict: Verdict) -> CellFigures {
        let parameters = values.map(str::to_owned).into();
        CellFigures { parameters, verdict: Some(verdict), ..CellFigures::default() }
    }

    #[test]
    fn names_say_what_tells_cells_apart() {
        let gil = cell(["gil", "3.9", "2", "1"], Verdict::Kept);
        let spin = cell(["spin", "none", "4", "1"], Verdict::Kept);
        let cells = [&gil, &spin];
        assert_eq!(names(&AXES, &cells, &["workers"]), ["gil 3.9", "spin"]);
        assert_eq!(names(&AXES, &cells, &[]), ["gil 3.9 2 workers", "spin 4 workers"]);
    }

    #[test]
    fn cell_of_several_intervals_has_them_in_its_name_and_a_name_for_each() {
        let axes = ["strategy", "switch-interval"];
        let parameters = ["gil", "500 ns (1 us)"].map(str::to_owned).into();
        let one = CellFigures {
            parameters,
            setting: Some(Setting::Interval(500_000)),
            ..CellFigures::default()
        };
        assert_eq!(names(&axes, &[&one], &[]), ["gil 500 ns (1 us)"]);
        let merged = CellFigures { also_intervals: vec![500], ..one.clone() };
        let of = names(&axes, &[&merged], &[]);
        assert_eq!(of, ["gil 500, 0.5 ns"]);
        let all = ["gil 500, 0.5 ns", "gil 500 ns", "gil 0.5 ns"];
        assert_eq!(spellings(&merged, &of[0]), all);
        assert_eq!(spellings(&one, "gil"), ["gil"]);
    }

    #[test]
    fn wrong_cells_say_so_in_their_name() {
        let (kept, lost) = (
            cell(["a", "none", "1", "1"], Verdict::Kept),
            cell(["a", "none", "2", "1"], Verdict::Lost),
        );
        let broken = cell(["a", "none", "3", "1"], Verdict::Broken);
        assert_eq!(with_flaw("a", &[&kept]), "a");
        assert_eq!(with_flaw("a", &[&lost, &lost]), "a (lost updates)");
        assert_eq!(with_flaw("a", &[&kept, &lost]), "a (at some points lost updates)");
        let both = with_flaw("a", &[&lost, &broken]);
        assert_eq!(both, "a (broken promise: lost updates)");
    }
}
