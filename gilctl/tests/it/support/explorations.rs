//! Invented explorations, traces and explanations of two workers with ten increments each.

use proto::v1::exploration_event::Happening;
use proto::v1::{
    Agreement, CellExplanation, Claim, ExplainSweepResponse, Exploration, ExplorationEvent,
    ExplorationProgress, ExplorationSpec, ExplorationStarted, Loss, Outcome, SearchEstimate,
    SweepState, Trace, TraceEvent,
};

pub(crate) const SCRIPT: &str =
    "gild1 unlocked 2x10 LS 00d1ce0000c0ffee T0x1 T1x18 T0x1 T1x1 T0x18 T1x1";

/// Two workers with ten increments each, as the daemon describes them.
pub(crate) fn spec() -> ExplorationSpec {
    ExplorationSpec {
        strategy: "unlocked".into(),
        workers: Some(2),
        increments: Some(10),
        steps: "LS".into(),
        scheduler: "interleavings".into(),
        ..ExplorationSpec::default()
    }
}

pub(crate) fn estimate() -> SearchEstimate {
    SearchEstimate {
        method: "reverse chain".into(),
        states: 9261.0,
        bytes: 74_088.0,
        seconds: 0.02,
    }
}

/// The queued exploration.
pub(crate) fn queued() -> Exploration {
    Exploration {
        name: "explorations/06a1g0zzzz9k3v7q2m8x7fghij".into(),
        spec: Some(spec()),
        state: SweepState::Queued.into(),
        steps: "LS".into(),
        estimate: Some(estimate()),
        expected: 20,
        ..Exploration::default()
    }
}

/// The ended exploration without outcomes.
pub(crate) fn ended() -> Exploration {
    Exploration {
        state: SweepState::Succeeded.into(),
        interleavings: "137846528820".into(),
        states: 2871,
        classes: "184756".into(),
        verdict: "2 is possible: 8 of 137,846,528,820 interleavings".into(),
        next_sequence: 8,
        ..queued()
    }
}

/// Some of the outcomes, without those in the middle.
pub(crate) fn outcomes() -> Vec<Outcome> {
    let outcome = |value, count: &str, log10: f64, fewest, witness: &str| Outcome {
        value,
        count: count.into(),
        probability: 10_f64.powf(log10),
        probability_log10: Some(log10),
        fewest_preemptions: Some(fewest),
        witness: witness.into(),
        script: format!("gild1 unlocked 2x10 LS 00d1ce0000c0ffee {witness}"),
        ..Outcome::default()
    };
    vec![
        outcome(2, "8", -10.236_302_6, 3, "T0x1 T1x18 T0x1 T1x1 T0x18 T1x1"),
        outcome(3, "1656", -7.920_33, 3, "T0x1 T1x16 T0x1 T1x1 T0x18 T1x3"),
        outcome(12, "31187435512", -0.645_37, 1, "T0x1 T1x16 T0x19 T1x4"),
        outcome(20, "2", -10.838_36, 0, "T0x20 T1x20"),
    ]
}

/// The ended exploration with its outcomes.
pub(crate) fn found() -> Exploration {
    Exploration { outcomes: outcomes(), ..ended() }
}

/// The events of the exploration up to `end`.
pub(crate) fn events(end: Exploration) -> Vec<ExplorationEvent> {
    let started = ExplorationStarted { estimate: Some(estimate()) };
    let progress = ExplorationProgress { part: "counting interleavings".into(), done: 0.5 };
    let mut happenings = vec![Happening::Started(started), Happening::Progress(progress)];
    happenings.extend(outcomes().into_iter().map(Happening::Outcome));
    happenings.push(Happening::Ended(end));
    let event = |(sequence, it)| ExplorationEvent { sequence, time_ns: 0, happening: Some(it) };
    (1..).zip(happenings).map(event).collect()
}

