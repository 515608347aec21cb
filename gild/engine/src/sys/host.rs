//! Description of the host: processor, kernel, frequency governor, virtualization. Values that the
//! system does not report are "unknown", never guessed.

use std::fs;

const UNKNOWN: &str = "unknown";

/// The machine and the build profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Model name of the processor.
    pub cpu_model: String,
    /// Number of cores that this process may use.
    pub cores: u32,
    /// Kernel name and release.
    pub kernel: String,
    /// Frequency governor of the first core.
    pub governor: String,
    /// The hypervisor, "none" on bare metal.
    pub hypervisor: String,
    /// The kernel's clock source.
    pub clock_source: String,
    /// Build profile.
    pub profile: &'static str,
    /// Threads per core.
    pub smt: String,
    /// Processes ready to run, averaged over a minute, times 1000.
    pub load_1m_milli: Option<u32>,
}

impl Host {
    /// Reads the host's properties; the load is the current one.
    pub fn detect() -> Self {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Self {
            cpu_model: field(&cpu, "model name").unwrap_or(UNKNOWN).into(),
            cores: std::thread::available_parallelism()
                .map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX)),
            kernel: kernel(),
            governor: file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            hypervisor: hypervisor(&cpu),
            clock_source: file("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
            profile: if cfg!(debug_assertions) { "debug" } else { "release" },
            smt: smt(),
            load_1m_milli: load(&fs::read_to_string("/proc/loadavg").unwrap_or_default()),
        }
    }
}

fn file(path: &str) -> String {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
        Ok(_) | Err(_) => UNKNOWN.to_owned(),
    }
}

fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key).then(|| value.trim())
    })
}

fn kernel() -> String {
    match (file("/proc/sys/kernel/ostype"), file("/proc/sys/kernel/osrelease")) {
        (ostype, _) if ostype == UNKNOWN => UNKNOWN.to_owned(),
        (ostype, release) => format!("{ostype} {release}"),
    }
}

/// "none" on bare metal, by the processor's flag; else the hypervisor's type where it is readable.
fn hypervisor(cpu: &str) -> String {
    let Some(flags) = field(cpu, "flags") else {
        return UNKNOWN.to_owned();
    };
    if !flags.split_whitespace().any(|flag| flag == "hypervisor") {
        return "none".to_owned();
    }
    match file("/sys/hypervisor/type") {
        kind if kind != UNKNOWN => kind,
        _ => "some hypervisor".to_owned(),
    }
}

fn smt() -> String {
    match file("/sys/devices/system/cpu/smt/active").as_str() {
        "1" => "2".to_owned(),
        "0" => "1".to_owned(),
        _ => UNKNOWN.to_owned(),
    }
}

fn load(text: &str) -> Option<u32> {
    let first: f64 = text.split_whitespace().next()?.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded")]
    (0.0..1e6).contains(&first).then(|| (first * 1000.0).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_is_found_by_name() {
        let text = "processor\t: 0\nmodel name\t: A Processor\n";
        assert_eq!(field(text, "model name"), Some("A Processor"));
        assert_eq!(field(text, "flags"), None);
    }

    #[test]
    fn load_is_parsed_or_absent() {
        assert_eq!(load("0.52 0.58 0.59 1/389 12345"), Some(520));
        assert_eq!(load(""), None);
    }

    #[test]
    fn hypervisor_distinguishes_bare_metal_from_unknown() {
        assert_eq!(hypervisor("flags : fpu sse2"), "none");
        assert_eq!(hypervisor(""), UNKNOWN);
    }

    #[test]
    fn detected_host_has_a_core() {
        assert!(Host::detect().cores >= 1);
    }
}
