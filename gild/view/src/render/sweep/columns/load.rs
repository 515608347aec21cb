//! The columns of a lock under load: what a duration adds to a sweep's table.

use proto::v1::{Contention, Measurement};

use crate::follow::sweep_view::SweepView;
use crate::render::format::quantity::{Spread, count, nanoseconds};
use crate::render::sweep::axis::NOT_APPLICABLE;

/// A column that only a cell with a duration fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Jain's index in windows of 1, 10 and 100 ms.
    Windows,
    /// What the slowest worker did of an even part.
    Slowest,
    /// How long getting the lock took.
    Waits,
    /// From one worker's letting go to the next one's having it.
    HandOver,
    /// How often the lock was last another worker's.
    NewOwner,
    /// Who came too late.
    Bypassed,
    /// Reads that saw the counter change.
    TornReads,
    /// Processor time per body.
    Cpu,
    /// What was left out at the start.
    WarmUp,
    /// Longest time between two looks at the clock.
    Longest,
    /// Speed while watched.
    Watching,
}

/// Whether the table is about locks under load.
pub fn is_about_load(board: &SweepView) -> bool {
    board.rows.iter().any(|row| row.cell.duration_ns.is_some())
}

impl Load {
    /// Every one, from left to right.
    pub const ALL: [Self; 11] = [
        Self::Windows,
        Self::Slowest,
        Self::Waits,
        Self::HandOver,
        Self::NewOwner,
        Self::Bypassed,
        Self::TornReads,
        Self::Cpu,
        Self::WarmUp,
        Self::Longest,
        Self::Watching,
    ];

    /// Whether only a reader who wants everything wants it.
    pub fn is_for_experts(self) -> bool {
        matches!(self, Self::WarmUp | Self::Longest | Self::Watching)
    }

    /// Whether a measurement says anything about it.
    pub fn says(self, it: &Measurement) -> bool {
        let of = |says: fn(&Contention) -> bool| it.contention.as_ref().is_some_and(says);
        match self {
            Self::Windows | Self::Slowest | Self::Cpu | Self::WarmUp | Self::Longest => {
                of(|_| true)
            }
            Self::Waits => of(|_| true) && it.wait_ns_p50.is_some(),
            Self::HandOver => of(|_| true) && it.hand_over_ns_p50.is_some(),
            Self::NewOwner => of(|load| load.owner_switch_fraction.is_some()),
            Self::Bypassed => of(|load| load.waits_sampled > 0 || load.ticketed.is_some()),
            Self::TornReads => of(|load| load.reads > 0),
            Self::Watching => of(|load| load.watching_ratio.is_some()),
        }
    }

    /// Its heading, of one or two lines.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Windows => "FAIR IN\n1|10|100 MS",
            Self::Slowest => "SLOWEST\nOF EVEN",
            Self::Waits => "WAIT\nP50|P99|P99.9|MAX",
            Self::HandOver => "HAND-OVER\nP50|P99",
            Self::NewOwner => "NEW\nOWNER",
            Self::Bypassed => "BYPASSED",
            Self::TornReads => "TORN READS",
            Self::Cpu => "CPU\n/INC",
            Self::WarmUp => "WARM-UP",
            Self::Longest => "LONGEST\nPAUSE",
            Self::Watching => "WATCHED\nSPEED",
        }
    }

    /// Its name for `--columns`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Windows => "fair-windows",
            Self::Slowest => "slowest",
            Self::Waits => "wait",
            Self::HandOver => "hand-over",
            Self::NewOwner => "new-owner",
            Self::Bypassed => "bypassed",
            Self::TornReads => "torn-reads",
            Self::Cpu => "cpu",
            Self::WarmUp => "warm-up",
            Self::Longest => "longest-pause",
            Self::Watching => "watched-rate",
        }
    }

    /// Its name in a sentence about columns that were left out.
    pub fn name(self) -> &'static str {
        match self {
            Self::Windows => "fairness by window",
            Self::Slowest => "the slowest worker's part",
            Self::Waits => "waits",
            Self::HandOver => "hand-over times",
            Self::NewOwner => "share of new owners",
            Self::Bypassed => "bypasses",
            Self::TornReads => "torn reads",
            Self::Cpu => "processor time",
            Self::WarmUp => "warm-up",
            Self::Longest => "longest pause",
            Self::Watching => "watched speed",
        }
    }

    /// What it shows of a row.
    pub fn text(self, it: &Measurement) -> String {
        let text = it.contention.as_ref().and_then(|load| self.of(it, load));
        text.unwrap_or_else(|| NOT_APPLICABLE.to_owned())
    }

    fn of(self, it: &Measurement, load: &Contention) -> Option<String> {
        Some(match self {
            Self::Windows => {
                let index = |index: Option<f64>| match index {
                    Some(index) => format!("{index:.3}"),
                    None => NOT_APPLICABLE.to_owned(),
                };
                [load.jain_1ms, load.jain_10ms, load.jain_100ms].map(index).join(" ")
            }
            Self::Slowest => format!("{:.0} %", 100.0 * load.slowest_fraction),
            Self::Waits => {
                let [p50, p99, p999, max] =
                    [it.wait_ns_p50?, it.wait_ns_p99?, it.wait_ns_p999?, it.wait_ns_max?]
                        .map(nanoseconds);
                format!("{p50}|{p99}|{p999}|{max} of {}", count(it.waits))
            }
            Self::HandOver => {
                let [p50, p99] = [it.hand_over_ns_p50?, it.hand_over_ns_p99?].map(nanoseconds);
                format!("{p50}|{p99} of {}", count(it.hand_overs))
            }
            Self::NewOwner => {
                let share = 100.0 * load.owner_switch_fraction?;
                format!("{share:.1} % of {}", count(load.watched))
            }
            Self::Bypassed => bypassed(load)?,
            Self::TornReads => format!("{} of {}", count(load.torn_reads), count(load.reads)),
            Self::Cpu => time(it.cpu_ns_per_increment),
            Self::WarmUp => nanoseconds(load.warm_up_ns),
            Self::Longest => nanoseconds(load.longest_ns),
            Self::Watching => {
                let (low, high) = (load.watching_ratio_low?, load.watching_ratio_high?);
                Spread { middle: load.watching_ratio?, low, high }.percent()
            }
        })
    }
}

