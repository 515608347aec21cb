//! Events streamed to one client per second, held against a bare tonic server that streams the same
//! messages from memory; both over loopback TCP, server and client in one process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use engine::jobs::event::sink::EventSink;
use engine::jobs::event::sweep::SweepEvent;
use engine::jobs::state::State;
use gild::store::Store;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::sweep_service_server::SweepServiceServer;
use proto::v1::{WatchSweepRequest, WatchSweepResponse};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::bare::Bare;
use crate::page::Page;
use crate::sample;

const ROUNDS: usize = 61;
const EVENTS: u32 = 10_000;

pub(super) fn run(page: &mut Page) {
    page.part(
        "Events streamed",
        "10,000 stored events to one client that decodes them: the lab \
                                  (from its database) over a bare tonic server that streams the \
                                  same messages from memory; loopback TCP, server and client in \
                                  one process, interleaved.",
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads");
    let (ours, theirs) = runtime.block_on(rounds());
    let ratios = ours.iter().zip(&theirs).map(|(one, other)| one / other).collect();
    page.figure("the lab", ours, 0, " events/s");
    page.figure("bare tonic", theirs, 0, " events/s");
    page.figure("the lab / bare", ratios, 2, "");
}

async fn rounds() -> (Vec<f64>, Vec<f64>) {
    let (lab, name) = lab().await;
    let mut lab = client(lab).await;
    let messages = Arc::new(watch(&mut lab, &name).await.0);
    let mut bare =
        client(serve(Server::builder().add_service(Bare::at_once(messages))).await).await;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        if round % 2 == 0 {
            ours.push(watch(&mut lab, &name).await.1);
            theirs.push(watch(&mut bare, &name).await.1);
        } else {
            theirs.push(watch(&mut bare, &name).await.1);
            ours.push(watch(&mut lab, &name).await.1);
        }
    }
    (ours, theirs)
}

/// A lab whose history has one long sweep.
async fn lab() -> (SocketAddr, String) {
    let history = Store::temporary().expect("a directory");
    let record = history.create(sample::work("a", EVENTS)).expect("stored");
    for one in sample::happenings(EVENTS) {
        history.append(&record.id, one.into()).expect("stored");
    }
    let (verdict, error) = (String::new(), String::new());
    let last = SweepEvent::Ended { state: State::Succeeded, verdict, notes: Vec::new(), error };
    history.append(&record.id, last.into()).expect("stored");
    let lab = gild::lab::Lab::start(history, engine::python::registry::Interpreters::default())
        .expect("a lab");
    let service = SweepServiceServer::new(gild::rpc::services::Services::new(lab));
    (serve(Server::builder().add_service(service)).await, format!("sweeps/{}", record.id))
}

async fn serve(router: tonic::transport::server::Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(router.serve_with_incoming(incoming));
    address
}

async fn client(address: SocketAddr) -> SweepServiceClient<tonic::transport::Channel> {
    SweepServiceClient::connect(format!("http://{address}")).await.expect("it listens")
}

/// All messages, and how many came per second.
async fn watch(
    client: &mut SweepServiceClient<tonic::transport::Channel>,
    name: &str,
) -> (Vec<WatchSweepResponse>, f64) {
    let begun = Instant::now();
    let request = WatchSweepRequest { name: name.into(), after_sequence: 0 };
    let mut stream = client.watch_sweep(request).await.expect("a stream").into_inner();
    let mut all = Vec::new();
    while let Some(one) = stream.message().await.expect("no error") {
        all.push(one);
    }
    let rate = all.len() as f64 / begun.elapsed().as_secs_f64();
    (all, rate)
}
