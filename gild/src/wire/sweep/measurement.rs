//! A cell's statistics, as the wire spells them.

use proto::v1;

use strategies::explore::reachable::Tightness;
use strategies::machine::native::timestamp_ns;

use engine::measure::contention::Contention;
use engine::measure::measurement::{Histograms, Measurement, Switches, Verdict};
use engine::measure::model::model_fit::{ModelFit, ObservedValue};
use engine::measure::model::prediction::Grade;
use engine::measure::validity::Disturbance;
use engine::measure::validity::Validity;
use engine::stats::descriptive::{Share, Spread};
use engine::stats::fairness::{WorkerShare, WorkerShares};
use view::follow::lost_increments::wire_lost_increments;

/// A measurement; the default one before the first turn.
#[expect(clippy::too_many_lines, reason = "one field a line, none decides anything")]
pub fn measurement(measured: &Measurement) -> v1::Measurement {
    let Measurement {
        attempts,
        correct,
        correct_share: Share { fraction, low: correct_low, high: correct_high },
        rounds: (round_low, round_high),
        round_count,
        observed: (observed_min, observed_max),
        lost: Spread { low: lost_low, median: lost_fraction, high: lost_high },
        lost_increments,
        duration_ns: duration,
        rate,
        rate_interval: (rate_low, rate_high),
        jain,
        overlap,
        switches,
        switch_rate,
        hand_overs,
        hand_over_ns_p50,
        hand_over_ns_p99,
        hand_over_ns_max,
        waits,
        slices,
        wait_ranks,
        cpu,
        cpu_ns_per_increment,
        context_switches,
        requests,
        request_rate,
        latencies,
        histograms,
        worker_shares,
        step_cost_measured_ns,
        modelled,
        lost_predicted,
        disturbance: Disturbance { noise, noisy_turns: _, reruns, degraded_turns: _ },
        validity,
        verdict,
        contention,
    } = measured.clone();
    let histograms = histograms.map_or_else(Histograms::default, |it| *it);
    let switches = |of: fn(Switches) -> u64| switches.map(of);
    let wire = v1::Measurement {
        attempts,
        correct,
        correct_fraction: fraction,
        correct_low,
        correct_high,
        round_low,
        round_high,
        rounds: round_count,
        observed_min,
        observed_max,
        lost_fraction,
        lost_low,
        lost_high,
        duration_ns_median: whole(duration.median),
        duration_ns_low: whole(duration.low),
        duration_ns_high: whole(duration.high),
        increments_per_second: rate.median,
        increments_per_second_low: rate.low,
        increments_per_second_high: rate.high,
        increments_per_second_median_low: rate_low,
        increments_per_second_median_high: rate_high,
        ns_per_increment: if rate.median > 0.0 { 1e9 / rate.median } else { 0.0 },
        jain,
        overlap_fraction: overlap,
        switches: switches(|Switches { forced, voluntary }| forced + voluntary),
        switches_forced: switches(|switches| switches.forced),
        switches_voluntary: switches(|switches| switches.voluntary),
        hand_over_ns_p50,
        wait_ns_p50: waits.p50_ns,
        wait_ns_p99: waits.p99_ns,
        wait_ns_max: waits.max_ns,
        waits: waits.count,
        cpu_ns_user: cpu.user_ns,
        cpu_ns_system: cpu.system_ns,
        step_cost_measured_ns,
        context_switches_voluntary: context_switches.map(|it| it.voluntary),
        context_switches_forced: context_switches.map(|it| it.forced),
        requests,
        validity: wire_validity(validity).into(),
        reruns,
        others_fraction: noise.map(|noise| noise.others()),
        steal_fraction: noise.map(|noise| noise.steal()),
        verdict: wire_verdict(verdict).into(),
        switches_per_second: switch_rate.map(|rate| rate.median),
        switches_per_second_low: switch_rate.map(|rate| rate.low),
        switches_per_second_high: switch_rate.map(|rate| rate.high),
        slices: slices.count,
        slice_ns_p10: slices.p10_ns,
        slice_ns_p50: slices.p50_ns,
        slice_ns_p90: slices.p90_ns,
        requests_per_second: request_rate.map(|rate| rate.median),
        requests_per_second_low: request_rate.map(|rate| rate.low),
        requests_per_second_high: request_rate.map(|rate| rate.high),
        latency_ns_p50: latencies.p50_ns,
        latency_ns_p99: latencies.p99_ns,
        latency_ns_max: latencies.max_ns,
        wait_ranks,
        lost_predicted,
        wait_ns_p999: waits.p999_ns,
        hand_overs,
        hand_over_ns_p99,
        hand_over_ns_max,
        slice_ns_max: slices.max_ns,
        wait_ns_hdr: histograms.waits,
        hand_over_ns_hdr: histograms.hand_overs,
        slice_ns_hdr: histograms.slices,
        latency_ns_hdr: histograms.latencies,
        cpu_ns_per_increment,
        contention: contention.as_ref().map(wire_contention),
        lost_increments: lost_increments.as_ref().map(wire_lost_increments),
        worker_shares: wire_worker_shares(&worker_shares),
        ..v1::Measurement::default()
    };
    match modelled {
        Some(modelled) => beside_the_model(wire, modelled, measured.attempts),
        None => wire,
    }
}

