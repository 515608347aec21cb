//! Facts about the machine, read below a root directory so that tests can use a fake machine. A
//! fact that the system does not report is `None` or an empty list.

use std::fs;
use std::path::{Path, PathBuf};

use crate::sys::cpuinfo::{is_virtual, listed};
use crate::sys::host::UNKNOWN;
use crate::sys::interference::Interference;

/// Whether the processor is virtual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hypervisor {
    /// The processor reports that it is not.
    None,
    /// Its vendor, as far as the system reports it.
    Some(String),
}

/// Processor time that a control group may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quota {
    /// All.
    None,
    /// The time of this many cores.
    Cores(f64),
}

/// All facts.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Frequency governors of the cores that may be used, each once; "unknown" for those of which the
    /// system reports none.
    pub governors: Vec<String>,
    /// Whether cores run faster than their base frequency while they are cool.
    pub boost: Option<bool>,
    /// Processes that were ready to run, averaged over a minute.
    pub load: Option<f64>,
    /// Share of the machine that others used, 0 to 1.
    pub others: Option<f64>,
    /// Share that the hypervisor took away, 0 to 1; `None` too where it has reported none since the
    /// machine started, which may mean that it never does.
    pub steal: Option<f64>,
    /// Cores that this process may use.
    pub allowed: usize,
    /// Cores that are online.
    pub online: Option<usize>,
    /// Whether cores share their execution units with a sibling.
    pub smt: Option<bool>,
    /// The kernel's clock source.
    pub clock_source: Option<String>,
    /// Cost of one timestamp of the lab, in nanoseconds.
    pub clock_read_ns: f64,
    /// Whether the processor is virtual.
    pub hypervisor: Option<Hypervisor>,
    /// The least quota of this process' control groups.
    pub quota: Option<Quota>,
    /// Share of the last ten seconds in which some process waited for memory, 0 to 1.
    pub memory_pressure: Option<f64>,
    /// Build profile of the lab.
    pub profile: &'static str,
}

/// Facts that cannot be read from a file: interference over some time, and this process.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// Interference by other processes and the hypervisor.
    pub noise: Option<Interference>,
    /// The system's numbers of the cores that this process may use.
    pub allowed: &'a [usize],
    /// Cost of one timestamp of the lab, in nanoseconds.
    pub clock_read_ns: f64,
    /// Build profile of the lab.
    pub profile: &'static str,
}

impl Facts {
    /// Reads `/proc` and `/sys` below `root`.
    pub fn read(root: &Path, observed: Observed<'_>) -> Self {
        let system = System(root);
        let Observed { noise, allowed, clock_read_ns, profile } = observed;
        Self {
            governors: system.governors(allowed),
            boost: system.boost(),
            load: system.first_number("proc/loadavg"),
            others: noise.map(|noise| noise.others()),
            steal: noise
                .map(|noise| noise.steal())
                .filter(|share| *share > 0.0 || system.counts_steal()),
            allowed: allowed.len(),
            online: system.line("sys/devices/system/cpu/online").and_then(|ranges| listed(&ranges)),
            smt: system.switch("sys/devices/system/cpu/smt/active"),
            clock_source: system
                .line("sys/devices/system/clocksource/clocksource0/current_clocksource"),
            clock_read_ns,
            hypervisor: system.hypervisor(),
            quota: system.quota(),
            memory_pressure: system.memory_pressure(),
            profile,
        }
    }
}

struct System<'a>(&'a Path);

