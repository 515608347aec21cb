//! Watched events: the bytes on the wire are the bytes in the database, and bytes that cannot be
//! decoded are an error.

use std::path::Path;

use engine::python::registry::Interpreters;
use gild::server::embedded::Embedded;
use gild::store::Store;
use gild::store::location::DataDir;
use http::uri::PathAndQuery;
use prost::Message;
use proto::encoded::WatchResponse;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{CreateSweepRequest, SweepSpec, WatchSweepRequest, WatchSweepResponse};
use rusqlite::Connection;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

async fn lab(directory: &Path) -> Embedded {
    let history = Store::open(DataDir::Kept(directory.join("gild"))).expect("a history");
    Embedded::start(history, Interpreters::default()).await.expect("a lab")
}

/// Creates a small sweep; its name.
async fn create(channel: Channel) -> String {
    let spec =
        SweepSpec { strategies: vec!["atomic".into()], attempts: Some(4), ..SweepSpec::default() };
    let request = CreateSweepRequest { spec: Some(spec), ..CreateSweepRequest::default() };
    let created = SweepServiceClient::new(channel).create_sweep(request).await.expect("queued");
    created.into_inner().sweep.expect("a sweep").name
}

/// The encoded events that a client receives until the end, and how the stream ended.
async fn watch(channel: Channel, name: &str) -> (Vec<Vec<u8>>, Result<(), Status>) {
    let mut client = Grpc::new(channel);
    client.ready().await.expect("connected");
    let request = WatchSweepRequest { name: name.into(), after_sequence: 0 };
    let path = PathAndQuery::from_static("/gild.v1.SweepService/WatchSweep");
    let codec = ProstCodec::<WatchSweepRequest, WatchResponse>::default();
    let watched = client.server_streaming(Request::new(request), path, codec).await;
    let mut stream = watched.expect("the sweep is there").into_inner();
    let mut events = Vec::new();
    loop {
        match stream.message().await {
            Ok(Some(response)) => events.push(response.event.expect("an event").to_vec()),
            Ok(None) => return (events, Ok(())),
            Err(status) => return (events, Err(status)),
        }
    }
}

fn stored(database: &Connection) -> Vec<Vec<u8>> {
    let mut rows = database.prepare("SELECT body FROM events ORDER BY sequence").expect("a table");
    let bodies = rows.query_map([], |row| row.get(0)).expect("readable");
    bodies.collect::<Result<_, _>>().expect("bytes")
}

/// The message as a server that decodes and encodes each event would send it.
fn encoded_again(event: &[u8]) -> Vec<u8> {
    let event = Some(proto::v1::SweepEvent::decode(event).expect("an event"));
    WatchSweepResponse { event }.encode_to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn watched_bytes_are_the_stored_bytes_and_damage_is_reported() {
    let directory = tempfile::tempdir().expect("a directory");
    let embedded = lab(directory.path()).await;
    let name = create(embedded.channel()).await;
    let (live, ended) = watch(embedded.channel(), &name).await;
    assert!(ended.is_ok() && live.len() > 3, "{ended:?}");
    let database = Connection::open(directory.path().join("gild/lab.db")).expect("a database");
    assert_eq!(live, stored(&database), "from memory");
    assert_eq!(watch(embedded.channel(), &name).await.0, live, "from the database");
    for event in &live {
        let sent =
            WatchResponse { event: Some(event.clone().into()), continued: false }.encode_to_vec();
        assert_eq!(sent, encoded_again(event), "the message on the wire is unchanged");
    }
    database.execute("UPDATE events SET body = x'ffff' WHERE sequence = 3", []).expect("writable");
    let (events, ended) = watch(embedded.channel(), &name).await;
    let status = ended.expect_err("the third event is damaged");
    assert_eq!((events, status.code()), (live[..2].to_vec(), Code::DataLoss));
    assert!(status.message().contains("cannot be read"), "{status}");
    embedded.stop().await;
}
