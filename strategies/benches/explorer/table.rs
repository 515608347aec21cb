//! Tables: rounds, medians with intervals, and the bars that were missed.

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Number of measurements of each task.
#[derive(Clone, Copy)]
pub(crate) struct Rounds {
    /// For tasks of milliseconds.
    pub(crate) many: usize,
    /// For tasks of seconds.
    pub(crate) few: usize,
}

impl Rounds {
    pub(crate) const FULL: Self = Self { many: 11, few: 5 };
    pub(crate) const QUICK: Self = Self { many: 3, few: 1 };
}

/// A median with its interval from order statistics: 98 % from the second to the last but one of 11
/// values, 94 % from the first to the last of 5.
#[derive(Clone, Copy)]
pub(crate) struct Median {
    pub(crate) middle: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Median {
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let last = values.len() - 1;
        let cut = usize::from(last >= 10);
        Self { middle: values[last / 2], low: values[cut], high: values[last - cut] }
    }
}

/// Descriptions of the bars that were missed.
#[derive(Default)]
pub(crate) struct Verdicts(Vec<String>);

impl Verdicts {
    /// Compares the median with a bar, which is so far from the expected value that chance does not
    /// decide.
    pub(crate) fn bar(&mut self, what: &str, found: Median, least: f64) {
        let verdict = if found.middle >= least { "passed" } else { "MISSED" };
        println!("  bar: {what} at least {least}: {verdict}");
        if found.middle < least {
            self.0.push(format!("{what} is {:.1}, not {least}", found.middle));
        }
    }

    pub(crate) fn missed(&self) -> &[String] {
        &self.0
    }
}

/// Mean processor time of a run in seconds, user and system. Only one thread runs, so this equals
/// the elapsed time on an idle core.
pub(crate) fn seconds(runs: u32, mut run: impl FnMut()) -> f64 {
    let start = processor_us();
    (0..runs).for_each(|_| run());
    (processor_us() - start) as f64 / 1e6 / f64::from(runs)
}

fn processor_us() -> i64 {
    let used: Usage = getrusage(UsageWho::RUSAGE_SELF).expect("the process can read its own usage");
    used.user_time().num_microseconds() + used.system_time().num_microseconds()
}

/// Prints a line of a table of times.
pub(crate) fn time_line(name: &str, what: &str, times: &[f64]) {
    let Median { middle, low, high } = Median::of(times.to_vec());
    let [middle, low, high] = [middle, low, high].map(shown);
    let rounds = times.len();
    println!("  {name:<12} {middle:>10}  [{low} to {high}] of {rounds} rounds; {what}");
}

/// Prints the ratio of two rows of times, round by round.
pub(crate) fn ratio_line(name: &str, slow: &[f64], fast: &[f64]) -> Median {
    let ratio = Median::of(slow.iter().zip(fast).map(|(slow, fast)| slow / fast).collect());
    let Median { middle, low, high } = ratio;
    println!("  {name:<12} {middle:>9.1}x  [{low:.1} to {high:.1}]");
    ratio
}

/// A time with three decimals and its unit.
pub(crate) fn shown(seconds: f64) -> String {
    match seconds {
        ..1e-3 => format!("{:.3} us", seconds * 1e6),
        ..1.0 => format!("{:.3} ms", seconds * 1e3),
        _ => format!("{seconds:.3} s"),
    }
}
