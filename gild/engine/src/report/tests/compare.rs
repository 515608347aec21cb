//! Comparison of constructed sweeps: comparability, pairing, and speeds.

use super::*;
use crate::report::comparison_text::verdict;

#[path = "compare_correctness.rs"]
mod correctness;

#[path = "compare_properties.rs"]
mod properties;

fn environment() -> Environment {
    Environment {
        cpu_model: "Example CPU 3000".into(),
        cores: 2,
        kernel: "Linux 6.1.0".into(),
        governor: "performance".into(),
        smt: "1".into(),
        hypervisor: "none".into(),
        clock_source: "tsc".into(),
        profile: "release".into(),
        version: Some("0.1.0".into()),
        pin: "auto".into(),
        order: "interleaved".into(),
        step_cost_ns: "15".into(),
    }
}

/// Twenty rounds around a rate, none like another.
fn around(rate: f64) -> Vec<f64> {
    (0..20_i32).map(|round| rate * (1.0 + f64::from(round - 10) / 500.0)).collect()
}

fn cell(parameters: &'static str, correct: u32, rate: f64) -> ComparedCell {
    ComparedCell {
        parameters: vec![parameters.to_owned()],
        verdict: Some(if correct == 100 { Verdict::Kept } else { Verdict::Lost }),
        caveat: Caveat::None,
        attempts: 100,
        correct,
        lost_increments: None,
        round_rates: around(rate),
    }
}

fn broken(rate: f64) -> ComparedCell {
    ComparedCell { verdict: Some(Verdict::Broken), ..cell("a", 99, rate) }
}

fn sheet(cells: Vec<ComparedCell>) -> SweepResults {
    SweepResults { environment: environment(), cells }
}

const AXES: [&str; 1] = ["strategy"];

fn policy(differences: Differences) -> Policy {
    Policy { differences, rule: PairRule::Every }
}

fn compared(sheets: &[SweepResults], differences: Differences) -> ComparisonReport {
    compare(&AXES, sheets, &policy(differences))
}

fn said(report: &ComparisonReport) -> String {
    verdict(report, &AXES, &policy(Differences::Forbid))
}

fn two(first: ComparedCell, other: ComparedCell) -> ComparisonReport {
    compared(&[sheet(vec![first]), sheet(vec![other])], Differences::Forbid)
}

#[track_caller]
fn comes_to(first: ComparedCell, other: ComparedCell, wanted: PairOutcome) {
    let report = two(first, other);
    assert_eq!(report.pairs[0].outcome, wanted, "{report:?}");
}

#[test]
fn speeds_of_correct_cells_are_compared() {
    comes_to(cell("a", 100, 1e6), cell("a", 100, 2e6), PairOutcome::Faster);
    comes_to(cell("a", 100, 1e6), cell("a", 100, 5e5), PairOutcome::Slower);
    comes_to(cell("a", 100, 1e6), cell("a", 100, 1.0001e6), PairOutcome::Same);
}

#[test]
fn outcome_with_too_little_data_is_unknown() {
    let short =
        |rate| ComparedCell { round_rates: around(rate)[..4].to_vec(), ..cell("a", 100, rate) };
    comes_to(short(1e6), short(2e6), PairOutcome::Unknown);
    let enough =
        |rate| ComparedCell { round_rates: around(rate)[..5].to_vec(), ..cell("a", 100, rate) };
    comes_to(enough(1e6), enough(2e6), PairOutcome::Faster);
    comes_to(enough(1e6), enough(1e6), PairOutcome::Same);
    let nothing =
        ComparedCell { verdict: None, attempts: 0, round_rates: Vec::new(), ..cell("a", 0, 1.0) };
    comes_to(nothing.clone(), cell("a", 100, 1e6), PairOutcome::Unknown);
    comes_to(cell("a", 100, 1e6), nothing, PairOutcome::Unknown);
    let idle = ComparedCell { round_rates: vec![0.0; 20], ..cell("a", 100, 1.0) };
    let report = two(idle, cell("a", 100, 1e6));
    assert_eq!((report.pairs[0].outcome, report.pairs[0].rates), (PairOutcome::Unknown, None));
}

