//! A sweep's events as they really are, to be stored and streamed again.

use engine::exec::attempt::Observation;
use engine::jobs::event::sweep::SweepEvent;
use engine::measure::accumulator::CellAccumulator;
use engine::measure::turn::{Expected, Turn};
use engine::measure::validity::Disturbance;
use engine::plan::spec::{StrategySelector, SweepSpec};
use engine::plan::sweep_plan::Plan;
use engine::plan::turns::PlannedTurn;
use engine::python::registry::Interpreters;
use engine::stats::fairness::WorkerShares;
use engine::sys::host::Host;
use engine::sys::rusage::CpuTime;
use strategies::catalog::{Name, Plain};
use strategies::harness::counters::WorkerStats;

/// Attempts of a turn, as by default.
pub(crate) const ATTEMPTS: u32 = 5;

/// A sweep of one cell with so many turns, the least that has them.
pub(crate) fn plan(turns: u32) -> Plan {
    let strategies = vec![StrategySelector::One(Name::Plain(Plain::FairMutex))];
    let attempts = (turns * ATTEMPTS).min(engine::limits::ATTEMPTS_MAX);
    let wish = SweepSpec { strategies, attempts: Some(attempts), ..SweepSpec::default() };
    Plan::new(&wish, &Interpreters::default(), 1).expect("a plan")
}

/// What happens in so many turns, as a lab would tell it.
pub(crate) fn happenings(turns: u32) -> Vec<SweepEvent> {
    let plan = plan(turns);
    let mut series = CellAccumulator::new(plan.cells[0], 15.0);
    let seen = |n: u64| Observation {
        total: 100,
        duration_ns: 1_000_000 + n * 997,
        overlap: 0.9,
        jain: 0.99,
        worker_shares: WorkerShares::of(&[50, 50]),
        tally: WorkerStats {
            tasks: 100,
            increments: 100,
            switches_voluntary: 40 + n % 7,
            ..WorkerStats::default()
        },
        cpu: CpuTime { user_ns: 1_500_000, system_ns: 20_000 },
        timed: None,
        context_switches: None,
    };
    let turn = |round: u32| {
        let first_attempt = round * ATTEMPTS;
        let seen: Vec<_> =
            (first_attempt..first_attempt + ATTEMPTS).map(|n| seen(n.into())).collect();
        let planned = PlannedTurn { cell: 0, round, first_attempt, attempts: ATTEMPTS };
        series.add_turn(&seen, plan.seed, planned);
        SweepEvent::Turn(Box::new(Turn {
            sweep_seed: plan.seed,
            cell: 0,
            round,
            first_attempt,
            rates: seen.iter().map(|seen| series.rate(seen)).collect(),
            seen,
            expected: Expected::OfCell,
            disturbance: Disturbance::default(),
            measurement: series.measurement(),
        }))
    };
    let mut all = vec![SweepEvent::Started(Host::detect())];
    all.extend((0..turns).map(turn));
    all
}

/// A work in the queue that they can happen in.
pub(crate) fn work(id: &str, turns: u32) -> gild::store::record::NewJob {
    let (plan, wish) = (plan(turns), SweepSpec::default());
    let owner = engine::jobs::owner::Owner::Local;
    gild::store::codec::new_sweep(id.into(), owner, "", &wish, &plan, &Interpreters::default())
}
