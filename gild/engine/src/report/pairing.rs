//! Pairing of the cells of two sweeps: those are pairs that are equal in the axes that a rule chooses.
//! What would fit several cells is no pair. Pure.

use std::collections::{BTreeMap, BTreeSet};

/// A cell's value of each axis, as text; equal values have equal texts.
pub type AxisValues = Vec<String>;

/// The axes in which the cells of a pair are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairRule {
    /// All axes.
    Every,
    /// These, by their positions.
    Named(Vec<usize>),
    /// All axes; if that pairs nothing, all in which the two sweeps have a value in common; if that
    /// pairs nothing either, all in which they have the same values.
    Common,
}

/// Cells of one sweep that a rule does not tell apart, so that each fits the same cell of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguity {
    /// Whether they are cells of the other sweep, not of the first.
    pub is_of_other: bool,
    /// Positions of two of them.
    pub cells: [usize; 2],
    /// The axes in which cells that fit the same cell differ.
    pub apart: Vec<usize>,
}

/// Pairs of positions, in the order of the first sweep's cells.
pub type Pairs = Vec<(usize, usize)>;

/// Pairs the cells of two sweeps.
///
/// # Errors
/// Where cells that differ in other axes fit the same cell.
pub fn paired(
    rule: &PairRule,
    first: &[&AxisValues],
    other: &[&AxisValues],
) -> Result<Pairs, Ambiguity> {
    let axes = first.first().map_or(0, |values| values.len());
    let every = || (0..axes).collect::<Vec<_>>();
    match rule {
        PairRule::Every => equal_in(&every(), first, other),
        PairRule::Named(named) => equal_in(named, first, other),
        PairRule::Common => {
            let shared = |axis: &usize| !values(first, *axis).is_disjoint(&values(other, *axis));
            let same = |axis: &usize| values(first, *axis) == values(other, *axis);
            let choices = [
                every(),
                every().into_iter().filter(shared).collect(),
                every().into_iter().filter(same).collect(),
            ];
            let mut pairs = Pairs::new();
            for chosen in choices {
                pairs = equal_in(&chosen, first, other)?;
                if !pairs.is_empty() {
                    break;
                }
            }
            Ok(pairs)
        }
    }
}

/// The values of an axis.
pub(super) fn values<'a>(cells: &[&'a AxisValues], axis: usize) -> BTreeSet<&'a str> {
    cells.iter().map(|values| values[axis].as_str()).collect()
}

/// Most bytes of a value in a list of values.
const VALUE_BYTES_MAX: usize = 100;
/// Most bytes of the values in a list.
const LIST_BYTES_MAX: usize = 200;

/// The values of an axis in the order of the cells, each once, shortened where they are long or many:
/// at most [`LIST_BYTES_MAX`] bytes and the number of those left out.
pub(super) fn value_list(cells: &[&AxisValues], axis: usize) -> String {
    let mut seen = BTreeSet::new();
    let all: Vec<&str> =
        cells.iter().map(|it| it[axis].as_str()).filter(|it| seen.insert(*it)).collect();
    let mut text = String::new();
    for (place, value) in all.iter().enumerate() {
        let value = cut(value);
        if text.len() + value.len() + 2 > LIST_BYTES_MAX {
            return format!("{text} and {} more", all.len() - place);
        }
        text = if place == 0 { value } else { format!("{text}, {value}") };
    }
    text
}

/// A value of at most [`VALUE_BYTES_MAX`] bytes.
fn cut(value: &str) -> String {
    const REST: &str = "...";
    if value.len() <= VALUE_BYTES_MAX {
        return value.to_owned();
    }
    format!("{}{REST}", &value[..value.floor_char_boundary(VALUE_BYTES_MAX - REST.len())])
}

/// The axes in which some of the cells differ from the first of them.
pub(super) fn apart<'a>(cells: impl IntoIterator<Item = &'a AxisValues>) -> Vec<usize> {
    let cells: Vec<_> = cells.into_iter().collect();
    let Some(one) = cells.first() else { return Vec::new() };
    let differs = |axis: &usize| cells.iter().any(|values| values[*axis] != one[*axis]);
    (0..one.len()).filter(differs).collect()
}

/// Pairs of cells that are equal in the chosen axes. Cells that are equal in every axis are paired in
/// their order.
fn equal_in(
    chosen: &[usize],
    first: &[&AxisValues],
    other: &[&AxisValues],
) -> Result<Pairs, Ambiguity> {
    let (ours, theirs) = (groups(chosen, first), groups(chosen, other));
    let mut pairs = Pairs::new();
    for (key, ours) in &ours {
        let Some(theirs) = theirs.get(key) else { continue };
        if ours.len().max(theirs.len()) > 1 {
            ambiguity(first, ours, false).map_or(Ok(()), Err)?;
            ambiguity(other, theirs, true).map_or(Ok(()), Err)?;
        }
        pairs.extend(ours.iter().copied().zip(theirs.iter().copied()));
    }
    pairs.sort_unstable();
    Ok(pairs)
}

/// The positions of cells by their values of the chosen axes, in the order of the values.
fn groups<'a>(chosen: &[usize], cells: &[&'a AxisValues]) -> BTreeMap<Vec<&'a str>, Vec<usize>> {
    let mut groups: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for (position, values) in cells.iter().enumerate() {
        let key = chosen.iter().map(|axis| values[*axis].as_str()).collect();
        groups.entry(key).or_default().push(position);
    }
    groups
}

/// That of a group whose cells differ.
fn ambiguity(cells: &[&AxisValues], group: &[usize], is_of_other: bool) -> Option<Ambiguity> {
    let apart = apart(group.iter().map(|position| cells[*position]));
    let one = *group.first()?;
    let another = group.iter().find(|position| cells[**position] != cells[one])?;
    Some(Ambiguity { is_of_other, cells: [one, *another], apart })
}

#[cfg(test)]
#[path = "tests/pairing.rs"]
mod tests;