/// The search for one value, with the schedule that leads to it.
pub(crate) fn witnessed() -> Exploration {
    let found = outcomes().into_iter().take(1).collect();
    let spec = Some(ExplorationSpec { value: Some(2), ..spec() });
    Exploration { spec, outcomes: found, trace: Some(race()), ..ended() }
}

/// A search for an impossible value.
pub(crate) fn impossible() -> Exploration {
    let spec = Some(ExplorationSpec { value: Some(1), ..spec() });
    let verdict = "1 is impossible: what can come out is 2 to 20".into();
    Exploration { spec, verdict, next_sequence: 2, ..ended() }
}

/// A trace of two workers with ten increments each that ends with 2.
pub(crate) fn race() -> Trace {
    let trace = play("LS", &[(0, 1), (1, 18), (0, 1), (1, 1), (0, 18), (1, 1)]);
    Trace { script: SCRIPT.into(), expected: 20, preemptions: 3, ..trace }
}

/// Plays runs of moves of a body that never blocks.
pub(crate) fn play(steps: &str, runs: &[(u32, usize)]) -> Trace {
    let letters: Vec<char> = steps.chars().collect();
    let workers = runs.iter().map(|(worker, _)| worker + 1).max().unwrap_or(0);
    let mut made = vec![0; workers as usize];
    let mut seen = vec![(0, 0); workers as usize];
    let (mut counter, mut events, mut losses) = (0, Vec::new(), Vec::new());
    let moves = runs.iter().flat_map(|&(worker, many)| std::iter::repeat_n(worker, many));
    for (at, worker) in (0..).zip(moves) {
        let me = worker as usize;
        let letter = letters[made[me] % letters.len()];
        let increment = u32::try_from(made[me] / letters.len()).expect("few");
        made[me] += 1;
        match letter {
            'L' => seen[me] = (at, counter),
            'S' => {
                let (load, read) = seen[me];
                counter = read + 1;
                let stores = (load + 1..at).filter(|&it| wrote(&events, it));
                let lost: Vec<u32> = stores.collect();
                if !lost.is_empty() {
                    losses.push(Loss { load, store: at, lost });
                }
            }
            _ => {}
        }
        let value = "LS".contains(letter).then_some(counter);
        let letter = letter.into();
        events.push(TraceEvent { worker, letter, increment, counter, value, times: 0 });
    }
    let schedule: Vec<String> =
        runs.iter().map(|(worker, many)| format!("T{worker}x{many}")).collect();
    let schedule = schedule.join(" ");
    let script = format!("gild1 unlocked {workers}xN {steps} 00d1ce0000c0ffee {schedule}");
    let expected = u32::try_from(events.iter().filter(|it| it.letter == "S").count()).expect("few");
    let model = String::new();
    Trace {
        events,
        losses,
        value: counter,
        expected,
        preemptions: 0,
        workers,
        schedule,
        script,
        model,
        instructions: Vec::new(),
    }
}

fn wrote(events: &[TraceEvent], at: u32) -> bool {
    events[at as usize].letter == "S"
}

pub(crate) fn reasons() -> ExplainSweepResponse {
    let claim = |law: &str, claim: &str, measured: &str, agreement: Agreement| Claim {
        law: law.into(),
        claim: claim.into(),
        measured: measured.into(),
        agreement: agreement.into(),
    };
    let cells = vec![
        CellExplanation {
            cell: 0,
            title: "unlocked, 2 workers, 10 increments each".into(),
            claims: vec![
                claim("reachable values", "2 to 20", "11 to 20 in 100 attempts", Agreement::Yes),
                claim(
                    "rare-switch law",
                    "a switch is rare beside an increment, so that lost updates grow with the \
                     number of switches and not with that of increments",
                    "3.1 % [2.8-3.4] lost",
                    Agreement::Open,
                ),
                claim("promise", "no update is lost", "19 of 20 at worst", Agreement::No),
            ],
            ..CellExplanation::default()
        },
        CellExplanation { cell: 3, title: "atomic".into(), ..CellExplanation::default() },
    ];
    ExplainSweepResponse { cells }
}
