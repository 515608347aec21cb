//! The state that all gRPC services share, and what their methods have in common.

use std::any::Any;
use std::sync::Arc;

use prost::{Message, length_delimiter_len};
use proto::v1;
use tokio::sync::Semaphore;
use tonic::{Request, Status};

use crate::lab::Lab;
use crate::lab::access::{Access, Caller};
use crate::lab::error::LabError;
use crate::limits;
use crate::rpc::records;
use crate::rpc::status::{damaged, invalid, status};
use crate::sessions::Sessions;
use crate::store::record::{Kind, Record, Since};
use crate::wire::request;
use engine::jobs::owner::Owner;
use engine::jobs::state::State;

/// Semaphores for requests that take long or need much memory.
#[derive(Debug, Clone)]
pub(crate) struct Permits {
    pub(crate) imports: Arc<Semaphore>,
    pub(crate) exports: Arc<Semaphore>,
    pub(crate) calculations: Arc<Semaphore>,
}

impl Default for Permits {
    fn default() -> Self {
        let permits = |most| Arc::new(Semaphore::new(most));
        Self {
            imports: permits(limits::TRANSFERS_MAX),
            exports: permits(limits::TRANSFERS_MAX),
            calculations: permits(limits::CALCULATIONS_MAX),
        }
    }
}

/// All services over one lab.
#[derive(Debug, Clone)]
pub struct Services {
    pub(crate) lab: Lab,
    pub(crate) permits: Permits,
    pub(crate) sessions: Arc<Sessions>,
}

impl Services {
    /// The services of `lab`.
    pub fn new(lab: Lab) -> Self {
        Self { lab, permits: Permits::default(), sessions: Arc::default() }
    }

    /// The same, of a daemon whose page has these sessions.
    #[must_use]
    pub fn with_sessions(self, sessions: Arc<Sessions>) -> Self {
        Self { sessions, ..self }
    }

    /// A sweep in its current state.
    pub(crate) fn sweep(&self, record: &Record) -> Result<v1::Sweep, Status> {
        records::sweep(record, self.lab.position(&record.id)).map_err(damaged)
    }

    /// A page of the jobs that a caller may read, as `shown`, newest first, and the token of the next
    /// page. Fewer than `size` where more would not fit a message.
    pub(crate) async fn page<T: Message>(
        &self,
        kind: Kind,
        size: u32,
        token: String,
        state: Option<State>,
        caller: &Caller,
        shown: impl Fn(&Record) -> Result<T, Status>,
    ) -> Result<(Vec<T>, String), Status> {
        let size = request::page_size(size).map_err(invalid)?;
        let lab = self.lab.clone();
        let owner = caller.limit(Access::Read).cloned();
        let list = move || {
            let since = if token.is_empty() { Since::Newest } else { Since::Before(&token) };
            lab.list(kind, since, state, owner.as_ref(), size + 1)
        };
        let found = blocking(list).await?;
        let (mut page, mut bytes) = (Vec::new(), 0);
        for record in &found {
            let one = shown(record)?;
            // With its key and its length.
            bytes += one.encoded_len() + length_delimiter_len(one.encoded_len()) + 1;
            // An empty page would look like the last one.
            if page.len() == size || (bytes > limits::PART_BYTES_MAX && !page.is_empty()) {
                break;
            }
            page.push(one);
        }
        let ending = page.len().checked_sub(1).filter(|_| page.len() < found.len());
        Ok((page, ending.map(|end| found[end].id.clone()).unwrap_or_default()))
    }
}

/// The caller that the auth layer attached to a request; without one it is the lab's own process.
pub(crate) fn caller_of<T>(request: &Request<T>) -> Caller {
    request.extensions().get::<Caller>().cloned().unwrap_or_default()
}

/// The owners whose jobs are the caller's own, as the wire names them; empty where all are.
pub(crate) fn own_owners(caller: &Caller) -> Vec<String> {
    caller.own().unwrap_or_default().iter().map(Owner::to_string).collect()
}

/// The owner of what a request creates.
pub(crate) fn owner_of<T>(request: &Request<T>) -> Owner {
    caller_of(request).owner
}

/// Answer of a blocking call, whatever its type: all calls share one type of task.
type BlockingAnswer = Result<Box<dyn Any + Send>, LabError>;

/// Calls a function that may block, on a thread that may.
pub(crate) async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, LabError> + Send + 'static,
) -> Result<T, Status> {
    let act: Box<dyn FnOnce() -> BlockingAnswer + Send> =
        Box::new(|| act().map(|done| Box::new(done) as Box<dyn Any + Send>));
    let done = tokio::task::spawn_blocking(act).await;
    let done = done.map_err(|panic| Status::internal(panic.to_string()))?.map_err(status)?;
    Ok(*done.downcast().expect("`act` returns a T"))
}