/// Certain where the lock's own order is known: `0 of 1.2 M`; else what sampled waits show:
/// `~31 of 8402`, of which a worker that was taken off its core too early may be one.
fn bypassed(load: &Contention) -> Option<String> {
    match (load.bypassed, load.ticketed) {
        (Some(late), Some(of)) => Some(format!("{} of {}", count(late), count(of))),
        _ if load.waits_sampled > 0 => {
            Some(format!("~{} of {}", count(load.waits_overtaken), count(load.waits_sampled)))
        }
        _ => None,
    }
}

/// A mean time, with decimals where it is short.
fn time(ns: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time")]
    let whole = ns.round() as u64;
    if ns < 100.0 { format!("{ns:.1} ns") } else { nanoseconds(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(load: Contention) -> Measurement {
        Measurement { contention: Some(load), ..Measurement::default() }
    }

    #[test]
    fn order_is_certain_or_sampled() {
        let certain =
            Contention { ticketed: Some(1_200_000), bypassed: Some(0), ..Contention::default() };
        assert_eq!(Load::Bypassed.text(&figures(certain)), "0 of 1.2 M");
        let sampled =
            Contention { waits_sampled: 8402, waits_overtaken: 31, ..Contention::default() };
        assert_eq!(Load::Bypassed.text(&figures(sampled)), "~31 of 8402");
        assert_eq!(Load::Bypassed.text(&figures(Contention::default())), NOT_APPLICABLE);
    }

    #[test]
    fn windows_that_do_not_fit_are_left_open() {
        let load =
            Contention { jain_1ms: Some(0.5), jain_10ms: Some(1.0), ..Contention::default() };
        assert_eq!(Load::Windows.text(&figures(load)), "0.500 1.000 –");
    }

    #[test]
    fn waits_say_of_how_many() {
        let it = Measurement {
            wait_ns_p50: Some(22_000),
            wait_ns_p99: Some(43_000),
            wait_ns_p999: Some(86_000),
            wait_ns_max: Some(2_800_000),
            waits: 8402,
            cpu_ns_per_increment: 5.64,
            ..figures(Contention::default())
        };
        assert_eq!(Load::Waits.text(&it), "22.0 us|43.0 us|86.0 us|2.80 ms of 8402");
        assert_eq!(Load::Cpu.text(&it), "5.6 ns");
    }

    #[test]
    fn a_cell_of_tasks_has_none_of_it() {
        let tasks = Measurement::default();
        assert!(Load::ALL.iter().all(|load| !load.says(&tasks)));
        assert!(Load::ALL.iter().all(|load| load.text(&tasks) == NOT_APPLICABLE));
    }
}
