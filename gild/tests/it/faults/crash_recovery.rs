//! A daemon that is killed again and again at random moments loses nothing that it has shown and
//! counts nothing twice. Seeded; `GILD_KILL_ROUNDS` sets the number of rounds, `GILD_KILL_SEED` the
//! seed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proto::v1::sweep_event::Happening;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CreateSweepRequest, ListSweepsRequest, ResumeSweepRequest, Sweep, SweepEvent, SweepSpec,
    SweepState, Turn, WatchSweepRequest,
};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::time::timeout;
use tonic::transport::Channel;

use crate::daemon::{Daemon, create, watch};

/// Rounds in every run of the tests.
const ROUNDS: u32 = 20;
/// Longest time that a daemon lives before it is killed.
const LIFE_MAX_MS: u64 = 250;

pub(crate) fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Some 600 attempts of about a millisecond, in turns of five: exact and lossy ones.
fn spec(seed: u64) -> SweepSpec {
    SweepSpec {
        strategies: ["atomic", "fair-mutex", "unlocked"].map(String::from).into(),
        workers: vec![1, 2],
        tasks: vec![4],
        increments: vec![5],
        outside_ns: vec![40_000],
        attempts: Some(100),
        seed: Some(seed),
        ..SweepSpec::default()
    }
}

/// `SplitMix64` (Steele, Lea and Flood 2014): the same moments for the same seed.
pub(crate) struct Moments(pub(crate) u64);

impl Moments {
    pub(crate) fn draw(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }

    /// A place among so many.
    pub(crate) fn place(&mut self, among: usize) -> usize {
        usize::try_from(self.draw(among as u64)).expect("less than a usize")
    }
}

/// Every attempt in the order in which it was reported: cell, number, seed, final value.
fn attempts<'a>(events: impl IntoIterator<Item = &'a SweepEvent>) -> Vec<(u32, u32, u64, u64)> {
    let turn = |event: &'a SweepEvent| match &event.happening {
        Some(Happening::Turn(turn)) => Some(turn),
        _ => None,
    };
    let of = |turn: &'a Turn| {
        let both = turn.seeds.iter().zip(&turn.finals);
        (turn.first_attempt..).zip(both).map(|(n, (&seed, &value))| (turn.cell, n, seed, value))
    };
    events.into_iter().filter_map(turn).flat_map(of).collect()
}

/// What the test knows of a sweep: its events as they were shown.
#[derive(Default)]
struct Shown(BTreeMap<u64, SweepEvent>);

impl Shown {
    /// Whatever was shown once is shown again, unchanged.
    fn hold(&mut self, event: &SweepEvent) {
        let known = self.0.entry(event.sequence).or_insert_with(|| event.clone());
        assert_eq!(known, event, "an event that was shown has changed");
    }

    fn last(&self) -> u64 {
        self.0.last_key_value().map_or(0, |(&last, _)| last)
    }
}

async fn newest(sweeps: &mut SweepServiceClient<Channel>) -> Option<Sweep> {
    let listed = sweeps.list_sweeps(ListSweepsRequest::default()).await.expect("it lists");
    listed.into_inner().sweeps.into_iter().next()
}

/// The name of the sweep that goes on: a new one if the last is over.
async fn go_on(sweeps: &mut SweepServiceClient<Channel>, seed: u64) -> String {
    match newest(sweeps).await {
        Some(sweep) if sweep.state() == SweepState::Interrupted => {
            let request = ResumeSweepRequest { name: sweep.name.clone() };
            let answer =
                sweeps.resume_sweep(request).await.expect("something is missing").into_inner();
            assert_eq!(answer.attempts_missing, sweep.attempts_requested - sweep.attempts);
            sweep.name
        }
        Some(sweep)
            if sweep.state() == SweepState::Queued || sweep.state() == SweepState::Running =>
        {
            sweep.name
        }
        _ => create(sweeps, spec(seed)).await,
    }
}

/// Watches until the moment has come, or until the end; whether that came first.
async fn watch_until(
    sweeps: &mut SweepServiceClient<Channel>,
    name: &str,
    shown: &mut Shown,
    moment: Duration,
) -> bool {
    let request = WatchSweepRequest { name: name.into(), after_sequence: 0 };
    let watching = async {
        let mut stream = sweeps.watch_sweep(request).await.expect("a stream").into_inner();
        while let Some(answer) = stream.message().await.expect("no error") {
            shown.hold(&answer.event.expect("an event"));
        }
    };
    timeout(moment, watching).await.is_ok()
}

