//! What a search costs, beside tools that run real code: `cargo bench -p gild-strategies --bench
//! explorer`, with `-- --quick` for a look at whether it runs.
//!
//! The same toy for all: two threads, each so many times a load and a store of one more on a shared
//! relaxed atomic. Who is compared runs interleaved in the same process, in an order that
//! alternates; what is printed is the median over rounds of processor time, with an interval from
//! order statistics. A bar that is missed ends the run with an error; goals are printed as reached
//! or not and decide nothing.

mod goals;
mod memory;
mod table;
mod toys;

use std::process::ExitCode;

use table::{Rounds, Verdicts};

/// What must be known to read the ratios.
const CAVEAT: &str = "\
Not the same work: loom and shuttle run real Rust closures (loom with C11's weak memory), and \
count the
steps of spawning and joining too. Here a closed model is searched, which knows the toy and no \
code. What
is compared is the time to answer the same question of it: which final values are there?";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, task] = &words[..]
        && flag == memory::FLAG
    {
        return memory::run_alone(task);
    }
    // Cargo says `--bench`; `cargo test` runs the same file without it and wants no measurement.
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
            println!("\nmissed, but a quick run decides nothing: {}", missed.join("; "));
            ExitCode::SUCCESS
        }
        missed => {
            eprintln!("\nmissed: {}", missed.join("; "));
            ExitCode::FAILURE
        }
    }
}
