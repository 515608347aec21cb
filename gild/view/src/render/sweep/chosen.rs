//! Chosen columns of a sweep's table: the names that `--columns` takes.

use std::str::FromStr;

use crate::suggest::{SIMILARITY_MIN, nearest};

use crate::render::sweep::axis::Axis;
use crate::render::sweep::columns::load::Load;
use crate::render::sweep::columns::{Column, Columns};

/// Most columns that can be chosen.
const CHOSEN_MAX: usize = 32;
/// Means every column that applies.
const ALL: &str = "all";
/// Every column that has a name, in the order of tables.
fn named() -> Vec<(&'static str, Column)> {
    let mut all = vec![("strategy", Column::Strategy), ("python", Column::Python)];
    all.extend(Axis::ALL.map(|axis| (axis.name(), Column::Axis(axis))));
    all.extend([
        ("right", Column::Correct),
        ("lost", Column::Lost),
        ("lost-increments", Column::LostIncrements),
        ("rate", Column::Speed),
        ("fair", Column::Jain),
        ("request-rate", Column::RequestRate),
        ("latency-p50", Column::LatencyMedian),
        ("latency-p99", Column::LatencyHigh),
        ("requests", Column::Requests),
        ("right-by-round", Column::Rounds),
        ("seen", Column::Seen),
        ("possible", Column::Possible),
        ("grade", Column::Grade),
        ("lost-by-law", Column::Law),
        ("switches", Column::Switches),
        ("switch-rate", Column::SwitchRate),
        ("slice", Column::Slice),
    ]);
    all.extend(Load::ALL.map(|load| (load.key(), Column::Load(load))));
    all.extend([("overlap", Column::Overlap), ("note", Column::Verdict)]);
    all
}

impl FromStr for Columns {
    /// What is wrong, and the way out.
    type Err = (String, String);

    /// Reads names with commas between them, or `all`.
    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        if typed.trim() == ALL {
            return Ok(Self::Every);
        }
        let known = named();
        let names = typed.split(',').map(str::trim);
        let column = |name: &str| {
            let found = known.iter().find(|(known, _)| *known == name);
            found.map(|(_, column)| *column).ok_or_else(|| unknown(name, &known))
        };
        let chosen = names.map(column).collect::<Result<Vec<Column>, Self::Err>>()?;
        if chosen.len() > CHOSEN_MAX {
            return Err(too_many());
        }
        Ok(Self::Chosen(chosen.leak()))
    }
}

fn too_many() -> (String, String) {
    (format!("names more than {CHOSEN_MAX} columns"), "leave some out".to_owned())
}

fn unknown(name: &str, known: &[(&'static str, Column)]) -> (String, String) {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).chain([ALL]).collect();
    let nearest = nearest(name, names.iter().copied(), SIMILARITY_MIN);
    let hint = nearest.map(|nearest| format!("did you mean `{nearest}`? ")).unwrap_or_default();
    (format!("`{name}` is not a column"), format!("{hint}choose some of {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_their_order() {
        let Ok(Columns::Chosen(chosen)) = "rate, strategy,wait".parse() else { panic!("known") };
        let wanted = [Column::Speed, Column::Strategy, Column::Load(Load::Waits)];
        assert_eq!(chosen, wanted);
        assert_eq!("all".parse(), Ok(Columns::Every));
    }

    #[test]
    fn every_column_has_one_name() {
        let mut names: Vec<&str> = named().iter().map(|(name, _)| *name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(named().iter().all(|(name, column)| {
            let Ok(Columns::Chosen(chosen)) = name.parse() else { return false };
            chosen == [*column]
        }));
    }

    #[test]
    fn unknown_name_is_refused_with_the_nearest_and_all() {
        let (why, way_out) = "rigth".parse::<Columns>().expect_err("no such column");
        assert_eq!(why, "`rigth` is not a column");
        assert!(
            way_out.starts_with("did you mean `right`? choose some of strategy, "),
            "{way_out}"
        );
        assert!("".parse::<Columns>().is_err() && "right,".parse::<Columns>().is_err());
        let many = vec!["right"; CHOSEN_MAX + 1].join(",");
        assert!(many.parse::<Columns>().expect_err("too many").0.contains("more than 32"));
    }
}
