//! Which of the classic programs can be wrong, era by era, by trying everything: no attempt was
//! lucky, and none unlucky. The same programs run on real threads in [`crate::programs`].

use strategies::explore::forward::search;
use strategies::explore::query::gil;
use strategies::model::bounds::Bounds;
use strategies::model::scheduler::{Bits, Scheduler};
use strategies::model::state::Reduction;
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::{CustomBody, Increment};
use strategies::program::era::Era;

/// Workers and increments of each: what can be lost at all is lost in the smallest runs.
const SIZES: [(usize, u32); 2] = [(2, 3), (3, 2)];

/// Whether anything but the expected value comes out of some schedule. Without a budget the holder
/// may be replaced at any site, in the era of ticks too.
fn can_lose(era: Era, body: Increment, (workers, increments): (usize, u32)) -> bool {
    let program = gil(era, None).program(body, workers, increments).expect("within the limits");
    let any = Scheduler::Interleavings;
    let explored = search::explore::<Bits>(&program, any, Reduction::Fused, Bounds::ALL);
    let explored = explored.expect("small");
    assert_eq!(explored.deadlocks, 0, "{body} in {era}");
    let reachable = Bits::values(&explored.outcomes);
    assert_eq!(reachable.last(), Some(&program.expected()), "{body} in {era}");
    reachable.len() > 1
}

#[test]
fn an_era_says_of_every_body_what_trying_everything_says() {
    for era in Era::GENERATIONS {
        for body in BodyName::ALL {
            for size in SIZES {
                let body = Increment::from(body);
                assert_eq!(can_lose(era, body, size), era.can_lose(body), "{body} in {era}");
            }
        }
    }
}

/// In the order of the generations: 2.7, 3.9, 3.10, 3.12 and 3.13t.
#[test]
fn the_classic_programs_era_by_era() {
    let by_hand = |letters| Increment::from(CustomBody::parse(letters).expect("a body"));
    let (right, wrong) = (false, true);
    let programs = [
        ("num += 1", BodyName::Increment.into(), [wrong, wrong, right, right, wrong]),
        ("num += one()", BodyName::Call.into(), [wrong; 5]),
        // A property is a call that the source does not show.
        ("o.v += 1 through a property", BodyName::Call.into(), [wrong; 5]),
        ("a transfer with log() between", BodyName::Call.into(), [wrong; 5]),
        (
            "a transfer, the balance read after a helper's call",
            BodyName::CallFirst.into(),
            [wrong, wrong, right, right, wrong],
        ),
        ("with lock: num += 1", BodyName::Locked.into(), [right; 5]),
        ("with lock: num += one()", by_hand(".,.A,L.C,N.S,RC,J"), [right; 5]),
    ];
    for (name, body, wanted) in programs {
        for size in SIZES {
            let found = Era::GENERATIONS.map(|era| can_lose(era, body, size));
            assert_eq!(found, wanted, "{name}, {size:?}");
        }
    }
}
