//! Signals: SIGTERM and SIGINT stop the daemon, a second one ends it at once; SIGHUP reloads the
//! settings. Reports to the log and the service manager.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use crate::daemon::cli::exit::Exit;
use crate::daemon::reload::Reloader;
use crate::daemon::systemd;

/// Handlers of the signals.
#[derive(Debug)]
pub struct Signals {
    stops: ShutdownSignals,
    hang_up: Signal,
}

#[derive(Debug)]
struct ShutdownSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl ShutdownSignals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

impl Signals {
    /// Installs the handlers; must be called inside a runtime.
    pub fn catch() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        let hang_up = signal(SignalKind::hangup())?;
        Ok(Self { stops: ShutdownSignals { terminate, interrupt }, hang_up })
    }

    /// Resolves at the first SIGTERM or SIGINT, after which a second one ends the process at once.
    pub async fn until_stop(self, reloader: Reloader) {
        let Self { mut stops, mut hang_up } = self;
        let reloader = Arc::new(reloader);
        loop {
            tokio::select! {
                () = stops.next() => break,
                // Reading a file may block on its disk; a stop must not wait for it.
                _ = hang_up.recv() => tokio::select! {
                    () = reload(&reloader) => {}
                    () = stops.next() => break,
                },
            }
        }
        info!("stopping");
        systemd::stopping();
        tokio::spawn(async move {
            stops.next().await;
            std::process::exit(Exit::Unexpected as i32);
        });
    }
}

/// Reloads the settings and notifies the service manager, which waits for the end of a reload.
async fn reload(reloader: &Arc<Reloader>) {
    systemd::reloading();
    let reloader = Arc::clone(reloader);
    match tokio::task::spawn_blocking(move || reloader.reload()).await {
        Ok(Ok(done)) => {
            info!(changed = done.changed.join("; "), "reloaded");
            if !done.needs_restart.is_empty() {
                let keys = done.needs_restart.join(", ");
                warn!(keys, "these settings have changed and need a restart");
            }
        }
        Ok(Err(problem)) => error!(%problem, "not reloaded; the settings stay as they were"),
        Err(panic) => error!(%panic, "not reloaded"),
    }
    systemd::ready();
}
