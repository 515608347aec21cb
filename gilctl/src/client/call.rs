//! One gRPC call: its time limit, its retries, its pages and parts.

use std::time::Duration;

use gild::limits;
use prost::Message;
use tonic::{Code, Response, Status, Streaming};

use crate::client::backoff;
use crate::error::Failure;
use crate::exit::{Exit, is_broken_connection};
use view::listed::Listed;

/// Longest wait for one answer; planning the largest grid takes far less.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
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
    let answered = tokio::time::timeout(limit, call).await.map_err(|_| late(limit))?;
    answered.map(Response::into_inner)
}

/// Largest message that is accepted from a daemon that answers in parts, in bytes.
pub(super) const MESSAGE_BYTES_MAX: usize = limits::MESSAGE_BYTES_MAX;
/// Largest response that is accepted from a daemon that knows no parts, as that of 2c8d602.
pub(super) const WHOLE_BYTES_MAX: usize = limits::WHOLE_BYTES_MAX;

/// The response to a call, within `limit`: in parts, or in one message (`whole`) from a daemon that knows
/// no parts.
pub(super) async fn merged<P, T: Message + Default>(
    limit: Duration,
    parts: impl Future<Output = Result<Response<Streaming<P>>, Status>>,
    part: impl Fn(P) -> Option<T>,
    whole: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Status> {
    let merging = async {
        let mut parts = match parts.await {
            Err(status) if status.code() == Code::Unimplemented => {
                return whole.await.map(Response::into_inner);
            }
            opened => opened?.into_inner(),
        };
        let mut merged: Option<T> = None;
        while let Some(next) = parts.message().await? {
            let next = part(next).unwrap_or_default();
            match &mut merged {
                None => merged = Some(next),
                Some(merged) => merge(merged, &next)?,
            }
        }
        merged.ok_or_else(|| Status::internal("the daemon sent no part"))
    };
    tokio::time::timeout(limit, merging).await.map_err(|_| late(limit))?
}

/// Merges a part of a message into those before it.
fn merge<T: Message>(whole: &mut T, part: &T) -> Result<(), Status> {
    let merged = whole.merge(&part.encode_to_vec()[..]);
    merged.map_err(|error| Status::internal(format!("the daemon sent a damaged part: {error}")))
}

fn late(limit: Duration) -> Status {
    Status::deadline_exceeded(format!("the daemon does not answer within {} s", limit.as_secs()))
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
        (all.own_owners, all.changes_all) = (listed.own_owners, listed.changes_all);
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
