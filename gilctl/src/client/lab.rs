//! Lab that gilctl talks to: a daemon that was named, the local one, or the same services
//! inside gilctl.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gild::server::embedded::Embedded;
use gild::server::embedded::page::Page;
use gild::store::location::DataDir;

use crate::cli::Global;
use crate::cli::access::{Access, Purpose};
use crate::cli::target::Target;
use crate::client::address::Address;
use crate::client::credentials::{Bearer, Channel, ConnectPlan};
use crate::client::tls::TlsErrorSlot;
use crate::client::{embedded, failures, local_socket};
use crate::error::Failure;
use crate::exit::Exit;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for the embedded lab's threads; an attempt ends at its next check of the flag.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// Interval of the pings that keep an idle stream open and detect a dead peer.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// Longest wait for the answer to a ping.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);

/// The way out where only a daemon can do what was typed.
const WAY_OUT: &str = "start `gild serve`";

/// A connected lab.
#[derive(Debug)]
pub struct Lab {
    pub(super) channel: Channel,
    location: LabLocation,
    tls_error: TlsErrorSlot,
    keeps_jobs: bool,
}

/// Where the lab runs.
#[derive(Debug)]
enum LabLocation {
    Daemon(Box<Address>),
    Embedded(Embedded),
    /// Inside gilctl, reading a history that another lab has open; with that lab's description.
    Beside(Embedded, String),
}

/// What to do if no daemon answers and none was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback<'a> {
    /// Run the lab inside gilctl, with the user's history.
    Embed {
        /// Interpreters that it may run.
        pythons: &'a [PathBuf],
    },
    /// The same, with the interpreters that a stored sweep was requested with.
    EmbedFor {
        /// The sweep.
        which: &'a Target,
    },
    /// Run the lab inside gilctl, without a history.
    Scratch {
        /// Interpreters that it may run.
        pythons: &'a [PathBuf],
    },
    /// Fail: the job was to outlive gilctl.
    RefuseToDetach,
    /// Fail, naming the lab that has the user's history open: without one there is no running job.
    NothingRuns,
    /// Read the user's history, and fail if there is none.
    Stored,
}

/// Whether a request is run or only planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Run it.
    Run,
    /// Plan and check it.
    PlanOnly,
}

/// Refuses a history that was named, where a daemon answers that keeps its own.
fn own_history(flags: &Global, daemon: &str) -> Result<(), Failure> {
    // In the environment or the config file it is for the times when no daemon runs.
    let flag = ["no-history", "data-dir"].into_iter().find(|flag| flags.typed.has(flag));
    flag.map_or(Ok(()), |flag| Err(Failure::other_history(&format!("--{flag}"), daemon)))
}

impl Lab {
    /// Connects as the flags say; `notice` is called with a line if the lab is embedded for want of
    /// a daemon.
    pub async fn connect(
        flags: &Global,
        purpose: Purpose,
        fallback: Fallback<'_>,
        notice: &dyn Fn(&str),
    ) -> Result<Self, Failure> {
        if flags.embedded {
            let lab = Self::embed(flags, purpose, fallback, notice).await?;
            if let LabLocation::Beside(_, holder) = &lab.location {
                notice(&format!("reading the history beside the lab that has it open ({holder})"));
            }
            return Ok(lab);
        }
        if let Some(typed) = &flags.server {
            let address = Address::parse(typed)?;
            let plan = ConnectPlan::prepare(&address, &flags.credentials)?;
            return Self::dial(&address, plan)
                .await
                .map_err(|cause| failures::unreachable(&address, &cause));
        }
        let path = local_socket::socket()?;
        let address = Address::socket(&path)?;
        if let Ok(lab) = Self::dial(&address, ConnectPlan::plain(&address)).await {
            return own_history(flags, &path.display().to_string()).map(|()| lab);
        }
        let lab = Self::embed(flags, purpose, fallback, notice).await?;
        let path = path.display();
        match (&lab.location, fallback) {
            (LabLocation::Beside(_, holder), _) => notice(&format!(
                "no daemon at {path}; reading the history beside the lab that has it open ({holder})"
            )),
            (_, Fallback::Scratch { .. }) => {}
            (LabLocation::Daemon(_) | LabLocation::Embedded(_), Fallback::Stored) => {
                notice(&format!("no daemon at {path}; reading the history inside gilctl"));
            }
            (LabLocation::Daemon(_) | LabLocation::Embedded(_), _) => {
                notice(&format!("no daemon at {path}; running the lab inside gilctl"));
            }
        }
        Ok(lab)
    }

