//! Cost of a thousand watchers for a run: the same sweep with and without them, interleaved.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use prost::Message;
use proto::v1::sweep_event::Happening;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{CreateSweepRequest, SweepSpec, WatchSweepRequest, WatchSweepResponse};
use tonic::transport::Channel;

use crate::bare;
use crate::daemon::{Daemon, resident_mib};
use crate::page::Page;
use crate::watchers;

const ROUNDS: usize = 5;

pub(super) fn run(page: &mut Page) {
    page.part(
        "A thousand watchers",
        "A sweep of two cells (fair-mutex and atomic, two workers, 20 attempts of 200 ms each) \
         while 1,000 clients watch it, 100 of them reading a byte a second, over the same sweep \
         without them; interleaved. The clients run at the lowest priority (SCHED_IDLE), like \
         clients on other machines. Increments per second are medians over attempts. Memory is \
         held against a bare tonic server in a process of its own, which sends the same messages \
         within the same time to as many clients, after each run.",
    );
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
    runtime.block_on(rounds(page));
}

/// What one run came to: increments per second of each cell, and what was sent.
pub(crate) struct Run {
    pub(crate) rates: Vec<f64>,
    sent: Vec<WatchSweepResponse>,
    pub(crate) took: Duration,
}

async fn rounds(page: &mut Page) {
    let daemon = Daemon::start();
    let mut client = SweepServiceClient::new(daemon.channel().await);
    let mut rates = [Vec::new(), Vec::new()];
    let (mut resident, mut complete, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let name = create(&mut client, spec()).await;
        let alone = finish(&mut client, &name, 2).await;
        let name = create(&mut client, spec()).await;
        let mut crowd = watchers::spawn(&daemon.socket(), &name);
        let watched = finish(&mut client, &name, 2).await;
        resident.push(daemon.resident_mib());
        let mut seen = String::new();
        crowd.stdout.take().expect("piped").read_to_string(&mut seen).expect("it says");
        crowd.wait().expect("it ends");
        let seen: usize = seen.trim().parse().expect("a number");
        complete.push(seen as f64 / (watchers::FAST * watched.sent.len()) as f64);
        bare.push(bare_resident(&watched));
        for (cell, rates) in rates.iter_mut().enumerate() {
            rates.push(watched.rates[cell] / alone.rates[cell]);
        }
    }
    let [fair, atomic] = rates;
    page.figure("fair-mutex, with / without", fair, 3, "");
    page.figure("atomic, with / without", atomic, 3, "");
    let ratios = resident.iter().zip(&bare).map(|(one, other)| one / other).collect();
    page.figure("resident with the watchers", resident, 1, " MiB");
    page.figure("bare tonic, resident with as many streams of the same", bare, 1, " MiB");
    page.figure("the lab / bare, resident", ratios, 2, "");
    page.figure("events that fast watchers got, of all", complete, 3, "");
}

fn spec() -> SweepSpec {
    SweepSpec {
        strategies: vec!["fair-mutex".into(), "atomic".into()],
        duration_ns: Some(200_000_000),
        attempts: Some(20),
        ..SweepSpec::default()
    }
}

/// Creates a sweep; its name.
pub(crate) async fn create(client: &mut SweepServiceClient<Channel>, spec: SweepSpec) -> String {
    let request = CreateSweepRequest { spec: Some(spec), ..CreateSweepRequest::default() };
    client.create_sweep(request).await.expect("planned").into_inner().sweep.expect("a sweep").name
}

/// Follows a sweep of so many cells to its end.
pub(crate) async fn finish(
    client: &mut SweepServiceClient<Channel>,
    name: &str,
    cells: usize,
) -> Run {
    let begun = Instant::now();
    let request = WatchSweepRequest { name: name.into(), after_sequence: 0 };
    let mut stream = client.watch_sweep(request).await.expect("a stream").into_inner();
    let mut run = Run { rates: vec![0.0; cells], sent: Vec::new(), took: Duration::ZERO };
    while let Some(answer) = stream.message().await.expect("no error") {
        let happening = &answer.event.as_ref().expect("an event").happening;
        if let Some(Happening::CellEnded(ended)) = happening {
            let measured = ended.measurement.as_ref().expect("measured");
            run.rates[ended.cell as usize] = measured.increments_per_second;
        }
        run.sent.push(answer);
    }
    run.took = begun.elapsed();
    run
}

/// Memory of a bare server that sends the same messages in the same time to as many watchers.
fn bare_resident(watched: &Run) -> f64 {
    let directory = tempfile::tempdir().expect("a directory");
    let (socket, file) = (directory.path().join("bare.sock"), directory.path().join("messages"));
    let messages: Vec<u8> =
        watched.sent.iter().flat_map(Message::encode_length_delimited_to_vec).collect();
    std::fs::write(&file, messages).expect("written");
    let own = std::env::current_exe().expect("this program");
    let mut server = Command::new(own)
        .arg(bare::WORD)
        .args([&socket, &file])
        .arg(watched.took.as_millis().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(server.stdout.take().expect("piped")).lines();
    let mut line = || lines.next().expect("it says").expect("a line");
    assert_eq!(line(), "listening");
    let mut crowd = watchers::spawn(&socket, "sweeps/any");
    server.stdin.take().expect("piped").write_all(b"go\n").expect("it reads");
    assert_eq!(line(), "done");
    let resident = resident_mib(server.id());
    crowd.wait().expect("it ends");
    server.kill().and_then(|()| server.wait()).expect("it ends");
    resident
}
