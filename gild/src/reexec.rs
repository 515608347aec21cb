//! The process again from its start: the same program, arguments, environment and process number, and
//! none of its threads. The only way to be rid of a thread that never comes back. Decides nothing, and
//! keeps nothing: whoever calls it has stored what must last.

use std::convert::Infallible;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

/// Where Linux keeps the program of a process, also after its file was replaced.
const SELF: &str = "/proc/self/exe";

/// Replaces this process by a new start of its program; only comes back if that fails.
///
/// Files and sockets are closed, for all that std and tokio open are. The new process runs on the
/// cores that the calling thread may run on, so no lane's thread must call it. A program whose file
/// was replaced meanwhile starts as the new one.
pub fn reexec() -> io::Result<Infallible> {
    let program = std::env::current_exe().ok().filter(|program| program.exists());
    let mut arguments = std::env::args_os();
    let mut command = Command::new(program.unwrap_or_else(|| PathBuf::from(SELF)));
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    Err(command.args(arguments).exec())
}
