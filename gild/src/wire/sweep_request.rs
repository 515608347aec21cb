//! Requests: names become types, numbers are left to [`engine::plan::sweep_spec`].

use proto::v1;
use strategies::catalog::Name;
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::CustomBody;
use strategies::program::era::{Era, SwitchInterval};
use strategies::program::limit::LimitError;
use strategies::program::workload::{Lengths, Request};

use crate::limits::{ID_LETTERS_MAX, PAGE_DEFAULT, PAGE_MAX, REQUEST_ID_MAX, SUGGEST_LETTERS_MAX};
use engine::jobs::state::State;
use engine::limits::CELLS_MAX;
use engine::plan::grid::distinct;
use engine::plan::oversubscription::Oversubscription;
use engine::plan::subject::CPYTHON;
use engine::plan::sweep_spec::{EraSelector, Order, StrategySelector, SweepSpec};
use engine::sys::affinity::Pin;

/// The word that stands for every strategy.
pub(crate) const ALL: &str = "all";
/// Prefix of a sweep's resource name.
pub const SWEEPS: &str = "sweeps/";
/// Prefix of an exploration's resource name.
pub const EXPLORATIONS: &str = "explorations/";
/// Least similarity (Jaro-Winkler) of a name that is worth suggesting.
const SUGGEST_FROM: f64 = 0.7;

/// A wish as the wire spells it.
#[expect(clippy::too_many_lines, reason = "one field a line, none decides anything")]
pub fn wish(spec: Option<v1::SweepSpec>) -> Result<SweepSpec, LimitError> {
    let spec = spec.ok_or_else(|| LimitError {
        field: "spec",
        value: "nothing".into(),
        reason: "says nothing about what to run".into(),
        way_out: "name at least one strategy".into(),
    })?;
    let (order, pin) = (order(spec.order()), pin(spec.pin()));
    let v1::SweepSpec {
        strategies,
        eras,
        switch_interval_ps,
        switch_ticks,
        workers,
        tasks,
        increments,
        bodies,
        task_steps,
        step_cost_ns,
        inside_ns,
        outside_ns,
        io_ns,
        io_every,
        attempts,
        seed,
        order: _,
        io_calls,
        cpu_workers,
        io_workers,
        requests,
        pythons,
        steps,
        duration_ns,
        lengths,
        locks,
        reads_percent,
        arrivals_per_s,
        precision_permille,
        pin: _,
        allow_starvation,
    } = spec;
    Ok(SweepSpec {
        strategies: all(&strategies, choice)?,
        eras: all(&eras, era_choice)?,
        intervals: switch_interval_ps.into_iter().map(SwitchInterval::from_picoseconds).collect(),
        ticks: switch_ticks,
        workers,
        tasks,
        increments,
        bodies: bodies_of(&bodies)?,
        steps: all(&steps, CustomBody::parse)?,
        task_steps,
        step_cost_ns,
        inside_ns,
        outside_ns,
        io_ns,
        io_calls: all(&io_calls, io_call)?,
        io_every,
        cpu_workers,
        io_workers,
        requests,
        pythons,
        duration_ns,
        lengths: all(&lengths, law)?,
        locks,
        reads_percent,
        arrivals_per_s,
        precision_permille,
        attempts,
        seed,
        order,
        pin,
        starvation: if allow_starvation {
            Oversubscription::Allowed
        } else {
            Oversubscription::Refused
        },
    })
}

/// A body, and the eras that see it; without any, one of each generation.
pub fn body_and_eras(request: &v1::GetBodyRequest) -> Result<(BodyName, Vec<Era>), LimitError> {
    let v1::GetBodyRequest { body: name, eras } = request;
    within_list("eras", eras.len())?;
    let expand = |choice| match choice {
        EraSelector::All => Era::GENERATIONS.to_vec(),
        EraSelector::One(era) => vec![era],
    };
    let chosen = match eras.as_slice() {
        [] => vec![EraSelector::All],
        eras => all(eras, era_choice)?,
    };
    // Each once: an answer does not grow with how often an era is named.
    let eras: Vec<_> = chosen.into_iter().flat_map(expand).collect();
    Ok((body(name)?, distinct(&eras)))
}

/// The id in a sweep's resource name.
pub fn sweep_id(name: &str) -> Result<&str, LimitError> {
    id_after(SWEEPS, name).ok_or_else(|| no_name(name, "a sweep", SWEEPS))
}

/// The id in an exploration's resource name.
pub fn exploration_id(name: &str) -> Result<&str, LimitError> {
    id_after(EXPLORATIONS, name).ok_or_else(|| no_name(name, "an exploration", EXPLORATIONS))
}

fn id_after<'a>(prefix: &str, name: &'a str) -> Option<&'a str> {
    let lengths = 1..=ID_LETTERS_MAX;
    name.strip_prefix(prefix).filter(|id| lengths.contains(&id.chars().count()))
}

fn no_name(name: &str, of: &str, prefix: &str) -> LimitError {
    LimitError {
        field: "name",
        value: format!("{name:?}"),
        reason: format!("is no name of {of}"),
        way_out: format!("names look like {prefix}ID, with at most {ID_LETTERS_MAX} letters of id"),
    }
}

/// A request id that may be remembered.
pub fn request_id(id: &str) -> Result<&str, LimitError> {
    if id.chars().count() <= REQUEST_ID_MAX {
        return Ok(id);
    }
    Err(LimitError {
        field: "request_id",
        value: format!("an id of {} characters", id.chars().count()),
        reason: format!("is longer than the limit of {REQUEST_ID_MAX}"),
        way_out: "use a UUID".into(),
    })
}

