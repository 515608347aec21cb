//! Catalogue on the wire: strategies, bodies, eras and listings.

use proto::v1;
use strategies::catalog::Name;
use strategies::harness::entry::{Entry, Parameter};
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::Increment;
use strategies::program::era::{Era, RuleKind};
use strategies::program::step::{Check, SideEffect, Step};

use engine::plan::subject::CPYTHON;

/// The catalogue.
pub fn strategies() -> v1::ListStrategiesResponse {
    v1::ListStrategiesResponse {
        strategies: Name::all()
            .iter()
            .map(|name| name.entry())
            .chain([&CPYTHON])
            .map(strategy)
            .collect(),
        bodies: BodyName::ALL.into_iter().map(body).collect(),
        eras: Era::ALL.into_iter().map(era).collect(),
    }
}

fn strategy(entry: &Entry) -> v1::StrategyInfo {
    let Entry {
        name,
        summary,
        promise,
        parameters,
        basis,
        guarantee: _,
        window: _,
        switches: _,
        inclusion: _,
        to_moves: _,
        waiting: _,
    } = *entry;
    v1::StrategyInfo {
        name: format!("strategies/{name}"),
        strategy: name.into(),
        summary: summary.into(),
        promise: promise.into(),
        parameters: parameters.iter().map(parameter).collect(),
        model: basis.note().unwrap_or_default().into(),
    }
}

fn parameter(parameter: &Parameter) -> v1::ParameterInfo {
    let Parameter { name, unit, default, range, description } = *parameter;
    v1::ParameterInfo {
        name: name.into(),
        unit: unit.into(),
        default_value: default.into(),
        range: range.into(),
        description: description.into(),
    }
}

fn body(body: BodyName) -> v1::BodyInfo {
    v1::BodyInfo {
        body: body.name().into(),
        source: body.source().into(),
        steps: letters(body.steps()),
    }
}

/// A body as each of these eras sees it.
pub fn body_listings(body: BodyName, eras: &[Era]) -> v1::GetBodyResponse {
    v1::GetBodyResponse {
        source: body.source().into(),
        listings: eras.iter().map(|&era| listing(body, era)).collect(),
    }
}

fn listing(body: BodyName, era: Era) -> v1::Listing {
    let window = window_of(body);
    let lines = body.listing().iter().enumerate();
    let instructions = lines.map(|(at, line)| v1::Instruction {
        opcode: if era.renames_instructions() { line.opcode_from_3_11 } else { line.opcode }.into(),
        argument: line.argument.into(),
        letter: line.step.to_string(),
        attention: match era.facts().sites.check(line.step) {
            Check::Silent => v1::Attention::Silent,
            Check::Tick => v1::Attention::Tick,
            Check::Site => v1::Attention::Site,
        }
        .into(),
        in_window: window.contains(&at),
        lets_go: era.facts().rule != RuleKind::Free && line.step.side_effect() == SideEffect::Write,
    });
    v1::Listing {
        era: era.to_string(),
        instructions: instructions.collect(),
        can_lose: era.can_lose(body),
    }
}

/// Positions after which others may come between load and store.
fn window_of(body: BodyName) -> std::ops::Range<usize> {
    let steps = body.steps();
    let before = steps.clone().take_while(|&step| step != Step::Load).count();
    before..before + Increment::from(body).window().count()
}

fn era(era: Era) -> v1::EraInfo {
    let facts = era.facts();
    let is_site = |step: &Step| facts.sites.check(*step) == Check::Site;
    let rule = match facts.rule {
        RuleKind::Ticks => "ticks",
        RuleKind::Interval => "interval",
        RuleKind::Free => "none",
    };
    let sites = letters(Step::ALL.into_iter().filter(is_site));
    v1::EraInfo { era: era.to_string(), rule: rule.into(), sites }
}

/// Steps as their letters.
pub(crate) fn letters(steps: impl Iterator<Item = Step>) -> String {
    steps.map(Step::letter).collect()
}
