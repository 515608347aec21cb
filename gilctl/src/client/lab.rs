//! The lab that gilctl talks to: a daemon that was named, the local one, or the same services inside
//! gilctl.

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
/// Longest wait for the embedded lab's threads: an attempt ends at its next look at the flag.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// Pings keep a quiet stream alive through middle boxes and notice a peer that is gone.
const KEEPALIVE: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// A lab that answers.
#[derive(Debug)]
pub struct Lab {
    pub(super) channel: Channel,
    location: LabLocation,
    tls_error: TlsErrorSlot,
}

/// Where a lab is.
#[derive(Debug)]
enum LabLocation {
    Daemon(Box<Address>),
    Embedded(Embedded),
}

/// What happens where no daemon answers and none was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback<'a> {
    /// The lab runs inside gilctl, with the user's history.
    Embed {
        /// Interpreters that it may run.
        pythons: &'a [PathBuf],
    },
    /// The lab runs inside gilctl and keeps nothing.
    Scratch {
        /// Interpreters that it may run.
        pythons: &'a [PathBuf],
    },
    /// What is started was to outlive gilctl.
    RefuseToDetach,
    /// Nothing can run that could be followed or stopped.
    NothingRuns,
}

/// Whether something is run or only planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Run it.
    Run,
    /// Plan and check it.
    PlanOnly,
}

impl Lab {
    /// Connects as the flags say; `notice` hears where the lab is if it is not where one expects.
    pub async fn connect(
        flags: &Global,
        without: Fallback<'_>,
        notice: impl Fn(&str),
    ) -> Result<Self, Failure> {
        if flags.embedded {
            return Self::embed(flags, without, notice).await;
        }
        if let Some(typed) = &flags.server {
            let address = Address::parse(typed)?;
            let approach = ConnectPlan::prepare(&address, &flags.credentials)?;
            return Self::dial(&address, approach)
                .await
                .map_err(|cause| failures::unreachable(&address, &cause));
        }
        let path = local_socket::socket()?;
        let address = Address::socket(&path)?;
        if let Ok(lab) = Self::dial(&address, ConnectPlan::plain(&address)).await {
            return Ok(lab);
        }
        let lab = Self::embed(flags, without, &notice).await?;
        if !matches!(without, Fallback::Scratch { .. }) {
            notice(&format!("no daemon at {}; running the lab inside gilctl", path.display()));
        }
        Ok(lab)
    }

    async fn dial(
        address: &Address,
        approach: ConnectPlan,
    ) -> Result<Self, tonic::transport::Error> {
        let ConnectPlan { endpoint, tls, bearer } = approach;
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
        without: Fallback<'_>,
        notice: impl Fn(&str),
    ) -> Result<Self, Failure> {
        const WAY_OUT: &str = "start `gild serve`";
        let (pythons, keeps) = match without {
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

    /// Why it cannot be reached, where TLS is the reason; else the failure as it is.
    pub fn why(&self, failure: Failure) -> Failure {
        let is_lost = failure.exit() == Exit::Unreachable;
        self.tls_error.get().filter(|_| is_lost).map_or(failure, Failure::from)
    }

    /// Where it is, in words.
    pub fn place(&self) -> &str {
        match &self.location {
            LabLocation::Daemon(address) => address.shown(),
            LabLocation::Embedded(_) => "inside gilctl",
        }
    }

    /// Whether what it does outlives gilctl.
    pub fn outlives_gilctl(&self) -> bool {
        matches!(self.location, LabLocation::Daemon(_))
    }

    /// Leaves nothing running behind.
    pub async fn close(self) {
        if let LabLocation::Embedded(embedded) = self.location {
            let _ = tokio::time::timeout(STOP_TIMEOUT, embedded.stop()).await;
        }
    }
}
