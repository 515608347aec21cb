//! How busy others kept the machine: two looks at what the kernel counts make the share of the
//! cores' time that was not ours. Decides nothing about turns ([`crate::measure::reruns`] does), and guesses
//! nothing: what the system does not tell is `None`.
//!
//! Of the time of a lane's cores, others' is what the kernel calls busy and neither the lane nor
//! its interpreters used; the hypervisor's is what it calls stolen.

use std::time::{Duration, Instant};

use crate::sys::affinity::allowed;
use crate::sys::rusage::{TICK, Usage};

/// Least time between two looks that are compared: ten of the kernel's [`TICK`]s on each core.
pub const WATCHED_MIN: Duration = Duration::from_millis(100);
/// Above this share of the machine, used by others or the hypervisor, figures are not trusted:
/// medians bear some bad moments, but of two cores this is a fifth of one, and a worker that has to
/// share its core by so much is slower than quartiles usually lie apart.
pub const NOISE_MAX: f64 = 0.10;
/// Fields of a core's line in `/proc/stat`, in ticks (proc(5)): user nice system idle iowait irq
/// softirq steal, of which these are work. Guests' time is in the first two already.
const BUSY_FIELDS: [usize; 5] = [0, 1, 2, 5, 6];
const STEAL_FIELD: usize = 7;

/// What the system tells at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageSnapshot {
    at: Instant,
    /// What the lane and its interpreters have used of the cores.
    own: Option<Duration>,
    cores: Option<Ticks>,
    /// How many cores.
    count: usize,
}

/// What a lane's cores have counted since they started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Ticks {
    busy: u64,
    steal: u64,
    /// With those of idleness.
    all: u64,
}

/// Shares of the machine's time, over some time.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Interference {
    watched_s: f64,
    others_s: f64,
    steal_s: f64,
    /// Of their sum, in square seconds: each look is off by up to a tick a core.
    variance: f64,
}

impl UsageSnapshot {
    /// Looks now at all cores that this process may use; `interpreters` is what those have used so
    /// far.
    pub fn now(interpreters: Option<Duration>) -> Self {
        let own = Usage::of_this_process().map(|used| used.cpu.total());
        Self::at(allowed(), own.zip(interpreters).map(|(own, theirs)| own + theirs))
    }

    /// Looks now at these cores, of which `own` is what we have used so far. Reads a file of the
    /// kernel's: some ten microseconds.
    pub fn at(cores: &[usize], own: Option<Duration>) -> Self {
        let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        Self { at: Instant::now(), own, cores: parse(&stat, cores), count: cores.len() }
    }

    /// Time between two looks.
    pub fn since(&self, before: &Self) -> Duration {
        self.at.saturating_duration_since(before.at)
    }

    /// The noise between two looks; `None` if they lie closer than [`WATCHED_MIN`], or the system
    /// does not tell.
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
    // Some systems show the file and count nothing, and some leave time out.
    if (counted.all as f64) * tick < watched_s * cores / 2.0 {
        return None;
    }
    // May come out below nothing by rounding; many of them together do not.
    let others_s = (counted.busy as f64 * tick - own.as_secs_f64()) / cores;
    let steal_s = counted.steal as f64 * tick / cores;
    Some(Interference { watched_s, others_s, steal_s, variance: tick * tick })
}

impl Interference {
    /// Share that other processes used, 0 to 1.
    pub fn others(&self) -> f64 {
        self.share(self.others_s)
    }

    /// Share that the hypervisor took away, 0 to 1.
    pub fn steal(&self) -> f64 {
        self.share(self.steal_s)
    }

    /// By how much the sum of both may be off.
    pub fn doubt(&self) -> f64 {
        self.share(self.variance.sqrt())
    }

    /// Whether both together were more than [`NOISE_MAX`], beyond doubt.
    pub fn is_too_much(&self) -> bool {
        self.share(self.others_s + self.steal_s) - self.doubt() > NOISE_MAX
    }

    /// The same shares, as they weigh in a part of that time.
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

    /// Both times together.
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

/// The sum over these cores; `None` unless there is a line of each.
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
