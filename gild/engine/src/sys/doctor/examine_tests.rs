//! Examinations of fake machines, each a directory tree with `/proc` and `/sys`.

use std::path::Path;

use super::*;
use crate::sys::doctor::facts::{Observed, Quota};
use crate::sys::interference::tests::second;

/// A good machine with changes, as pairs of path and contents; empty contents remove a file.
fn machine(changes: &[(&str, &str)]) -> (tempfile::TempDir, Vec<Examined>) {
    let good = [
        ("proc/loadavg", "0.10 0.20 0.30 1/200 4711\n"),
        ("proc/cpuinfo", "processor : 0\nflags : fpu tsc\n"),
        ("proc/self/cgroup", "0::/lab/gild\n"),
        (
            "proc/pressure/memory",
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=9.00\n",
        ),
        ("sys/devices/system/cpu/online", "0-3\n"),
        ("sys/devices/system/cpu/smt/active", "0\n"),
        ("sys/devices/system/cpu/cpufreq/boost", "0\n"),
        ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n"),
        ("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n"),
        ("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n"),
        ("sys/fs/cgroup/cgroup.procs", ""),
        ("sys/fs/cgroup/lab/cpu.max", "max 100000\n"),
        ("sys/fs/cgroup/lab/gild/cpu.max", "max 100000\n"),
    ];
    let root = tempfile::tempdir().expect("a directory");
    for (path, text) in good {
        write(root.path(), path, text);
    }
    for (path, text) in changes {
        if text.is_empty() {
            std::fs::remove_file(root.path().join(path)).expect("it was there");
        } else {
            write(root.path(), path, text);
        }
    }
    let examined = examine(&Facts::read(root.path(), observed()), Lab::Idle);
    (root, examined)
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("ours");
    std::fs::write(path, text).expect("ours");
}

fn observed() -> Observed<'static> {
    let noise = second(0.5, 0.01, 0.0);
    Observed { noise, allowed: &[0, 1], clock_read_ns: 12.0, profile: "release" }
}

fn of<'a>(examined: &'a [Examined], name: &str) -> &'a Examined {
    examined.iter().find(|one| one.name == name).expect(name)
}

/// The finding and its fitness on a machine with one change.
fn judged(name: &str, path: &str, text: &str) -> (String, Fitness) {
    let (_root, examined) = machine(&[(path, text)]);
    let one = of(&examined, name);
    assert_eq!(one.advice.is_empty(), one.fitness == Fitness::Good, "{one:?}");
    (one.found.clone(), one.fitness)
}

#[test]
fn good_machine_needs_no_advice() {
    let (_root, examined) = machine(&[]);
    for one in &examined {
        assert_eq!((one.fitness, one.advice.as_str()), (Fitness::Good, ""), "{one:?}");
    }
    assert_eq!(of(&examined, "cores").found, "2 of 4 online");
    let wanted = "this machine is fit to measure as far as it tells";
    assert_eq!(verdict(&examined, Lab::Idle), wanted);
    let wanted = format!("{wanted}; the lab itself was measuring or searching meanwhile");
    assert_eq!(verdict(&examined, Lab::Working), wanted);
}

#[test]
fn empty_machine_is_unknown() {
    let root = tempfile::tempdir().expect("a directory");
    let observed = Observed { noise: None, ..observed() };
    let examined = examine(&Facts::read(root.path(), observed), Lab::Idle);
    let known = ["clock_read", "profile"];
    for one in examined.iter().filter(|one| !known.contains(&one.name)) {
        assert_eq!(one.fitness, Fitness::Unknown, "{one:?}");
        assert!(one.found.contains("unknown") && !one.advice.is_empty(), "{one:?}");
    }
    assert!(verdict(&examined, Lab::Idle).contains("as far as it tells; unknown: governor, boost"));
}

