//! Requests: names become types, numbers are left to [`crate::plan`].

use proto::v1;
use strategies::catalog::Name;
use strategies::era::{Era, SwitchInterval};
use strategies::listing::BodyName;
use strategies::workload::{LimitError, Request};

use crate::config::{CELLS_MAX, PAGE_DEFAULT, PAGE_MAX, REQUEST_ID_MAX};
use crate::plan::{Choice, EraChoice, Order, Wish};
use crate::subject::CPYTHON;
use crate::sweep::State;

/// The word that stands for every strategy.
const ALL: &str = "all";
/// Prefix of a sweep's resource name.
const SWEEPS: &str = "sweeps/";
/// Least similarity (Jaro-Winkler) of a name that is worth suggesting.
const SUGGEST_FROM: f64 = 0.7;

/// A wish as the wire spells it.
pub fn wish(spec: Option<v1::SweepSpec>) -> Result<Wish, LimitError> {
    let spec = spec.ok_or_else(|| LimitError {
        field: "spec",
        value: "nothing".into(),
        reason: "says nothing about what to run".into(),
        way_out: "name at least one strategy".into(),
    })?;
    let order = order(spec.order());
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
    } = spec;
    Ok(Wish {
        strategies: all(&strategies, choice)?,
        eras: all(&eras, era_choice)?,
        intervals: switch_interval_ps.into_iter().map(SwitchInterval::from_picoseconds).collect(),
        ticks: switch_ticks,
        workers,
        tasks,
        increments,
        bodies: bodies_of(&bodies)?,
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
        attempts,
        seed,
        order,
    })
}

/// A body, and the eras that see it; without any, one of each generation.
pub fn body_and_eras(request: &v1::GetBodyRequest) -> Result<(BodyName, Vec<Era>), LimitError> {
    let v1::GetBodyRequest { body: name, eras } = request;
    within_list("eras", eras.len())?;
    let expand = |choice| match choice {
        EraChoice::All => Era::GENERATIONS.to_vec(),
        EraChoice::One(era) => vec![era],
    };
    let chosen = match eras.as_slice() {
        [] => vec![EraChoice::All],
        eras => all(eras, era_choice)?,
    };
    Ok((body(name)?, chosen.into_iter().flat_map(expand).collect()))
}

/// The id in a sweep's resource name.
pub fn sweep_id(name: &str) -> Result<&str, LimitError> {
    name.strip_prefix(SWEEPS).filter(|id| !id.is_empty()).ok_or_else(|| LimitError {
        field: "name",
        value: format!("{name:?}"),
        reason: "is no name of a sweep".into(),
        way_out: format!("names look like {SWEEPS}ID"),
    })
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

/// Which sweeps a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<'a> {
    /// Most sweeps on it.
    pub size: usize,
    /// Sweeps older than this id only.
    pub after: Option<&'a str>,
    /// Only sweeps in that state.
    pub state: Option<State>,
}

/// A page as the wire spells it; the token is the last id of the page before.
pub fn page(request: &v1::ListSweepsRequest) -> Result<Page<'_>, LimitError> {
    let v1::ListSweepsRequest { page_size, page_token, filter } = request;
    let size = match *page_size {
        0 => PAGE_DEFAULT,
        size => strategies::workload::within("page_size", size, 1, PAGE_MAX)?,
    };
    let after = (!page_token.is_empty()).then_some(page_token.as_str());
    Ok(Page { size: size as usize, after, state: filter_state(filter)? })
}

/// The subset of AIP-160 that lists need: nothing, or `state = NAME`.
fn filter_state(filter: &str) -> Result<Option<State>, LimitError> {
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
    strategies::workload::within(field, length, 0, CELLS_MAX).map(drop)
}

fn all<T>(
    names: &[String],
    one: impl Fn(&str) -> Result<T, LimitError>,
) -> Result<Vec<T>, LimitError> {
    names.iter().map(|name| one(name)).collect()
}

fn choice(name: &str) -> Result<Choice, LimitError> {
    if name == ALL {
        return Ok(Choice::All);
    }
    if name == CPYTHON.name {
        return Ok(Choice::Python);
    }
    let names = Name::all().into_iter().map(|known| known.entry().name);
    let known: Vec<_> = names.chain([CPYTHON.name, ALL]).collect();
    Name::parse(name)
        .map(Choice::One)
        .ok_or_else(|| unknown("strategies", "strategy", name, &known))
}

