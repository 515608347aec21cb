//! Errors of the HTTP API as problem documents (RFC 9457), made of the statuses of the services.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};
use tonic::{Code, Status};
use tonic_types::{FieldViolation, StatusExt as _};
use view::request::parse::ValueError;
use view::request::said::Said;
use view::request::wire_field::flag_of;

/// Media type of a problem document.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// A refused or failed request: the HTTP status, the name of the gRPC code, and a sentence with the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    /// The flag of the field that the problem is about.
    flag: Option<String>,
    /// Seconds after which the same request may succeed.
    retry_s: Option<u64>,
}

impl Problem {
    /// A problem that is not about a field.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let code = match status {
            StatusCode::UNAUTHORIZED => "UNAUTHENTICATED",
            StatusCode::FORBIDDEN => "PERMISSION_DENIED",
            StatusCode::NOT_FOUND => "NOT_FOUND",
            StatusCode::SERVICE_UNAVAILABLE => "RESOURCE_EXHAUSTED",
            StatusCode::INTERNAL_SERVER_ERROR => "INTERNAL",
            _ => "INVALID_ARGUMENT",
        };
        Self { status, code, detail: detail.into(), flag: None, retry_s: None }
    }

    /// A refused value of a request.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// A failure of the server.
    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// Whether it comes of a status with that code.
    pub(crate) fn is(&self, code: Code) -> bool {
        self.code == http_status(code).1
    }

    /// The document.
    fn text(&self) -> String {
        let mut fields = Map::new();
        let title = self.status.canonical_reason().unwrap_or("Error");
        fields.insert("type".into(), "about:blank".into());
        fields.insert("title".into(), title.into());
        fields.insert("status".into(), self.status.as_u16().into());
        fields.insert("detail".into(), self.detail.clone().into());
        fields.insert("code".into(), self.code.into());
        if let Some(flag) = &self.flag {
            fields.insert("flag".into(), flag.clone().into());
        }
        Value::Object(fields).to_string()
    }
}

impl From<ValueError> for Problem {
    fn from(error: ValueError) -> Self {
        Self { flag: Some(error.flag().to_owned()), ..Self::invalid(error.to_string()) }
    }
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let field = details.bad_request().and_then(|it| it.field_violations.first());
        let retry = details.retry_info().and_then(|it| it.retry_delay);
        let (http, code) = http_status(status.code());
        let parts = details.error_info().map(|info| &info.metadata);
        // As a person types it: the flag for the field, and values in its unit.
        let typed = |it: &FieldViolation| {
            Said { field: &it.field, sentence: &it.description, parts }.as_typed()
        };
        Self {
            status: http,
            code,
            detail: field.map_or_else(|| status.message().to_owned(), typed),
            flag: field.map(|it| flag_of(&it.field)),
            retry_s: retry.map(|delay| delay.as_secs().max(1)),
        }
    }
}

/// The HTTP status and the name of a code, after the table of `google.rpc.Code`.
fn http_status(code: Code) -> (StatusCode, &'static str) {
    match code {
        Code::Ok => (StatusCode::OK, "OK"),
        Code::Cancelled => (StatusCode::INTERNAL_SERVER_ERROR, "CANCELLED"),
        Code::Unknown => (StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN"),
        Code::InvalidArgument => (StatusCode::BAD_REQUEST, "INVALID_ARGUMENT"),
        Code::DeadlineExceeded => (StatusCode::GATEWAY_TIMEOUT, "DEADLINE_EXCEEDED"),
        Code::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        Code::AlreadyExists => (StatusCode::CONFLICT, "ALREADY_EXISTS"),
        Code::PermissionDenied => (StatusCode::FORBIDDEN, "PERMISSION_DENIED"),
        Code::ResourceExhausted => (StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED"),
        Code::FailedPrecondition => (StatusCode::CONFLICT, "FAILED_PRECONDITION"),
        Code::Aborted => (StatusCode::CONFLICT, "ABORTED"),
        Code::OutOfRange => (StatusCode::BAD_REQUEST, "OUT_OF_RANGE"),
        Code::Unimplemented => (StatusCode::NOT_IMPLEMENTED, "UNIMPLEMENTED"),
        Code::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
        Code::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
        Code::DataLoss => (StatusCode::INTERNAL_SERVER_ERROR, "DATA_LOSS"),
        Code::Unauthenticated => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.text()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        if let Some(seconds) = self.retry_s {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use strategies::program::limit::{LimitError, WayOut};

    use super::*;
    use crate::rpc::status::invalid;

    #[test]
    fn refused_field_is_named_by_its_flag() {
        let way_out = WayOut::from("choose a value from 1 to 64");
        let error = LimitError {
            field: "switch_interval_ps",
            value: "0".into(),
            reason: "is outside the limits".into(),
            way_out,
        };
        let problem = Problem::from(invalid(error));
        assert_eq!(problem.status, StatusCode::BAD_REQUEST);
        let document: Value = serde_json::from_str(&problem.text()).expect("JSON");
        assert_eq!(document["flag"], "--switch-interval");
        let detail = document["detail"].as_str().expect("a sentence");
        assert!(detail.starts_with("--switch-interval: 0 "), "{detail}");
        assert_eq!(document["code"], "INVALID_ARGUMENT");
        assert_eq!(document["status"], 400);
    }
}
