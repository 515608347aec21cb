//! Pairs of cells of grids: by all axes, by some, and what fits several.

use proptest::prelude::*;

use super::*;

/// Cells of the grid of these values, one list an axis.
fn grid(axes: &[&[&str]]) -> Vec<AxisValues> {
    let one = vec![AxisValues::new()];
    axes.iter().fold(one, |cells, values| {
        let extend = |cell: AxisValues| {
            values.iter().map(move |value| [cell.clone(), vec![(*value).to_owned()]].concat())
        };
        cells.into_iter().flat_map(extend).collect()
    })
}

fn pairs(rule: &PairRule, first: &[AxisValues], other: &[AxisValues]) -> Result<Pairs, Ambiguity> {
    let [first, other] = [first, other].map(|cells| cells.iter().collect::<Vec<_>>());
    paired(rule, &first, &other)
}

const LOCK: usize = 0;
const WORKERS: usize = 1;

#[test]
fn other_locks_are_paired_by_the_rest() {
    let first = grid(&[&["ticket"], &["1", "2", "4"]]);
    let other = grid(&[&["mcs"], &["4", "2"]]);
    assert_eq!(pairs(&PairRule::Every, &first, &other), Ok(vec![]));
    let wanted = Ok(vec![(1, 1), (2, 0)]);
    assert_eq!(pairs(&PairRule::Common, &first, &other), wanted);
    assert_eq!(pairs(&PairRule::Named(vec![WORKERS]), &first, &other), wanted);
    assert_eq!(pairs(&PairRule::Named(vec![LOCK]), &first, &other), Ok(vec![]));
}

/// What is equal in everything stays the pair, also where less would do.
#[test]
fn common_rule_prefers_the_same_experiment() {
    let first = grid(&[&["ticket", "mcs"], &["1", "2"]]);
    let other = grid(&[&["mcs", "clh"], &["2", "4"]]);
    assert_eq!(pairs(&PairRule::Common, &first, &other), Ok(vec![(3, 0)]));
    // Locks in common, no workers in common.
    let other = grid(&[&["mcs"], &["8"]]);
    let first = grid(&[&["ticket", "mcs"], &["1"]]);
    assert_eq!(pairs(&PairRule::Common, &first, &other), Ok(vec![(1, 0)]));
    // Both in common, but not together.
    let first = [grid(&[&["ticket"], &["1"]]), grid(&[&["mcs"], &["2"]])].concat();
    let other = [grid(&[&["ticket"], &["2"]]), grid(&[&["mcs"], &["1"]])].concat();
    assert_eq!(pairs(&PairRule::Common, &first, &other), Ok(vec![]));
}

#[test]
fn several_cells_for_one_are_refused_with_the_axes_that_tell_them_apart() {
    let first = grid(&[&["ticket", "mcs"], &["1", "2"], &["0 ns"]]);
    let other = grid(&[&["mcs"], &["1"], &["0 ns", "1 us"]]);
    let of_first = Ambiguity { is_of_other: false, cells: [0, 1], apart: vec![LOCK, WORKERS] };
    assert_eq!(pairs(&PairRule::Named(vec![2]), &first, &other), Err(of_first));
    let of_other = Ambiguity { is_of_other: true, cells: [0, 1], apart: vec![2] };
    let named = PairRule::Named(vec![LOCK, WORKERS]);
    assert_eq!(pairs(&named, &first, &other), Err(of_other));
    // Of cells that fit none no distinction is needed.
    let named = PairRule::Named(vec![LOCK]);
    let alone = grid(&[&["clh"], &["1"], &["0 ns"]]);
    assert_eq!(pairs(&named, &first, &alone), Ok(vec![]));
}

/// Nothing tells them apart, so that their order does.
#[test]
fn equal_cells_are_paired_in_their_order() {
    let twice = [grid(&[&["ticket"], &["1"]]), grid(&[&["ticket"], &["1"]])].concat();
    for rule in [PairRule::Every, PairRule::Common, PairRule::Named(vec![WORKERS])] {
        assert_eq!(pairs(&rule, &twice, &twice), Ok(vec![(0, 0), (1, 1)]));
        assert_eq!(pairs(&rule, &twice, &twice[..1]), Ok(vec![(0, 0)]));
    }
}

