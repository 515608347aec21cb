//! Statuses of refused requests: the code, the message and the details that clients act on.

use std::time::Duration;

use strategies::program::limit::LimitError;
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

/// The status of a broken limit, with the field that breaks it.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(crate) fn invalid(error: LimitError) -> Status {
    let details = ErrorDetails::with_bad_request_violation(error.field, error.to_string());
    Status::with_error_details(Code::InvalidArgument, error.to_string(), details)
}

/// The status of a request that may succeed after a while.
pub(crate) fn exhausted(message: String, retry: Duration) -> Status {
    let details = ErrorDetails::with_retry_info(Some(retry));
    Status::with_error_details(Code::ResourceExhausted, message, details)
}

/// The status of an error of the lab.
pub(crate) fn status(error: LabError) -> Status {
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
            let details = ErrorDetails::with_bad_request_violation("chunk", message.as_str());
            Status::with_error_details(Code::InvalidArgument, message, details)
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
        LabError::Replay(_) => {
            let details = ErrorDetails::with_bad_request_violation("script", message.as_str());
            Status::with_error_details(Code::InvalidArgument, message, details)
        }
        LabError::ThreadReplay(ThreadReplayError::NoThread(_)) => {
            Status::resource_exhausted(message)
        }
        LabError::ThreadReplay(_) => Status::internal(message),
        LabError::BeyondEnd { .. } => Status::out_of_range(message),
    }
}
