//! Cost of open pages to a running sweep: the same sweep with and without them, interleaved.

use std::io::Read as _;
use std::time::Instant;

use proto::v1::SweepSpec;
use proto::v1::sweep_service_client::SweepServiceClient;

use crate::daemon::Daemon;
use crate::page::Page;
use crate::watched::{Run, create, finish};
use crate::web::crowd;

const ROUNDS: usize = 31;
const PAGES: usize = 100;
const ATTEMPTS: u32 = 10;

pub(crate) fn run(page: &mut Page) {
    page.part(
        "A hundred open pages",
        "A sweep of one cell (atomic, one worker, 10 attempts of 200 ms) while 100 pages show it: each \
         follows its events and asks for the document every 2 s, for its picture and its numbers every \
         4 s, as the script does, from its opening on. Over the same sweep without them; interleaved. The \
         pages run at the lowest priority (SCHED_IDLE), like browsers on other machines. Processor \
         time is that of the daemon's threads but for the worker, of all processors' time meanwhile.",
    );
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
    runtime.block_on(rounds(page));
}

async fn rounds(page: &mut Page) {
    let directory = tempfile::tempdir().expect("a directory");
    let daemon = Daemon::start_in(directory.path());
    let mut client = SweepServiceClient::new(daemon.channel().await);
    let [mut rates, mut times, mut shares, mut extra, mut answered] = [const { Vec::new() }; 5];
    for round in 0..ROUNDS {
        let (mut alone, mut shown) = (None, None);
        for turn in 0..2 {
            let is_shown = (round + turn) % 2 == 1;
            let name = create(&mut client, spec()).await;
            let crowd = is_shown
                .then(|| crowd::spawn(&daemon.port(), name.trim_start_matches("sweeps/"), PAGES));
            let (begun, before) = (Instant::now(), serving_s(&daemon));
            let run = finish(&mut client, &name, 1).await;
            let share = (serving_s(&daemon) - before) / begun.elapsed().as_secs_f64() / cores();
            if let Some(mut crowd) = crowd {
                let mut said = String::new();
                crowd.stdout.take().expect("piped").read_to_string(&mut said).expect("it says");
                crowd.wait().expect("it ends");
                answered.push(said.trim().parse().expect("a number"));
                shown = Some((run, share));
            } else {
                alone = Some((run, share));
            }
        }
        let ((alone, idle), (shown, busy)) = (alone.expect("ran"), shown.expect("ran"));
        rates.push(shown.rates[0] / alone.rates[0]);
        times.push(took(&shown) / took(&alone));
        shares.push(busy * 100.0);
        extra.push((busy - idle) * 100.0);
    }
    page.figure("rate of attempts, with / without", rates, 4, "");
    page.figure("time of the sweep, with / without", times, 4, "");
    page.figure("processor time of serving, with", shares, 2, " %");
    page.figure("processor time of serving, with - without", extra, 2, " %");
    page.figure("requests answered in a run", answered, 0, "");
}

fn spec() -> SweepSpec {
    SweepSpec {
        strategies: vec!["atomic".into()],
        workers: vec![1],
        duration_ns: Some(200_000_000),
        attempts: Some(ATTEMPTS),
        ..SweepSpec::default()
    }
}

fn took(run: &Run) -> f64 {
    run.took.as_secs_f64()
}

fn cores() -> f64 {
    std::thread::available_parallelism().expect("a count").get() as f64
}

/// Processor time of the daemon's threads but for workers, in seconds.
fn serving_s(daemon: &Daemon) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{}/task", daemon.pid())).expect("it runs");
    let spent = threads.filter_map(|thread| {
        let place = thread.ok()?.path();
        let name = std::fs::read_to_string(place.join("comm")).ok()?;
        // Nanoseconds on a processor are the first of three numbers.
        let spent = std::fs::read_to_string(place.join("schedstat")).ok()?;
        let spent: f64 = spent.split(' ').next()?.parse().ok()?;
        let measures = ["pool-", "lane-"].iter().any(|own| name.starts_with(own));
        (!measures).then_some(spent / 1e9)
    });
    spent.sum()
}
