//! A bare tonic server: one method that streams what it was given, and nothing else; at once, or as time
//! passes in a process of its own.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use prost::Message as _;
use proto::v1::{WatchSweepRequest, WatchSweepResponse};
use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio_stream::wrappers::{ReceiverStream, UnixListenerStream};
use tonic::body::Body;
use tonic::codegen::http;
use tonic::server::{Grpc, NamedService, ServerStreamingService};
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

/// Events on their way, as in the lab.
const BUFFER: usize = 16;

/// The word that makes this program a bare server.
pub(super) const WORD: &str = "--be-bare";

/// Messages, and how many of them have happened.
#[derive(Clone)]
pub(super) struct Bare {
    messages: Arc<Vec<WatchSweepResponse>>,
    happened: watch::Receiver<usize>,
}

impl Bare {
    /// Messages that all have happened.
    pub(super) fn at_once(messages: Arc<Vec<WatchSweepResponse>>) -> Self {
        let happened = watch::channel(messages.len()).1;
        Self { messages, happened }
    }
}

/// The process itself: it serves on a socket the messages of a file, each behind its length, one after
/// the other within so many milliseconds from the moment that its first line of input comes.
pub(super) fn be(socket: &Path, file: &Path, ms: u64) {
    let bytes = std::fs::read(file).expect("messages");
    let (mut rest, mut messages) = (&bytes[..], Vec::new());
    while !rest.is_empty() {
        messages.push(WatchSweepResponse::decode_length_delimited(&mut rest).expect("a message"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads");
    runtime.block_on(async {
        let (happens, happened) = watch::channel(0);
        let bare = Bare { messages: Arc::new(messages), happened };
        let pause = Duration::from_millis(ms) / u32::try_from(bare.messages.len()).expect("few");
        let all = bare.messages.len();
        let listener = UnixListener::bind(socket).expect("a socket");
        println!("listening");
        tokio::spawn(
            Server::builder()
                .add_service(bare)
                .serve_with_incoming(UnixListenerStream::new(listener)),
        );
        let asked = || std::io::stdin().read_line(&mut String::new());
        tokio::task::spawn_blocking(asked).await.expect("no panic").expect("a line");
        for count in 1..=all {
            tokio::time::sleep(pause).await;
            happens.send_replace(count);
        }
        println!("done");
        tokio::time::sleep(Duration::MAX).await;
    });
}

impl NamedService for Bare {
    const NAME: &'static str = "gild.v1.SweepService";
}

impl ServerStreamingService<WatchSweepRequest> for Bare {
    type Response = WatchSweepResponse;
    type ResponseStream = ReceiverStream<Result<WatchSweepResponse, Status>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, _request: Request<WatchSweepRequest>) -> Self::Future {
        let (sender, stream) = tokio::sync::mpsc::channel(BUFFER);
        let Self { messages, mut happened } = self.clone();
        tokio::spawn(async move {
            for (at, one) in messages.iter().enumerate() {
                if happened.wait_for(|count| *count > at).await.is_err() {
                    return;
                }
                if sender.send(Ok(one.clone())).await.is_err() {
                    return;
                }
            }
        });
        ready(Ok(Response::new(ReceiverStream::new(stream))))
    }
}

impl Service<http::Request<Body>> for Bare {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let own = self.clone();
        Box::pin(async move {
            Ok(Grpc::new(ProstCodec::default()).server_streaming(own, request).await)
        })
    }
}