/// Entries on a page.
pub fn page_size(size: u32) -> Result<usize, LimitError> {
    let size = match size {
        0 => PAGE_DEFAULT,
        size => strategies::program::limit::within("page_size", size, 1, PAGE_MAX)?,
    };
    Ok(size as usize)
}

/// The subset of AIP-160 that lists need: nothing, or `state = NAME`.
pub fn filter_state(filter: &str) -> Result<Option<State>, LimitError> {
    if filter.trim().is_empty() {
        return Ok(None);
    }
    let wanted = filter.split_once('=').filter(|(field, _)| field.trim() == "state");
    let state = wanted.and_then(|(_, name)| {
        let name = name.trim().trim_matches('"');
        STATES.into_iter().find(|(known, _)| *known == name).map(|(_, state)| state)
    });
    state.map(Some).ok_or_else(|| LimitError {
        field: "filter",
        value: format!("{filter:?}"),
        reason: "is not understood".into(),
        way_out: format!("use `state = NAME` with one of {}", STATES.map(|(n, _)| n).join(", ")),
    })
}

const STATES: [(&str, State); 7] = [
    ("QUEUED", State::Queued),
    ("RUNNING", State::Running),
    ("CANCELLING", State::Cancelling),
    ("SUCCEEDED", State::Succeeded),
    ("FAILED", State::Failed),
    ("CANCELLED", State::Cancelled),
    ("INTERRUPTED", State::Interrupted),
];

fn within_list(field: &'static str, length: usize) -> Result<(), LimitError> {
    strategies::program::limit::within(field, length, 0, CELLS_MAX).map(drop)
}

fn all<T>(
    names: &[String],
    one: impl Fn(&str) -> Result<T, LimitError>,
) -> Result<Vec<T>, LimitError> {
    names.iter().map(|name| one(name)).collect()
}

fn choice(name: &str) -> Result<StrategySelector, LimitError> {
    if name == ALL {
        return Ok(StrategySelector::All);
    }
    if name == CPYTHON.name {
        return Ok(StrategySelector::Python);
    }
    let names = Name::all().into_iter().map(|known| known.entry().name);
    let known: Vec<_> = names.chain([CPYTHON.name, ALL]).collect();
    Name::parse(name)
        .map(StrategySelector::One)
        .ok_or_else(|| unknown("strategies", "strategy", name, &known))
}

fn era_choice(name: &str) -> Result<EraSelector, LimitError> {
    if name == ALL { Ok(EraSelector::All) } else { era(name).map(EraSelector::One) }
}

fn era(name: &str) -> Result<Era, LimitError> {
    let known: Vec<_> = Era::ALL.iter().map(|era| era.name()).chain([ALL]).collect();
    Era::parse(name).ok_or_else(|| unknown("eras", "era", name, &known))
}

fn io_call(name: &str) -> Result<Request, LimitError> {
    let known = [Request::Echo, Request::Write];
    let names = known.map(Request::name);
    let found = known.into_iter().find(|request| request.name() == name);
    found.ok_or_else(|| unknown("io_calls", "request", name, &names))
}

fn law(name: &str) -> Result<Lengths, LimitError> {
    let names = Lengths::ALL.map(Lengths::name);
    let found = Lengths::ALL.into_iter().find(|law| law.name() == name);
    found.ok_or_else(|| unknown("lengths", "law of lengths", name, &names))
}

/// Bodies by name, or all ten.
fn bodies_of(names: &[String]) -> Result<Vec<BodyName>, LimitError> {
    if names.iter().any(|name| name == ALL) {
        return Ok(BodyName::ALL.to_vec());
    }
    all(names, body)
}

fn body(name: &str) -> Result<BodyName, LimitError> {
    let known: Vec<_> = BodyName::ALL.iter().map(|body| body.name()).chain([ALL]).collect();
    BodyName::parse(name).ok_or_else(|| unknown("bodies", "body", name, &known))
}

fn order(order: v1::Order) -> Order {
    match order {
        v1::Order::Unspecified | v1::Order::Interleaved => Order::Interleaved,
        v1::Order::Blocked => Order::Blocked,
    }
}

fn pin(pin: v1::Pin) -> Pin {
    match pin {
        v1::Pin::Unspecified | v1::Pin::Auto => Pin::Auto,
        v1::Pin::None => Pin::None,
        v1::Pin::Spread => Pin::Spread,
        v1::Pin::Pack => Pin::Pack,
    }
}

/// A name that is not known, with the nearest that is.
pub(crate) fn unknown(field: &'static str, what: &str, name: &str, known: &[&str]) -> LimitError {
    let typed = name.to_lowercase();
    let similarity = |known: &&&str| strsim::jaro_winkler(known, &typed);
    // Two letters swapped in a short name have little in common for Jaro and Winkler.
    let is_near = |known: &&&str| {
        similarity(known) >= SUGGEST_FROM || strsim::damerau_levenshtein(known, &typed) <= 1
    };
    let may_suggest = typed.chars().count() <= SUGGEST_LETTERS_MAX;
    // Digits that look alike are versions that are not: 3.14 is nothing like 3.4.
    let is_word = |known: &&&str| known.starts_with(char::is_alphabetic);
    let nearest = known
        .iter()
        .filter(|_| may_suggest)
        .filter(is_word)
        .filter(is_near)
        .max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    let hint = nearest.map(|nearest| format!("did you mean `{nearest}`? ")).unwrap_or_default();
    LimitError {
        field,
        value: format!("`{name}`"),
        reason: format!("is no {what} of this lab"),
        way_out: format!("{hint}choose one of {}", known.join(", ")),
    }
}

#[cfg(test)]
#[path = "sweep_request_tests.rs"]
mod tests;
