//! Applicability of the rare-switch law to a cell, and the probability that a hand-over falls into
//! the cell's window. Pure.

use strategies::catalog::Promise;
use strategies::model::rare_switch::window_share;
use strategies::program::era::SwitchRule;
use strategies::program::step::{Check, ORDINARY, Step};
use strategies::program::workload::Workload;

use crate::plan::cell::Cell;

/// Applicability of the law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LawApplicability {
    /// The probability that a hand-over falls into the window.
    Share(f64),
    /// The law does not apply, with the reason.
    Silent(&'static str),
}

/// Applicability of the law to a cell; `None` where no update can be lost or there are no
/// hand-overs.
pub fn law_applicability(cell: &Cell) -> Option<LawApplicability> {
    let Cell { subject, workload, workers, .. } = cell;
    let model = subject.model()?;
    let (era, rule) = (model.era()?, model.rule()?);
    if rule == SwitchRule::Free || subject.promise(workload, *workers) == Promise::Exact {
        return None;
    }
    let weigh = |step: Step| match rule {
        SwitchRule::Ticks(_) => u64::from(era.facts().sites.check(step) != Check::Silent),
        SwitchRule::Interval(_) | SwitchRule::Free => 1,
    };
    let body: u64 = workload.body.steps().map(weigh).sum();
    let reason = match *workload {
        _ if model.is_hypothetical() => "no interpreter of that era has that rule",
        Workload { inside_ns, outside_ns, .. } if inside_ns + outside_ns > 0 => {
            "there is work beside the steps, which are no longer of one length"
        }
        Workload { io: None, service: None, .. } if keeps_step(rule, body) => {
            "the budget keeps step with the body, so every switch falls on the same steps"
        }
        Workload { io: None, service: None, .. } => {
            // Between tasks no update can be lost.
            let round: u64 = ORDINARY.into_iter().map(weigh).sum();
            let bodies = (body * workload.increments) as f64;
            let steps = if workload.is_endless() { 0 } else { workload.task_steps };
            let beside = f64::from(steps) * round as f64 / ORDINARY.len() as f64;
            let inside = bodies / (bodies + beside);
            return Some(LawApplicability::Share(window_share(era, workload.body) * inside));
        }
        _ => "requests let others in as well",
    };
    Some(LawApplicability::Silent(reason))
}

/// Whether a tick budget's period and a body's ticks have a common divisor above 1.
fn keeps_step(rule: SwitchRule, body: u64) -> bool {
    let SwitchRule::Ticks(budget) = rule else { return false };
    let (mut period, mut ticks) = (u64::from(budget) + 1, body);
    while ticks > 0 {
        (period, ticks) = (ticks, period % ticks);
    }
    period > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use strategies::catalog::Spec;
    use strategies::program::era::{Era, SwitchInterval};
    use strategies::program::workload::{Io, Request};

    const LONG: Workload = Workload { tasks: 2, increments: 1_000_000, ..Workload::ONE };

    fn of(era: Era, rule: SwitchRule, workload: Workload) -> Option<LawApplicability> {
        let subject = Spec::Gil { era, rule }.into();
        law_applicability(&Cell { subject, workload, workers: 2, attempts: 1 })
    }

    fn interval() -> SwitchRule {
        SwitchRule::Interval(SwitchInterval::from_picoseconds(5_000_000_000))
    }

    #[track_caller]
    fn share(found: Option<LawApplicability>) -> f64 {
        match found {
            Some(LawApplicability::Share(share)) => share,
            other => panic!("{other:?} is not a share"),
        }
    }

    #[test]
    fn long_run_has_the_share_of_the_law() {
        assert!((share(of(Era::V3_9, interval(), LONG)) - 4.0 / 7.0).abs() < 1e-6);
        assert!((share(of(Era::V2_7, SwitchRule::Ticks(100), LONG)) - 2.0 / 5.0).abs() < 1e-6);
    }

    #[test]
    fn task_steps_reduce_the_share() {
        let one = Workload { increments: 1, task_steps: 693, ..LONG };
        let found = share(of(Era::V3_9, interval(), one));
        assert!((found - 4.0 / 7.0 * 7.0 / 700.0).abs() < 1e-6, "{found}");
    }

    #[test]
    fn law_is_silent_outside_its_assumptions() {
        let silent = |era, rule, workload| {
            matches!(of(era, rule, workload), Some(LawApplicability::Silent(_)))
        };
        assert!(silent(Era::V2_7, SwitchRule::Ticks(99), LONG), "in step");
        assert!(silent(Era::V2_7, interval(), LONG), "hypothetical");
        assert!(silent(Era::V3_9, interval(), Workload { outside_ns: 1, ..LONG }));
        let io = Some(Io { every: 1, request: Request::Echo });
        assert!(silent(Era::V3_9, interval(), Workload { io, ..LONG }));
        assert_eq!(of(Era::V3_12, interval(), LONG), None, "it cannot lose");
        assert_eq!(of(Era::V3_13T, SwitchRule::Free, LONG), None, "there are no hand-overs");
    }
}
