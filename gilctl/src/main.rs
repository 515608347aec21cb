//! gilctl: what was typed goes in, tables and an exit code come out.

use std::process::ExitCode;

use clap::Parser as _;
use gilctl::cli::Flags;
use gilctl::exit::Exit;

/// The measured threads need the cores; rendering and the embedded lab's server need little.
const RUNTIME_THREADS: usize = 2;

fn main() -> ExitCode {
    let flags = Flags::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .enable_all()
        .build();
    let exit = match runtime {
        Ok(runtime) => runtime.block_on(gilctl::commands::dispatch::run(flags)),
        Err(error) => {
            gilctl::output::hints::tell(&format!("gilctl: cannot start threads: {error}"));
            Exit::Unexpected
        }
    };
    ExitCode::from(exit.code())
}
