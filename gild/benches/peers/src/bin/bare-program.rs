//! A bare program, which a command line is compared with: it prints one line. It also runs programs, as
//! the smallest process that can: a program's peak memory is never below that of the process that
//! started it.
//!
//! ```text
//! bare-program                        prints a line
//! bare-program run PROGRAM ARGUMENT   runs it; prints its nanoseconds and its peak memory in KiB
//! ```

use std::env;
use std::error::Error;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    if arguments.next().is_none() {
        println!("bare 0.1.0");
        return Ok(());
    }
    let program = arguments.next().ok_or("no program")?;
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null());
    let begun = Instant::now();
    let ended = command.status()?;
    let took = begun.elapsed();
    if !ended.success() {
        return Err(format!("{ended}").into());
    }
    let peak_kib = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    println!("{} {peak_kib}", took.as_nanos());
    Ok(())
}