fn era_choice(name: &str) -> Result<EraChoice, LimitError> {
    if name == ALL { Ok(EraChoice::All) } else { era(name).map(EraChoice::One) }
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

/// A name that is not known, with the nearest that is.
fn unknown(field: &'static str, what: &str, name: &str, known: &[&str]) -> LimitError {
    let typed = name.to_lowercase();
    let similarity = |known: &&&str| strsim::jaro_winkler(known, &typed);
    // Two letters swapped in a short name have little in common for Jaro and Winkler.
    let is_near = |known: &&&str| {
        similarity(known) >= SUGGEST_FROM || strsim::damerau_levenshtein(known, &typed) <= 1
    };
    // Digits that look alike are versions that are not: 3.14 is nothing like 3.4.
    let is_word = |known: &&&str| known.starts_with(char::is_alphabetic);
    let nearest = known
        .iter()
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
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::{option, sample::select};

    use super::*;
    use crate::config::{SWEEP_ATTEMPTS_MAX, WORKERS_MAX};
    use crate::plan::Plan;
    use crate::python::Interpreters;

    fn refused(spec: v1::SweepSpec) -> String {
        wish(Some(spec)).expect_err("refused").to_string()
    }

    #[test]
    fn unknown_names_come_with_the_nearest() {
        let strategy =
            refused(v1::SweepSpec { strategies: vec!["fair-mutx".into()], ..Default::default() });
        assert_eq!(
            strategy,
            "strategies: `fair-mutx` is no strategy of this lab; did you mean `fair-mutex`? \
             choose one of gil, fair-mutex, atomic, unlocked, cpython, all"
        );
        let swapped =
            refused(v1::SweepSpec { strategies: vec!["gli".into()], ..Default::default() });
        assert!(swapped.contains("did you mean `gil`?"), "{swapped}");
        let era = refused(v1::SweepSpec { eras: vec!["4.0".into()], ..Default::default() });
        assert!(era.ends_with("3.12, 3.13, 3.13t, all"), "{era}");
        let call = refused(v1::SweepSpec { io_calls: vec!["ech".into()], ..Default::default() });
        assert!(call.contains("did you mean `echo`?"), "{call}");
        let upper = refused(v1::SweepSpec { strategies: vec!["GIL".into()], ..Default::default() });
        assert!(upper.contains("did you mean `gil`?"), "{upper}");
        let later = refused(v1::SweepSpec { eras: vec!["3.14".into()], ..Default::default() });
        assert!(!later.contains("did you mean"), "{later}");
        let body = refused(v1::SweepSpec { bodies: vec!["xyz".into()], ..Default::default() });
        assert!(!body.contains("did you mean"), "{body}");
    }

    #[test]
    fn an_order_from_the_future_is_the_default() {
        let spec =
            v1::SweepSpec { order: 99, strategies: vec!["gil".into()], ..Default::default() };
        assert_eq!(wish(Some(spec)).map(|wish| wish.order), Ok(Order::Interleaved));
    }

    #[test]
    fn a_request_without_a_spec_is_refused() {
        assert_eq!(wish(None).expect_err("refused").field, "spec");
    }

    #[test]
    fn names_and_ids_are_checked() {
        assert_eq!(sweep_id("sweeps/abc"), Ok("abc"));
        assert!(sweep_id("abc").is_err() && sweep_id("sweeps/").is_err());
        assert!(request_id(&"x".repeat(65)).is_err() && request_id("x").is_ok());
    }

    #[test]
    fn filters_name_a_state() {
        let state = |filter: &str| {
            let request = v1::ListSweepsRequest { filter: filter.into(), ..Default::default() };
            page(&request).map(|page| page.state)
        };
        assert_eq!(state(""), Ok(None));
        assert_eq!(state("state = RUNNING"), Ok(Some(State::Running)));
        assert_eq!(state("state=\"FAILED\""), Ok(Some(State::Failed)));
        assert!(state("state = ASLEEP").is_err() && state("name = x").is_err());
        let large = v1::ListSweepsRequest { page_size: 1001, ..Default::default() };
        assert_eq!(page(&large).expect_err("refused").field, "page_size");
    }

    prop_compose! {
        /// Requests near the limits and far beyond, and names that nobody knows.
        fn any_spec()(
            names in vec(select(vec!["gil", "atomic", "unlocked", "fair-mutex", "all", "x"]), 0..4),
            eras in vec(select(vec!["2.7", "3.9", "3.12", "3.13t", "all", "", "9"]), 0..3),
            bodies in vec(select(vec!["increment", "call", "io", "locked", "\u{0}"]), 0..3),
            io_calls in vec(select(vec!["echo", "write", "?"]), 0..2),
            (cpu_workers, io_workers) in (small_axis(), small_axis()),
            requests in option::of(number()),
            (switch_interval_ps, increments, inside_ns) in (axis(), axis(), axis()),
            (tasks, outside_ns, io_ns, io_every) in (axis(), axis(), axis(), axis()),
            (workers, switch_ticks, task_steps) in (small_axis(), small_axis(), small_axis()),
            (step_cost_ns, attempts) in (option::of(number()), option::of(any::<u32>())),
            (seed, order) in (option::of(any::<u64>()), any::<i32>()),
        ) -> v1::SweepSpec {
            let owned = |names: Vec<&str>| names.into_iter().map(String::from).collect();
            v1::SweepSpec {
                strategies: owned(names),
                eras: owned(eras),
                bodies: owned(bodies),
                switch_interval_ps,
                switch_ticks,
                workers,
                tasks,
                increments,
                task_steps,
                step_cost_ns,
                inside_ns,
                outside_ns,
                io_ns,
                io_every,
                attempts,
                seed,
                order,
                io_calls: owned(io_calls),
                cpu_workers,
                io_workers,
                requests,
                pythons: vec![],
            }
        }
    }

    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![0_u64..5, 0_u64..2_000_000_000, any::<u64>()]
    }

    fn axis() -> impl Strategy<Value = Vec<u64>> {
        vec(number(), 0..3)
    }

    fn small_axis() -> impl Strategy<Value = Vec<u32>> {
        vec(prop_oneof![0_u32..70, any::<u32>()], 0..3)
    }

    proptest! {
        /// Whatever arrives is planned within every limit or refused with a way out; nothing panics.
        #[test]
        fn any_request_is_planned_or_refused(spec in any_spec()) {
            match wish(Some(spec)).and_then(|wish| Plan::new(&wish, &Interpreters::default(), 0)) {
                Ok(plan) => {
                    prop_assert!((1..=CELLS_MAX).contains(&plan.cells.len()));
                    prop_assert!(plan.attempts() <= SWEEP_ATTEMPTS_MAX);
                    for cell in &plan.cells {
                        prop_assert!((1..=WORKERS_MAX as usize).contains(&cell.workers));
                        prop_assert!(cell.subject.check(&cell.workload).is_ok());
                        prop_assert!(cell.workload.checked().is_ok());
                    }
                }
                Err(error) => prop_assert!(!error.way_out.is_empty() && !error.field.is_empty()),
            }
        }
    }
}
