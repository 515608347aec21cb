//! The lab's rows beside those of real interpreters, in the same interleaved rounds.

use std::time::Duration;

use strategies::catalog::Spec;
use strategies::program::bodies::BodyName;
use strategies::program::era::{Era, RuleKind, SwitchRule};

use crate::foreign::{Foreign, RETRIES};
use crate::lab::{ATTEMPTS, Bench, LONG, Seen, interval_us, long, ticks};
use crate::real::{Real, Reals};
use crate::report::{Outcome, Section, word};
use crate::statistics::Median;

/// The text of a run without real interpreters.
const SKIPPED: &str = "skipped: no interpreter";
/// How long threads are watched for switches.
const WATCHED: Duration = Duration::from_millis(400);
/// Increments of a run of a body: the interpreters are as fast, give or take three times.
const BODY_RUN: u64 = 1_000_000;
/// By what factor two rates may differ, at each interval in microseconds.
const FACTORS: [(u64, f64); 3] = [(5000, 1.25), (100, 1.5), (10, 2.0)];

/// Switches per second of two workers that compute, ours and theirs.
pub(crate) fn switch_rates(bench: &mut Bench, reals: &mut Reals) -> Section {
    let title = "Switches per second beside real interpreters";
    let mut lines = vec![
        "| interpreter | interval | its switches/s | ours | ratio | at most | rounds | holds |"
            .to_owned(),
        "|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    let (mut all, mut found) = (Outcome::Holds, false);
    for real in reals.by_interval() {
        for (us, factor) in FACTORS {
            found = true;
            let (theirs, ours, rounds) = rounds_of_switches(bench, real, us);
            let (Some(theirs), Some(ours)) = (theirs, ours) else {
                all = Outcome::HoldsNot;
                lines.push(format!(
                    "| {} | {us} us | - | - | - | {factor} | none of {rounds} valid | **no** |",
                    real.name()
                ));
                continue;
            };
            let ratio = (theirs.middle / ours.middle).max(ours.middle / theirs.middle);
            let holds = Outcome::from(ratio <= factor && theirs.samples >= ATTEMPTS);
            if holds == Outcome::HoldsNot {
                all = holds;
            }
            lines.push(format!(
                "| {} | {us} us | {theirs} | {ours} | {ratio:.2} | {factor} | {} of {rounds} \
                 valid | {} |",
                real.name(),
                theirs.samples,
                word(holds)
            ));
        }
    }
    if !found {
        return Section { title, text: SKIPPED.into(), outcome: None };
    }
    lines.push(String::new());
    lines.push(
        "Medians with 95 % bootstrap intervals, in interleaved rounds; a round in which others \
         used \
         more than a tenth of the machine is not valid and run again."
            .into(),
    );
    Section { title, text: lines.join("\n"), outcome: Some(all) }
}

fn rounds_of_switches(
    bench: &mut Bench,
    real: &mut Real,
    us: u64,
) -> (Option<Median>, Option<Median>, usize) {
    // As long as the interpreter is watched: a turn of seven steps takes about 105 ns.
    let increments = u64::try_from(WATCHED.as_nanos()).unwrap_or(u64::MAX) / 105;
    let setting = long(interval_us(real.era(), us), BodyName::Increment, 2, increments);
    let (mut theirs, mut ours, mut rounds) = (Vec::new(), Vec::new(), 0);
    while theirs.len() < ATTEMPTS && rounds < ATTEMPTS * RETRIES {
        rounds += 1;
        let foreign = Foreign::watch();
        let rule = real.rule_us(us, 100);
        let (rate, cpu) = real.switch_rate(2, rule, WATCHED);
        let seen = bench.attempt(setting);
        if foreign.left_us_alone(cpu) {
            theirs.push(rate);
            ours.push(seen.switches_per_second());
        }
    }
    let median = |rates: &[f64]| (!rates.is_empty()).then(|| Median::of(rates));
    (median(&theirs), median(&ours), rounds)
}

/// How much each body loses, ours and theirs, and whether any two bodies stand in another order.
pub(crate) fn bodies(bench: &mut Bench, reals: &mut Reals) -> Section {
    let title = "Bodies beside real interpreters";
    if reals.0.is_empty() {
        return Section { title, text: SKIPPED.into(), outcome: None };
    }
    let (mut text, mut reversed) = (Vec::new(), 0);
    for real in &mut reals.0 {
        let rows: Vec<_> = BodyName::ALL.map(|body| body_row(bench, real, body)).into();
        text.push(format!("| lost by 2 workers | {} | gil {} |", real.name(), real.era()));
        text.push("|---|---|---|".into());
        for (body, theirs, ours) in &rows {
            text.push(format!("| {body} | {theirs} | {ours} |"));
        }
        let pairs = orders(&rows);
        reversed += pairs.len();
        let found = if pairs.is_empty() { "none".to_owned() } else { pairs.join(", ") };
        text.push(String::new());
        text.push(format!("Pairs of bodies in another order: {found}."));
        text.push(String::new());
    }
    text.push(format!(
        "Medians of {ATTEMPTS} interleaved runs of {BODY_RUN} increments at 10 us (2.7: 100 \
         ticks), with \
         95 % bootstrap intervals. A pair stands in another order if its intervals are disjoint \
         on both \
         sides and the other body loses more."
    ));
    Section { title, text: text.join("\n"), outcome: Some((reversed == 0).into()) }
}

fn body_row(bench: &mut Bench, real: &mut Real, body: BodyName) -> (BodyName, Median, Median) {
    // A system call costs a real interpreter most of a microsecond.
    let increments = if body == BodyName::Io { BODY_RUN / 10 } else { BODY_RUN };
    let era = real.era();
    let spec = match era.facts().rule {
        RuleKind::Interval => interval_us(era, 10),
        RuleKind::Ticks => ticks(100),
        RuleKind::Free => Spec::Gil { era: Era::V3_13T, rule: SwitchRule::Free },
    };
    let setting = long(spec, body, 2, increments.min(LONG));
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ATTEMPTS {
        theirs.push(real.lost(body, real.rule_us(10, 100), 2, increments));
        ours.push(Seen::lost(&bench.attempt(setting)));
    }
    (body, Median::of(&theirs), Median::of(&ours))
}

/// Pairs whose intervals are disjoint on both sides, in opposite order.
fn orders(rows: &[(BodyName, Median, Median)]) -> Vec<String> {
    let mut reversed = Vec::new();
    for (a, theirs_a, ours_a) in rows {
        for (b, theirs_b, ours_b) in rows {
            if theirs_a.is_below(theirs_b) && ours_b.is_below(ours_a) {
                reversed.push(format!("{a} and {b}"));
            }
        }
    }
    reversed
}
