//! Sentences about a comparison of sweeps: its verdict, and the refusal of an ambiguous pairing.

use std::fmt::Write as _;

use strategies::program::limit::LimitError;

use crate::report::compare::{Caveat, Comparability, ComparisonReport, Pair, PairOutcome, Policy};
use crate::report::pairing::{Ambiguity, PairRule};
use crate::stats::format::capitalized;

/// One sentence on the whole comparison.
pub fn verdict(report: &ComparisonReport, axes: &[&'static str], policy: &Policy) -> String {
    let fields: Vec<&str> = report.differences.iter().map(|it| it.field).collect();
    let body = || match report.pairs.as_slice() {
        [] => format!("nothing to compare: {}", nothing(report, axes, policy)),
        _ => counts(report),
    };
    let ignored = || format!("paired although {}", differ(&report.ignored));
    match (report.comparability, report.ignored.is_empty()) {
        (Comparability::NotComparable, _) => format!("Not comparable: {}.", differ(&fields)),
        (Comparability::Comparable, true) => capitalized(&format!("{}.", body())),
        (Comparability::Comparable, false) => capitalized(&format!("{}: {}.", ignored(), body())),
        (Comparability::Forced, true) => {
            format!("Forced, although {}: {}.", differ(&fields), body())
        }
        (Comparability::Forced, false) => {
            format!("Forced, although {}, and {}: {}.", differ(&fields), ignored(), body())
        }
    }
}

/// The refusal of axes that were named and leave several cells for one; `None` where they leave none.
pub fn refusal(
    report: &ComparisonReport,
    axes: &[&'static str],
    policy: &Policy,
) -> Option<LimitError> {
    let (sweep, ambiguity) = report.ambiguity.as_ref()?;
    let PairRule::Named(named) = &policy.rule else { return None };
    let apart = names(&ambiguity.apart, axes);
    let (hopeless, helpful): (Vec<&str>, Vec<&str>) =
        apart.iter().copied().partition(|axis| report.disjoint.contains(axis));
    let way_out = match helpful.as_slice() {
        [] => {
            format!("measure all in one sweep, as these have no {} in common", hopeless.join(", "))
        }
        _ => format!("add {}", helpful.join(",")),
    };
    let reason = format!(
        "takes {} for one, which differ in {}",
        cells_of(*sweep, ambiguity),
        apart.join(", ")
    );
    let value = names(named, axes).join(",");
    Some(LimitError { field: "by", value, reason, way_out: way_out.into() })
}

fn names(positions: &[usize], axes: &[&'static str]) -> Vec<&'static str> {
    positions.iter().filter_map(|axis| axes.get(*axis).copied()).collect()
}

/// `cells 0 and 1 of the second sweep`.
fn cells_of(sweep: usize, ambiguity: &Ambiguity) -> String {
    const PLACES: [&str; 8] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];
    let [one, two] = ambiguity.cells;
    let place = if ambiguity.is_of_other { sweep } else { 0 };
    format!("cells {one} and {two} of the {} sweep", PLACES.get(place).unwrap_or(&"last"))
}

/// Why there is no pair.
fn nothing(report: &ComparisonReport, axes: &[&'static str], policy: &Policy) -> String {
    let why = match (&report.ambiguity, &policy.rule) {
        (Some((sweep, ambiguity)), _) => {
            let apart = names(&ambiguity.apart, axes).join(", ");
            format!("{} are equal but for {apart}", cells_of(*sweep, ambiguity))
        }
        (None, PairRule::Every) => "no cell of the first has its parameters in another".to_owned(),
        (None, PairRule::Named(named)) => {
            format!("no cell of the first has its {} in another", names(named, axes).join(", "))
        }
        (None, PairRule::Common) => {
            "no cell of the first has in another what the sweeps have in common".to_owned()
        }
    };
    let why = match report.disjoint.as_slice() {
        [] => why,
        all => format!("{why}, and the sweeps have no {} in common", all.join(", ")),
    };
    match report.ambiguity {
        Some(_) => format!("{why}; measure all in one sweep"),
        None => why,
    }
}

fn differ(fields: &[&str]) -> String {
    let words: Vec<String> = fields.iter().map(|field| in_words(field)).collect();
    format!("they differ in {}", words.join(", "))
}

/// The name of a field as people say it: `the machine's governor`, `step cost`.
fn in_words(field: &str) -> String {
    let bare = field.strip_suffix("_ns").unwrap_or(field);
    match bare.strip_prefix("machine.") {
        Some(of_machine) => format!("the machine's {}", of_machine.replace('_', " ")),
        None => bare.replace('_', " "),
    }
}

fn counts(report: &ComparisonReport) -> String {
    let outcomes = [
        (&[PairOutcome::Wronger][..], "wronger"),
        (&[PairOutcome::Righter], "righter"),
        (&[PairOutcome::Slower], "slower"),
        (&[PairOutcome::Faster], "faster"),
        (&[PairOutcome::Same], "the same"),
        (&[PairOutcome::Undecided, PairOutcome::Unknown], "undecided"),
    ];
    let count = |is_it: &dyn Fn(&Pair) -> bool| report.pairs.iter().filter(|it| is_it(it)).count();
    let counted = outcomes
        .map(|(outcomes, word)| (count(&|pair: &Pair| outcomes.contains(&pair.outcome)), word));
    let undecided = counted.last().map_or(0, |it| it.0);
    let doubtful = |caveat| report.pairs.iter().filter(|pair| pair.caveat == caveat).count();
    let doubts = [(doubtful(Caveat::Noisy), "noisy"), (doubtful(Caveat::Degraded), "degraded")];
    let mut text = match report.pairs.len() {
        1 => format!("1 pair of cells: {}", phrase(&counted)),
        pairs => format!("{pairs} pairs of cells: {}", phrase(&counted)),
    };
    text.push_str(&needing_attempts(count(&Pair::needs_attempts), undecided));
    if doubts.iter().any(|(count, _)| *count > 0) {
        let _ = write!(text, "; {}, where speeds mean little", phrase(&doubts));
    }
    match report.unmatched {
        0 => text,
        1 => text + "; 1 cell without a counterpart",
        cells => format!("{text}; {cells} cells without a counterpart"),
    }
}

/// How many of the undecided pairs need more attempts.
fn needing_attempts(needing: usize, undecided: usize) -> String {
    match needing {
        0 => String::new(),
        1 if undecided == 1 => ", which needs more attempts".to_owned(),
        all if all == undecided => ", which need more attempts".to_owned(),
        1 => ", of which 1 needs more attempts".to_owned(),
        several => format!(", of which {several} need more attempts"),
    }
}

/// The counts above zero: `2 slower, 1 faster`.
fn phrase(counted: &[(usize, &str)]) -> String {
    let present = counted.iter().filter(|(count, _)| *count > 0);
    present.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "tests/comparison_text.rs"]
mod tests;
