//! The same foreign locks in a benchmark that shares nothing with the lab: a plain loop around the
//! lock, counted from outside between two moments. Both in the same rounds.

use engine::stats::two_sample::{Comparison, Sample};
use peers::bare;
use strategies::catalog::{Plain, Spec};
use strategies::harness::rng::SplitMix64;

use crate::lab::{ATTEMPT, Load, ROUNDS, interleaved_with};
use crate::page::Page;

pub(crate) fn run(page: &mut Page) {
    page.head(
        "The lab's figures beside an independent bare benchmark",
        &format!(
            "{ROUNDS} interleaved rounds of {ATTEMPT:?}, empty sections; wanted: medians \
                  within 10 %."
        ),
        &["lock", "workers", "lab, M/s", "bare, M/s", "lab / bare", "wanted"],
    );
    for lock in [Plain::StdMutex, Plain::ParkingLot, Plain::Pthread] {
        for workers in [1, 2, 8] {
            let load = Load::of(Spec::Plain(lock), workers);
            let (lab, bare) = interleaved_with(load, || bare::rate(lock, workers, ATTEMPT));
            page.row(&row(lock, workers, &lab, &bare));
        }
    }
}

fn row(lock: Plain, workers: usize, lab: &Sample, bare: &Sample) -> [String; 6] {
    let found = Comparison::of(lab, bare, &mut SplitMix64::of(&[5])).expect("rates");
    let is_near = (0.9..=1.1).contains(&found.ratio);
    [
        format!("{lock:?}"),
        workers.to_string(),
        format!("{:.3}", lab.median() / 1e6),
        format!("{:.3}", bare.median() / 1e6),
        format!("{:.2} [{:.2} to {:.2}]", found.ratio, found.low, found.high),
        if is_near { "yes" } else { "**no**" }.into(),
    ]
}
