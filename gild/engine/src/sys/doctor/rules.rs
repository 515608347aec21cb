//! Rules of the doctor, one per fact: the fitness for measuring and advice. Pure; a rule sees its
//! own fact only, and what it must be compared with.

use crate::stats::format::percent;
use crate::sys::doctor::facts::{Hypervisor, Quota};
use crate::sys::doctor::finding::{Examined, Fitness, Lab};
use crate::sys::host::UNKNOWN;
use crate::sys::interference::NOISE_MAX;
use Fitness::{Bad, Doubtful, Good, Unknown};

/// Load of a core below which a machine is at rest: the kernel's own threads and this daemon.
const LOAD_GOOD: f64 = 0.2;
/// With one process per core, some process always waits.
const LOAD_BAD: f64 = 1.0;
/// Half of the share at which figures count as noisy.
const SHARE_GOOD: f64 = NOISE_MAX / 2.0;
/// A processor's counter takes 10 ns to read, the system's clock 25; twice that indicates a
/// problem.
const CLOCK_GOOD_NS: f64 = 50.0;
/// Longer than a system call: the clock is not read in user mode.
const CLOCK_BAD_NS: f64 = 200.0;
/// Share of time waiting for memory from which figures mean little: it affects one attempt in ten.
const PRESSURE_BAD: f64 = 0.1;

const UNKNOWN_GOVERNOR: &str = "where the host decides, compare rows of one sweep only";

fn found(name: &'static str, found: impl Into<String>, fitness: Fitness, advice: &str) -> Examined {
    let advice = if fitness == Good { String::new() } else { advice.to_owned() };
    Examined { name, found: found.into(), fitness, advice }
}

fn unknown(name: &'static str, advice: &str) -> Examined {
    found(name, UNKNOWN, Unknown, advice)
}

pub(super) fn governor(governors: &[String]) -> Examined {
    const NAME: &str = "governor";
    let advice = "sudo cpupower frequency-set --governor performance";
    match governors {
        [] => unknown(NAME, UNKNOWN_GOVERNOR),
        [one] if one == "performance" => found(NAME, one, Good, ""),
        [one] if one == UNKNOWN => unknown(NAME, UNKNOWN_GOVERNOR),
        several => found(NAME, several.join(", "), Doubtful, advice),
    }
}

pub(super) fn boost(boost: Option<bool>) -> Examined {
    const NAME: &str = "boost";
    match boost {
        None => unknown(NAME, "where the host decides, compare rows of one sweep only"),
        Some(false) => found(NAME, "off", Good, ""),
        Some(true) => found(
            NAME,
            "on",
            Doubtful,
            "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost (intel_pstate: echo 1 | sudo \
             tee /sys/devices/system/cpu/intel_pstate/no_turbo): speed follows heat and neighbours",
        ),
    }
}

pub(super) fn load(load: Option<f64>, allowed: usize, lab: Lab) -> Examined {
    const NAME: &str = "load";
    let Some(load) = load else {
        return unknown(NAME, "see with `top` what runs");
    };
    let text = format!("{load:.2} on {allowed} cores");
    match (load / allowed.max(1) as f64, lab) {
        (a_core, _) if a_core < LOAD_GOOD => found(NAME, text, Good, ""),
        (_, Lab::Working) => {
            let text = format!("{text}, the lab's own included");
            found(NAME, text, Unknown, "examine again when the lab is idle")
        }
        (a_core, Lab::Idle) => {
            let fitness = if a_core < LOAD_BAD { Doubtful } else { Bad };
            found(NAME, text, fitness, "see with `top` what runs, stop it, wait a minute")
        }
    }
}

pub(super) fn others(share: Option<f64>) -> Examined {
    shared("others", share, "see with `top` what runs and stop it")
}

pub(super) fn steal(share: Option<f64>) -> Examined {
    shared("steal", share, "move to a machine, or an instance type, whose cores are not shared")
}

/// A share of the machine that the lab did not use.
fn shared(name: &'static str, share: Option<f64>, advice: &str) -> Examined {
    match share {
        None => unknown(name, "the kernel does not count it here; repeat sweeps and compare"),
        Some(share) => {
            let fitness = match share {
                share if share <= SHARE_GOOD => Good,
                share if share <= NOISE_MAX => Doubtful,
                _ => Bad,
            };
            found(name, percent(share), fitness, advice)
        }
    }
}

