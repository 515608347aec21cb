//! Names, promises and refusals of the catalogue.

use super::*;
use crate::harness::entry::{Inclusion, Waiting};
use crate::program::bodies::BodyName;
use crate::program::body_spec::CustomBody;
use crate::program::era::{SwitchInterval, TICKS_MAX};

use crate::program::workload::{Request, Service};

const TWO: Workload = Workload { tasks: 2, ..Workload::ONE };

fn gil(era: Era) -> Spec {
    let rule = SwitchRule::Interval(SwitchInterval::from_picoseconds(5_000_000_000));
    Spec::Gil { era, rule }
}

fn spelled(letters: &str) -> Increment {
    CustomBody::parse(letters).expect("a body").into()
}

#[test]
fn names_are_found_again() {
    for name in Name::all() {
        assert_eq!(Name::parse(name.entry().name), Some(name));
    }
}

/// A refusal of a lock whose waiters keep their cores names one that exists and gives
/// way.
#[test]
fn locks_that_keep_cores_name_one_that_gives_way() {
    let mut keep = Vec::new();
    for name in Name::all() {
        if let Waiting::KeepsCore { instead } = name.entry().waiting {
            let other = Name::parse(instead).expect("a strategy").entry();
            assert_eq!((other.waiting, other.inclusion), (Waiting::Yields, Inclusion::Default));
            assert_eq!(name.entry().inclusion, Inclusion::OnRequest, "{name}");
            keep.push(name.to_string());
        }
    }
    assert_eq!(keep, ["ticket-spin", "mcs-spin", "clh-spin"]);
}

/// Which programs can lose updates in which generation.
#[test]
fn what_lets_others_in_is_a_table() {
    let eras = [Era::V2_7, Era::V3_9, Era::V3_10, Era::V3_12, Era::V3_13T];
    let loses = |body: BodyName| {
        let own = |era: Era| match era.facts().rule {
            RuleKind::Ticks => SwitchRule::Ticks(100),
            RuleKind::Interval => gil(era).rule().expect("a gil has one"),
            RuleKind::Free => SwitchRule::Free,
        };
        let spec = |era| Spec::Gil { era, rule: own(era) };
        eras.map(|era| {
            spec(era).promise(&Workload { body: body.into(), ..TWO }, 2) == Promise::Lossy
        })
    };
    for body in [BodyName::Increment, BodyName::Split, BodyName::CallFirst] {
        assert_eq!(loses(body), [true, true, false, false, true], "{body}");
    }
    for body in [BodyName::Call, BodyName::Builtin, BodyName::Loop, BodyName::Io] {
        assert_eq!(loses(body), [true; 5], "{body}");
    }
    for body in [BodyName::Len, BodyName::ForwardJump] {
        assert_eq!(loses(body), [true, true, true, false, true], "{body}");
    }
    assert_eq!(loses(BodyName::Locked), [false; 5]);
}

#[test]
fn single_worker_loses_nothing() {
    assert_eq!(Spec::Plain(Plain::Unlocked).promise(&TWO, 1), Promise::Exact);
    assert_eq!(Spec::Plain(Plain::Unlocked).promise(&Workload::ONE, 8), Promise::Exact);
    assert_eq!(Spec::Plain(Plain::Unlocked).promise(&TWO, 2), Promise::Lossy);
}

#[test]
fn an_atomic_increment_has_no_inside() {
    let refused =
        |workload| Spec::Plain(Plain::Atomic).check(&workload).expect_err("refused").to_string();
    let call = refused(Workload { body: BodyName::Call.into(), ..Workload::ONE });
    assert!(call.starts_with("bodies: call cannot be done by `atomic`"), "{call}");
    let by_hand = refused(Workload { body: spelled("LJS"), ..Workload::ONE });
    assert!(by_hand.starts_with("steps: LJS cannot be done by `atomic`"), "{by_hand}");
    let local = Workload { body: spelled("CL.,SJ"), ..Workload::ONE };
    assert_eq!(Spec::Plain(Plain::Atomic).check(&local), Ok(()));
    let inside = refused(Workload { inside_ns: 5, ..Workload::ONE });
    assert!(inside.starts_with("inside_ns: 5 ns cannot be done"), "{inside}");
}

/// A body without a site ends with its task, but beside requests there are no tasks.
#[test]
fn body_without_a_site_is_refused_under_a_switching_gil() {
    let service = Some(Service { workers: 1, requests: 1, request: Request::Echo });
    let check = |era, letters, service| {
        gil(era).check(&Workload { body: spelled(letters), service, ..Workload::ONE })
    };
    let error = check(Era::V3_12, "L.S", service).expect_err("refused").to_string();
    assert!(error.starts_with("steps: L.S never lets another worker in under gil 3.12"), "{error}");
    assert!(check(Era::V3_12, "L.S", None).is_ok());
    assert!(check(Era::V3_12, "L.SJ", service).is_ok() && check(Era::V3_9, "LS", service).is_ok());
}

#[test]
fn a_rule_of_another_era_is_hypothetical() {
    let ticks = |era| Spec::Gil { era, rule: SwitchRule::Ticks(100) };
    assert!(!ticks(Era::V2_7).is_hypothetical());
    assert!(ticks(Era::V3_12).is_hypothetical());
    assert!(!gil(Era::V3_12).is_hypothetical());
}

#[test]
fn rules_have_limits() {
    let with = |rule| Spec::Gil { era: Era::V3_9, rule }.check(&Workload::ONE);
    assert!(with(SwitchRule::Ticks(0)).is_err());
    assert!(with(SwitchRule::Ticks(TICKS_MAX + 1)).is_err());
    let interval = |ps| with(SwitchRule::Interval(SwitchInterval::from_picoseconds(ps)));
    assert!(interval(0).is_err());
    assert!(interval(500).is_ok());
    assert!(interval(3_600_000_000_000_000).is_err());
}
