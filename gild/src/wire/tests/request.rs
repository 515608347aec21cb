//! Names, ids, filters and pages.

use super::*;
use crate::wire::state::filter_state;
use engine::jobs::state::State;

#[test]
fn malformed_name_or_id_is_refused() {
    assert_eq!(sweep_id("sweeps/abc"), Ok("abc"));
    assert!(sweep_id("abc").is_err() && sweep_id("sweeps/").is_err());
    assert_eq!(exploration_id("explorations/abc"), Ok("abc"));
    assert!(exploration_id("sweeps/abc").is_err());
    assert!(request_id(&"x".repeat(65)).is_err() && request_id("x").is_ok());
}

#[test]
fn filter_by_state_is_read() {
    assert_eq!(filter_state(""), Ok(None));
    assert_eq!(filter_state("state = RUNNING"), Ok(Some(State::Running)));
    assert_eq!(filter_state("state=\"FAILED\""), Ok(Some(State::Failed)));
    assert!(filter_state("state = ASLEEP").is_err() && filter_state("name = x").is_err());
}

#[test]
fn id_beyond_the_length_limit_is_refused() {
    let named = |letters: usize| format!("{SWEEPS}{}", "é".repeat(letters));
    assert!(sweep_id(&named(ID_LETTERS_MAX)).is_ok());
    let error = sweep_id(&named(ID_LETTERS_MAX + 1)).expect_err("too long");
    assert_eq!(error.field, "name");
    assert!(error.to_string().contains("at most 64 letters"), "{error}");
    assert!(exploration_id(&"x".repeat(1 << 16)).is_err());
}

#[test]
fn repeated_eras_of_a_listing_are_listed_once() {
    let eras = ["all", "3.9", "all", "2.7"].repeat(100).into_iter().map(String::from).collect();
    let request = v1::GetBodyRequest { body: "call".into(), eras };
    let (_, shown) = body_and_eras(&request).expect("a body and eras");
    assert_eq!(shown, Era::GENERATIONS);
}

#[test]
fn page_size_beyond_the_limit_is_refused() {
    assert_eq!(page_size(1001).expect_err("refused").field, "page_size");
    assert_eq!((page_size(0), page_size(2)), (Ok(50), Ok(2)));
}
