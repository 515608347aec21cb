//! The daemon: flags to configuration, serve, errors to exit codes.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use gild::config;
use gild::doors::{DoorFlags, Doors};
use gild::lab::Lab;
use gild::python::Interpreters;
use gild::server::certs::{self, CertsError, CertsFlags};
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
   1  unexpected                73  a socket or file cannot be created
   2  usage                     78  a file of tokens or certificates cannot be used

Examples:
  gild serve
  gild serve --listen 127.0.0.1:7878 --token-file tokens
  gild certs --out certs --name lab.example
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
        /// Address to listen on besides, e.g. 127.0.0.1:7878. On loopback it needs --token-file or
        /// --insecure-loopback; beyond, TLS with --token-file or --client-ca.
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<SocketAddr>,
        /// A real CPython that sweeps may use, by path or name; repeatable. No other is ever run.
        #[arg(long, value_name = "PATH")]
        python: Vec<PathBuf>,
        /// Who may come in.
        #[command(flatten)]
        doors: DoorFlags,
    },
    /// Makes certificates for trials: an authority, a server's and a client's.
    #[command(after_help = EXIT_CODES)]
    Certs(CertsFlags),
}

/// How the daemon ends.
#[derive(Debug, Clone, Copy)]
enum Exit {
    Unexpected = 1,
    Usage = 2,
    InUse = 69,
    CannotCreate = 73,
    Configuration = 78,
}

fn main() -> ExitCode {
    let ended = match Flags::parse().command {
        Command::Serve { socket, listen, python, doors } => match doors.doors(listen) {
            Ok(doors) => run(socket, doors, Interpreters::named(python)),
            Err(error) => Err((Exit::Usage, format!("--{error}"))),
        },
        Command::Certs(flags) => certs::make(&flags)
            .map(|commands| println!("{commands}"))
            .map_err(|error| (exit_of_certs(&error), error.to_string())),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err((exit, message)) => {
            eprintln!("gild: {message}");
            ExitCode::from(exit as u8)
        }
    }
}

fn run(socket: Option<PathBuf>, doors: Doors, pythons: Interpreters) -> Result<(), (Exit, String)> {
    start_log();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let served = runtime.block_on(serve(socket, doors, pythons));
            // A client that never speaks must not keep the process.
            runtime.shutdown_background();
            served
        }
        Err(error) => Err((Exit::Unexpected, error.to_string())),
    }
}

async fn serve(
    socket: Option<PathBuf>,
    doors: Doors,
    pythons: Interpreters,
) -> Result<(), (Exit, String)> {
    let unexpected = |error: std::io::Error| (Exit::Unexpected, error.to_string());
    let stop = stop_signal().map_err(unexpected)?;
    pythons.probe().map_err(|error| (Exit::Usage, format!("--python: {error}")))?;
    let socket = socket.unwrap_or_else(config::default_socket);
    let bound = Bound::bind(&socket, &doors).await.map_err(|e| (exit_of(&e), e.to_string()))?;
    let lab = Lab::start(pythons).map_err(unexpected)?;
    info!(socket = %socket.display(), "listening");
    if let Some(address) = bound.tcp_address() {
        info!(%address, "listening");
    }
    bound.serve(lab, stop).await.map_err(|error| (exit_of(&error), error.to_string()))?;
    info!("stopped");
    Ok(())
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
        ServeError::Credentials(_) => Exit::Configuration,
        ServeError::Transport(_) => Exit::Unexpected,
    }
}

fn exit_of_certs(error: &CertsError) -> Exit {
    match error {
        CertsError::Name(_) => Exit::Usage,
        CertsError::File { .. } => Exit::CannotCreate,
        CertsError::Make(_) => Exit::Unexpected,
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
