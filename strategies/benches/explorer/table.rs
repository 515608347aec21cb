//! Rounds, medians with intervals, and which bars were missed.

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// How often everything is measured.
#[derive(Clone, Copy)]
pub(crate) struct Rounds {
    /// Of what takes milliseconds.
    pub(crate) many: usize,
    /// Of what takes seconds each time.
    pub(crate) few: usize,
}

impl Rounds {
    pub(crate) const FULL: Self = Self { many: 11, few: 5 };
    pub(crate) const QUICK: Self = Self { many: 3, few: 1 };
}

/// A median, and between which of the values the true one lies: with 98 % from the second to the
/// last but one of 11, with 94 % from the first to the last of 5.
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

/// Bars that were missed, in words.
#[derive(Default)]
pub(crate) struct Verdicts(Vec<String>);

impl Verdicts {
    /// Judges by the median: a bar is far from what is expected, so that chance does not decide.
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

/// Seconds of this process's processor time, in the kernel too, that one of so many runs takes. All
/// of it is one thread's, so that this is how long it takes where nobody else wants the core.
pub(crate) fn seconds(runs: u32, mut run: impl FnMut()) -> f64 {
    let start = processor_us();
    (0..runs).for_each(|_| run());
    (processor_us() - start) as f64 / 1e6 / f64::from(runs)
}

fn processor_us() -> i64 {
    let used: Usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process knows what it used");
    used.user_time().num_microseconds() + used.system_time().num_microseconds()
}

/// A line of a table of times.
pub(crate) fn time_line(name: &str, what: &str, times: &[f64]) {
    let Median { middle, low, high } = Median::of(times.to_vec());
    let [middle, low, high] = [middle, low, high].map(shown);
    let rounds = times.len();
    println!("  {name:<12} {middle:>10}  [{low} to {high}] of {rounds} rounds; {what}");
}

/// A line with a ratio of two rows of times, round by round.
pub(crate) fn ratio_line(name: &str, slow: &[f64], fast: &[f64]) -> Median {
    let ratio = Median::of(slow.iter().zip(fast).map(|(slow, fast)| slow / fast).collect());
    let Median { middle, low, high } = ratio;
    println!("  {name:<12} {middle:>9.1}x  [{low:.1} to {high:.1}]");
    ratio
}

/// Seconds with three digits.
pub(crate) fn shown(seconds: f64) -> String {
    match seconds {
        ..1e-3 => format!("{:.3} us", seconds * 1e6),
        ..1.0 => format!("{:.3} ms", seconds * 1e3),
        _ => format!("{seconds:.3} s"),
    }
}
