//! Statuses of refused requests: the code, the message and the details that clients act on.

use std::collections::HashMap;
use std::time::Duration;

use strategies::program::limit::{LimitError, WayOut};
use strategies::program::sanitize::{VALUE_LETTERS_MAX, shown};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::lab::error::LabError;
use crate::store::codec::Unreadable;
use crate::store::error::HistoryError;
use crate::store::portable::ExportError;
use engine::exec::replay::ThreadReplayError;
use engine::jobs::scheduler::error::QueueError;

/// The status of stored bytes that cannot be decoded.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(crate) fn damaged(error: Unreadable) -> Status {
    Status::data_loss(error.to_string())
}

/// The domain of the reasons in `google.rpc.ErrorInfo`.
const DOMAIN: &str = "gild.v1";
/// The reason of a broken limit. Its metadata are the refused `value`, and `low` and `high` where a
/// range of values is accepted, all in the unit of the field.
const LIMIT: &str = "LIMIT";

/// The status of a broken limit, with the field that breaks it.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub fn invalid(error: LimitError) -> Status {
    let value = shown(&error.value, VALUE_LETTERS_MAX).into_owned();
    let mut parts = HashMap::from([("value".to_owned(), value)]);
    if let WayOut::Within { low, high, .. } = &error.way_out {
        parts.extend([("low".to_owned(), low.to_string()), ("high".to_owned(), high.to_string())]);
    }
    let mut details = ErrorDetails::with_bad_request_violation(error.field, error.to_string());
    details.set_error_info(LIMIT, DOMAIN, parts);
    Status::with_error_details(Code::InvalidArgument, error.to_string(), details)
}

/// The status of an error of one field that is not a limit of the request by itself.
fn of_field(code: Code, field: &str, message: String) -> Status {
    let details = ErrorDetails::with_bad_request_violation(field, message.as_str());
    Status::with_error_details(code, message, details)
}

/// The status of a request that may succeed after a while.
pub(crate) fn exhausted(message: String, retry: Duration) -> Status {
    let details = ErrorDetails::with_retry_info(Some(retry));
    Status::with_error_details(Code::ResourceExhausted, message, details)
}

/// The status of an error of the lab.
pub fn status(error: LabError) -> Status {
    let message = error.to_string();
    match error {
        LabError::Limit(limit) => invalid(limit),
        LabError::Queue(QueueError::Crowded { retry, .. } | QueueError::Quota { retry, .. }) => {
            exhausted(message, retry)
        }
        LabError::NotOwner { .. } | LabError::Private { .. } => Status::permission_denied(message),
        LabError::NotFound { .. } | LabError::History(HistoryError::NotFound(_)) => {
            Status::not_found(message)
        }
        LabError::History(HistoryError::Damaged { .. } | HistoryError::Unreadable(_)) => {
            Status::data_loss(message)
        }
        LabError::Export(ExportError::Known(_)) => Status::already_exists(message),
        LabError::Export(ExportError::NoSweep(_)) => {
            of_field(Code::InvalidArgument, "chunk", message)
        }
        LabError::History(HistoryError::Full { .. } | HistoryError::NoRoom { .. })
        | LabError::Export(ExportError::NoFile(_) | ExportError::NoRoom(_)) => {
            Status::internal(message)
        }
        LabError::History(HistoryError::ReadOnly { .. } | HistoryError::CannotRead { .. }) => {
            Status::failed_precondition(message)
        }
        // Trying again would not help.
        LabError::History(HistoryError::NotFollowed { .. }) => Status::aborted(message),
        LabError::Queue(QueueError::Stopping)
        | LabError::ThreadReplay(ThreadReplayError::Stopped)
        | LabError::History(_) => Status::unavailable(message),
        LabError::Ended { .. }
        | LabError::Ending { .. }
        | LabError::Unended { .. }
        | LabError::NotResumable { .. }
        | LabError::Export(_)
        | LabError::Busy
        | LabError::Python(_) => Status::failed_precondition(message),
        LabError::Replay(_) => of_field(Code::InvalidArgument, "script", message),
        LabError::ThreadReplay(ThreadReplayError::NoThread(_)) => {
            Status::resource_exhausted(message)
        }
        LabError::ThreadReplay(_) => Status::internal(message),
        LabError::BeyondEnd { .. } => of_field(Code::OutOfRange, "after_sequence", message),
    }
}
