//! Foreign load: whether other programs kept the machine busy while something was measured.

use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Rounds in which others used more than this share of the machine are run again.
const FOREIGN_MAX: f64 = 0.10;
/// Rounds that are run for each that is wanted, at most.
pub(crate) const RETRIES: usize = 4;

/// How busy others keep the machine.
#[derive(Debug)]
pub(crate) struct Foreign {
    since: Instant,
    busy: Duration,
    own: Duration,
}

impl Foreign {
    /// From now on.
    pub(crate) fn watch() -> Self {
        Self { since: Instant::now(), busy: busy_time(), own: own_time() }
    }

    /// Whether others used little enough since then; a child used that much for us.
    pub(crate) fn left_us_alone(&self, child: Duration) -> bool {
        self.share(child) <= FOREIGN_MAX
    }

    /// Share of all cores that neither this process nor a child with that time used since then.
    fn share(&self, child: Duration) -> f64 {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let all = self.since.elapsed().as_secs_f64() * cores as f64;
        let busy = busy_time().saturating_sub(self.busy);
        let ours = own_time().saturating_sub(self.own) + child;
        busy.saturating_sub(ours).as_secs_f64() / all
    }
}

/// Time that all cores together were not idle, from the kernel's count of hundredths of a second.
fn busy_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let ticks: Vec<u64> = fields.filter_map(|field| field.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; guests are in user already.
    let busy: u64 = [0, 1, 2, 5, 6, 7].into_iter().filter_map(|at: usize| ticks.get(at)).sum();
    Duration::from_millis(busy * 10)
}

fn own_time() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return Duration::ZERO };
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