    async fn dial(address: &Address, plan: ConnectPlan) -> Result<Self, tonic::transport::Error> {
        let ConnectPlan { endpoint, tls, bearer } = plan;
        let endpoint = endpoint
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEPALIVE)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT);
        let channel = match &tls {
            None => endpoint.connect().await?,
            Some(tls) => tls.connect(&endpoint).await?,
        };
        let location = LabLocation::Daemon(Box::new(address.clone()));
        let tls_error = tls.map(|tls| tls.error_slot()).unwrap_or_default();
        Ok(Self { channel: Channel::new(channel, bearer), location, tls_error, keeps_jobs: true })
    }

    async fn embed(
        flags: &Global,
        purpose: Purpose,
        fallback: Fallback<'_>,
        notice: &dyn Fn(&str),
    ) -> Result<Self, Failure> {
        let failure = |error| embedded::failure(error, purpose);
        let place = |keeps| embedded::place(flags, keeps).map_err(failure);
        let stored;
        let (pythons, place) = match fallback {
            Fallback::EmbedFor { which } => {
                let place = place(!flags.no_history)?;
                stored = Box::pin(Self::pythons_of(place.clone(), purpose, which)).await?;
                (&stored[..], place)
            }
            Fallback::Embed { pythons } => (pythons, place(!flags.no_history)?),
            Fallback::Scratch { pythons } => (pythons, place(false)?),
            Fallback::RefuseToDetach => {
                let message = "--detach: without a daemon all would end with gilctl";
                return Err(Failure::new(Exit::Usage, message, WAY_OUT));
            }
            Fallback::NothingRuns => {
                let place = place(!flags.no_history)?;
                let failure = place.holder().map(|holder| embedded::in_use(&holder, purpose));
                return Err(failure.unwrap_or_else(nothing_runs));
            }
            Fallback::Stored => {
                let place = place(!flags.no_history)?;
                if !place.has_history() {
                    return Err(nothing_runs());
                }
                (&[][..], place)
            }
        };
        let history = embedded::open(place, purpose, notice).await.map_err(failure)?;
        let (holder, keeps_jobs) = (history.holder(), history.path().is_some());
        let embedded = embedded::start(history, pythons, purpose).await?;
        let channel = Channel::new(embedded.channel(), Bearer::default());
        let location = match holder {
            Some(holder) => LabLocation::Beside(embedded, holder),
            None => LabLocation::Embedded(embedded),
        };
        Ok(Self { channel, location, tls_error: TlsErrorSlot::default(), keeps_jobs })
    }

    /// The interpreters that a sweep of a history was requested with.
    async fn pythons_of(
        place: DataDir,
        purpose: Purpose,
        which: &Target,
    ) -> Result<Vec<PathBuf>, Failure> {
        let purpose = Purpose { access: Access::Reads, ..purpose };
        let history = embedded::open(place, purpose, &|_| ())
            .await
            .map_err(|error| embedded::failure(error, purpose))?;
        let embedded = embedded::start(history, &[], purpose).await?;
        let channel = Channel::new(embedded.channel(), Bearer::default());
        let location = LabLocation::Embedded(embedded);
        let tls_error = TlsErrorSlot::default();
        let lab = Self { channel, location, tls_error, keeps_jobs: true };
        let found = async {
            let name = lab.resolve_sweep(which).await?;
            let spec = lab.get(&name).await?.sweep.and_then(|sweep| sweep.spec);
            Ok(spec.unwrap_or_default().pythons.into_iter().map(PathBuf::from).collect())
        };
        let found = found.await;
        lab.close().await;
        found
    }

    /// The TLS error behind a lost connection if there was one, otherwise `failure` itself; with the
    /// address of the daemon that cannot be reached.
    pub fn explain_failure(&self, failure: Failure) -> Failure {
        if failure.exit() != Exit::Unreachable {
            return failure;
        }
        let failure = self.tls_error.get().map_or(failure, Failure::from);
        match &self.location {
            LabLocation::Daemon(address) => failure.at(address.shown()),
            LabLocation::Embedded(_) | LabLocation::Beside(..) => failure,
        }
    }

    /// Where the lab is, in words.
    pub fn location(&self) -> &str {
        match &self.location {
            LabLocation::Daemon(address) => address.shown(),
            LabLocation::Embedded(_) => "inside gilctl",
            LabLocation::Beside(..) => "inside gilctl, and only reads",
        }
    }

    /// The page of a lab that has no port, on a port of gilctl's own: that of the lab inside gilctl, or of
    /// the daemon on a Unix socket, whose requests gilctl hands on.
    pub async fn own_page(&self) -> Result<Page, Failure> {
        let page = match &self.location {
            LabLocation::Embedded(lab) | LabLocation::Beside(lab, _) => lab.page().await,
            LabLocation::Daemon(address) => {
                let socket = address.shown().trim_start_matches("unix://");
                Page::of_daemon(Path::new(socket)).await
            }
        };
        let way_out = "end another program that holds many ports";
        page.map_err(|error| Failure::new(Exit::Unexpected, format!("the page: {error}"), way_out))
    }

    /// Whether jobs of the lab continue after gilctl exits.
    pub fn outlives_gilctl(&self) -> bool {
        match &self.location {
            LabLocation::Daemon(_) | LabLocation::Beside(..) => true,
            LabLocation::Embedded(_) => false,
        }
    }

    /// Whether a later gilctl finds the jobs of this one.
    pub fn keeps_jobs(&self) -> bool {
        self.keeps_jobs
    }

    /// Stops an embedded lab, waiting up to 5 s for its threads.
    pub async fn close(self) {
        if let LabLocation::Embedded(embedded) | LabLocation::Beside(embedded, _) = self.location {
            let _ = tokio::time::timeout(STOP_TIMEOUT, embedded.stop()).await;
        }
    }
}

fn nothing_runs() -> Failure {
    let message = "no daemon answers, and nothing runs without one";
    Failure::new(Exit::Unreachable, message, WAY_OUT)
}
