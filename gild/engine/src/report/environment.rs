//! Environments of sweeps: what must be equal for their figures to be comparable, and what of it
//! differs or is not known. Pure.

use std::collections::HashSet;

use crate::sys::host::UNKNOWN;

/// Properties that must be equal for figures to be comparable. Texts are as the system reported them;
/// "unknown" equals nothing: a property that no sweep knows forbids no comparison, but is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Model name of the processor.
    pub cpu_model: String,
    /// Cores that the lab could use.
    pub cores: u32,
    /// Threads per core.
    pub smt: String,
    /// Kernel name and release.
    pub kernel: String,
    /// Frequency governor.
    pub governor: String,
    /// The hypervisor, "none" on bare metal.
    pub hypervisor: String,
    /// The kernel's clock source.
    pub clock_source: String,
    /// Build profile.
    pub profile: String,
    /// Version of gild, where it was stored; an unknown version forbids no comparison.
    pub version: Option<String>,
    /// Rule for placing workers on cores.
    pub pin: String,
    /// Order in which cells took turns.
    pub order: String,
    /// All requested step costs of the sweep, in nanoseconds.
    pub step_cost_ns: String,
}

/// A field in which sweeps differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name, e.g. "machine.kernel".
    pub field: &'static str,
    /// Its value in each sweep, in order.
    pub values: Vec<String>,
}

impl Environment {
    fn fields(&self) -> [(&'static str, Option<String>); 12] {
        let Self {
            cpu_model,
            cores,
            smt,
            kernel,
            governor,
            hypervisor,
            clock_source,
            profile,
            version,
            pin,
            order,
            step_cost_ns,
        } = self.clone();
        [
            ("machine.cpu_model", known(cpu_model)),
            ("machine.cores", Some(cores.to_string())),
            ("machine.smt", known(smt)),
            ("machine.kernel", known(kernel)),
            ("machine.governor", known(governor)),
            ("machine.hypervisor", known(hypervisor)),
            ("machine.clock_source", known(clock_source)),
            ("machine.profile", known(profile)),
            (VERSION, version.and_then(known)),
            ("pin", Some(pin)),
            ("order", Some(order)),
            ("step_cost_ns", Some(step_cost_ns)),
        ]
    }
}

/// A note on a sweep whose runs were measured in two environments, unless the machines are known to be
/// equal.
pub fn move_note(before: &Environment, now: &Environment) -> Option<String> {
    let (differences, unknown) = differences([before, now].into_iter());
    let is_machine = |field: &str| field.starts_with(MACHINE);
    let differ = differences.iter().filter(|it| is_machine(it.field));
    let differ: Vec<_> =
        differ.map(|it| format!("{} differs ({})", it.field, it.values.join(" | "))).collect();
    let unknown: Vec<_> = unknown.into_iter().filter(|field| is_machine(field)).collect();
    let unknown = (!unknown.is_empty()).then(|| format!("unknown: {}", unknown.join(", ")));
    let all: Vec<_> = differ.into_iter().chain(unknown).collect();
    let note = || format!("Resumed, and rows mix what both runs measured: {}.", all.join("; "));
    (!all.is_empty()).then(note)
}

/// How the fields of a machine begin.
const MACHINE: &str = "machine.";
/// The field that may be unknown beside known ones: it was not always stored.
const VERSION: &str = "version";

/// A text that the system reported.
fn known(text: String) -> Option<String> {
    Some(text).filter(|text| !matches!(text.as_str(), "" | UNKNOWN))
}

/// The fields with different values, and those of which nothing is known to differ but not all values
/// are known.
pub(crate) fn differences<'a>(
    settings: impl Iterator<Item = &'a Environment>,
) -> (Vec<Difference>, Vec<&'static str>) {
    let all: Vec<_> = settings.map(Environment::fields).collect();
    let (mut differences, mut unknown) = (Vec::new(), Vec::new());
    let names = all.first().into_iter().flatten().map(|(name, _)| *name);
    for (at, field) in names.enumerate() {
        let values: Vec<Option<&String>> = all.iter().map(|fields| fields[at].1.as_ref()).collect();
        let known: HashSet<&String> = values.iter().flatten().copied().collect();
        let is_complete = !values.contains(&None);
        match known.len() {
            0 => unknown.push(field),
            1 if is_complete => {}
            1 if field == VERSION => unknown.push(field),
            _ => {
                let shown = |value: Option<&String>| value.map_or(UNKNOWN.into(), Clone::clone);
                let values = values.into_iter().map(shown).collect();
                differences.push(Difference { field, values });
            }
        }
    }
    // One sweep differs from nothing.
    unknown.retain(|_| all.len() > 1);
    (differences, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resumption_on_another_or_unknown_machine_is_noted() {
        let of = |kernel: &str, governor: &str| Environment {
            cpu_model: "CPU 3000".into(),
            cores: 2,
            smt: "1".into(),
            kernel: kernel.into(),
            governor: governor.into(),
            hypervisor: "none".into(),
            clock_source: "tsc".into(),
            profile: "release".into(),
            ..Environment::default()
        };
        let known = of("Linux 6.1", "performance");
        assert_eq!(move_note(&known, &known), None);
        let note = |before: &Environment, now: &Environment| move_note(before, now).expect("noted");
        let head = "Resumed, and rows mix what both runs measured: ";
        assert_eq!(
            note(&known, &of("Linux 6.9", "performance")),
            format!("{head}machine.kernel differs (Linux 6.1 | Linux 6.9).")
        );
        let (unknown, newer) = (of("Linux 6.1", "unknown"), of("Linux 6.9", "unknown"));
        assert_eq!(note(&unknown, &unknown), format!("{head}unknown: machine.governor."));
        assert_eq!(
            note(&unknown, &newer),
            format!(
                "{head}machine.kernel differs (Linux 6.1 | Linux 6.9); unknown: machine.governor."
            )
        );
        assert_eq!(
            note(&known, &unknown),
            format!("{head}machine.governor differs (performance | unknown).")
        );
    }
}
