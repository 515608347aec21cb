//! Holds the GIL against 23 statements about real `CPython`s, and against the interpreters found
//! here: `cargo bench -p gild --bench fidelity -- [--python PATH]... [--only N,N [--beside]]
//! [--write FILE]`.
//!
//! Prints the table of `docs/fidelity.md`; `--write` puts it there. Takes some minutes on a quiet
//! machine and means little on a busy one. Ends with an error if a statement does not hold. What
//! can be said without statistics is also a test (`strategies/tests/it/programs.rs`).

mod beside;
mod convoy;
mod foreign;
mod lab;
mod losses;
mod options;
mod programs;
mod real;
mod report;
mod statistics;
mod switches;
mod throughput;

use std::path::Path;
use std::process::ExitCode;

use lab::Bench;
use options::Options;
use real::Reals;
use report::{Report, Row};

/// One check: what it says, and what came of it.
type Check = fn(&mut Bench, &mut Reals) -> Row;

/// Every statement, in order.
const CHECKS: [(u8, Check); 23] = [
    (1, programs::without_sites_nothing_is_lost),
    (2, programs::sites_in_the_window_lose),
    (3, programs::up_to_3_9_all_but_the_lock_lose),
    (4, programs::a_call_in_the_window_loses_most),
    (5, losses::the_law),
    (6, losses::the_chapter),
    (7, losses::below_the_floor),
    (8, losses::phase),
    (9, switches::rates),
    (10, switches::slices),
    (11, switches::alone),
    (12, switches::long_steps),
    (13, switches::requested_and_voluntary),
    (14, switches::next_owner),
    (15, switches::retaken),
    (16, convoy::one_interval),
    (17, convoy::three_intervals),
    (18, convoy::bursts),
    (19, convoy::cure),
    (20, convoy::none_by_ticks),
    (21, throughput::together),
    (22, throughput::shares),
    (23, throughput::start),
];

/// Cargo runs benchmarks in their crate's directory; a user who types a path is in the
/// workspace's.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("fidelity: {error}");
            return ExitCode::from(2);
        }
    };
    let mut bench = Bench::default();
    let mut reals = Reals::find(&options.pythons);
    let mut report = Report::new(&reals);
    for (number, check) in CHECKS {
        if options.wants(number) {
            eprintln!("statement {number} ...");
            report.push(number, check(&mut bench, &mut reals));
        }
    }
    if options.only.is_empty() || options.beside {
        eprintln!("beside real interpreters ...");
        report.sections.push(beside::switch_rates(&mut bench, &mut reals));
        report.sections.push(beside::bodies(&mut bench, &mut reals));
    }
    let text = report.markdown();
    print!("{text}");
    if let Some(path) = &options.write
        && let Err(error) = std::fs::write(Path::new(WORKSPACE).join(path), &text)
    {
        eprintln!("fidelity: {}: {error}; name a file that can be written", path.display());
        return ExitCode::FAILURE;
    }
    report.exit_code()
}
