//! Run of the daemon: loads and prepares settings, binds, opens the history, serves until a signal, and
//! drains. `check-config` prepares the same way and stops there.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::daemon::cli::{Place, Settings};
use crate::daemon::failure::Failure;
use crate::daemon::reexec::RestartMode;
use crate::daemon::reload::{Reload, Reloader};
use crate::daemon::settings::load::{self, LoadedSettings, load};
use crate::daemon::settings::origin::{Origin, SettingsError};
use crate::daemon::signals::Signals;
use crate::daemon::{activation, logging, reexec, systemd};
use crate::lab::Lab;
use crate::lab::QueuedJobs;
use crate::server::auth::credentials::Credentials;
use crate::server::endpoint::ListenConfig;
use crate::server::error::ServeError;
use crate::server::metrics::address::MetricsAddress;
use crate::server::metrics::http::Metrics;
use crate::server::serve::{Bound, Inherited};
use crate::server::transport::unix_socket;
use crate::store::Store;
use crate::store::error::HistoryError;
use crate::store::location::DataDir;
use engine::jobs::scheduler::config::{DegradedPolicy, SchedulerConfig, ShutdownPolicy};
use engine::python::registry::Interpreters;
use engine::sys::priority::lower_priority;

/// Threads of the runtime: it only moves messages, and the measured threads need the cores.
const RUNTIME_THREADS: usize = 2;

/// Runs the daemon to its end with the settings of these arguments, the environment and the file.
pub fn serve(arguments: Vec<OsString>) -> Result<(), Failure> {
    let loaded = load(&arguments, |name| std::env::var_os(name))?;
    let inherited = activation::inherited()?;
    let log = Arc::new(logging::start(&loaded.settings));
    for problem in misspelt() {
        warn!("{problem}");
    }
    let hooks: Vec<Box<dyn Reload>> = vec![Box::new(log)];
    let reloader = Reloader::new(arguments, &loaded, hooks);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .on_thread_start(lower_priority)
        .enable_all()
        .build()?;
    let served = runtime.block_on(serve_settings(loaded, inherited, reloader));
    // A silent client must not keep the process.
    runtime.shutdown_background();
    served
}

/// Settings made ready: everything that can be refused before the daemon listens.
struct Prepared {
    listen: ListenConfig,
    credentials: Credentials,
    interpreters: Interpreters,
    scheduler: SchedulerConfig,
    data_dir: DataDir,
}

/// Loads and prepares the settings as [`serve`] does, and examines the places that it would open.
/// Listens nowhere and changes nothing; whether another daemon runs there is not examined.
pub fn check(arguments: &[OsString]) -> Result<LoadedSettings, Failure> {
    let loaded = load(arguments, |name| std::env::var_os(name))?;
    let prepared = prepare(&loaded, None)?;
    unix_socket::examine(&loaded.settings.socket, &prepared.listen.socket)?;
    Store::examine(&prepared.data_dir)?;
    Ok(loaded)
}

/// The history that a command means: the named directory, else the daemon's.
pub fn data_dir(place: &Place) -> Result<DataDir, Failure> {
    if let Some(named) = &place.data_dir {
        return Ok(DataDir::kept(Some(named.clone()))?);
    }
    let mut arguments: Vec<OsString> = vec!["gild".into(), "serve".into()];
    if let Some(config) = &place.config {
        arguments.extend(["--config".into(), config.into()]);
    }
    let loaded = load(&arguments, |name| std::env::var_os(name))?;
    Ok(DataDir::kept(loaded.settings.data_dir)?)
}

/// Prepares the settings; an inherited port must be as safe as a configured one.
fn prepare(loaded: &LoadedSettings, inherited: Option<SocketAddr>) -> Result<Prepared, Failure> {
    let settings = &loaded.settings;
    let interpreters = Interpreters::named(settings.python.clone());
    interpreters.probe().map_err(|error| refused("python", &error.to_string(), loaded))?;
    let listen = listen_config(loaded, inherited.or(settings.listen))?;
    let credentials = Credentials::load(&listen).map_err(ServeError::from)?;
    let scheduler = scheduler_config(loaded)?;
    let data_dir = DataDir::kept(settings.data_dir.clone())?;
    Ok(Prepared { listen, credentials, interpreters, scheduler, data_dir })
}

