//! Law of rare switches: the share of updates that a GIL loses in a long run, from two numbers and
//! without a model of time.
//!
//! A worker that is switched out between load and store comes back, stores its stale value, and
//! wipes out all that the others did meanwhile. With `T` workers whose slices are long against a
//! body, and a probability `p` that a hand-over falls into the window,
//!
//! ```text
//! lost share = (T - 1) p / (1 + (T - 1) p)          at most (T - 1) / T
//! ```
//!
//! so what is lost depends on `p` and `T`, and hardly on how often the lock changes hands. It says
//! nothing of runs with few hand-overs, nor of a tick budget that keeps step with the body.

use crate::program::body_spec::Increment;
use crate::program::era::{Era, RuleKind};
use crate::program::step::{Check, SideEffect, Step};

/// The probability that a hand-over falls into the window of a body, 0 to 1.
///
/// Where a waiter asks at some moment, that is the share of a turn's steps, all of one length,
/// after which the next site lies in the window. Where ticks are counted, it is the window's share
/// of the ticking steps. With a system call in the window it is taken as 1, an upper bound: a worker that
/// has asked gets the lock there, unless the request falls between the call and the next site
/// outside.
pub fn window_share(era: Era, body: impl Into<Increment>) -> f64 {
    let body = body.into();
    if !era.can_lose(body) {
        return 0.0;
    }
    if body.window().any(|step| step.side_effect() == SideEffect::Write) {
        return 1.0;
    }
    let steps: Vec<Step> = body.steps().collect();
    let facts = era.facts();
    let is_site = |&at: &usize| facts.sites.check(steps[at]) == Check::Site;
    let load = steps.iter().position(|&step| step == Step::Load).unwrap_or(0);
    let window = load..load + body.window().count();
    match facts.rule {
        RuleKind::Ticks => {
            let sites = (0..steps.len()).filter(is_site).count();
            window.filter(is_site).count() as f64 / sites as f64
        }
        RuleKind::Interval => {
            let turns = 2 * steps.len();
            let next_site = |from: usize| {
                let mut later = (from..turns).map(|at| at % steps.len());
                later.find(is_site)
            };
            let falls_inside =
                |from: &usize| next_site(*from).is_some_and(|at| window.contains(&at));
            (0..steps.len()).filter(falls_inside).count() as f64 / steps.len() as f64
        }
        // Others run at any moment, whatever the body.
        RuleKind::Free => 1.0,
    }
}

/// The share of increments lost by `workers` in a long run, given [`window_share`].
pub fn lost_share(window_share: f64, workers: usize) -> f64 {
    let others = workers.saturating_sub(1) as f64 * window_share;
    others / (1.0 + others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::bodies::BodyName;
    use crate::program::body_spec::CustomBody;

    #[track_caller]
    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
    }

    #[test]
    fn shares_of_the_increment() {
        close(window_share(Era::V3_9, BodyName::Increment), 4.0 / 7.0);
        close(window_share(Era::V2_7, BodyName::Increment), 2.0 / 5.0);
        close(window_share(Era::V3_12, BodyName::Increment), 0.0);
        close(window_share(Era::V3_9, BodyName::Io), 1.0);
        close(window_share(Era::V3_9, BodyName::Locked), 0.0);
    }

    #[test]
    fn shares_of_a_body_by_hand() {
        let share = |era, letters| window_share(era, CustomBody::parse(letters).expect("a body"));
        close(share(Era::V3_9, "LS"), 1.0 / 2.0);
        close(share(Era::V2_7, "L.S"), 2.0 / 3.0);
        close(share(Era::V3_12, "L.S"), 0.0);
        // Its only site lies in the window, so that every hand-over does.
        close(share(Era::V3_12, "..LCS.."), 1.0);
        close(share(Era::V3_12, "ALCSR"), 0.0);
    }

    #[test]
    fn a_share_is_never_zero_where_updates_can_be_lost() {
        for era in Era::ALL {
            for body in BodyName::ALL {
                let share = window_share(era, body);
                assert!((0.0..=1.0).contains(&share));
                assert_eq!(share > 0.0, era.can_lose(body), "{body} in {era}");
            }
        }
    }

    #[test]
    fn more_workers_lose_more_and_never_all() {
        close(lost_share(0.4, 2), 2.0 / 7.0);
        close(lost_share(1.0, 8), 7.0 / 8.0);
        close(lost_share(0.5, 1), 0.0);
    }
}