pub(super) fn cores(allowed: usize, online: Option<usize>) -> Examined {
    const NAME: &str = "cores";
    let text = match online {
        Some(online) => format!("{allowed} of {online} online"),
        None => format!("{allowed}, of how many is unknown"),
    };
    let fitness = match (allowed, online) {
        (0 | 1, _) => Bad,
        (_, Some(_)) => Good,
        (_, None) => Unknown,
    };
    let advice = match fitness {
        Bad => "allow two at least (taskset, AllowedCPUs=): on one core workers never overlap",
        Good | Unknown | Doubtful => "see with `lscpu` how many there are",
    };
    found(NAME, text, fitness, advice)
}

pub(super) fn smt(active: Option<bool>) -> Examined {
    const NAME: &str = "smt";
    match active {
        None => unknown(NAME, "see with `lscpu --extended` which cores are siblings"),
        Some(false) => found(NAME, "off", Good, ""),
        Some(true) => found(
            NAME,
            "on",
            Doubtful,
            "echo off | sudo tee /sys/devices/system/cpu/smt/control: siblings share a core's \
             units",
        ),
    }
}

pub(super) fn clock_source(source: Option<&str>) -> Examined {
    const NAME: &str = "clock_source";
    let advice = "of those in /sys/devices/system/clocksource/clocksource0/available_clocksource write \
                  the processor's counter (tsc, arch_sys_counter) into current_clocksource there";
    match source {
        None => unknown(NAME, "see with `dmesg` which clock the kernel chose"),
        // Clock sources that are read without a system call.
        Some(
            fast @ ("tsc"
            | "arch_sys_counter"
            | "kvm-clock"
            | "hyperv_clocksource_tsc_page"
            | "timebase"
            | "tod"
            | "riscv_clocksource"),
        ) => found(NAME, fast, Good, ""),
        Some(slow @ ("hpet" | "acpi_pm" | "jiffies" | "refined-jiffies" | "pit")) => {
            found(NAME, slow, Bad, advice)
        }
        Some(other) => found(NAME, other, Unknown, "go by clock_read: up to 50 ns is well"),
    }
}

pub(super) fn clock_read(cost_ns: f64) -> Examined {
    let fitness = match cost_ns {
        cost if cost <= CLOCK_GOOD_NS => Good,
        cost if cost <= CLOCK_BAD_NS => Doubtful,
        _ => Bad,
    };
    let advice = "have the kernel use the processor's counter: see clock_source";
    found("clock_read", format!("{cost_ns:.1} ns"), fitness, advice)
}

pub(super) fn hypervisor(hypervisor: Option<&Hypervisor>) -> Examined {
    const NAME: &str = "hypervisor";
    match hypervisor {
        None => unknown(NAME, "see with `systemd-detect-virt`"),
        Some(Hypervisor::None) => found(NAME, "none", Good, ""),
        Some(Hypervisor::Some(whose)) => {
            let advice =
                "measure on a machine of its own where absolute times matter; here watch steal";
            found(NAME, whose, Doubtful, advice)
        }
    }
}

pub(super) fn quota(quota: Option<Quota>, allowed: usize) -> Examined {
    const NAME: &str = "cpu_quota";
    match quota {
        None => unknown(
            NAME,
            "see with `systemctl show --property CPUQuotaPerSecUSec UNIT`, for a container on its host",
        ),
        Some(Quota::None) => found(NAME, "none", Good, ""),
        Some(Quota::Cores(cores)) => {
            let fitness = if cores >= allowed as f64 { Good } else { Bad };
            let advice = "lift it (CPUQuota= of the unit, --cpus of the container): workers are \
                          stopped in the middle of attempts";
            found(NAME, format!("{cores:.2} of {allowed} cores"), fitness, advice)
        }
    }
}

pub(super) fn memory(pressure: Option<f64>) -> Examined {
    const NAME: &str = "memory";
    match pressure {
        None => unknown(NAME, "see with `vmstat 1` that nothing is swapped in or out"),
        Some(pressure) => {
            let fitness = match pressure {
                0.0 => Good,
                pressure if pressure < PRESSURE_BAD => Doubtful,
                _ => Bad,
            };
            let text = format!("waited for {} of ten seconds", percent(pressure));
            found(NAME, text, fitness, "see with `top` who takes the memory, and stop it")
        }
    }
}

pub(super) fn profile(profile: &'static str) -> Examined {
    let fitness = if profile == "release" { Good } else { Bad };
    found("profile", profile, fitness, "build with `cargo build --release`")
}
