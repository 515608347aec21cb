//! Lab that gilctl talks to: a daemon that was named, the local one, or the same services
//! inside gilctl.

use std::path::PathBuf;
use std::time::Duration;

use gild::server::embedded::Embedded;

use crate::cli::Global;
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

/// A connected lab.
#[derive(Debug)]
pub struct Lab {
    pub(super) channel: Channel,
    location: LabLocation,
    tls_error: TlsErrorSlot,
}

/// Where the lab runs.
#[derive(Debug)]
enum LabLocation {
    Daemon(Box<Address>),
    Embedded(Embedded),
}

/// What to do if no daemon answers and none was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback<'a> {
    /// Run the lab inside gilctl, with the user's history.
    Embed {
        /// Interpreters that it may run.
        pythons: &'a [PathBuf],
    },
    /// Run the lab inside gilctl, without a history.
    Scratch {
        /// Interpreters that it may run.
        pythons: &'a [PathBuf],
    },
    /// Fail: the job was to outlive gilctl.
    RefuseToDetach,
    /// Fail: without a daemon there is no running job.
    NothingRuns,
}

/// Whether a request is run or only planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Run it.
    Run,
    /// Plan and check it.
    PlanOnly,
}

impl Lab {
    /// Connects as the flags say; `notice` is called with a line if the lab is embedded for want of
    /// a daemon.
    pub async fn connect(
        flags: &Global,
        fallback: Fallback<'_>,
        notice: &dyn Fn(&str),
    ) -> Result<Self, Failure> {
        if flags.embedded {
            return Self::embed(flags, fallback, notice).await;
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
            return Ok(lab);
        }
        let lab = Self::embed(flags, fallback, notice).await?;
        if !matches!(fallback, Fallback::Scratch { .. }) {
            notice(&format!("no daemon at {}; running the lab inside gilctl", path.display()));
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
        Ok(Self { channel: Channel::new(channel, bearer), location, tls_error })
    }

    async fn embed(
        flags: &Global,
        fallback: Fallback<'_>,
        notice: &dyn Fn(&str),
    ) -> Result<Self, Failure> {
        const WAY_OUT: &str = "start `gild serve`";
        let (pythons, keeps) = match fallback {
            Fallback::Embed { pythons } => (pythons, !flags.no_history),
            Fallback::Scratch { pythons } => (pythons, false),
            Fallback::RefuseToDetach => {
                let message = "--detach: without a daemon all would end with gilctl";
                return Err(Failure::new(Exit::Usage, message, WAY_OUT));
            }
            Fallback::NothingRuns => {
                let message = "no daemon answers, and nothing runs without one";
                return Err(Failure::new(Exit::Unreachable, message, WAY_OUT));
            }
        };
        let place = embedded::place(flags, keeps).map_err(embedded::failure)?;
        let history = embedded::open(place, notice).await.map_err(embedded::failure)?;
        let embedded = embedded::start(history, pythons).await?;
        let channel = Channel::new(embedded.channel(), Bearer::default());
        Ok(Self {
            channel,
            location: LabLocation::Embedded(embedded),
            tls_error: TlsErrorSlot::default(),
        })
    }

    /// The TLS error behind a lost connection if there was one, otherwise `failure` itself.
    pub fn explain_failure(&self, failure: Failure) -> Failure {
        let is_lost = failure.exit() == Exit::Unreachable;
        self.tls_error.get().filter(|_| is_lost).map_or(failure, Failure::from)
    }

    /// Where the lab is, in words.
    pub fn location(&self) -> &str {
        match &self.location {
            LabLocation::Daemon(address) => address.shown(),
            LabLocation::Embedded(_) => "inside gilctl",
        }
    }

    /// Whether jobs of the lab continue after gilctl exits.
    pub fn outlives_gilctl(&self) -> bool {
        matches!(self.location, LabLocation::Daemon(_))
    }

    /// Stops an embedded lab, waiting up to 5 s for its threads.
    pub async fn close(self) {
        if let LabLocation::Embedded(embedded) = self.location {
            let _ = tokio::time::timeout(STOP_TIMEOUT, embedded.stop()).await;
        }
    }
}
