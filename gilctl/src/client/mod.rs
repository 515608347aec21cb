//! The lab at the other end: a daemon that was named, the local one, or the same services inside
//! gilctl. Speaks gRPC and nothing else; what answers mean is decided elsewhere.

pub mod address;
pub mod backoff;
pub mod credentials;
mod embedded;
pub mod explorations;
pub mod history;
mod local_socket;
pub mod tls;
pub mod tls_errors;

use std::path::PathBuf;
use std::time::Duration;

use gild::server::embedded::Embedded;
use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CalibratePythonRequest, CalibratePythonResponse, CancelSweepRequest, CreateSweepRequest,
    GetBodyRequest, GetBodyResponse, GetSweepRequest, GetSweepResponse, ListStrategiesRequest,
    ListStrategiesResponse, ListSweepsRequest, Sweep, SweepSpec, WatchSweepRequest,
    WatchSweepResponse,
};
use tonic::{Response, Status, Streaming};

use crate::cli::Global;
use crate::client::address::Address;
use crate::client::credentials::{Bearer, Channel, ConnectPlan};
use crate::client::tls::TlsErrorSlot;
use crate::error::Failure;
use crate::exit::{Exit, is_broken_connection};
use crate::ids;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for one answer; planning the greatest grid takes far less.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for an answer that takes a measurement or a search: seconds once it has the lane,
/// and a sweep may go first.
const WORK_TIMEOUT: Duration = Duration::from_mins(5);
/// Longest wait for the embedded lab's threads: an attempt ends at its next look at the flag.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// Pings keep a quiet stream alive through middle boxes and notice a peer that is gone.
const KEEPALIVE: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// Tries to create a sweep; its request id makes a second one harmless.
const CREATE_TRIES: u32 = 3;
/// Most that is asked for at once when listing.
const PAGE_SIZE: u32 = 1000;
/// Greatest page that is taken: a sweep of a thousand cells takes some kilobytes of it.
const PAGE_BYTES_MAX: usize = 64 << 20;
/// Most pages that are asked for: beyond that the daemon keeps handing out tokens for ever.
const PAGES_MAX: u32 = 100;

/// A lab that answers.
#[derive(Debug)]
pub struct Lab {
    channel: Channel,
    place: LabLocation,
    witness: TlsErrorSlot,
}

/// Where a lab is.
#[derive(Debug)]
enum LabLocation {
    Daemon(Box<Address>),
    Here(Embedded),
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
                .map_err(|cause| unreachable(&address, &cause));
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
        let place = LabLocation::Daemon(Box::new(address.clone()));
        let witness = tls.map(|tls| tls.witness()).unwrap_or_default();
        Ok(Self { channel: Channel::new(channel, bearer), place, witness })
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
        Ok(Self { channel, place: LabLocation::Here(embedded), witness: TlsErrorSlot::default() })
    }

    /// Why it cannot be reached, where TLS is the reason; else the failure as it is.
    pub fn why(&self, failure: Failure) -> Failure {
        let is_lost = failure.exit() == Exit::Unreachable;
        self.witness.failure().filter(|_| is_lost).unwrap_or(failure)
    }

    /// Where it is, in words.
    pub fn place(&self) -> &str {
        match &self.place {
            LabLocation::Daemon(address) => address.shown(),
            LabLocation::Here(_) => "inside gilctl",
        }
    }

    /// Whether what it does outlives gilctl.
    pub fn outlives_gilctl(&self) -> bool {
        matches!(self.place, LabLocation::Daemon(_))
    }

    /// Leaves nothing running behind.
    pub async fn close(self) {
        if let LabLocation::Here(embedded) = self.place {
            let _ = tokio::time::timeout(STOP_TIMEOUT, embedded.stop()).await;
        }
    }

    fn sweeps(&self) -> SweepServiceClient<Channel> {
        SweepServiceClient::new(self.channel.clone()).max_decoding_message_size(PAGE_BYTES_MAX)
    }

    /// What it can run.
    pub async fn strategies(&self) -> Result<ListStrategiesResponse, Failure> {
        let mut lab = LabServiceClient::new(self.channel.clone());
        Ok(answer(lab.list_strategies(ListStrategiesRequest {})).await?)
    }

    /// A body's instructions as these eras see them.
    pub async fn body(&self, body: String, eras: Vec<String>) -> Result<GetBodyResponse, Failure> {
        let mut lab = LabServiceClient::new(self.channel.clone());
        Ok(answer(lab.get_body(GetBodyRequest { body, eras })).await?)
    }

    /// What an interpreter's steps cost; an empty path means the only one there is.
    pub async fn calibrate(&self, python: String) -> Result<CalibratePythonResponse, Failure> {
        let mut lab = LabServiceClient::new(self.channel.clone());
        let call = lab.calibrate_python(CalibratePythonRequest { python });
        Ok(answer_within(WORK_TIMEOUT, call).await?)
    }

    /// Plans a sweep, and queues it unless it is only to be planned.
    pub async fn create(&self, spec: SweepSpec, intent: Intent) -> Result<Sweep, Failure> {
        let request = CreateSweepRequest {
            spec: Some(spec),
            request_id: request_id(),
            validate_only: intent == Intent::PlanOnly,
        };
        let create = async || answer(self.sweeps().create_sweep(request.clone())).await;
        Box::pin(again_if_cut(create)).await?.sweep.ok_or_else(|| no_sweep("CreateSweep"))
    }

    /// A sweep as it stands.
    pub async fn get(&self, name: &str) -> Result<GetSweepResponse, Failure> {
        let request = GetSweepRequest { name: name.to_owned() };
        Ok(answer(self.sweeps().get_sweep(request)).await?)
    }

    /// Every sweep that is kept, newest first.
    pub async fn list(&self) -> Result<Vec<Sweep>, Failure> {
        let page = async |page_token| {
            let filter = String::new();
            let request = ListSweepsRequest { page_size: PAGE_SIZE, page_token, filter };
            let page = answer(self.sweeps().list_sweeps(request)).await?;
            Ok((page.sweeps, page.next_page_token))
        };
        all_pages(page).await
    }

    /// The resource name of the one sweep that was meant.
    pub async fn resolve_sweep(&self, typed: &str) -> Result<String, Failure> {
        if let Some(name) = ids::whole_sweep(typed) {
            return Ok(name);
        }
        let names: Vec<String> = self.list().await?.into_iter().map(|sweep| sweep.name).collect();
        ids::resolve(typed, &names).map(str::to_owned)
    }

    /// The resource name of the one sweep or exploration that was meant.
    pub async fn resolve(&self, typed: &str) -> Result<String, Failure> {
        let sweeps = self.list().await?.into_iter().map(|it| (it.create_time_ns, it.name));
        let explorations = self.explorations().await?.into_iter();
        let explorations = explorations.map(|it| (it.create_time_ns, it.name));
        let mut all: Vec<(u64, String)> = sweeps.chain(explorations).collect();
        all.sort_by_key(|(created, _)| std::cmp::Reverse(*created));
        let names: Vec<String> = all.into_iter().map(|(_, name)| name).collect();
        ids::resolve(typed, &names).map(str::to_owned)
    }

    /// Asks a sweep to stop.
    pub async fn cancel(&self, name: &str) -> Result<Option<Sweep>, Status> {
        let request = CancelSweepRequest { name: name.to_owned() };
        Ok(answer(self.sweeps().cancel_sweep(request)).await?.sweep)
    }

    /// The events of a sweep after a sequence number.
    pub async fn watch(
        &self,
        name: &str,
        after_sequence: u64,
    ) -> Result<Streaming<WatchSweepResponse>, Status> {
        let request = WatchSweepRequest { name: name.to_owned(), after_sequence };
        answer(self.sweeps().watch_sweep(request)).await
    }
}