impl System<'_> {
    fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        fs::read_to_string(self.0.join(path)).ok()
    }

    /// The only line of a file, if it is not empty.
    fn line(&self, path: impl AsRef<Path>) -> Option<String> {
        Some(self.text(path)?.trim().to_owned()).filter(|line| !line.is_empty())
    }

    fn switch(&self, path: &str) -> Option<bool> {
        match self.line(path)?.as_str() {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }

    fn first_number(&self, path: &str) -> Option<f64> {
        self.line(path)?.split_whitespace().next()?.parse().ok()
    }

    fn governors(&self, allowed: &[usize]) -> Vec<String> {
        let path = |core| format!("sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor");
        let of = |core| self.line(path(core)).unwrap_or_else(|| UNKNOWN.into());
        let mut all: Vec<_> = allowed.iter().map(of).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Two drivers report it in two ways, one of them inverted.
    fn boost(&self) -> Option<bool> {
        let no_turbo = || self.switch("sys/devices/system/cpu/intel_pstate/no_turbo");
        self.switch("sys/devices/system/cpu/cpufreq/boost").or_else(|| no_turbo().map(|no| !no))
    }

    fn hypervisor(&self) -> Option<Hypervisor> {
        let kind = || self.line("sys/hypervisor/type");
        match is_virtual(&self.text("proc/cpuinfo").unwrap_or_default()) {
            Some(false) => Some(Hypervisor::None),
            Some(true) => {
                let named = kind().or_else(|| self.line("sys/class/dmi/id/sys_vendor"));
                Some(Hypervisor::Some(named.unwrap_or_else(|| "some hypervisor".into())))
            }
            // Other architectures have no flag for it.
            None => kind().map(Hypervisor::Some),
        }
    }

    /// Whether no steal means that none was taken: there is no hypervisor, or one that has reported some
    /// before. The eighth figure of the first line of `/proc/stat` counts it since the start (proc(5)).
    fn counts_steal(&self) -> bool {
        let line = self.line("proc/stat");
        let since_start = line.as_deref().and_then(|line| line.split_whitespace().nth(8));
        let has_counted = since_start.is_some_and(|ticks| ticks != "0");
        has_counted || !matches!(self.hypervisor(), Some(Hypervisor::Some(_)))
    }

    /// The `some` line of pressure stall information: its first field is `avg10=` in percent.
    fn memory_pressure(&self) -> Option<f64> {
        let text = self.text("proc/pressure/memory")?;
        let some = text.lines().find_map(|line| line.strip_prefix("some avg10="))?;
        let percent: f64 = some.split_whitespace().next()?.parse().ok()?;
        Some(percent / 100.0)
    }

    /// The smallest quota of all groups from this process's own to the root; both cgroup versions
    /// can be in use.
    fn quota(&self) -> Option<Quota> {
        let groups = self.text("proc/self/cgroup")?;
        let limits = groups.lines().filter_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            match controllers {
                "" => self.quota_of("sys/fs/cgroup", path, |group| self.quota_2(group)),
                _ if controllers.split(',').any(|controller| controller == "cpu") => {
                    let root = format!("sys/fs/cgroup/{controllers}");
                    self.quota_of(&root, path, |group| self.quota_1(group))
                }
                _ => None,
            }
        });
        limits.reduce(least)
    }

    /// `None` where the groups are not visible at all, or where those that are have no quota but are
    /// themselves in others that are not: in a container.
    fn quota_of(
        &self,
        root: &str,
        path: &str,
        read: impl Fn(&Path) -> Option<Quota>,
    ) -> Option<Quota> {
        let top = PathBuf::from(root);
        // In both cgroup versions every group lists its processes in this file.
        if !self.0.join(&top).join("cgroup.procs").exists() {
            return None;
        }
        let own = top.join(path.trim_start_matches('/'));
        let groups = own.ancestors().take_while(|group| group.starts_with(&top));
        let least = groups.filter_map(read).fold(Quota::None, least);
        // The second version has this file in every group but the outermost.
        let is_inner = self.0.join(&top).join("cgroup.type").exists();
        (least != Quota::None || !is_inner).then_some(least)
    }

    /// `cpu.max` holds quota and period, both in microseconds, or `max` for the first.
    fn quota_2(&self, group: &Path) -> Option<Quota> {
        let line = self.line(group.join("cpu.max"))?;
        let (quota, period) = line.split_once(' ')?;
        if quota == "max" {
            return Some(Quota::None);
        }
        Some(Quota::Cores(quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?))
    }

    /// cgroup v1 uses -1 for no quota.
    fn quota_1(&self, group: &Path) -> Option<Quota> {
        let number = |name| self.line(group.join(name))?.parse::<f64>().ok();
        let (quota, period) = (number("cpu.cfs_quota_us")?, number("cpu.cfs_period_us")?);
        Some(if quota < 0.0 { Quota::None } else { Quota::Cores(quota / period) })
    }
}

fn least(a: Quota, b: Quota) -> Quota {
    match (a, b) {
        (Quota::None, other) | (other, Quota::None) => other,
        (Quota::Cores(a), Quota::Cores(b)) => Quota::Cores(a.min(b)),
    }
}
