//! Re-execution of the process with the same program, arguments, environment and process id. It is the
//! only way to end a thread that never returns. Saves no state; the store is durable already.

use std::convert::Infallible;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use tracing::{error, info};

use crate::daemon::cli::exit::Exit;
use crate::lab::Lab;

/// The running program on Linux, also after its file was replaced.
const SELF: &str = "/proc/self/exe";

/// Wait of an idle lab before the restart: watchers receive the last event of the failed job, and a
/// late worker may still return.
const GRACE: Duration = Duration::from_secs(3);

/// The party that restarts the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartMode {
    /// The process replaces itself.
    Itself,
    /// The service manager that opened its sockets, which a process that replaced itself would have
    /// lost.
    ServiceManager,
}

/// Starts a thread that replaces or ends this process once `lab` is degraded and nothing runs in it.
/// What waits stays in the queue until then if the lab's terms say
/// [`Hold`](engine::jobs::scheduler::config::DegradedPolicy::Hold). If the process cannot be replaced, the lab goes on as
/// it is. For the thread that starts the daemon, whose cores are the new process's.
pub fn restart_when_degraded(lab: Lab, mode: RestartMode) -> io::Result<()> {
    let watch = move || {
        let replace = || match mode {
            RestartMode::Itself => {
                info!(
                    degraded = lab.scheduler().degraded(),
                    "restarting to get rid of a lost worker"
                );
                reexec()
            }
            RestartMode::ServiceManager => {
                error!(
                    degraded = lab.scheduler().degraded(),
                    "exiting to get rid of a lost worker: the service manager that opened the sockets \
                     must restart the daemon"
                );
                // As sudden as a start anew: what waits is stored, and waits on.
                std::process::exit(Exit::Unexpected as i32)
            }
        };
        while lab.scheduler().once_degraded_and_idle(|| ()).is_some() {
            thread::sleep(GRACE);
            if lab.scheduler().degraded().is_none() {
                continue;
            }
            if let Some(Err(problem)) = lab.scheduler().once_degraded_and_idle(replace) {
                error!(%problem, "cannot restart; continuing degraded");
                lab.scheduler().resume_degraded();
            }
            return;
        }
    };
    thread::Builder::new().name("restart".into()).spawn(watch).map(drop)
}

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
