//! A thousand watchers in a process of their own, of which a hundred read a byte a second. They run
//! only where no other thread wants the processor, as clients on other machines would.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use proto::v1::WatchSweepRequest;
use proto::v1::sweep_service_client::SweepServiceClient;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio::time::{Interval, interval};
use tonic::transport::{Endpoint, Uri};
use tower::service_fn;

pub(super) const FAST: usize = 900;
pub(super) const SLOW: usize = 100;
/// The word that makes this program a crowd of watchers.
pub(super) const WORD: &str = "--be-watchers";

/// Starts the process; it ends when every fast watcher has seen the end, and says how many events
/// that were.
pub(super) fn spawn(socket: &Path, name: &str) -> Child {
    let own = std::env::current_exe().expect("this program");
    let mut command = Command::new("chrt");
    command.args(["--idle", "0"]).arg(own).arg(WORD).arg(socket).arg(name);
    command.stdout(Stdio::piped()).spawn().expect("chrt of util-linux")
}

/// The process itself.
pub(super) fn be(socket: &Path, name: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads");
    let seen: usize = runtime.block_on(async {
        for _ in 0..SLOW {
            tokio::spawn(watch(socket.to_owned(), name.to_owned(), Pace::AByteASecond));
        }
        let fast =
            (0..FAST).map(|_| tokio::spawn(watch(socket.to_owned(), name.to_owned(), Pace::Free)));
        let mut seen = 0;
        for watcher in fast.collect::<Vec<_>>() {
            seen += watcher.await.expect("it does not panic");
        }
        seen
    });
    println!("{seen}");
    runtime.shutdown_background();
}

#[derive(Clone, Copy)]
enum Pace {
    Free,
    AByteASecond,
}

/// Events seen until the end.
async fn watch(socket: PathBuf, name: String, pace: Pace) -> usize {
    let connector = service_fn(move |_: Uri| {
        let socket = socket.clone();
        async move {
            let stream = UnixStream::connect(socket).await?;
            let bytes = match pace {
                Pace::Free => None,
                Pace::AByteASecond => Some(interval(Duration::from_secs(1))),
            };
            Ok::<_, io::Error>(TokioIo::new(Throttled { stream, bytes }))
        }
    });
    let endpoint = Endpoint::from_static("http://watchers.invalid");
    let Ok(channel) = endpoint.connect_with_connector(connector).await else { return 0 };
    let request = WatchSweepRequest { name, after_sequence: 0 };
    let mut client = SweepServiceClient::new(channel);
    let mut seen = 0;
    if let Ok(answer) = client.watch_sweep(request).await {
        let mut stream = answer.into_inner();
        while let Ok(Some(_)) = stream.message().await {
            seen += 1;
        }
    }
    seen
}

/// A stream that is read at a pace.
struct Throttled {
    stream: UnixStream,
    bytes: Option<Interval>,
}

impl AsyncRead for Throttled {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(bytes) = &mut self.bytes else {
            return Pin::new(&mut self.stream).poll_read(cx, into);
        };
        ready!(bytes.poll_tick(cx));
        let mut one = [0];
        let mut byte = ReadBuf::new(&mut one);
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut byte);
        into.put_slice(byte.filled());
        read
    }
}

impl AsyncWrite for Throttled {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