#[test]
fn ratio_is_other_over_first_and_deterministic() {
    let report = two(cell("a", 100, 1e6), cell("a", 100, 2e6));
    let rates = report.pairs[0].rates.expect("both did something");
    assert!((rates.ratio - 2.0).abs() < 1e-9 && rates.p < 0.01, "{rates:?}");
    assert!(rates.low < 2.0 && 2.0 < rates.high && rates.low > 1.9, "{rates:?}");
    assert_eq!(report, two(cell("a", 100, 1e6), cell("a", 100, 2e6)));
}

#[test]
fn cells_pair_by_their_parameters() {
    let first = sheet(vec![cell("a", 100, 1.0), cell("b", 100, 1.0), cell("b", 100, 1.0)]);
    let other = sheet(vec![cell("b", 100, 1.0), cell("c", 100, 1.0), cell("a", 100, 1.0)]);
    let report = compared(&[first, other.clone(), other], Differences::Forbid);
    let met: Vec<_> = report.pairs.iter().map(|it| (it.first, it.sweep, it.other)).collect();
    assert_eq!(met, [(0, 1, 2), (1, 1, 0), (0, 2, 2), (1, 2, 0)]);
    assert_eq!(report.unmatched, 4);
    let wanted = "4 pairs of cells: 4 the same; 4 cells without a counterpart.";
    assert_eq!(said(&report), wanted);
}

#[test]
fn sweeps_without_common_cells_are_reported() {
    let report = two(cell("a", 100, 1.0), cell("b", 100, 1.0));
    assert_eq!((report.pairs.len(), report.unmatched), (0, 2));
    let wanted = "Nothing to compare: no cell of the first has its parameters in another, and the \
                  sweeps have no strategy in common.";
    assert_eq!(said(&report), wanted);
}

