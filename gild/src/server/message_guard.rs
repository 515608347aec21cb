//! Guard of the size of messages: follows the gRPC messages that are sent and reports one that is larger
//! than its limit. Decodes none.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, Uri};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::limits::{MESSAGE_BYTES_MAX, WHOLE_BYTES_MAX};

/// Methods whose responses may be larger than [`MESSAGE_BYTES_MAX`], up to [`WHOLE_BYTES_MAX`]: clients
/// that know nothing of parts would take a part for the whole. Each has a twin, or a field of its request,
/// that asks for parts.
pub const WHOLE_RESPONSES: [&str; 7] = [
    "/gild.v1.SweepService/GetSweep",
    "/gild.v1.SweepService/CompareSweeps",
    "/gild.v1.SweepService/PruneHistory",
    "/gild.v1.ExplorationService/GetExploration",
    "/gild.v1.ExplorationService/WatchExploration",
    "/gild.v1.ExplorationService/ReplaySchedule",
    "/gild.v1.ExplorationService/ExplainSweep",
];

/// Bytes before each message: whether it is compressed, and its length.
const PREFIX_BYTES: usize = 5;

/// Most bytes of a message of the method at that path.
fn limit_of(path: &str) -> usize {
    if WHOLE_RESPONSES.contains(&path) { WHOLE_BYTES_MAX } else { MESSAGE_BYTES_MAX }
}

/// Layer that guards every response. A message beyond the limit is an error in the log; with debug
/// assertions the call fails, so that a test notices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MessageGuard;

impl<S> Layer<S> for MessageGuard {
    type Service = GuardedService<S>;

    fn layer(&self, inner: S) -> GuardedService<S> {
        GuardedService(inner)
    }
}

/// Services behind the guard.
#[derive(Debug, Clone)]
pub(crate) struct GuardedService<S>(S);

impl<S> Service<Request<Body>> for GuardedService<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let uri = request.uri().clone();
        let called = self.0.call(request);
        Box::pin(async move { called.await.map(|response| guarded(response, uri)) })
    }
}

fn guarded(response: Response<Body>, uri: Uri) -> Response<Body> {
    let content = response.headers().get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    if !content.is_some_and(|content| content.starts_with(b"application/grpc")) {
        return response;
    }
    let limit = limit_of(uri.path());
    response.map(|inner| {
        Body::new(GuardedBody { inner, uri, limit, scanner: MessageScanner::default() })
    })
}

/// A body whose messages are followed.
#[derive(Debug)]
struct GuardedBody {
    inner: Body,
    uri: Uri,
    limit: usize,
    scanner: MessageScanner,
}

impl HttpBody for GuardedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
        let longest = data.map_or(0, |data| self.scanner.scan(data));
        let (limit, path) = (self.limit, self.uri.path());
        if longest <= limit {
            return Poll::Ready(frame);
        }
        let message =
            format!("{path}: a message of {longest} bytes is beyond the limit of {limit}");
        tracing::error!("{message}; report this, the answer should come in parts");
        if cfg!(debug_assertions) {
            return Poll::Ready(Some(Err(Status::internal(message))));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Follows the messages of a body, in pieces of any size.
#[derive(Debug, Default)]
struct MessageScanner {
    prefix: [u8; PREFIX_BYTES],
    /// Bytes of the prefix that have passed.
    prefix_length: usize,
    /// Bytes of the message that are still to come.
    message_left: usize,
}

impl MessageScanner {
    /// Takes in the next bytes; the length of the longest message that begins in them.
    fn scan(&mut self, mut bytes: &[u8]) -> usize {
        let mut longest = 0;
        while !bytes.is_empty() {
            if self.message_left > 0 {
                let passed = self.message_left.min(bytes.len());
                self.message_left -= passed;
                bytes = &bytes[passed..];
                continue;
            }
            let wanted = (PREFIX_BYTES - self.prefix_length).min(bytes.len());
            let end = self.prefix_length + wanted;
            self.prefix[self.prefix_length..end].copy_from_slice(&bytes[..wanted]);
            (self.prefix_length, bytes) = (end % PREFIX_BYTES, &bytes[wanted..]);
            if end == PREFIX_BYTES {
                let [_, length @ ..] = self.prefix;
                self.message_left = u32::from_be_bytes(length) as usize;
                longest = longest.max(self.message_left);
            }
        }
        longest
    }
}

#[cfg(test)]
mod tests {
    use tower::ServiceExt as _;

    use super::*;

    /// The messages of these lengths as a body has them.
    fn framed(lengths: &[usize]) -> Vec<u8> {
        let prefix = |length: usize| u32::try_from(length).expect("small").to_be_bytes();
        let one = |&length: &usize| [&[0], &prefix(length)[..], &vec![7; length]].concat();
        lengths.iter().flat_map(one).collect()
    }

    #[test]
    fn longest_message_is_found_in_pieces_of_any_size() {
        let body = framed(&[3, 0, 300, 12]);
        for size in [1, 2, 5, 7, 64, body.len()] {
            let mut scanner = MessageScanner::default();
            let longest = body.chunks(size).map(|piece| scanner.scan(piece)).max();
            assert_eq!((longest, scanner.message_left), (Some(300), 0), "{size}");
        }
    }

    /// The code of a call to `path` that is answered with one message.
    async fn called(path: &str, length: usize) -> Option<tonic::Code> {
        let service = tower::service_fn(move |_: Request<Body>| async move {
            let body = http_body_of(framed(&[length]));
            let grpc = Response::builder().header(CONTENT_TYPE, "application/grpc");
            Ok::<_, Infallible>(grpc.body(body).expect("a response"))
        });
        let request = Request::builder().uri(path).body(Body::empty()).expect("a request");
        let response = MessageGuard.layer(service).oneshot(request).await.expect("infallible");
        let mut body = response.into_body();
        let next = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        next.and_then(Result::err).map(|status| status.code())
    }

    fn http_body_of(bytes: Vec<u8>) -> Body {
        Body::new(hyper_body::Full(Some(Bytes::from(bytes))))
    }

    /// A body of one piece.
    mod hyper_body {
        use super::*;

        #[derive(Debug)]
        pub(super) struct Full(pub(super) Option<Bytes>);

        impl HttpBody for Full {
            type Data = Bytes;
            type Error = Status;

            fn poll_frame(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
                Poll::Ready(self.0.take().map(Frame::data).map(Ok))
            }
        }
    }

    #[tokio::test]
    async fn message_beyond_the_limit_fails_the_call_in_tests() {
        let (own, foreign) = ("/gild.v1.SweepService/ListSweeps", "/gild.v2.NewService/Unheard");
        for path in [own, foreign] {
            assert_eq!(called(path, MESSAGE_BYTES_MAX).await, None, "{path}");
            let beyond = called(path, MESSAGE_BYTES_MAX + 1).await;
            assert_eq!(beyond, Some(tonic::Code::Internal), "{path}");
        }
    }

    #[tokio::test]
    async fn whole_response_may_be_larger() {
        for path in WHOLE_RESPONSES {
            assert_eq!(called(path, MESSAGE_BYTES_MAX + 1).await, None, "{path}");
        }
    }
}
