//! Header of an exploration: the request, the estimate, the counts.

use proto::v1::{Exploration, ExplorationSpec, SearchEstimate};
use strategies::model::ratio::grouped;

use crate::follow::exploration_log::ExplorationView;
use crate::ids;
use crate::render::format::page::Width;
use crate::render::format::page::{Extent, Page};
use crate::render::format::quantity::{about, bytes, counted, rounded, seconds};
use crate::render::format::wrap;

/// The daemon's name of the method that searches nothing.
const CLOSED_FORM: &str = "closed form";
/// Most digits of a count that are shown in full without `-v` or `--exact`.
const DIGITS_MAX: usize = 30;

/// The lines: the question; the scheduler and the estimate; the counts. A phrase that does not fit
/// begins a new line.
pub fn lines(view: &ExplorationView, page: Page) -> Vec<String> {
    let name = match view.id() {
        Some(_) => format!("exploration {}", ids::short(&view.exploration.name)),
        None => "an estimate, nothing explored".to_owned(),
    };
    let spec = view.spec();
    let mut asked = vec![name];
    asked.extend(question(&spec, &view.exploration.steps));
    let mut how = vec![scheduler(&spec)];
    how.extend(view.exploration.estimate.as_ref().map(estimate));
    let lines = [asked, how, counts(view, page.extent)];
    let lines = lines.iter().flat_map(|phrases| wrap::phrases(phrases, page.width));
    lines.chain(model(&view.exploration.model, page.width)).collect()
}

/// What is modelled in place of the code, as lines; none where the code is.
pub fn model(model: &str, width: Width) -> Vec<String> {
    if model.is_empty() { Vec::new() } else { wrap::sentence(model, width) }
}

/// The question as one phrase, for titles.
pub fn title(view: &ExplorationView) -> String {
    question(&view.spec(), &view.exploration.steps).join(", ")
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

/// The scheduler in words.
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
    if method == CLOSED_FORM {
        return format!("{method}: nothing is searched");
    }
    let (states, held, time) = (about(*states), bytes(*held), seconds(*time));
    format!("{method}: at most {states} states; about {held}, {time}")
}

/// The counts that are known. Long counts are rounded without `-v` or `--exact`.
fn counts(view: &ExplorationView, extent: Extent) -> Vec<String> {
    let Exploration { interleavings, states, classes, deadlocks, .. } = &view.exploration;
    let is_exact = view.spec().exact;
    let known = |digits: &str, one: &str, several: &str| {
        let noun = if digits == "1" { one } else { several };
        let shown = match extent {
            Extent::Screenful if !is_exact && digits.len() > DIGITS_MAX => rounded(digits),
            Extent::Screenful | Extent::Everything => grouped(digits),
        };
        (!digits.is_empty()).then(|| format!("{shown} {noun}"))
    };
    // That there is no deadlock follows from how bodies take locks, not from the search.
    let some = |count: u64| if count > 0 { count.to_string() } else { String::new() };
    let (states, deadlocks) = (some(*states), some(*deadlocks));
    let to_17_digits = &view.exploration.interleavings_rounded;
    let of_closed_form =
        (!to_17_digits.is_empty()).then(|| format!("{to_17_digits} interleavings"));
    let parts = [
        known(interleavings, "interleaving", "interleavings").or(of_closed_form),
        known(&states, "state", "states"),
        known(classes, "class", "classes"),
        known(&deadlocks, "deadlock", "deadlocks"),
    ];
    parts.into_iter().flatten().collect()
}