/// A warning per environment variable that looks like a misspelt setting.
pub fn misspelt() -> Vec<String> {
    load::misspelt(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
}

async fn serve_settings(
    loaded: LoadedSettings,
    inherited: Inherited,
    mut reloader: Reloader,
) -> Result<(), Failure> {
    let signals = Signals::catch()?;
    let settings = &loaded.settings;
    let Prepared { listen, credentials, interpreters, scheduler, data_dir } =
        prepare(&loaded, inherited.address())?;
    let mode = restart_mode(&inherited);
    let bound = Bound::bind_or_inherit(inherited, &settings.socket, &listen, credentials)
        .await?
        .with_drain_timeout(settings.drain_timeout.get());
    reloader.add(Box::new(bound.credentials()));
    let metrics = match &settings.metrics {
        Some(address) => Some(Metrics::bind(address).await?),
        None => None,
    };
    let holder = format!("gild serve at unix://{}", bound.unix_path().display());
    let history = Store::open_as(&holder, data_dir)?;
    let failure = history.failure();
    let lab = Lab::open(history, scheduler, interpreters, QueuedJobs::Requeue)?;
    reexec::restart_when_degraded(lab.clone(), mode)?;
    info!(socket = %bound.unix_path().display(), "listening");
    if let Some(address) = bound.tcp_address() {
        info!(%address, "listening");
    }
    if let Some(file) = &loaded.file {
        info!(file = %file.display(), "configured");
    }
    // Reports end with the server: their tasks are dropped with the set.
    let mut reports = JoinSet::new();
    if let Some(metrics) = metrics {
        log_address(&metrics);
        reports.spawn(metrics.serve(lab.clone()));
    }
    reports.spawn(systemd::report(lab.clone()));
    systemd::ready();
    let stop = until_stop_or_failure(signals.until_stop(reloader), failure.clone());
    bound.serve(lab, stop).await?;
    reports.shutdown().await;
    // A daemon that cannot store events ends with the reason.
    if let Some(error) = failure.borrow().clone() {
        return Err(error.into());
    }
    info!("stopped");
    Ok(())
}

/// The way to restart this process with the sockets that it has.
const fn restart_mode(inherited: &Inherited) -> RestartMode {
    match (&inherited.unix, &inherited.tcp) {
        (None, None) => RestartMode::Itself,
        (Some(_), _) | (_, Some(_)) => RestartMode::ServiceManager,
    }
}

fn scheduler_config(loaded: &LoadedSettings) -> Result<SchedulerConfig, Failure> {
    let Settings { lanes, queue_max, quota, .. } = loaded.settings;
    let (when_degraded, when_stopped) = (DegradedPolicy::Hold, ShutdownPolicy::Keep);
    let config = SchedulerConfig { lanes, queue_max, quota, when_degraded, when_stopped };
    config.checked().map_err(|error| {
        let key = error.field.replace('_', "-");
        refused(&key, &error.to_string(), loaded)
    })?;
    Ok(config)
}

/// Resolves when the daemon must stop, or when its history has failed.
async fn until_stop_or_failure(
    stop: impl Future<Output = ()>,
    mut failure: watch::Receiver<Option<HistoryError>>,
) {
    let failed = async {
        if failure.wait_for(Option::is_some).await.is_err() {
            // A closed history has not failed.
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = stop => {}
        () = failed => {}
    }
}

fn log_address(metrics: &Metrics) {
    let Some(address) = metrics.address() else { return };
    match &address {
        MetricsAddress::Tcp(tcp) if !tcp.ip().is_loopback() => {
            warn!(%address, "metrics are served; every machine that reaches the address can read them");
        }
        MetricsAddress::Tcp(_) | MetricsAddress::Unix(_) => info!(%address, "metrics are served"),
    }
}

fn listen_config(
    loaded: &LoadedSettings,
    listen: Option<SocketAddr>,
) -> Result<ListenConfig, Failure> {
    loaded.settings.listen_flags.clone().into_config(listen).map_err(|error| {
        let problem = error.to_string();
        let own = problem.strip_prefix(error.field);
        let problem = own.map_or(&*problem, |rest| rest.trim_start_matches(": "));
        refused(error.field, problem, loaded)
    })
}

/// The failure of a well-formed value that cannot be applied, by its origin.
fn refused(key: &str, problem: &str, loaded: &LoadedSettings) -> Failure {
    let problem = format!("{key}: {problem}");
    match origin(key, loaded) {
        Origin::Flag | Origin::Default => Failure::Typed(problem),
        at => SettingsError::Value { at, problem }.into(),
    }
}

fn origin(key: &str, loaded: &LoadedSettings) -> Origin {
    let found = loaded.effective.iter().find(|effective| effective.key == key);
    found.map_or(Origin::Default, |effective| effective.origin.clone())
}
