//! One gRPC call: its time limit, its retries, its pages.

use std::time::Duration;

use tonic::{Response, Status};

use crate::client::backoff;
use crate::error::Failure;
use crate::exit::{Exit, is_broken_connection};
use crate::listed::Listed;

/// Longest wait for one answer; planning the largest grid takes far less.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for an answer that takes a measurement or a search: seconds once it has the lane,
/// and a sweep may come first.
pub(super) const WORK_TIMEOUT: Duration = Duration::from_mins(5);
/// Attempts of a call that creates something; its request id makes a repetition harmless.
const CREATE_TRIES: u32 = 3;
/// Items requested per page of a list.
pub(super) const PAGE_SIZE: u32 = 1000;
/// Most pages that are requested, in case a daemon never stops handing out page tokens.
const PAGES_MAX: u32 = 100;

/// The answer to a call within 30 s.
pub(super) async fn answer<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Status> {
    answer_within(ANSWER_TIMEOUT, call).await
}

/// The answer to a call within `limit`.
pub(super) async fn answer_within<T>(
    limit: Duration,
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Status> {
    let late = |_| Status::deadline_exceeded(format!("no answer within {} s", limit.as_secs()));
    let answered = tokio::time::timeout(limit, call).await.map_err(late)?;
    answered.map(Response::into_inner)
}

/// Requests page after page until the daemon hands out no further page token.
pub(super) async fn all_pages<T>(
    page: impl AsyncFn(String) -> Result<(Listed<T>, String), Status>,
) -> Result<Listed<T>, Failure> {
    let mut all = Listed::default();
    let mut page_token = String::new();
    for _ in 0..PAGES_MAX {
        let (listed, next) = page(page_token).await?;
        all.jobs.extend(listed.jobs);
        all.own_owners = listed.own_owners;
        page_token = next;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
    let message = format!("the daemon lists more than {PAGES_MAX} pages");
    Err(Failure::new(Exit::Unexpected, message, "type the full id, and report this"))
}

/// Repeats a call whose request or answer may have been lost with the connection.
pub(super) async fn retry_if_cut<T>(
    call: impl AsyncFn() -> Result<T, Status>,
) -> Result<T, Status> {
    let mut backoff = backoff::Backoff::default();
    for _ in 1..CREATE_TRIES {
        match call().await {
            Err(status) if was_cut(&status) => {}
            answered => return answered,
        }
        tokio::time::sleep(backoff.next_wait().unwrap_or_default()).await;
    }
    call().await
}

/// An id that makes a repeated request harmless.
pub(super) fn request_id() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// Whether a call may have been lost with the connection. A daemon that answers itself that it is
/// unavailable is not asked again.
fn was_cut(status: &Status) -> bool {
    is_broken_connection(status) && std::error::Error::source(status).is_some()
}
