//! The lines over an exploration's table or picture: what was asked, what it takes, what was
//! counted.

use proto::v1::{Exploration, ExplorationSpec, SearchEstimate, SweepState};

use crate::follow::exploration_log::ExplorationView;
use crate::ids;
use crate::render::format::page::Width;
use crate::render::format::page::{Extent, Page};
use crate::render::format::quantity::{about, bytes, counted, grouped, rounded, seconds};

/// Stands between phrases.
const SEPARATOR: &str = " · ";
/// Most digits of a count that a person is shown unasked.
const DIGITS_MAX: usize = 30;

/// The lines: the question, how likely schedules are and what the search takes, what was counted. A
/// phrase that has no room on its line begins another.
pub fn lines(findings: &ExplorationView, page: Page) -> Vec<String> {
    let name = match findings.id() {
        Some(_) => format!("exploration {}", ids::short(&findings.exploration.name)),
        None => "an estimate, nothing explored".to_owned(),
    };
    let spec = findings.spec();
    let mut asked = vec![name];
    asked.extend(question(&spec, &findings.exploration.steps));
    let mut how = vec![scheduler(&spec)];
    how.extend(findings.exploration.estimate.as_ref().map(estimate));
    let most = match page.width {
        Width::Most(most) => most,
        Width::Any => usize::MAX,
    };
    let lines = [asked, how, counts(findings, page.extent)];
    lines.iter().flat_map(|phrases| set(phrases, most)).collect()
}

fn set(phrases: &[String], most: usize) -> Vec<String> {
    let letters = |text: &str| text.chars().count();
    let mut lines: Vec<String> = Vec::new();
    for phrase in phrases {
        match lines.last_mut() {
            Some(line) if letters(line) + letters(SEPARATOR) + letters(phrase) <= most => {
                line.push_str(SEPARATOR);
                line.push_str(phrase);
            }
            _ => lines.push(phrase.clone()),
        }
    }
    lines
}

/// The question in one phrase, for titles.
pub fn title(findings: &ExplorationView) -> String {
    question(&findings.spec(), &findings.exploration.steps).join(", ")
}

fn question(spec: &ExplorationSpec, steps: &str) -> Vec<String> {
    let mut strategy = vec![spec.strategy.clone()];
    strategy.extend(Some(spec.era.clone()).filter(|era| !era.is_empty()));
    strategy.extend(spec.switch_ticks.map(|ticks| format!("ticks {ticks}")));
    let mut phrases = vec![strategy.join(" ")];
    phrases.retain(|phrase| !phrase.is_empty());
    phrases.extend(spec.workers.map(|it| counted(it.into(), "worker")));
    phrases.extend(spec.increments.map(|it| counted(it.into(), "increment") + " each"));
    let steps = if steps.is_empty() { &spec.steps } else { steps };
    phrases.extend(match (spec.body.as_str(), steps) {
        ("", "") => None,
        ("", steps) => Some(format!("steps {steps}")),
        (body, "") => Some(format!("body {body}")),
        (body, steps) => Some(format!("body {body} ({steps})")),
    });
    phrases
}

/// How likely schedules are.
fn scheduler(spec: &ExplorationSpec) -> String {
    match spec.scheduler.as_str() {
        "" | "interleavings" => "all interleavings equally likely".to_owned(),
        "uniform-step" => "at each step all who may move equally likely".to_owned(),
        "switch-q" => format!("after each step another with probability {}", spec.q),
        "every-k" => {
            let k = spec.k.unwrap_or_default();
            let phase = match spec.phase {
                Some(phase) => format!("first after {phase}"),
                None => "over all phases".to_owned(),
            };
            format!("another every {}, {phase}", counted(k.into(), "step"))
        }
        other => format!("scheduler {other}"),
    }
}

fn estimate(estimate: &SearchEstimate) -> String {
    let SearchEstimate { method, states, bytes: held, seconds: time } = estimate;
    let (states, held, time) = (about(*states), bytes(*held), seconds(*time));
    format!("{method}: at most {states} states, {held}, {time}")
}

/// Nothing while nothing is known. A person is not shown hundreds of digits unasked.
fn counts(findings: &ExplorationView, extent: Extent) -> Vec<String> {
    let Exploration { interleavings, states, classes, deadlocks, .. } = &findings.exploration;
    let known = |digits: &str, one: &str, several: &str| {
        let noun = if digits == "1" { one } else { several };
        let shown = match extent {
            Extent::Screenful if digits.len() > DIGITS_MAX => rounded(digits),
            Extent::Screenful | Extent::Everything => grouped(digits),
        };
        (!digits.is_empty()).then(|| format!("{shown} {noun}"))
    };
    let has_states = *states > 0;
    let states = if has_states { states.to_string() } else { String::new() };
    let is_whole = findings.exploration.state() == SweepState::Succeeded;
    let deadlocks = match deadlocks {
        // Where states were too many to be counted, so were dead ends.
        0 if is_whole && has_states && findings.spec().value.is_none() => {
            Some("no deadlock".to_owned())
        }
        0 => None,
        some => known(&some.to_string(), "deadlock", "deadlocks"),
    };
    let parts = [
        known(interleavings, "interleaving", "interleavings"),
        known(&states, "state", "states"),
        known(classes, "class", "classes"),
        deadlocks,
    ];
    parts.into_iter().flatten().collect()
}
