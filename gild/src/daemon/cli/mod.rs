//! Command line of the daemon and its help. Each flag of [`Settings`] is also a key of the config file
//! and an environment variable (see [`crate::daemon::settings`]), so a new setting needs only its line
//! here.

pub mod exit;
pub mod shell;
pub mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::daemon::certs::CertsFlags;
use crate::daemon::cli::shell::{CompletionsFlags, ManFlags};
use crate::daemon::cli::values::{DrainTimeout, LogFilter, LogFormat};
use crate::server::endpoint::{ListenFlags, default_socket};
use crate::server::metrics::address::MetricsAddress;
use engine::limits;

/// Examples, as `--help` prints them after the exit codes.
const EXAMPLES: &str = "\
Examples:
  gild serve
  gild serve --listen 127.0.0.1:7878 --token-file tokens --metrics 9878
  gild certs --out certs --name lab.example
  gild serve --python python3
  gild check-config --config gild.toml
  gild backup lab-backup.db
  gilctl sweep --strategy gil        (in another terminal)";

/// The sources of settings, as the help of `serve` and `check-config` prints it.
const SOURCES: &str = "\
Settings, in order of precedence: flag, environment variable GILD_<FLAG> (lists separated by `:`), key
of the same name in the config file, default. SIGHUP reloads them.";

/// The end of the help: exit codes and examples.
fn ending() -> String {
    format!("{}\n\n{EXAMPLES}", exit::help())
}

/// A concurrency laboratory: what happens to shared state under this lock strategy?
#[derive(Debug, Parser)]
#[command(name = "gild", version, after_help = ending(), arg_required_else_help = true)]
pub struct Flags {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Commands of the program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the lab until SIGTERM or Ctrl-C.
    #[command(after_help = ending(), after_long_help = format!("{SOURCES}\n\n{}", ending()))]
    Serve(Box<Configured>),
    /// Check the settings of `serve`, and print each with its origin.
    #[command(after_help = SOURCES)]
    CheckConfig(Box<Configured>),
    /// Create certificates for trials: an authority, a server's and a client's.
    #[command(after_help = ending())]
    Certs(CertsFlags),
    /// Copy the history to one file, while the lab may run.
    Backup {
        /// File to create.
        file: PathBuf,
        /// Where the history is.
        #[command(flatten)]
        place: Place,
    },
    /// Copy a backup into a directory without a history.
    Restore {
        /// File that `gild backup` wrote.
        file: PathBuf,
        /// Where the history will be.
        #[command(flatten)]
        place: Place,
        /// Accept a lab.db that was copied without its write-ahead log, as far as it goes.
        #[arg(long)]
        without_log: bool,
    },
    /// Print the script that completes commands and flags in a shell.
    Completions(CompletionsFlags),
    /// Print or write the manual pages.
    Man(ManFlags),
    /// Print the version.
    Version {
        /// Include revision, compiler, target and build profile.
        #[arg(long, short)]
        verbose: bool,
    },
}

/// Directory of a history.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Directory of the history (lab.db); by default the one of `gild serve`.
    #[arg(long, value_name = "DIR", env = "GILD_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Config file of the daemon, whose `data-dir` applies where none is named; by default the one that
    /// `gild serve` reads.
    #[arg(long, value_name = "FILE", env = "GILD_CONFIG")]
    pub config: Option<PathBuf>,
}

/// Settings, and the path of the config file.
#[derive(Debug, Args)]
pub struct Configured {
    /// Config file; by default gild/gild.toml in `$XDG_CONFIG_HOME` (or `~/.config`), else
    /// /etc/gild/gild.toml, where there is one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The settings.
    #[command(flatten)]
    pub settings: Settings,
}

/// All settings of the daemon.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Unix socket to listen on; by default `gild/gild.sock` in `$XDG_RUNTIME_DIR`, or in a
    /// directory of the user's own below the temporary directory.
    #[arg(long, value_name = "PATH", hide_default_value = true)]
    #[arg(default_value_os_t = default_socket())]
    pub socket: PathBuf,
    /// TCP address to listen on too, e.g. 127.0.0.1:7878. On loopback it needs --token-file or
    /// --insecure-loopback; beyond, TLS with --token-file or --client-ca.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Access rules.
    #[command(flatten)]
    pub listen_flags: ListenFlags,
    /// A real CPython that sweeps may use, by path or name; repeatable. No other interpreter is ever run.
    #[arg(long, value_name = "PATH")]
    pub python: Vec<PathBuf>,
    /// Directory of the history (lab.db); by default `gild` in `$XDG_DATA_HOME`, or in
    /// `~/.local/share`.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Sweeps measured at a time, each on at least two cores of its own.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub lanes: usize,
    /// Most queued sweeps and explorations.
    #[arg(long, value_name = "COUNT", default_value_t = limits::QUEUE_MAX)]
    pub queue_max: usize,
    /// Most queued and running jobs of one user or token.
    #[arg(long, value_name = "COUNT", default_value_t = limits::QUOTA)]
    pub quota: usize,
    /// Address of `/metrics` for Prometheus: a port of loopback, an address, or the path of a Unix
    /// socket.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<MetricsAddress>,
    /// Log filter, e.g. `info` or `warn,gild=debug`; `RUST_LOG` applies if `GILD_LOG` is not set.
    #[arg(long, value_name = "FILTER", default_value_t)]
    pub log: LogFilter,
    /// Log format: text or one JSON document per line; `auto` is text on a terminal, JSON elsewhere.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// Time for running jobs and open connections to end when the daemon stops, e.g. 2s.
    #[arg(long, value_name = "TIME", default_value_t)]
    pub drain_timeout: DrainTimeout,
}