fn wire_worker_shares(shares: &[WorkerShare]) -> Vec<v1::WorkerShare> {
    let all = WorkerShares::sum(shares);
    let wire = |&WorkerShare { increments, least, greatest }: &WorkerShare| v1::WorkerShare {
        increments,
        fraction: increments as f64 / all.max(1) as f64,
        fraction_least: least,
        fraction_greatest: greatest,
    };
    shares.iter().map(wire).collect()
}

/// A measurement without its histograms and the shares of its workers, which take up to six kilobytes.
pub fn without_histograms(measured: v1::Measurement) -> v1::Measurement {
    v1::Measurement {
        wait_ns_hdr: None,
        hand_over_ns_hdr: None,
        slice_ns_hdr: None,
        latency_ns_hdr: None,
        worker_shares: Vec::new(),
        ..measured
    }
}

fn beside_the_model(wire: v1::Measurement, modelled: ModelFit, attempts: u32) -> v1::Measurement {
    let ModelFit { reachable, tightness, correct, grade, impossible, seen } = modelled;
    let outcome =
        |ObservedValue { value, times, probability, grade }: ObservedValue| v1::SeenValue {
            value,
            times,
            frequency: f64::from(times) / f64::from(attempts.max(1)),
            probability,
            grade: wire_grade(grade).into(),
        };
    v1::Measurement {
        reachable,
        reachable_at_most: tightness == Tightness::AtMost,
        correct_predicted: correct,
        grade: grade.map_or(v1::Grade::Unspecified, wire_grade).into(),
        outcomes: seen.into_iter().map(outcome).collect(),
        impossible_value: impossible.map(|(value, _)| value),
        impossible_seed: impossible.map(|(_, seed)| seed),
        ..wire
    }
}

fn wire_contention(contention: &Contention) -> v1::Contention {
    let Contention {
        jain: [ms, ten_ms, hundred_ms],
        slowest,
        warm_up_ns,
        unsteady,
        longest_ns,
        watching,
        watched,
        unserved,
        reads,
        torn_reads,
    } = *contention;
    let wire = v1::Contention {
        jain_1ms: ms,
        jain_10ms: ten_ms,
        jain_100ms: hundred_ms,
        slowest_fraction: slowest,
        warm_up_ns,
        unsteady_attempts: unsteady,
        longest_ns,
        watching_ratio: watching.map(|ratio| ratio.median),
        watching_ratio_low: watching.map(|ratio| ratio.low),
        watching_ratio_high: watching.map(|ratio| ratio.high),
        timestamp_ns: timestamp_ns(),
        unserved,
        reads,
        torn_reads,
        ..v1::Contention::default()
    };
    match watched {
        None => wire,
        Some(seen) => v1::Contention {
            watched: seen.bodies,
            owner_switch_fraction: seen.owner_switches,
            ticketed: seen.bypassed.map(|(_, of)| of),
            bypassed: seen.bypassed.map(|(late, _)| late),
            waits_sampled: seen.sampled,
            waits_overtaken: seen.overtaken,
            others_most: seen.others_most,
            overlapped: seen.overlapped,
            ..wire
        },
    }
}

fn wire_grade(grade: Grade) -> v1::Grade {
    match grade {
        Grade::Reachable => v1::Grade::Reachable,
        Grade::Rare => v1::Grade::Rare,
        Grade::Impossible => v1::Grade::Impossible,
    }
}

fn wire_validity(validity: Validity) -> v1::Validity {
    match validity {
        Validity::Ok => v1::Validity::Ok,
        Validity::Sequential => v1::Validity::Sequential,
        Validity::Noisy => v1::Validity::Noisy,
        Validity::Uncontended => v1::Validity::Uncontended,
        Validity::Degraded => v1::Validity::Degraded,
    }
}

fn wire_verdict(verdict: Verdict) -> v1::Verdict {
    match verdict {
        Verdict::Kept => v1::Verdict::Kept,
        Verdict::Lost => v1::Verdict::Lost,
        Verdict::Broken => v1::Verdict::Broken,
        Verdict::Invalid => v1::Verdict::Invalid,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times, saturating")]
fn whole(nanoseconds: f64) -> u64 {
    nanoseconds.round() as u64
}