/// Each fact that a machine of another kind does not report, alone: an ARM kernel, a container.
#[test]
fn fact_that_is_not_reported_is_unknown_and_not_good() {
    let arm = "processor : 0\nFeatures : fp asimd\nCPU implementer : 0x41\nCPU part : 0xd0c\n";
    let governor = "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor";
    for (name, path, text) in [
        ("hypervisor", "proc/cpuinfo", arm),
        ("hypervisor", "proc/cpuinfo", ""),
        ("boost", "sys/devices/system/cpu/cpufreq/boost", ""),
        ("smt", "sys/devices/system/cpu/smt/active", "notimplemented\n"),
        ("cores", "sys/devices/system/cpu/online", ""),
        ("clock_source", "sys/devices/system/clocksource/clocksource0/current_clocksource", ""),
        ("load", "proc/loadavg", ""),
        ("memory", "proc/pressure/memory", ""),
        ("cpu_quota", "proc/self/cgroup", ""),
        ("cpu_quota", "sys/fs/cgroup/cgroup.type", "domain\n"),
    ] {
        let (found, fitness) = judged(name, path, text);
        assert_eq!(fitness, Fitness::Unknown, "{name} is {found}");
        assert!(found.contains("unknown"), "{name} is {found}");
    }
    let one_of_two = ("performance, unknown".to_owned(), Fitness::Doubtful);
    assert_eq!(judged("governor", governor, ""), one_of_two);
    let both = [(governor, ""), ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "")];
    let (_root, examined) = machine(&both);
    assert_eq!(of(&examined, "governor").fitness, Fitness::Unknown);
    let limited =
        [("sys/fs/cgroup/cgroup.type", "domain\n"), ("sys/fs/cgroup/cpu.max", "50000 100000\n")];
    let (_root, examined) = machine(&limited);
    assert_eq!(of(&examined, "cpu_quota").found, "0.50 of 2 cores", "the container's own");
}

#[test]
fn varying_frequencies_are_doubtful() {
    let of_core_1 = "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor";
    let mixed = ("performance, powersave".to_owned(), Fitness::Doubtful);
    assert_eq!(judged("governor", of_core_1, "powersave\n"), mixed);
    let boost = "sys/devices/system/cpu/cpufreq/boost";
    assert_eq!(judged("boost", boost, "1\n"), ("on".into(), Fitness::Doubtful));
    let intel = "sys/devices/system/cpu/intel_pstate/no_turbo";
    let (_root, examined) = machine(&[(boost, ""), (intel, "0\n")]);
    assert_eq!(of(&examined, "boost").found, "on", "not no turbo");
    let smt = "sys/devices/system/cpu/smt/active";
    assert_eq!(judged("smt", smt, "1\n"), ("on".into(), Fitness::Doubtful));
}

#[test]
fn load_is_rated_per_core_and_unknown_while_the_lab_works() {
    let load = |text| judged("load", "proc/loadavg", text).1;
    assert_eq!((load("0.9 0 0"), load("2.1 0 0")), (Fitness::Doubtful, Fitness::Bad));
    assert_eq!(load("garbage"), Fitness::Unknown);
    let (root, _) = machine(&[("proc/loadavg", "2.1 0 0")]);
    let examined = examine(&Facts::read(root.path(), observed()), Lab::Working);
    let one = of(&examined, "load");
    assert_eq!(
        (one.found.as_str(), one.fitness),
        ("2.10 on 2 cores, the lab's own included", Fitness::Unknown)
    );
}

