//! Fuzzes decoding and planning by a seed: `cargo bench -p gild --bench fuzz -- --inputs 10000000
//! --seed 1 [--from N] [--only TARGET] [--corpus DIR]`.
//!
//! Ends with an error if anything was found; each finding names the seed and number that make it
//! again, and lies in the corpus, if one was named. See `docs/fuzzing.md`.

#[path = "../../fuzz/mod.rs"]
mod fuzz;
mod options;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use fuzz::corpus::{self, CORPUS};
use fuzz::guard::INPUT_TIME_MAX;
use fuzz::report;
use fuzz::session::{FINDINGS_MAX, Session};
use fuzz::watchdog::{Watchdog, end_process};
use options::Options;

/// Cargo runs benchmarks in their crate's directory; a user who types a path is in the
/// workspace's.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// Inputs between two lines of progress.
const SHOWN_EVERY: u64 = 500_000;

fn main() -> ExitCode {
    let ended = Options::parse(std::env::args().skip(1)).and_then(|options| fuzz_all(&options));
    match ended {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("fuzz: {error}");
            ExitCode::from(2)
        }
    }
}

/// How many findings there were.
fn fuzz_all(options: &Options) -> Result<usize, String> {
    let kept = options.corpus.as_ref().map(|path| Path::new(WORKSPACE).join(path));
    let seeds = corpus::read(kept.as_deref().unwrap_or(Path::new(CORPUS)))
        .map_err(|error| format!("the corpus cannot be read: {error}"))?;
    let watchdog = Watchdog::start(INPUT_TIME_MAX, end_process(kept.clone()));
    let (mut session, began) = (Session::new(watchdog, seeds), Instant::now());
    session.replay();
    let (mut next, end) = (options.from, options.from.saturating_add(options.inputs));
    while next < end && session.findings.len() < FINDINGS_MAX {
        let until = end.min(next + SHOWN_EVERY);
        session.run(options.seed, next..until, options.only);
        next = until;
        let (inputs, signatures) = (next - options.from, session.signatures());
        eprintln!("{inputs} inputs in {:.0?}, {signatures} signatures", began.elapsed());
    }
    print!("{}", report::text(&session));
    let found: Vec<_> = session.findings.iter().map(|found| found.input.clone()).collect();
    if let Some(directory) = kept {
        let all = [session.unseen(), found.clone()].concat();
        corpus::keep(&directory, &all).map_err(|error| format!("cannot be kept: {error}"))?;
    }
    Ok(found.len())
}
