//! The daemon: flags to configuration, serve, errors to exit codes.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use gild::config;
use gild::history::{self, History, HistoryError, Place};
use gild::lab::{Lab, StartError};
use gild::lane;
use gild::python::Interpreters;
use gild::server::{Bound, ServeError};
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use tracing_subscriber::EnvFilter;

/// Threads of the runtime: it only moves messages, and the measured threads need the cores.
const RUNTIME_THREADS: usize = 2;

/// The exit codes, as `--help` prints them.
const EXIT_CODES: &str = "\
Exit codes:
   0  stopped as asked          69  the address is in use
   1  unexpected                73  the socket or the history cannot be created
   2  usage                     74  the disk is full, or the history is damaged
                                78  the history is of a newer version

Examples:
  gild serve
  gild serve --listen 127.0.0.1:7878
  gild serve --python python3 --python /usr/bin/python2.7
  gilctl sweep --strategy gil        (in another terminal)";

/// A concurrency laboratory: what happens to shared state under this lock strategy?
#[derive(Debug, Parser)]
#[command(name = "gild", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Flags {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the lab until SIGTERM or Ctrl-C.
    #[command(after_help = EXIT_CODES)]
    Serve {
        /// Unix socket to listen on; by default `gild/gild.sock` in `$XDG_RUNTIME_DIR`, or in a
        /// directory of the user's own below the temporary directory.
        #[arg(long, value_name = "PATH")]
        socket: Option<PathBuf>,
        /// Loopback address to listen on besides, e.g. 127.0.0.1:7878; open to every local account.
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<SocketAddr>,
        /// A real CPython that sweeps may use, by path or name; repeatable. No other is ever run.
        #[arg(long, value_name = "PATH")]
        python: Vec<PathBuf>,
        /// Directory of the history (lab.db); by default `gild` in `$XDG_DATA_HOME`, or in
        /// `~/.local/share`.
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
    },
}

/// How the daemon ends.
#[derive(Debug, Clone, Copy)]
enum Exit {
    Unexpected = 1,
    Usage = 2,
    InUse = 69,
    CannotCreate = 73,
    Disk = 74,
    Configuration = 78,
}

fn main() -> ExitCode {
    let Flags { command: Command::Serve { socket, listen, python, data_dir } } = Flags::parse();
    start_log();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .on_thread_start(gild::courtesy::give_way)
        .enable_all()
        .build();
    let served = match runtime {
        Ok(runtime) => {
            let served =
                runtime.block_on(serve(socket, listen, Interpreters::named(python), data_dir));
            // A client that never speaks must not keep the process.
            runtime.shutdown_background();
            served
        }
        Err(error) => Err((Exit::Unexpected, error.to_string())),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err((exit, message)) => {
            eprintln!("gild: {message}");
            ExitCode::from(exit as u8)
        }
    }
}

async fn serve(
    socket: Option<PathBuf>,
    listen: Option<SocketAddr>,
    pythons: Interpreters,
    data_dir: Option<PathBuf>,
) -> Result<(), (Exit, String)> {
    let unexpected = |error: std::io::Error| (Exit::Unexpected, error.to_string());
    let stop = stop_signal().map_err(unexpected)?;
    pythons.probe().map_err(|error| (Exit::Usage, format!("--python: {error}")))?;
    let socket = socket.unwrap_or_else(config::default_socket);
    let bound = Bound::bind(&socket, listen).await.map_err(|e| (exit_of(&e), e.to_string()))?;
    let directory = data_dir.map_or_else(history::default_directory, Ok);
    let history = directory.and_then(|directory| History::open(Place::Kept(directory)));
    let history = history.map_err(|error| (exit_of_history(&error), error.to_string()))?;
    let mut failure = history.failure();
    let lab = Lab::start(history, pythons).map_err(|error| match error {
        StartError::History(error) => (exit_of_history(&error), error.to_string()),
        StartError::Lane(lane::StartError::Limit(_)) => (Exit::Usage, error.to_string()),
        StartError::Lane(_) | StartError::System(_) => (Exit::Unexpected, error.to_string()),
    })?;
    info!(socket = %socket.display(), "listening");
    if let Some(address) = bound.tcp_address() {
        info!(%address, "listening; every account of this machine can connect");
    }
    let failed = async {
        // A closed history ends with the process.
        let _ = failure.wait_for(Option::is_some).await;
    };
    let stop_or_failure = async {
        tokio::select! {
            () = stop => {}
            () = failed => {}
        }
    };
    let failure_then = lab.history().failure();
    bound
        .serve(lab, stop_or_failure)
        .await
        .map_err(|error| (exit_of(&error), error.to_string()))?;
    if let Some(error) = failure_then.borrow().clone() {
        return Err((exit_of_history(&error), error.to_string()));
    }
    info!("stopped");
    Ok(())
}

fn exit_of_history(error: &HistoryError) -> Exit {
    match error {
        HistoryError::NoPlace | HistoryError::CannotOpen { .. } => Exit::CannotCreate,
        HistoryError::InUse { .. } => Exit::InUse,
        HistoryError::Newer { .. } | HistoryError::Foreign { .. } => Exit::Configuration,
        HistoryError::Full { .. } | HistoryError::Damaged { .. } => Exit::Disk,
        HistoryError::NotFound(_) | HistoryError::Gone | HistoryError::Failed { .. } => {
            Exit::Unexpected
        }
    }
}

/// Resolves at the first SIGTERM or SIGINT; a second one ends the process at once.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        info!("stopping");
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(Exit::Unexpected as i32);
        });
    })
}

fn exit_of(error: &ServeError) -> Exit {
    match error {
        ServeError::InUse { .. } => Exit::InUse,
        ServeError::Bind { .. } => Exit::CannotCreate,
        ServeError::BeyondLoopback(_) => Exit::Usage,
        ServeError::Transport(_) => Exit::Unexpected,
    }
}

/// Text on a terminal, JSON elsewhere; `RUST_LOG` filters.
fn start_log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.init();
    } else {
        log.json().with_ansi(false).init();
    }
}
