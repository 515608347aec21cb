//! Resource usage of threads and processes as the kernel counts it. Values that the system does not
//! report are `None`.

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

/// Unit of times in files under `/proc`: `USER_HZ` is 100 on every platform of Rust.
pub const TICK: Duration = Duration::from_millis(10);
/// User and system times of a process and of its ended children in `/proc/PID/stat`, counted from
/// the field after its name (proc(5): fields 14 to 17, the third is the first here).
const TIMES_IN_STAT: std::ops::Range<usize> = 11..15;

/// Processor time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CpuTime {
    /// In user mode.
    pub user_ns: u64,
    /// In the kernel on the program's behalf.
    pub system_ns: u64,
}

/// Numbers of context switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContextSwitches {
    /// Voluntary ones: the thread waited for something.
    pub voluntary: u64,
    /// Forced ones: the kernel took the core away.
    pub forced: u64,
}

/// Processor time and context switches, up to one moment or between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Processor time.
    pub cpu: CpuTime,
    /// Context switches.
    pub context_switches: ContextSwitches,
}

impl CpuTime {
    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { user_ns: self.user_ns + other.user_ns, system_ns: self.system_ns + other.system_ns }
    }

    /// User and system time together.
    pub fn total(self) -> Duration {
        Duration::from_nanos(self.user_ns + self.system_ns)
    }

    /// User and system time together, in nanoseconds.
    pub fn total_ns(self) -> u64 {
        self.user_ns + self.system_ns
    }

    fn since(self, before: Self) -> Self {
        Self {
            user_ns: self.user_ns.saturating_sub(before.user_ns),
            system_ns: self.system_ns.saturating_sub(before.system_ns),
        }
    }
}

impl ContextSwitches {
    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { voluntary: self.voluntary + other.voluntary, forced: self.forced + other.forced }
    }

    fn since(self, before: Self) -> Self {
        Self {
            voluntary: self.voluntary.saturating_sub(before.voluntary),
            forced: self.forced.saturating_sub(before.forced),
        }
    }
}

impl Usage {
    /// Usage of the calling thread up to now; takes about a microsecond.
    pub fn of_this_thread() -> Option<Self> {
        Self::of(UsageWho::RUSAGE_THREAD)
    }

    /// Usage of all threads of this process up to now, including those that have ended.
    pub fn of_this_process() -> Option<Self> {
        Self::of(UsageWho::RUSAGE_SELF)
    }

    fn of(whom: UsageWho) -> Option<Self> {
        let usage = getrusage(whom).ok()?;
        let ns = |time: TimeVal| u64::try_from(time.num_nanoseconds()).unwrap_or(0);
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        Some(Self {
            cpu: CpuTime { user_ns: ns(usage.user_time()), system_ns: ns(usage.system_time()) },
            context_switches: ContextSwitches {
                voluntary: count(usage.voluntary_context_switches()),
                forced: count(usage.involuntary_context_switches()),
            },
        })
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.plus(other.cpu),
            context_switches: self.context_switches.plus(other.context_switches),
        }
    }

    /// The difference to an earlier usage.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            cpu: self.cpu.since(before.cpu),
            context_switches: self.context_switches.since(before.context_switches),
        }
    }
}

/// Processor time of another process and of its ended children, to a [`TICK`].
pub fn of_process(id: u32) -> Option<Duration> {
    parse_process(&std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

/// Processor time of a thread of this process, to a [`TICK`]; `None` once it has ended.
pub fn of_thread(id: i32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/self/task/{id}/stat")).ok()?;
    parse_process(&stat)
}

fn parse_process(stat: &str) -> Option<Duration> {
    // The name is in parentheses and may contain anything, including spaces and parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = fields.get(TIMES_IN_STAT)?.iter().map(|field| field.parse::<u32>().ok());
    ticks.sum::<Option<u32>>().map(|ticks| TICK * ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_times_are_parsed_after_the_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4 90 0 0 0 11 5 200 30 20 0 1 0 900 1 1";
        assert_eq!(parse_process(stat), Some(TICK * 246));
        for garbage in ["", "7 (a", "7 (a) S 1 2", &stat.replace("200", "x")] {
            assert_eq!(parse_process(garbage), None, "{garbage}");
        }
    }

    #[test]
    fn process_time_is_read_by_process_id() {
        assert!(of_process(std::process::id()).is_some());
        assert_eq!(of_process(u32::MAX), None);
    }

    #[test]
    fn thread_time_is_read_while_it_runs() {
        assert!(of_thread(nix::unistd::gettid().as_raw()).is_some());
        assert_eq!(of_thread(i32::MAX), None);
    }

    #[test]
    fn sleeping_thread_counts_a_voluntary_switch() {
        let before = Usage::of_this_thread().expect("Linux reports it");
        std::thread::sleep(Duration::from_millis(1));
        let used = Usage::of_this_thread().expect("Linux reports it").since(before);
        assert!(used.context_switches.voluntary >= 1, "{used:?}");
    }
}
