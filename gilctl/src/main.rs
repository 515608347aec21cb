//! Binary `gilctl`: parses the command line, runs the command, exits with its code.

use std::process::ExitCode;

use clap::Parser as _;
use gilctl::cli::Flags;
use gilctl::exit::Exit;

/// Runtime threads. The measured threads of an embedded lab need the cores.
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
            gilctl::output::hints::write_line(&format!("gilctl: cannot start threads: {error}"));
            Exit::Unexpected
        }
    };
    ExitCode::from(exit.code())
}
