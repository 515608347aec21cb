//! Cost of a thousand watchers for a run: the same sweep with and without them, interleaved.

use std::io::Read;

use proto::v1::sweep_event::Happening;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{CreateSweepRequest, SweepSpec, WatchSweepRequest};
use tonic::transport::Channel;

use crate::daemon::Daemon;
use crate::page::Page;
use crate::watchers;

const ROUNDS: usize = 7;

pub(super) fn run(page: &mut Page) {
    page.part(
        "A thousand watchers",
        "A sweep of two cells (fair-mutex and atomic, two workers, 20 attempts of 200 ms each) \
         while 1,000 clients watch it, 100 of them reading a byte a second, over the same sweep \
         without them; interleaved. The clients run at the lowest priority (SCHED_IDLE), like \
         clients on other machines. Increments per second are medians over attempts.",
    );
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
    runtime.block_on(rounds(page));
}

/// What one run came to: increments per second of each cell, and events.
struct Run {
    rates: Vec<f64>,
    events: usize,
}

async fn rounds(page: &mut Page) {
    let daemon = Daemon::start();
    let mut client = SweepServiceClient::new(daemon.channel().await);
    let mut ratios = [Vec::new(), Vec::new()];
    let (mut resident, mut complete) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let name = create(&mut client).await;
        let alone = finish(&mut client, &name).await;
        let name = create(&mut client).await;
        let mut crowd = watchers::spawn(&daemon.socket(), &name);
        let watched = finish(&mut client, &name).await;
        resident.push(daemon.resident_mib());
        let mut seen = String::new();
        crowd.stdout.take().expect("piped").read_to_string(&mut seen).expect("it says");
        crowd.wait().expect("it ends");
        let seen: usize = seen.trim().parse().expect("a number");
        complete.push(seen as f64 / (watchers::FAST * watched.events) as f64);
        for (cell, ratios) in ratios.iter_mut().enumerate() {
            ratios.push(watched.rates[cell] / alone.rates[cell]);
        }
    }
    let [fair, atomic] = ratios;
    page.figure("fair-mutex, with / without", fair, 3, "");
    page.figure("atomic, with / without", atomic, 3, "");
    page.figure("resident with the watchers", resident, 1, " MiB");
    page.figure("events that fast watchers got, of all", complete, 3, "");
}

async fn create(client: &mut SweepServiceClient<Channel>) -> String {
    let spec = SweepSpec {
        strategies: vec!["fair-mutex".into(), "atomic".into()],
        duration_ns: Some(200_000_000),
        attempts: Some(20),
        ..SweepSpec::default()
    };
    let request = CreateSweepRequest { spec: Some(spec), ..CreateSweepRequest::default() };
    client.create_sweep(request).await.expect("planned").into_inner().sweep.expect("a sweep").name
}

async fn finish(client: &mut SweepServiceClient<Channel>, name: &str) -> Run {
    let request = WatchSweepRequest { name: name.into(), after_sequence: 0 };
    let mut stream = client.watch_sweep(request).await.expect("a stream").into_inner();
    let mut run = Run { rates: vec![0.0; 2], events: 0 };
    while let Some(answer) = stream.message().await.expect("no error") {
        run.events += 1;
        if let Some(Happening::CellEnded(ended)) = answer.event.expect("an event").happening {
            let measured = ended.measurement.expect("measured");
            run.rates[ended.cell as usize] = measured.increments_per_second;
        }
    }
    run
}
