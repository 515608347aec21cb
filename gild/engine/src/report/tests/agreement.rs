//! Notes on interpreters whose window is closed, on constructed measurements.

use strategies::catalog::Plain;
use strategies::program::era::{SwitchInterval, SwitchRule};

use super::*;
use crate::measure::measurement::tests::{CELL, measured};
use crate::python::version::{GlobalLock, Version};

/// From 3.10 on no attempt of the newcomer's own interpreter can be wrong, and the sweep says why.
#[test]
fn interpreter_that_lets_none_in_between_load_and_store_is_noted_once() {
    let of = |minor, body: BodyName, inside_ns| {
        let version = Version { major: 3, minor, micro: 7, lock: GlobalLock::Held };
        let cell = |picoseconds| {
            let rule = SwitchRule::Interval(SwitchInterval::from_picoseconds(picoseconds));
            let subject = Subject::Python(Python { place: 0, version, rule });
            let workload = Workload { body: body.into(), inside_ns, ..CELL.workload };
            Cell { subject, workload, ..CELL }
        };
        let right = measured(Spec::Plain(Plain::Unlocked), &[100; 9]);
        let cells = [5_000_000_000, 500_000].map(cell);
        closed_windows(&cells.each_ref().map(|cell| (cell, &right)))
    };
    assert_eq!(
        of(11, BodyName::Increment, 0),
        [
            "cpython 3.11.7 loses no update of `num += 1`, at any interval: CPython 3.11 looks whether \
          it must switch at calls and backward jumps only, and none lies between load and store; \
          --body call has one."
        ]
    );
    assert!(of(10, BodyName::Increment, 0)[0].contains("at calls and jumps only"));
    let open = [
        (9, BodyName::Increment, 0),
        (11, BodyName::Call, 0),
        (11, BodyName::Len, 0),
        (11, BodyName::Locked, 0),
        (11, BodyName::Increment, 5),
    ];
    for (minor, body, inside_ns) in open {
        assert_eq!(of(minor, body, inside_ns), [""; 0], "3.{minor}, {body}, {inside_ns} ns inside");
    }
}
