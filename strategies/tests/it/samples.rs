//! Schedules by chance: they hit as often as the exact tables say, and the same seed gives the
//! same.

use strategies::explore::random::{Priorities, Sampler, play, schedule};
use strategies::explore::reverse::chain;
use strategies::harness::rng::SplitMix64;
use strategies::model::bounds::Bounds;
use strategies::model::program::Program;
use strategies::model::replay::replay;
use strategies::model::scheduler::Scheduler;

use crate::exact::unlocked;

/// Random walks and drawn interleavings against the exact distributions.
#[test]
fn samples_hit_as_often_as_the_exact_tables_say() {
    let pairs = [
        (Sampler::RandomWalk, Scheduler::UniformStep),
        (Sampler::Interleavings, Scheduler::Interleavings),
    ];
    for (seed, (workers, increments, steps)) in
        [(2, 1, "LS"), (2, 3, "LS"), (2, 5, "LAS"), (3, 2, "LS"), (3, 3, "LAS")]
            .into_iter()
            .enumerate()
    {
        let program = unlocked(workers, increments, steps);
        for (sampler, scheduler) in pairs {
            let exact = chain::outcomes::<f64>(&program, scheduler, Bounds::ALL).expect("small");
            let what = format!("{sampler:?} {workers}x{increments} {steps}");
            fits(&program, sampler, seed as u64, &exact, &what);
        }
    }
}

/// All orders and all places of a change are equally likely: the distribution is a mean over them.
#[test]
fn priorities_hit_as_often_as_their_draws_say() {
    let program = unlocked(2, 3, "LS");
    let moves = program.moves() as u64;
    let mut exact = vec![0.0; program.expected() as usize + 1];
    for order in [vec![0, 1], vec![1, 0]] {
        for first in 0..moves {
            for second in 0..moves {
                let draw = Priorities { order: order.clone(), changes: vec![first, second] };
                exact[draw.play(&program, |_| {}) as usize] += 1.0 / (2 * moves * moves) as f64;
            }
        }
    }
    fits(&program, Sampler::Priorities { depth: 3 }, 7, &exact, "priorities");
    // One preemption makes 3 of 6, which is a bug of depth 2.
    let least = 1.0 / (2.0 * moves as f64);
    let hits = (0..2000).filter(|&seed| {
        let drawn =
            play(&program, Sampler::Priorities { depth: 2 }, &mut SplitMix64::of(&[seed]), |_| {});
        drawn == Ok(3)
    });
    assert!(hits.count() as f64 / 2000.0 > least);
}

#[test]
fn bounded_preemptions_stay_within_their_bound() {
    let program = unlocked(2, 5, "LS");
    for seed in 0..500 {
        let drawn =
            schedule(&program, Sampler::Preemptions { most: 2 }, &mut SplitMix64::of(&[seed]));
        let (schedule, value) = drawn.expect("it applies");
        let trace = replay(&program, &schedule).expect("a schedule of it");
        assert!(trace.preemptions <= 2 && trace.value == value);
        // Below the increments of one worker it takes four.
        assert!(value >= 5, "{schedule}: {value}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let program = unlocked(3, 2, "LS");
    let drawn = |sampler| {
        schedule(&program, sampler, &mut SplitMix64::of(&[42])).expect("it applies").0.to_string()
    };
    let all = [
        Sampler::RandomWalk,
        Sampler::Interleavings,
        Sampler::Priorities { depth: 3 },
        Sampler::Preemptions { most: 2 },
    ]
    .map(drawn);
    let walk = "T1x1 T2x1 T1x1 T0x1 T2x1 T0x2 T2x1 T0x1 T1x2 T2x1";
    let interleaving = "T1x1 T2x1 T1x1 T0x1 T2x1 T0x2 T2x1 T0x1 T2x1 T1x2";
    assert_eq!(all, [walk, interleaving, "T1x4 T2x1 T0x4 T2x3", "T1x4 T0x4 T2x4"]);
}

/// Pearson's chi-square of 100,000 samples; values with fewer than five expected are taken
/// together.
#[track_caller]
fn fits(program: &Program, sampler: Sampler, seed: u64, exact: &[f64], what: &str) {
    const SAMPLES: u32 = 100_000;
    let mut met = vec![0_u32; exact.len()];
    let mut stream = SplitMix64::of(&[seed, 2026]);
    for _ in 0..SAMPLES {
        met[play(program, sampler, &mut stream, |_| {}).expect("it applies") as usize] += 1;
    }
    let (mut sum, mut cells, mut rare) = (0.0, 0, (0.0, 0.0));
    // Ways count one each; chances sum up to 1 anyway.
    let all: f64 = exact.iter().sum();
    for (&p, &met) in exact.iter().zip(&met) {
        let (wanted, met) = (p / all * f64::from(SAMPLES), f64::from(met));
        assert!(p > 0.0 || met == 0.0, "{what}: an impossible value");
        if wanted < 5.0 {
            rare = (rare.0 + wanted, rare.1 + met);
        } else {
            sum += (met - wanted).powi(2) / wanted;
            cells += 1;
        }
    }
    if rare.0 >= 5.0 {
        sum += (rare.1 - rare.0).powi(2) / rare.0;
        cells += 1;
    }
    let limit = chi_square_limit(cells - 1);
    assert!(sum < limit, "{what}: chi-square {sum} of {cells} cells, limit {limit}");
}

/// The value that chi-square exceeds with probability 0.001 (Wilson and Hilferty 1931).
fn chi_square_limit(degrees: u32) -> f64 {
    let k = f64::from(degrees.max(1));
    let part = 2.0 / (9.0 * k);
    k * (1.0 - part + 3.0902 * part.sqrt()).powi(3)
}