/// What to say of an answer that lacks its sweep.
pub fn no_sweep(rpc: &str) -> Failure {
    let message = format!("the daemon answered {rpc} without a sweep");
    Failure::new(Exit::Unexpected, message, "are gild and gilctl of one version?")
}

/// Asks page after page until there is none.
async fn all_pages<T>(
    page: impl AsyncFn(String) -> Result<(Vec<T>, String), Status>,
) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    for _ in 0..PAGES_MAX {
        let (listed, next) = page(page_token).await?;
        all.extend(listed);
        page_token = next;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
    let message = format!("the daemon lists more than {PAGES_MAX} pages");
    Err(Failure::new(Exit::Unexpected, message, "type the full id, and report this"))
}

/// Asks again where the question or its answer may have been lost on the way.
async fn again_if_cut<T>(ask: impl AsyncFn() -> Result<T, Status>) -> Result<T, Status> {
    let mut backoff = backoff::Backoff::default();
    for _ in 1..CREATE_TRIES {
        match ask().await {
            Err(status) if was_cut(&status) => {}
            answered => return answered,
        }
        tokio::time::sleep(backoff.next_wait().unwrap_or_default()).await;
    }
    ask().await
}

/// An id that makes a second try harmless.
fn request_id() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

async fn answer<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Status> {
    answer_within(ANSWER_TIMEOUT, call).await
}

async fn answer_within<T>(
    limit: Duration,
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Status> {
    let late = |_| Status::deadline_exceeded(format!("no answer within {} s", limit.as_secs()));
    let answered = tokio::time::timeout(limit, call).await.map_err(late)?;
    answered.map(Response::into_inner)
}

/// Whether a call may have been lost on the way; a daemon that says itself that it is not available
/// is not asked again.
fn was_cut(status: &Status) -> bool {
    is_broken_connection(status) && std::error::Error::source(status).is_some()
}

fn unreachable(address: &Address, cause: &tonic::transport::Error) -> Failure {
    if let Some(failure) = tls_errors::failure(cause) {
        return failure;
    }
    let message = format!("no daemon answers at {} ({})", address.shown(), deepest(cause));
    Failure::new(Exit::Unreachable, message, "start `gild serve`, or leave --server out")
}

/// The cause of all causes.
fn deepest(error: &dyn std::error::Error) -> &dyn std::error::Error {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest
}