/// A field, and how another sweep may have it.
type Change = (&'static str, fn(&mut Environment));

#[test]
fn every_environment_field_forbids_a_comparison() {
    let changes: [Change; 11] = [
        ("machine.cpu_model", |it| it.cpu_model.push('x')),
        ("machine.cores", |it| it.cores += 1),
        ("machine.smt", |it| it.smt.push('x')),
        ("machine.kernel", |it| it.kernel.push('x')),
        ("machine.governor", |it| it.governor.push('x')),
        ("machine.hypervisor", |it| it.hypervisor.push('x')),
        ("machine.clock_source", |it| it.clock_source.push('x')),
        ("machine.profile", |it| it.profile.push('x')),
        ("pin", |it| it.pin.push('x')),
        ("order", |it| it.order.push('x')),
        ("step_cost_ns", |it| it.step_cost_ns.push('x')),
    ];
    for (field, change) in changes {
        let mut other = sheet(vec![cell("a", 100, 1.0)]);
        change(&mut other.environment);
        let report = compared(&[sheet(vec![cell("a", 100, 1.0)]), other], Differences::Forbid);
        assert_eq!(report.comparability, Comparability::NotComparable);
        assert_eq!((report.differences[0].field, report.pairs.len()), (field, 0));
        let last =
            field.rsplit('.').next().unwrap_or(field).trim_end_matches("_ns").replace('_', " ");
        let verdict = said(&report);
        assert!(verdict.starts_with("Not comparable: they differ in ") && verdict.contains(&last));
    }
}

/// A field, and its text.
type Property = (&'static str, fn(&mut Environment) -> &mut String);

/// What no sweep knows may differ, and is said; what one knows and another does not forbids it.
#[test]
fn unknown_property_of_a_machine_is_never_equal() {
    let changes: [Property; 7] = [
        ("machine.cpu_model", |it| &mut it.cpu_model),
        ("machine.smt", |it| &mut it.smt),
        ("machine.kernel", |it| &mut it.kernel),
        ("machine.governor", |it| &mut it.governor),
        ("machine.hypervisor", |it| &mut it.hypervisor),
        ("machine.clock_source", |it| &mut it.clock_source),
        ("machine.profile", |it| &mut it.profile),
    ];
    for (field, property) in changes {
        for unknown in ["unknown", ""] {
            let mut without = sheet(vec![cell("a", 100, 1.0)]);
            *property(&mut without.environment) = unknown.into();
            let both = compared(&[without.clone(), without.clone()], Differences::Forbid);
            assert_eq!(both.comparability, Comparability::Comparable);
            assert_eq!(both.unknown, [field]);
            let one = compared(&[without, sheet(vec![cell("a", 100, 1.0)])], Differences::Forbid);
            assert_eq!(one.comparability, Comparability::NotComparable);
            assert_eq!(one.differences[0].values[0], "unknown");
            assert_eq!((one.differences[0].field, one.unknown), (field, vec![]));
        }
    }
}

#[test]
fn version_counts_only_where_it_is_known() {
    let with = |version: Option<&str>| SweepResults {
        environment: Environment { version: version.map(str::to_owned), ..environment() },
        cells: vec![cell("a", 100, 1.0)],
    };
    let differ = |sheets: &[SweepResults]| compared(sheets, Differences::Forbid).differences;
    let part = [with(None), with(Some("0.1.0")), with(Some("0.1.0"))];
    assert_eq!(differ(&part), []);
    assert_eq!(compared(&part, Differences::Forbid).unknown, ["version"]);
    let values = ["0.1.0", "unknown", "0.2.0"].map(str::to_owned).to_vec();
    let wanted = [Difference { field: "version", values }];
    assert_eq!(differ(&[with(Some("0.1.0")), with(None), with(Some("0.2.0"))]), wanted);
}

#[test]
fn forced_comparison_is_labelled_and_caveats_are_counted() {
    let noisy = ComparedCell { caveat: Caveat::Noisy, ..cell("a", 100, 1e6) };
    let degraded = ComparedCell { caveat: Caveat::Degraded, ..cell("b", 100, 2e6) };
    let mut other = sheet(vec![cell("a", 100, 5e5), degraded, cell("c", 100, 1.0)]);
    other.environment.kernel.push('1');
    other.environment.cores = 4;
    let first = sheet(vec![noisy, ComparedCell { caveat: Caveat::Noisy, ..cell("b", 100, 1e6) }]);
    let report = compared(&[first, other], Differences::Overrule);
    assert_eq!(report.comparability, Comparability::Forced);
    assert_eq!([report.pairs[0].caveat, report.pairs[1].caveat], [Caveat::Noisy, Caveat::Degraded]);
    assert_eq!(
        said(&report),
        "Forced, although they differ in the machine's cores, the machine's kernel: 2 pairs of cells: 1 slower, 1 \
         faster; 1 noisy, 1 degraded, where speeds mean little; 1 cell without a counterpart."
    );
}

#[test]
fn fewer_than_two_sweeps_have_no_pairs() {
    assert_eq!(compared(&[], Differences::Forbid).pairs, []);
    let alone = compared(&[sheet(vec![cell("a", 100, 1.0)])], Differences::Forbid);
    assert_eq!((alone.pairs.len(), alone.unmatched), (0, 0));
}

/// Seven rounds of which the other's are spread over a factor of four: 0.36 of the first, and no
/// sign of equality.
#[test]
fn wide_interval_is_undecided_and_the_verdict_names_the_way_out() {
    let spread =
        |rates: [f64; 7]| ComparedCell { round_rates: rates.to_vec(), ..cell("a", 100, 1.0) };
    let first = spread([1.0, 1.1, 1.2, 2.5, 2.6, 2.7, 3.0]);
    let other = spread([0.5, 0.6, 0.7, 0.9, 2.0, 2.2, 2.9]);
    let report = two(first.clone(), other.clone());
    let found = report.pairs[0].rates.expect("both did something");
    assert!(found.ratio < 0.4 && found.p > 0.01, "{found:?}");
    assert_eq!(report.pairs[0].outcome, PairOutcome::Undecided);
    assert_eq!(said(&report), "1 pair of cells: 1 undecided, which needs more attempts.");
    let same = cell("b", 100, 1e6);
    let few = |rate| ComparedCell { round_rates: vec![rate; 3], ..cell("c", 100, 1.0) };
    let nothing = || ComparedCell { verdict: None, attempts: 0, ..cell("d", 0, 1.0) };
    let sheets = [
        sheet(vec![first.clone(), same.clone(), few(1.0), nothing()]),
        sheet(vec![other.clone(), same, few(2.0), nothing()]),
    ];
    let verdict = said(&compared(&sheets, Differences::Forbid));
    let wanted = "4 pairs of cells: 1 the same, 3 undecided, of which 2 need more attempts.";
    assert_eq!(verdict, wanted);
    let both = [sheet(vec![first, few(1.0)]), sheet(vec![other, few(2.0)])];
    let verdict = said(&compared(&both, Differences::Forbid));
    assert_eq!(verdict, "2 pairs of cells: 2 undecided, which need more attempts.");
}