/// All that is in the database, by itself and held against what was shown.
fn check_database(daemon: &Daemon, shown: &BTreeMap<String, Shown>) {
    let database = Connection::open(daemon.database()).expect("any tool opens it");
    let ask =
        |sql: &str| -> i64 { database.query_row(sql, [], |row| row.get(0)).expect("a number") };
    let gaps = "SELECT count(*) FROM works WHERE last_sequence <> \
                (SELECT count(*) FROM events WHERE work = number)";
    assert_eq!(ask(gaps), 0, "events are missing or twice");
    let counted = "SELECT count(*) FROM works WHERE attempts <> \
                   (SELECT count(*) FROM attempts WHERE work = number)";
    assert_eq!(ask(counted), 0, "attempts are missing");
    let seeds = "SELECT count(*) - count(DISTINCT work || ' ' || seed) FROM attempts";
    assert_eq!(ask(seeds), 0, "a seed was used twice");
    let lost = "SELECT count(*) FROM attempts JOIN cells USING (work, cell) \
                WHERE strategy <> 'unlocked' AND final <> expected";
    assert_eq!(ask(lost), 0, "an exact strategy lost updates");
    for (name, shown) in shown {
        let id = name.trim_start_matches("sweeps/");
        let sql = "SELECT last_sequence FROM works WHERE id = ?";
        let kept: i64 = database.query_row(sql, [id], |row| row.get(0)).expect("it is kept");
        let kept = kept.cast_unsigned();
        assert!(kept >= shown.last(), "{} events were shown, {kept} are kept", shown.last());
    }
}

#[tokio::test]
async fn killed_daemon_loses_no_shown_event_and_counts_none_twice() {
    let rounds = from_environment("GILD_KILL_ROUNDS", ROUNDS.into());
    let seed = from_environment("GILD_KILL_SEED", 20_261_122);
    let mut moments = Moments(seed);
    let mut directory = Arc::new(tempfile::tempdir().expect("a temporary directory"));
    let mut shown: BTreeMap<String, Shown> = BTreeMap::new();
    let mut resumed = 0;
    for round in 0..rounds {
        let daemon = Daemon::start_in(Arc::clone(&directory), &[]);
        check_database(&daemon, &shown);
        let mut sweeps = daemon.sweeps().await;
        let name = go_on(&mut sweeps, seed + shown.len() as u64).await;
        resumed += u64::from(shown.contains_key(&name));
        let of_sweep = shown.entry(name.clone()).or_default();
        let moment = Duration::from_millis(moments.draw(LIFE_MAX_MS));
        let ended = watch_until(&mut sweeps, &name, of_sweep, moment).await;
        drop(sweeps);
        directory = daemon.kill();
        eprintln!(
            "round {round}: {name} killed after {moment:?}, {} events, ended {ended}",
            of_sweep.last()
        );
    }
    assert!(resumed > 0, "no round went on with an earlier one's sweep");
    finish(directory, &mut shown, seed).await;
}

/// Runs what is left to its end, and holds every sweep against an undisturbed one.
async fn finish(directory: Arc<TempDir>, shown: &mut BTreeMap<String, Shown>, seed: u64) {
    let daemon = Daemon::start_in(directory, &[]);
    check_database(&daemon, shown);
    let mut sweeps = daemon.sweeps().await;
    let last = go_on(&mut sweeps, seed + shown.len() as u64).await;
    shown.entry(last).or_default();
    let names: Vec<String> = shown.keys().cloned().collect();
    for (at, name) in names.iter().enumerate() {
        let events = watch(&mut sweeps, name, 0).await;
        for event in &events {
            shown.get_mut(name).expect("one of them").hold(event);
        }
        let twin = create(&mut sweeps, spec(seed + at as u64)).await;
        let undisturbed = watch(&mut sweeps, &twin, 0).await;
        let determined = |events: &[SweepEvent]| -> Vec<_> {
            attempts(events)
                .into_iter()
                .map(|(cell, attempt, seed, _)| (cell, attempt, seed))
                .collect()
        };
        assert_eq!(determined(&events), determined(&undisturbed), "{name} is not its twin {twin}");
        assert_eq!(determined(&events).len(), 600);
        let Some(Happening::Ended(ended)) = &events.last().expect("an end").happening else {
            panic!("{name} has not ended");
        };
        assert_eq!(ended.state(), SweepState::Succeeded);
    }
    check_database(&daemon, shown);
}

/// What waits when the daemon dies waits again, and a request that is tried again finds its sweep.
#[tokio::test]
async fn queued_work_runs_after_restart() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let running = create(&mut sweeps, SweepSpec { attempts: Some(50_000), ..spec(1) }).await;
    let request = CreateSweepRequest {
        spec: Some(SweepSpec { attempts: Some(5), ..spec(2) }),
        request_id: "once".into(),
        ..CreateSweepRequest::default()
    };
    let waiting = sweeps.create_sweep(request.clone()).await.expect("it waits").into_inner();
    let waiting = waiting.sweep.expect("a sweep");
    assert_eq!((waiting.state(), waiting.queue_position), (SweepState::Queued, 1));
    drop(sweeps);
    let daemon = Daemon::start_in(daemon.kill(), &[]);
    let mut sweeps = daemon.sweeps().await;
    let again = sweeps.create_sweep(request).await.expect("it is known").into_inner();
    assert_eq!(again.sweep.expect("a sweep").name, waiting.name);
    let events = watch(&mut sweeps, &waiting.name, 0).await;
    assert_eq!(attempts(&events).len(), 30);
    let interrupted = watch(&mut sweeps, &running, 0).await;
    let Some(Happening::Ended(ended)) = &interrupted.last().expect("an end").happening else {
        panic!("it has not ended");
    };
    assert_eq!(ended.state(), SweepState::Interrupted);
    assert!(ended.verdict.contains("gilctl resume"), "{}", ended.verdict);
}
