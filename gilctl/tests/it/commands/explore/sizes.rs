//! Witnesses of every size against a real lab: a value that can come out has a schedule that `replay`
//! plays, any other is not found; no size is in between.

use std::process::Output;

use serde_json::Value;

use crate::real_lab::end_to_end::run;

/// The least value of so many increments each of so many workers.
type Least = fn(u64, u64) -> u64;

/// Races, each with its least value.
const RACES: [(&[&str], Least); 5] = [
    (&["--strategy", "unlocked"], |_, _| 2),
    (&["--strategy", "gil"], |_, _| 2),
    (&["--strategy", "gil", "--era", "3.12", "--steps", "LCS"], |increments, _| increments),
    (&["--strategy", "gil", "--era", "3.12"], |increments, workers| increments * workers),
    (&["--strategy", "fair-mutex"], |increments, workers| increments * workers),
];

fn witness(race: &[&str], workers: u64, increments: u64, value: u64) -> (Option<i32>, Output) {
    let numbers = [workers, increments, value].map(|number| number.to_string());
    let [workers, increments, value] = numbers.each_ref().map(String::as_str);
    let size = ["--workers", workers, "--increments", increments, "--value", value];
    let output = run(&[&["witness", "--embedded", "--output", "json"], race, &size].concat());
    (output.status.code(), output)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_size_has_a_schedule_or_a_reason() {
    for (race, least) in RACES {
        for (workers, increments) in [(2, 10), (2, 241), (8, 2), (3, 20_000), (2, 1_000_000)] {
            let least = least(increments, workers);
            let most = increments * workers;
            for value in [least, (least + most).div_ceil(2), most] {
                let (code, output) = witness(race, workers, increments, value);
                let what = format!("{race:?} {workers} x {increments}: {value}");
                assert_eq!(code, Some(0), "{what}: {}", said(&output));
                let found: Value = serde_json::from_slice(&output.stdout).expect("a document");
                assert_eq!(found["trace"]["value"], value, "{what}");
                let script = found["trace"]["script"].as_str().expect("a script");
                let words: Vec<&str> = script.split(' ').collect();
                let played = run(&[&["replay", "--embedded"], &words[..]].concat());
                assert_eq!(played.status.code(), Some(0), "{what}: {}", said(&played));
                let shown = String::from_utf8_lossy(&played.stdout).into_owned();
                let both = format!("{value} in the model, {value} on real threads");
                assert!(shown.contains(&both), "{what}: {shown}");
                assert!(shown.lines().count() < 80, "{what}: it is a page");
            }
            for value in [least - 1, most + 1] {
                let (code, output) = witness(race, workers, increments, value);
                assert_eq!(code, Some(8), "{race:?} {workers} x {increments}: {value}");
                assert!(!said(&output).contains("no schedule that leads"), "{}", said(&output));
            }
        }
    }
}

/// What only a search can say is refused before it starts, with the size that can be searched.
#[test]
fn a_tick_budget_beyond_the_search_names_the_limit() {
    let race = ["--strategy", "gil", "--switch-ticks", "100"];
    let (code, output) = witness(&race, 2, 100_000, 3);
    assert_eq!(code, Some(2));
    let error = said(&output);
    assert!(error.contains("--increments: 100000 is outside the limits; choose"), "{error}");
    assert_eq!(witness(&race, 2, 100_000, 200_000).0, Some(0), "one after the other");
    assert_eq!(witness(&race, 2, 100_000, 1).0, Some(8), "no switch leads to it");
}

#[test]
fn an_exploration_beyond_the_search_names_its_ends_and_its_way() {
    let race = ["explore", "--embedded", "--strategy", "unlocked", "--increments", "1000000"];
    let output = run(&race);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in [
        "closed form: nothing is searched",
        "3.8332395770380506e1204116 interleavings",
        "T0x1 T1x1999998 T0x1 T1x1 T0x1999998 T1x1",
        "by closed form, every value from 2 to 2000000 can come out",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(!shown.contains("PROBABILITY"), "{shown}");
    let exact = run(&[&race[..5], &["20000", "--exact"]].concat());
    let shown = String::from_utf8_lossy(&exact.stdout).into_owned();
    assert!(!shown.contains("e24"), "every digit of the count: {shown}");
}
