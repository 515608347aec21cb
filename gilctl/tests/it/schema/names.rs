//! Values of enumerations: those of the tables are those of the code.

use proto::v1::compared_cell::Outcome;
use proto::v1::{
    Attention, Fitness, Grade, Order, PictureKind, Pin, Promise, SweepState, Validity, Verdict,
};
use view::render::format::enum_names;
use view::render::picture::document::kind;

use super::table::{FieldType, SECTIONS, fields};

/// Values of an enumeration of the wire, as documents spell them.
fn spelled<T: TryFrom<i32>>(name: impl Fn(T) -> Option<&'static str>) -> Vec<&'static str> {
    let all = (0..64).filter_map(|number| T::try_from(number).ok());
    let mut names: Vec<&str> = all.filter_map(name).filter(|it| !it.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn values_of_the_tables_are_those_of_the_wire() {
    let mut checked = 0;
    for section in SECTIONS.iter() {
        for row in fields(section) {
            let FieldType::OneOf(mut values) = row.value else { continue };
            let wanted = match row.name.rsplit('_').next().expect("a word") {
                "state" => spelled(|it: SweepState| Some(enum_names::state(it))),
                "order" => spelled(|it: Order| Some(enum_names::order(it))),
                "pin" => spelled(|it: Pin| Some(enum_names::pin(it))),
                "promise" => spelled(|it: Promise| enum_names::promise(it)),
                "verdict" => spelled(|it: Verdict| enum_names::verdict(it)),
                "validity" => spelled(|it: Validity| enum_names::validity(it)),
                "grade" => spelled(|it: Grade| enum_names::grade(it)),
                "attention" => spelled(|it: Attention| enum_names::attention(it)),
                "fitness" => spelled(|it: Fitness| Some(enum_names::fitness(it))),
                "outcome" => spelled(|it: Outcome| enum_names::outcome(it)),
                "picture" => spelled(|it: PictureKind| Some(kind(it))),
                // Of these the code has no function; the documents of the tests have them.
                "kind" | "agrees" | "scale" | "style" => continue,
                other => panic!("{other} has values, and no test knows them"),
            };
            values.sort_unstable();
            assert_eq!(values, wanted, "{}: {}", section.name, row.name);
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}