#[test]
fn shares_of_others_and_hypervisor_are_rated() {
    let (root, _) = machine(&[]);
    for (share, wanted) in [(0.02, Fitness::Good), (0.08, Fitness::Doubtful), (0.3, Fitness::Bad)] {
        for name in ["others", "steal"] {
            let (others, steal) = if name == "others" { (share, 0.0) } else { (0.0, share) };
            let observed = Observed { noise: second(0.1, others, steal), ..observed() };
            let examined = examine(&Facts::read(root.path(), observed), Lab::Idle);
            assert_eq!(of(&examined, name).fitness, wanted, "{examined:?}");
        }
    }
    let flags = "flags : fpu hypervisor\n";
    let (_root, examined) = machine(&[("proc/cpuinfo", flags), ("sys/hypervisor/type", "xen\n")]);
    let one = of(&examined, "hypervisor");
    assert_eq!((one.found.as_str(), one.fitness), ("xen", Fitness::Doubtful));
    assert_eq!(judged("hypervisor", "proc/cpuinfo", flags).0, "some hypervisor");
}

/// A hypervisor that reports no steal reads as one that takes nothing.
#[test]
fn steal_that_was_never_counted_is_unknown_below_a_hypervisor() {
    let virtual_flags = ("proc/cpuinfo", "flags : fpu hypervisor\n");
    let (never, before) = ("cpu  9 0 9 9 0 0 0 0 0 0\n", "cpu  9 0 9 9 0 0 0 3 0 0\ncpu0 1\n");
    for (changes, wanted) in [
        (vec![virtual_flags, ("proc/stat", never)], Fitness::Unknown),
        (vec![virtual_flags], Fitness::Unknown),
        (vec![virtual_flags, ("proc/stat", before)], Fitness::Good),
        (vec![("proc/stat", never)], Fitness::Good),
    ] {
        let (_root, examined) = machine(&changes);
        assert_eq!(of(&examined, "steal").fitness, wanted, "{changes:?}");
    }
}

#[test]
fn slow_clock_is_bad() {
    let path = "sys/devices/system/clocksource/clocksource0/current_clocksource";
    let source = |text| judged("clock_source", path, text).1;
    assert_eq!((source("hpet\n"), source("acpi_pm\n")), (Fitness::Bad, Fitness::Bad));
    assert_eq!((source("kvm-clock\n"), source("sundial\n")), (Fitness::Good, Fitness::Unknown));
    for (cost, wanted) in [(50.0, Fitness::Good), (80.0, Fitness::Doubtful), (900.0, Fitness::Bad)]
    {
        assert_eq!(rules::clock_read(cost).fitness, wanted);
    }
}

#[test]
fn smallest_quota_of_all_groups_counts() {
    let parent = "sys/fs/cgroup/lab/cpu.max";
    assert_eq!(
        judged("cpu_quota", parent, "50000 100000\n"),
        ("0.50 of 2 cores".into(), Fitness::Bad)
    );
    assert_eq!(judged("cpu_quota", parent, "400000 100000\n").1, Fitness::Good);
    let old = [
        ("proc/self/cgroup", "4:memory:/\n3:cpu,cpuacct:/a\n0::/\n"),
        ("sys/fs/cgroup/cpu,cpuacct/cgroup.procs", "1\n"),
        ("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "150000\n"),
        ("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n"),
    ];
    let (root, _) = machine(&old);
    assert_eq!(Facts::read(root.path(), observed()).quota, Some(Quota::Cores(1.5)));
}

#[test]
fn memory_pressure_single_core_and_debug_build_are_rated() {
    let pressure = |percent: &str| {
        let text = format!("some avg10={percent} avg60=0.00\n");
        judged("memory", "proc/pressure/memory", &text).1
    };
    assert_eq!((pressure("0.50"), pressure("20.00")), (Fitness::Doubtful, Fitness::Bad));
    assert_eq!(rules::cores(1, Some(8)).fitness, Fitness::Bad);
    assert_eq!(rules::profile("debug").fitness, Fitness::Bad);
    let (_root, mut examined) = machine(&[("sys/devices/system/cpu/smt/active", "1\n")]);
    examined.push(rules::profile("debug"));
    let wanted = "this machine is not fit to measure: profile; figures suffer from: smt";
    assert_eq!(verdict(&examined, Lab::Idle), wanted);
}
