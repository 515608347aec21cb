//! `gilctl show` against a fake server.

use proto::v1::{Sweep, SweepSpec, SweepState};

use crate::support::fake_sweeps::{FakeSweeps, run};
use crate::support::server::ServerBehavior;
use crate::support::sweeps::{broken_measurements, comparison, gil_sweep};

const SWEEP: [&str; 3] = ["sweep", "--strategy", "gil"];

#[test]
fn shown_sweep_exits_by_its_outcome() {
    let exit = |server: FakeSweeps| {
        let show = ["show", "4ABCDE", "--output", "json"];
        run(server, &show).0
    };
    let ends = |state| FakeSweeps { state, ..FakeSweeps::new(ServerBehavior::Serves) };
    assert_eq!(exit(ends(SweepState::Succeeded)), Some(0));
    assert_eq!(exit(ends(SweepState::Failed)), Some(6));
    assert_eq!(exit(ends(SweepState::Cancelled)), Some(7));
    assert_eq!(exit(ends(SweepState::Interrupted)), Some(7));
    let (sweep, measurements) = (comparison(), broken_measurements());
    assert_eq!(exit(FakeSweeps { sweep, measurements, ..ends(SweepState::Cancelled) }), Some(3));
}

#[test]
fn shown_sweep_equals_the_followed_one() {
    let (_, swept, _) = run(FakeSweeps::new(ServerBehavior::Serves), &SWEEP);
    let (code, shown, err) = run(FakeSweeps::new(ServerBehavior::Serves), &["show", "latest"]);
    assert_eq!((code, shown), (Some(0), swept), "{err}");
}

/// With the seed that the lab drew, too.
#[test]
fn stored_sweep_is_printed_as_its_command() {
    let spec = SweepSpec { strategies: vec!["gil".into()], ..SweepSpec::default() };
    let server = || {
        let sweep = Sweep { spec: Some(spec.clone()), seed: u64::MAX, ..gil_sweep() };
        FakeSweeps { sweep, ..FakeSweeps::new(ServerBehavior::Serves) }
    };
    let show = ["show", "latest", "--as-command"];
    let (code, out, err) = run(server(), &show);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "gilctl sweep --strategy gil --seed 18446744073709551615\n"),
        "{err}"
    );
    let (_, out, _) = run(server(), &[&show[..], &["--output", "ndjson"]].concat());
    let command = r#""command":"gilctl sweep --strategy gil --seed 18446744073709551615"}"#;
    assert_eq!(out.trim_end(), format!(r#"{{"kind":"command","schema":"gild.v2",{command}"#));
    let (_, out, _) = run(server(), &[&show[..], &["--output", "json"]].concat());
    assert_eq!(out.trim_end(), format!(r#"{{"schema":"gild.v2",{command}"#));
}
