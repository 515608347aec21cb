//! Texts of the kernel about its processors: `/proc/cpuinfo`, whose fields differ by architecture, and
//! lists of cores. Pure: what a text does not say is
//! `None`, never guessed.

/// Fields that name the model, by architecture: x86; `LoongArch`; MIPS and Alpha; POWER and SPARC.
const MODEL_FIELDS: [&str; 4] = ["model name", "Model Name", "cpu model", "cpu"];
/// What identifies a core where the kernel knows no name, as the numbers its registers hold: ARM,
/// RISC-V. All of them together are the model.
const ID_FIELDS: [&[&str]; 2] = [
    &["CPU implementer", "CPU part", "CPU variant", "CPU revision"],
    &["mvendorid", "marchid", "mimpid"],
];

/// The model of the processor; of cores that differ, each model once, in the order of cores.
pub fn model(text: &str) -> Option<String> {
    let named = || MODEL_FIELDS.iter().find_map(|name| field(text, name)).map(str::to_owned);
    // 32-bit ARM has a `model name` too, which many models share.
    ids(text)
        .or_else(|| field(text, "uarch").map(str::to_owned))
        .or_else(named)
        .or_else(|| s390(text))
}

/// Whether the processor is virtual, by its flag; `None` where the architecture has no such flag.
pub fn is_virtual(text: &str) -> Option<bool> {
    Some(field(text, "flags")?.split_whitespace().any(|flag| flag == "hypervisor"))
}

/// Number of cores in a list such as `0-3,5`.
pub fn listed(ranges: &str) -> Option<usize> {
    ranges.split(',').try_fold(0, |sum, range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        Some(sum + last.checked_sub(first)? + 1)
    })
}

/// The first line `name : value`, if its value is not empty.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let values = text.lines().filter_map(|line| line.split_once(':'));
    let mut values = values.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
    values.find(|value| !value.is_empty())
}

/// The numbers of each core; `None` unless every core has all of one architecture's.
fn ids(text: &str) -> Option<String> {
    let cores = text.split("\n\n").filter(|core| field(core, "processor").is_some());
    let of_core = |core: &str| {
        let all = |names: &[&str]| -> Option<String> {
            let number = |name: &&str| {
                let word = name.trim_start_matches("CPU ");
                Some(format!("{word} {}", field(core, name)?))
            };
            names.iter().map(number).collect::<Option<Vec<_>>>().map(|words| words.join(" "))
        };
        let uarch = field(core, "uarch").map(|name| format!("{name} "));
        let ids = ID_FIELDS.into_iter().find_map(all)?;
        Some(uarch.unwrap_or_default() + &ids)
    };
    let mut models = Vec::new();
    for core in cores {
        let model = of_core(core)?;
        if !models.contains(&model) {
            models.push(model);
        }
    }
    (!models.is_empty()).then(|| models.join(" + "))
}

/// `processor 0: version = 00,  identification = 0B8D18,  machine = 3906`.
fn s390(text: &str) -> Option<String> {
    let vendor = field(text, "vendor_id").filter(|vendor| *vendor == "IBM/S390")?;
    let machine = text.lines().find_map(|line| line.split_once("machine = "))?.1.trim();
    (!machine.is_empty()).then(|| format!("{vendor} machine {machine}"))
}

#[cfg(test)]
#[path = "cpuinfo_tests.rs"]
mod tests;
