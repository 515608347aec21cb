//! Expansion of a request's strategies: which subjects it selects, each with which switch rules.
//! Defines the defaults of empty lists of eras and rules; independent of workloads.

use strategies::catalog::{Name, Spec};
use strategies::harness::entry::Inclusion;
use strategies::program::era::{Era, RuleKind, SwitchInterval, SwitchRule};
use strategies::program::limit::LimitError;

use crate::plan::spec::{EraSelector, StrategySelector, SweepSpec, distinct};
use crate::plan::subject::{Python, Subject, era_of};
use crate::python::registry::Interpreters;
use crate::python::version::Version;

/// The chapter's intervals: the default, and two that are one setting. In picoseconds.
const DEFAULT_INTERVALS_PS: [u64; 3] = [5_000_000_000, 500_000, 500];
const DEFAULT_TICKS: [u32; 3] = [100, 10, 1];

/// Every strategy with every combination of its own parameters. The request
/// has no duplicates: a thousand names of the GIL with a thousand rules would be a million subjects.
pub(crate) fn subjects(
    spec: &SweepSpec,
    interpreters: &Interpreters,
) -> Result<Vec<Subject>, LimitError> {
    let chosen = chosen(spec, interpreters)?;
    let rules = spec.rules();
    let gils = gil_specs(&spec.eras, &rules, &chosen);
    let specs_of = |name| match name {
        Name::Plain(plain) => vec![Spec::Plain(plain)],
        Name::Gil => gils.clone(),
    };
    let of = |choice: &StrategySelector| -> Vec<Subject> {
        match *choice {
            StrategySelector::All => Name::all()
                .into_iter()
                .filter(|name| contends(*name))
                .flat_map(specs_of)
                .map(Subject::Lab)
                .collect(),
            StrategySelector::One(name) => specs_of(name).into_iter().map(Subject::Lab).collect(),
            StrategySelector::Python => pythons(&chosen, &rules),
        }
    };
    let subjects: Vec<_> = spec.strategies.iter().flat_map(of).collect();
    // `all` and a name of its own overlap.
    Ok(distinct(&subjects))
}

/// Whether it is among `all`.
fn contends(name: Name) -> bool {
    match name.entry().inclusion {
        Inclusion::Default => true,
        Inclusion::OnRequest | Inclusion::NegativeControl => false,
    }
}

/// The interpreters that were asked for, each with its place in the lab's list.
fn chosen(
    spec: &SweepSpec,
    interpreters: &Interpreters,
) -> Result<Vec<(usize, Version)>, LimitError> {
    if spec.strategies.contains(&StrategySelector::Python) {
        let chosen = interpreters.choose(&spec.pythons)?.into_iter();
        let chosen: Vec<_> = chosen.map(|(place, known)| (place, known.version)).collect();
        return Ok(distinct(&chosen));
    }
    Ok(Vec::new())
}

/// Interpreters with the named rules of their own kind. Where only others are named, one of those,
/// which is refused with its reason later.
fn pythons(chosen: &[(usize, Version)], named: &[SwitchRule]) -> Vec<Subject> {
    let with_rules = |&(place, version): &(usize, Version)| {
        let kind = version.rule_kind();
        let has_own = named.is_empty() || named.iter().any(|rule| rule.kind() == kind);
        let rules = match kind {
            RuleKind::Interval | RuleKind::Ticks if !has_own => named[..1].to_vec(),
            _ => rules_of_kind(kind, named),
        };
        rules.into_iter().map(move |rule| Subject::Python(Python { place, version, rule }))
    };
    chosen.iter().flat_map(with_rules).collect()
}

/// The named rules of a kind. None named at all: the chapter's; only others: `CPython`'s own
/// default.
fn rules_of_kind(kind: RuleKind, named: &[SwitchRule]) -> Vec<SwitchRule> {
    let own: Vec<_> = named.iter().copied().filter(|rule| rule.kind() == kind).collect();
    match (own.is_empty(), named.is_empty()) {
        (false, _) => own,
        (true, true) => default_rules(kind),
        (true, false) => default_rules(kind)[..1].to_vec(),
    }
}

fn gil_specs(
    eras: &[EraSelector],
    named: &[SwitchRule],
    interpreters: &[(usize, Version)],
) -> Vec<Spec> {
    if !eras.is_empty() {
        return eras.iter().flat_map(|&choice| era_specs(choice, named)).collect();
    }
    // Beside real interpreters the GIL is that of their eras, or nothing could be compared; where the
    // lab has none of them, the newest with their rules, which a note tells apart.
    let known: Vec<Era> = interpreters.iter().filter_map(|&(_, version)| era_of(version)).collect();
    let newest = interpreters.iter().map(|&(_, version)| Era::newest_of(version.rule_kind()));
    let real = if known.is_empty() { newest.collect() } else { known };
    if !real.is_empty() {
        let real = distinct(&real);
        let is_own = |rule: &SwitchRule, era: Era| rule.kind() == era.facts().rule;
        // A named rule that none of them has is that of its own era, and no other takes its place.
        let others = named.iter().filter(|rule| !real.iter().any(|era| is_own(rule, *era)));
        let others = others.map(|&rule| Spec::Gil { era: Era::default_for(rule.kind()), rule });
        let has_rules = |era: &Era| {
            let is_free = era.facts().rule == RuleKind::Free;
            is_free || named.is_empty() || named.iter().any(|rule| is_own(rule, *era))
        };
        let own = |era: Era| with_rules(era, rules_of_kind(era.facts().rule, named));
        let specs = real.iter().copied().filter(has_rules).flat_map(own);
        return specs.chain(others).collect();
    }
    let kinds = [RuleKind::Interval, RuleKind::Ticks];
    let rules = match named {
        [] => kinds.into_iter().flat_map(default_rules).collect(),
        named => named.to_vec(),
    };
    rules.into_iter().map(|rule| Spec::Gil { era: Era::default_for(rule.kind()), rule }).collect()
}

/// The cells of a named era. An era without a lock has no rule, whatever is named.
fn era_specs(choice: EraSelector, named: &[SwitchRule]) -> Vec<Spec> {
    match choice {
        EraSelector::One(era) if named.is_empty() || era.facts().rule == RuleKind::Free => {
            with_rules(era, default_rules(era.facts().rule))
        }
        EraSelector::One(era) => with_rules(era, named.to_vec()),
        EraSelector::All => Era::GENERATIONS
            .into_iter()
            .flat_map(|era| with_rules(era, rules_of_kind(era.facts().rule, named)))
            .collect(),
    }
}

fn with_rules(era: Era, rules: Vec<SwitchRule>) -> Vec<Spec> {
    rules.into_iter().map(|rule| Spec::Gil { era, rule }).collect()
}

/// The chapter's rules of that kind, `CPython`'s own default first.
fn default_rules(kind: RuleKind) -> Vec<SwitchRule> {
    match kind {
        RuleKind::Interval => DEFAULT_INTERVALS_PS
            .map(|ps| SwitchRule::Interval(SwitchInterval::from_picoseconds(ps)))
            .into(),
        RuleKind::Ticks => DEFAULT_TICKS.map(SwitchRule::Ticks).into(),
        RuleKind::Free => vec![SwitchRule::Free],
    }
}
