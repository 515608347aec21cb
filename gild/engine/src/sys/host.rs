//! Description of the host: processor, kernel, frequency governor, virtualization. Values that the
//! system does not report are "unknown", never guessed.

use std::fs;

use crate::sys::cpuinfo;

/// In place of what the system does not report.
pub const UNKNOWN: &str = "unknown";

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
        let cpu = text("/proc/cpuinfo");
        let core_0 = |file: &str| text(&format!("/sys/devices/system/cpu/cpu0/{file}"));
        Self {
            cpu_model: cpuinfo::model(&cpu).unwrap_or(UNKNOWN.into()),
            cores: std::thread::available_parallelism()
                .map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX)),
            kernel: kernel(&text("/proc/sys/kernel/ostype"), &text("/proc/sys/kernel/osrelease")),
            governor: line(&core_0("cpufreq/scaling_governor")),
            hypervisor: hypervisor(&cpu, &text("/sys/hypervisor/type")),
            clock_source: line(&text(
                "/sys/devices/system/clocksource/clocksource0/current_clocksource",
            )),
            profile: if cfg!(debug_assertions) { "debug" } else { "release" },
            smt: smt(
                &text("/sys/devices/system/cpu/smt/active"),
                &core_0("topology/thread_siblings_list"),
            ),
            load_1m_milli: load(&text("/proc/loadavg")),
        }
    }
}

/// A file's text; empty where there is none.
fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The only line of a file's text.
fn line(text: &str) -> String {
    match text.trim() {
        "" => UNKNOWN.to_owned(),
        line => line.to_owned(),
    }
}

fn kernel(ostype: &str, release: &str) -> String {
    match (line(ostype), line(release)) {
        (ostype, release) if [&ostype, &release].contains(&&UNKNOWN.to_owned()) => {
            UNKNOWN.to_owned()
        }
        (ostype, release) => format!("{ostype} {release}"),
    }
}

/// "none" on bare metal, by the processor's flag; else the hypervisor's type where it is readable.
fn hypervisor(cpu: &str, kind: &str) -> String {
    match (cpuinfo::is_virtual(cpu), line(kind)) {
        (Some(false), _) => "none".to_owned(),
        (_, kind) if kind != UNKNOWN => kind,
        (Some(true), _) => "some hypervisor".to_owned(),
        (None, _) => UNKNOWN.to_owned(),
    }
}

/// Threads of a core, by the siblings of the first one: two on x86, up to eight elsewhere.
fn smt(active: &str, siblings: &str) -> String {
    match (line(active).as_str(), cpuinfo::listed(siblings.trim())) {
        ("0", _) => "1".to_owned(),
        ("1", Some(threads @ 2..)) => threads.to_string(),
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
    fn load_is_parsed_or_absent() {
        assert_eq!(load("0.52 0.58 0.59 1/389 12345"), Some(520));
        assert_eq!(load(""), None);
    }

    #[test]
    fn hypervisor_distinguishes_bare_metal_from_unknown() {
        let (bare, guest) = ("flags : fpu sse2", "flags : fpu hypervisor");
        assert_eq!([hypervisor(bare, ""), hypervisor("", "")], ["none", UNKNOWN]);
        assert_eq!([hypervisor(guest, ""), hypervisor(guest, "xen\n")], ["some hypervisor", "xen"]);
        assert_eq!(hypervisor("Features : fp asimd", "xen\n"), "xen", "without a flag for it");
    }

    #[test]
    fn threads_of_a_core_are_counted_or_unknown() {
        assert_eq!([smt("0\n", ""), smt("1\n", "0,4\n"), smt("1\n", "0-7\n")], ["1", "2", "8"]);
        assert_eq!([smt("", "0-1"), smt("1\n", ""), smt("notimplemented", "0")], [UNKNOWN; 3]);
    }

    #[test]
    fn kernel_without_its_release_is_unknown() {
        assert_eq!(kernel("Linux\n", "6.1.0\n"), "Linux 6.1.0");
        assert_eq!([kernel("Linux\n", ""), kernel("", "6.1.0")], [UNKNOWN; 2]);
    }

    #[test]
    fn detected_host_has_a_core() {
        assert!(Host::detect().cores >= 1);
    }
}
