//! Examination of the machine: its fitness for measuring, with advice. [`super::facts`] reads the
//! facts, and each rule judges one of them. Facts that the system does not report are unknown,
//! never guessed. The examination changes nothing.

use crate::sys::doctor::facts::Facts;
use crate::sys::doctor::finding::{Examined, Fitness, Lab};
use crate::sys::doctor::rules;

/// Judges all facts.
pub fn examine(facts: &Facts, lab: Lab) -> Vec<Examined> {
    vec![
        rules::governor(&facts.governors),
        rules::boost(facts.boost),
        rules::load(facts.load, facts.allowed, lab),
        rules::others(facts.others),
        rules::steal(facts.steal),
        rules::cores(facts.allowed, facts.online),
        rules::smt(facts.smt),
        rules::clock_source(facts.clock_source.as_deref()),
        rules::clock_read(facts.clock_read_ns),
        rules::hypervisor(facts.hypervisor.as_ref()),
        rules::quota(facts.quota, facts.allowed),
        rules::memory(facts.memory_pressure),
        rules::profile(facts.profile),
    ]
}

/// A one-sentence summary of the findings.
pub fn verdict(examined: &[Examined], lab: Lab) -> String {
    let names = |fitness| {
        let rated = examined.iter().filter(|found| found.fitness == fitness);
        rated.map(|found| found.name).collect::<Vec<_>>()
    };
    let (bad, doubtful, unknown) =
        (names(Fitness::Bad), names(Fitness::Doubtful), names(Fitness::Unknown));
    let mut parts = Vec::new();
    if !bad.is_empty() {
        parts.push(format!("this machine is not fit to measure: {}", bad.join(", ")));
    }
    if !doubtful.is_empty() {
        parts.push(format!("figures suffer from: {}", doubtful.join(", ")));
    }
    if parts.is_empty() {
        parts.push("this machine is fit to measure as far as it tells".into());
    }
    if !unknown.is_empty() {
        parts.push(format!("unknown: {}", unknown.join(", ")));
    }
    if lab == Lab::Working {
        parts.push("the lab itself was measuring or searching meanwhile".into());
    }
    parts.join("; ")
}

#[cfg(test)]
#[path = "examine_tests.rs"]
mod tests;
