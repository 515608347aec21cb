//! Explorer benchmark: the cost of a search next to tools that run real code. Run it with `cargo
//! bench -p gild-strategies --bench explorer`, or with `-- --quick` to check that it runs.
//!
//! All tools run the same toy program: two threads, each with a fixed number of increments (a load,
//! then a store of one more) on a shared relaxed atomic. The tools run interleaved in one process,
//! in alternating order; the printed figure is the median of the rounds' processor time, with an
//! interval from order statistics. A missed bar makes the run fail; goals are printed as reached or
//! not and never make it fail.

mod goals;
mod memory;
mod table;
mod toys;

use std::process::ExitCode;

use table::{Rounds, Verdicts};

/// Printed before the ratios.
const CAVEAT: &str = "\
The tools do different work: loom and shuttle run real Rust closures, and count the steps of spawning
and joining too. loom also tries stale values of loads, but not all that C11 allows: SeqCst is acquire
and release there, and load buffering is not explored. The explorer searches a closed model of the toy
program and runs no code. The comparison is of the time to answer the same question: which final
values are possible?";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, task] = &words[..]
        && flag == memory::FLAG
    {
        return memory::run_alone(task);
    }
    // Cargo passes `--bench`; `cargo test` runs the same file without it and needs no measurement.
    let is_quick = words.iter().any(|word| word == "--quick") || !words.contains(&"--bench".into());
    let rounds = if is_quick { Rounds::QUICK } else { Rounds::FULL };
    println!("{CAVEAT}\n");
    let mut verdicts = Verdicts::default();
    toys::exhaust(rounds, &mut verdicts);
    toys::walk(rounds, &mut verdicts);
    toys::search_in_cache(rounds, &mut verdicts);
    goals::all(rounds);
    memory::all();
    match verdicts.missed() {
        [] => ExitCode::SUCCESS,
        missed if is_quick => {
            println!("\nmissed, but a quick run does not fail: {}", missed.join("; "));
            ExitCode::SUCCESS
        }
        missed => {
            eprintln!("\nmissed: {}", missed.join("; "));
            ExitCode::FAILURE
        }
    }
}
