//! Interference: the share of the cores' time that other processes and the hypervisor used between
//! two snapshots of the kernel's counters. [`crate::measure::reruns`] decides about turns. Values
//! that the system does not report are `None`.
//!
//! Of the time of a lane's cores, the share of others is what the kernel counts as busy and neither
//! the lane nor its interpreters used; the hypervisor's share is what the kernel counts as stolen.

use std::time::{Duration, Instant};

use crate::sys::affinity::allowed;
use crate::sys::rusage::{TICK, Usage};

/// Shortest time between two snapshots that can be compared: ten of the kernel's [`TICK`]s on each
/// core.
pub const WATCHED_MIN: Duration = Duration::from_millis(100);
/// Largest share of the machine that others and the hypervisor may use before figures count as
/// noisy. Medians tolerate short disturbances, but of two cores this is a fifth of one, and a
/// worker that shares its core to that degree slows down by more than the usual distance of the
/// quartiles.
pub const NOISE_MAX: f64 = 0.10;
/// Fields of a core's line in `/proc/stat`, in ticks (proc(5)): user nice system idle iowait irq
/// softirq steal, of which these are work. Guests' time is in the first two already.
const BUSY_FIELDS: [usize; 5] = [0, 1, 2, 5, 6];
const STEAL_FIELD: usize = 7;

/// The kernel's counters at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageSnapshot {
    at: Instant,
    /// Processor time that the lane and its interpreters have used.
    own: Option<Duration>,
    cores: Option<Ticks>,
    /// Number of cores.
    count: usize,
}

/// Ticks of a lane's cores since boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Ticks {
    busy: u64,
    steal: u64,
    /// All ticks, including idle ones.
    all: u64,
}

/// Time that others and the hypervisor used of the machine during an observation.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Interference {
    watched_s: f64,
    others_s: f64,
    steal_s: f64,
    /// Variance of their sum, in square seconds: each snapshot is off by up to a tick per core.
    variance: f64,
}

impl UsageSnapshot {
    /// A snapshot of all cores that this process may use; `interpreters` is the processor time that
    /// those have used so far.
    pub fn now(interpreters: Option<Duration>) -> Self {
        let own = Usage::of_this_process().map(|used| used.cpu.total());
        Self::at(allowed(), own.zip(interpreters).map(|(own, theirs)| own + theirs))
    }

    /// A snapshot of `cores`; `own` is the processor time that the lane has used so far. Reads
    /// `/proc/stat`, which takes some ten microseconds.
    pub fn at(cores: &[usize], own: Option<Duration>) -> Self {
        let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        Self { at: Instant::now(), own, cores: parse(&stat, cores), count: cores.len() }
    }

    /// Time between two snapshots.
    pub fn since(&self, before: &Self) -> Duration {
        self.at.saturating_duration_since(before.at)
    }

    /// The interference between two snapshots; `None` if they are closer than [`WATCHED_MIN`] or
    /// the system does not report the counters.
    pub fn interference_since(&self, before: &Self) -> Option<Interference> {
        let watched = self.since(before);
        let own = self.own?.saturating_sub(before.own?);
        let counted = self.cores?.since(before.cores?);
        (watched >= WATCHED_MIN).then(|| noise(watched, self.count, own, counted)).flatten()
    }
}

fn noise(watched: Duration, cores: usize, own: Duration, counted: Ticks) -> Option<Interference> {
    let tick = TICK.as_secs_f64();
    let (watched_s, cores) = (watched.as_secs_f64(), cores as f64);
    // Some systems provide the file without counting, and some omit time.
    if (counted.all as f64) * tick < watched_s * cores / 2.0 {
        return None;
    }
    // Rounding can make one value negative; the sum of many is not.
    let others_s = (counted.busy as f64 * tick - own.as_secs_f64()) / cores;
    let steal_s = counted.steal as f64 * tick / cores;
    Some(Interference { watched_s, others_s, steal_s, variance: tick * tick })
}

impl Interference {
    /// Share of the machine that other processes used, 0 to 1.
    pub fn others(&self) -> f64 {
        self.share(self.others_s)
    }

    /// Share of the machine that the hypervisor took, 0 to 1.
    pub fn steal(&self) -> f64 {
        self.share(self.steal_s)
    }

    /// Uncertainty of the sum of both shares.
    pub fn doubt(&self) -> f64 {
        self.share(self.variance.sqrt())
    }

    /// Whether both shares together exceed [`NOISE_MAX`] by more than their uncertainty.
    pub fn is_too_much(&self) -> bool {
        self.share(self.others_s + self.steal_s) - self.doubt() > NOISE_MAX
    }

    /// The same shares, weighted for a part of the time.
    #[must_use]
    pub fn during(self, part: Duration) -> Self {
        let weight = part.as_secs_f64() / self.watched_s;
        Self {
            watched_s: self.watched_s * weight,
            others_s: self.others_s * weight,
            steal_s: self.steal_s * weight,
            variance: self.variance * weight * weight,
        }
    }

    /// The sum of two observations.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            watched_s: self.watched_s + other.watched_s,
            others_s: self.others_s + other.others_s,
            steal_s: self.steal_s + other.steal_s,
            variance: self.variance + other.variance,
        }
    }

    fn share(&self, seconds: f64) -> f64 {
        if self.watched_s > 0.0 { (seconds / self.watched_s).clamp(0.0, 1.0) } else { 0.0 }
    }
}

impl Ticks {
    fn since(self, before: Self) -> Self {
        Self {
            busy: self.busy.saturating_sub(before.busy),
            steal: self.steal.saturating_sub(before.steal),
            all: self.all.saturating_sub(before.all),
        }
    }
}

/// The sum over these cores; `None` unless there is a line for each.
fn parse(stat: &str, cores: &[usize]) -> Option<Ticks> {
    cores.iter().try_fold(Ticks::default(), |sum, core| {
        let name = format!("cpu{core}");
        let line = stat.lines().find_map(|line| line.strip_prefix(&name)?.strip_prefix(' '))?;
        let fields = line.split_whitespace().map(|field| field.parse().ok());
        let fields: Vec<u64> = fields.take(STEAL_FIELD + 1).collect::<Option<_>>()?;
        let steal = *fields.get(STEAL_FIELD)?;
        Some(Ticks {
            busy: sum.busy + BUSY_FIELDS.iter().map(|&at| fields[at]).sum::<u64>(),
            steal: sum.steal + steal,
            all: sum.all + fields.iter().sum::<u64>(),
        })
    })
}

#[cfg(test)]
#[path = "interference_tests.rs"]
pub(crate) mod tests;
