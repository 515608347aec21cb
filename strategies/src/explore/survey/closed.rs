//! Answer by closed form: the least and the greatest value, or the wanted one, with schedules.

use crate::explore::closed_form::Race;
use crate::explore::survey::answer::{Outcome, QueryOptions, Survey};
use crate::explore::survey::verdict;
use crate::harness::entry::ModelBasis;
use crate::model::counting::orders::Orders;
use crate::model::long_program::LongProgram;

/// What can come out of a race whose closed form is known.
pub fn survey(
    program: LongProgram,
    basis: ModelBasis,
    race: &Race,
    wanted: &QueryOptions,
) -> Survey {
    let bound = race.bound();
    let mut shown = match wanted.value {
        Some(value) => vec![value],
        None => vec![*bound.start(), *bound.end()],
    };
    shown.dedup();
    shown.retain(|value| bound.contains(value));
    let outcome = |value| Outcome { witness: race.schedule(value), ..Outcome::of(value) };
    let orders = race.orders();
    Survey {
        program,
        interleavings: orders.filter(|_| wanted.exact).and_then(Orders::exact),
        interleavings_rounded: orders.map(Orders::rounded),
        states: None,
        classes: None,
        deadlocks: 0,
        outcomes: shown.into_iter().map(outcome).collect(),
        verdict: verdict::of_closed_form(race, basis, wanted),
    }
}
