//! Harness of the lab beside loops written by hand, as ratios.
//!
//! Both sides of each ratio run in the same process, interleaved, in an order that alternates; what
//! is printed is the median over rounds with the interval that holds the true median with 98 %
//! (order statistics 2 to 10 of 11). Times decide nothing and no test reads them.

mod by_hand;
mod throughput;
mod turnaround;

/// Rounds of each ratio.
const ROUNDS: usize = 11;

/// Measures and prints every ratio; takes half a minute.
pub fn run() {
    println!("ratio                                    median  98 % interval of the median");
    throughput::run();
    turnaround::run();
}

/// Prints one line.
fn report(name: &str, mut ratios: Vec<f64>, unit: &str) {
    ratios.sort_unstable_by(f64::total_cmp);
    let last = ratios.len() - 1;
    let (low, median, high) = (ratios[1], ratios[last / 2], ratios[last - 1]);
    println!("{name:<40} {median:>6.3}  [{low:.3} to {high:.3}] of {} rounds {unit}", last + 1);
}
