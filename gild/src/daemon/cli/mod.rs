//! The command line of the daemon: what can be typed, and in which words the help says it. Each
//! flag of [`Settings`] is also a key of the config file and a variable of the environment (see
//! [`crate::daemon::settings`]), so a new setting needs its line here and nothing else. Does nothing.

pub mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::daemon::certs::CertsFlags;
use crate::daemon::cli::values::{DrainTimeout, LogFilter, LogFormat};
use crate::server::endpoint::{ListenFlags, default_socket};
use crate::server::metrics::address::MetricsAddress;
use engine::limits;

/// The exit codes, as `--help` prints them.
const EXIT_CODES: &str = "\
Exit codes:
   0  stopped as asked          73  a socket, a file or the history cannot be created
   1  unexpected                74  the disk is full, or the history is damaged
   2  usage                     78  configuration
  69  the address or the history is in use

Examples:
  gild serve
  gild serve --listen 127.0.0.1:7878 --token-file tokens --metrics 9878
  gild certs --out certs --name lab.example
  gild serve --python python3 --python /usr/bin/python2.7
  gild check-config --config gild.toml
  gilctl sweep --strategy gil        (in another terminal)";

/// Where settings come from, as the help of `serve` and `check-config` prints it.
const SOURCES: &str = "\
Settings: a flag wins over GILD_<FLAG> of the environment (lists with `:` between), that over the \
key
of the same name in the config file, that over the default. SIGHUP reads the file again.";

/// A concurrency laboratory: what happens to shared state under this lock strategy?
#[derive(Debug, Parser)]
#[command(name = "gild", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Flags {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the lab until SIGTERM or Ctrl-C.
    #[command(after_help = EXIT_CODES, after_long_help = format!("{SOURCES}\n\n{EXIT_CODES}"))]
    Serve(Box<Configured>),
    /// Reads and checks the settings of `serve`, and prints each with where it comes from.
    #[command(after_help = SOURCES)]
    CheckConfig(Box<Configured>),
    /// Makes certificates for trials: an authority, a server's and a client's.
    #[command(after_help = EXIT_CODES)]
    Certs(CertsFlags),
    /// Prints the version.
    Version {
        /// With revision, compiler, target and build profile.
        #[arg(long, short)]
        verbose: bool,
    },
}

/// Settings, and the file that some of them stand in.
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

/// All that the daemon can be told.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Unix socket to listen on; by default `gild/gild.sock` in `$XDG_RUNTIME_DIR`, or in a
    /// directory of the user's own below the temporary directory.
    #[arg(long, value_name = "PATH", hide_default_value = true)]
    #[arg(default_value_os_t = default_socket())]
    pub socket: PathBuf,
    /// Address to listen on besides, e.g. 127.0.0.1:7878. On loopback it needs --token-file or
    /// --insecure-loopback; beyond, TLS with --token-file or --client-ca.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Who may come in.
    #[command(flatten)]
    pub listen_flags: ListenFlags,
    /// A real CPython that sweeps may use, by path or name; repeatable. No other is ever run.
    #[arg(long, value_name = "PATH")]
    pub python: Vec<PathBuf>,
    /// Directory of the history (lab.db); by default `gild` in `$XDG_DATA_HOME`, or in
    /// `~/.local/share`.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Sweeps that are measured at once, each on at least two cores of its own.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub lanes: usize,
    /// Most sweeps and explorations that wait.
    #[arg(long, value_name = "COUNT", default_value_t = limits::QUEUE_MAX)]
    pub queue_max: usize,
    /// Most of one user's, or one token's, that wait or run.
    #[arg(long, value_name = "COUNT", default_value_t = limits::QUOTA)]
    pub quota: usize,
    /// Where Prometheus finds `/metrics`: a port of loopback, an address, or the path of a Unix
    /// socket.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<MetricsAddress>,
    /// What is logged, e.g. `info` or `warn,gild=debug`; without a `GILD_LOG` also `RUST_LOG` says
    /// it.
    #[arg(long, value_name = "FILTER", default_value_t)]
    pub log: LogFilter,
    /// How: as text or as a JSON document a line; `auto` is text on a terminal, JSON elsewhere.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// How long what runs and open connections have to end once the daemon stops, e.g. 2s.
    #[arg(long, value_name = "TIME", default_value_t)]
    pub drain_timeout: DrainTimeout,
}