#[test]
fn sweeps_without_cells_have_no_pairs() {
    let cells = grid(&[&["ticket"], &["1"]]);
    for rule in [PairRule::Every, PairRule::Common, PairRule::Named(vec![LOCK])] {
        assert_eq!(pairs(&rule, &[], &cells), Ok(vec![]));
        assert_eq!(pairs(&rule, &cells, &[]), Ok(vec![]));
    }
}

#[test]
fn list_of_values_is_short() {
    let list = |values: &[&str]| {
        let cells = grid(&[values]);
        value_list(&cells.iter().collect::<Vec<_>>(), 0)
    };
    assert_eq!(list(&["2", "1", "2"]), "2, 1");
    let many: Vec<String> = (0..1000).map(|it| it.to_string()).collect();
    let many = list(&many.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(many.starts_with("0, 1, 2") && many.ends_with(" more"), "{many}");
    let long = "\u{1f600}".repeat(90);
    let longest = list(&[&long, &format!("{long}2"), &format!("{long}3")]);
    for text in [&many, &longest] {
        assert!(text.len() <= LIST_BYTES_MAX + " and 1000 more".len(), "{text}");
    }
    assert_eq!(list(&[]), "");
}

/// Cells of three axes of few values, each cell once.
fn cells() -> impl Strategy<Value = Vec<AxisValues>> {
    let cell = (0_u8..3, 0_u8..3, 0_u8..2).prop_map(|(a, b, c)| [a, b, c].map(|it| it.to_string()));
    prop::collection::btree_set(cell, 0..9)
        .prop_map(|cells| cells.into_iter().map(Vec::from).collect())
}

fn rules() -> impl Strategy<Value = PairRule> {
    let named = prop::sample::subsequence(vec![0_usize, 1, 2], 1..=3).prop_map(PairRule::Named);
    prop_oneof![Just(PairRule::Every), Just(PairRule::Common), named]
}

proptest! {
    /// Each cell is in one pair at most; pairs are equal in what the rule names, and none of them is
    /// missing; a refusal names cells that really are one by it.
    #[test]
    fn pairs_are_those_that_the_rule_makes(first in cells(), other in cells(), rule in rules()) {
        let chosen = match &rule {
            PairRule::Every => vec![0, 1, 2],
            PairRule::Named(named) => named.clone(),
            PairRule::Common => Vec::new(),
        };
        let fits = |one: &AxisValues, two: &AxisValues| chosen.iter().all(|axis| one[*axis] == two[*axis]);
        match pairs(&rule, &first, &other) {
            Ok(pairs) => {
                let ours: BTreeSet<_> = pairs.iter().map(|pair| pair.0).collect();
                let theirs: BTreeSet<_> = pairs.iter().map(|pair| pair.1).collect();
                prop_assert!(ours.len() == pairs.len() && theirs.len() == pairs.len());
                prop_assert!(pairs.is_sorted());
                prop_assert!(pairs.iter().all(|(at, there)| fits(&first[*at], &other[*there])));
                if rule != PairRule::Common {
                    let fitting = first.iter().filter(|one| other.iter().any(|two| fits(one, two)));
                    prop_assert_eq!(fitting.count(), pairs.len());
                }
            }
            Err(Ambiguity { is_of_other, cells: [one, two], apart }) => {
                prop_assert_ne!(&rule, &PairRule::Every);
                let cells = if is_of_other { &other } else { &first };
                prop_assert!(fits(&cells[one], &cells[two]) && cells[one] != cells[two]);
                let differs = |axis: &usize| cells[one][*axis] != cells[two][*axis];
                prop_assert!((0..3).filter(differs).all(|axis| apart.contains(&axis)));
                prop_assert!(apart.iter().all(|axis| !chosen.contains(axis)));
            }
        }
    }

    /// A sweep is paired with itself cell by cell, unless what is named does not tell its cells apart.
    #[test]
    fn sweep_is_paired_with_itself(cells in cells()) {
        let wanted: Pairs = (0..cells.len()).map(|at| (at, at)).collect();
        prop_assert_eq!(pairs(&PairRule::Every, &cells, &cells), Ok(wanted.clone()));
        prop_assert_eq!(pairs(&PairRule::Common, &cells, &cells), Ok(wanted));
    }
}
