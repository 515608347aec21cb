//! Explorations and scripts as a client might ask for them: small ones that can be answered, and
//! ones at the limits of the model. A script's schedule is walked at random through its own
//! program.

use proto::v1;
use strategies::catalog::{Name, Spec};
use strategies::explore::query::{Query, ScheduleString, gil};
use strategies::model::program::Program;
use strategies::model::schedule::Schedule;
use strategies::program::body_spec::CustomBody;
use strategies::program::era::Era;

use super::chance::Chance;
use super::writing;

const SCHEDULERS: [&str; 6] =
    ["", "interleavings", "uniform-step", "switch-q", "every-k", "random"];

/// A request for an exploration.
pub(crate) fn exploration(chance: &mut Chance) -> v1::CreateExplorationRequest {
    let spec = (!chance.one_in(200)).then(|| spec(chance));
    v1::CreateExplorationRequest { spec, request_id: String::new(), validate_only: true }
}

fn spec(chance: &mut Chance) -> v1::ExplorationSpec {
    let strategy = match chance.below(40) {
        0 => writing::any(chance, 30),
        1 => "all".into(),
        2..20 => "gil".to_owned(),
        _ => name(chance).entry().name.to_owned(),
    };
    let is_gil = strategy == "gil" || chance.one_in(20);
    let scheduler = chance.pick(&SCHEDULERS).to_owned();
    let fits = |name: &str| scheduler == name;
    let has_q = fits("switch-q") != chance.one_in(20);
    let has_k = fits("every-k") != chance.one_in(20);
    v1::ExplorationSpec {
        era: if is_gil && chance.one_in(2) { era(chance) } else { String::new() },
        switch_ticks: (is_gil && chance.one_in(3)).then(|| count(chance, 100)),
        workers: chance.one_in(2).then(|| count(chance, 8)),
        increments: chance.one_in(2).then(|| count(chance, 40)),
        body: if chance.one_in(6) { "call".into() } else { String::new() },
        steps: if chance.one_in(3) { writing::steps(chance) } else { String::new() },
        q: if has_q { writing::probability(chance) } else { String::new() },
        k: has_k.then(|| count(chance, 30)),
        phase: (has_k && chance.one_in(3)).then(|| count(chance, 10)),
        exact: chance.one_in(3),
        value: chance.one_in(4).then(|| count(chance, 40)),
        strategy,
        scheduler,
    }
}

/// From 1 to a few, seldom near a limit.
fn count(chance: &mut Chance, few: usize) -> u32 {
    let usual = 1 + chance.below(few);
    if chance.one_in(12) { chance.small_number() } else { u32::try_from(usual).unwrap_or(1) }
}

fn era(chance: &mut Chance) -> String {
    if chance.one_in(20) { writing::any(chance, 6) } else { chance.pick(&Era::ALL).to_string() }
}

fn name(chance: &mut Chance) -> Name {
    chance.pick(&Name::all())
}

/// A request to play a script.
pub(crate) fn replay(chance: &mut Chance) -> v1::ReplayScheduleRequest {
    let script = match script(chance) {
        Some(script) => script,
        None => format!("gild1 unlocked 2x1 LS 0 {}", writing::schedule(chance)),
    };
    let script = match chance.below(6) {
        0 => writing::misspelled(chance, &script),
        1 if chance.one_in(200) => script + &writing::long(chance),
        _ => script,
    };
    v1::ReplayScheduleRequest { script }
}

/// A script of a question that can be played, if the draw is one.
fn script(chance: &mut Chance) -> Option<String> {
    let body = CustomBody::parse(&writing::steps(chance)).ok()?.into();
    let spec = match name(chance) {
        Name::Plain(plain) => Spec::Plain(plain),
        Name::Gil => {
            let ticks = chance.one_in(2).then(|| count(chance, 100));
            gil(chance.pick(&Era::ALL), ticks)
        }
    };
    let workers = 1 + chance.below(8);
    let increments = if chance.one_in(5000) { count(chance, 10_000) } else { count(chance, 4) };
    let question = Query { spec, body, workers, increments: increments.min(16_000) };
    let program = question.program().ok()?;
    let schedule = walked(chance, &program);
    let long = question.long_program().ok()?;
    Some(ScheduleString { question, schedule }.write(&long))
}

/// Some way through the program, to its end or until no worker can move.
fn walked(chance: &mut Chance, program: &Program) -> Schedule {
    let (mut state, mut schedule) = (program.start(), Schedule::default());
    let patience = 1 + chance.below(30);
    loop {
        let choices = program.choices(&state);
        let able: Vec<usize> = (0..8).filter(|worker| choices >> worker & 1 == 1).collect();
        let stays = state.last().filter(|last| able.contains(last) && !chance.one_in(patience));
        let Some(worker) = stays.or_else(|| (!able.is_empty()).then(|| chance.pick(&able))) else {
            return schedule;
        };
        program.make_move(&mut state, worker);
        schedule.push(worker);
    }
}
