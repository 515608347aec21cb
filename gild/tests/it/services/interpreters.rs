//! Real interpreters behind the daemon: which it runs, which it refuses. Tests that need one
//! are skipped where there is none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use engine::python::interpreter::Interpreter;
use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::sweep_event::Happening;
use proto::v1::{CalibratePythonRequest, CreateSweepRequest, GetLabRequest, SweepSpec, SweepState};
use tonic::Code;

use crate::daemon::{Daemon, command, create, endless, spec, start, watch};
use crate::outside_program::required;

/// The first interpreter on `PATH`; without one the test is skipped.
fn interpreter() -> Option<String> {
    let found = Interpreter::on_path().map(|path| path.display().to_string());
    required(found, "no Python interpreter is on PATH")
}

fn fake(directory: &tempfile::TempDir, script: &str) -> PathBuf {
    let path = directory.path().join("fake-python");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("it can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    path
}

#[tokio::test]
async fn real_interpreter_is_measured() {
    let Some(python) = interpreter() else { return };
    let daemon = Daemon::start(&["--python", &python]);
    let mut sweeps = daemon.sweeps().await;
    let asked = SweepSpec {
        strategies: vec!["gil".into(), "cpython".into()],
        switch_interval_ps: vec![5_000_000_000],
        eras: vec!["3.12".into()],
        ..spec("gil", 2)
    };
    let name = create(&mut sweeps, asked).await;
    let events = watch(&mut sweeps, &name, 0).await;
    let Some(Happening::Ended(ended)) = &events.last().expect("an event").happening else {
        panic!("the last event is the end");
    };
    assert_eq!(ended.state(), SweepState::Succeeded, "{}", ended.error);
    let get = proto::v1::GetSweepRequest { name };
    let kept = sweeps.get_sweep(get).await.expect("kept").into_inner();
    let cells = kept.sweep.expect("a sweep").cells;
    let [gil, real] = cells.as_slice() else { panic!("two cells: {cells:?}") };
    assert_eq!((gil.strategy.as_str(), real.strategy.as_str()), ("gil", "cpython"));
    assert!(real.python_version.starts_with(&real.era), "{real:?}");
    assert_eq!(real.python, python);
    assert_eq!(kept.measurements[1].attempts, 2);
    assert_eq!(kept.measurements[1].observed_max, real.expected);
    assert_eq!(kept.measurements[1].switches, None, "they cannot be counted from outside");
}

/// Beside an interpreter the GIL is by default that of its era, axes that mean nothing to an
/// interpreter do not multiply it, and a rule that it does not have is left out with its reason.
#[tokio::test]
async fn sweep_with_interpreter_uses_equal_workloads() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let python = fake(&directory, "echo 'CPython 3.10.4 held'; read line");
    let daemon = Daemon::start(&["--python", python.to_str().expect("plain text")]);
    let mut sweeps = daemon.sweeps().await;
    let mut planned = async |spec: SweepSpec| {
        let request =
            CreateSweepRequest { spec: Some(spec), validate_only: true, ..Default::default() };
        let answer = sweeps.create_sweep(request).await.expect("it is planned").into_inner();
        answer.sweep.expect("a sweep")
    };
    let both = || SweepSpec {
        strategies: vec!["gil".into(), "cpython".into()],
        switch_interval_ps: vec![5_000_000_000],
        ..SweepSpec::default()
    };
    let plan = planned(SweepSpec { task_steps: vec![0, 600], ..both() }).await;
    let cells: Vec<_> =
        plan.cells.iter().map(|c| (c.strategy.as_str(), c.era.as_str(), c.task_steps)).collect();
    assert_eq!(cells, [("gil", "3.10", 0), ("gil", "3.10", 600), ("cpython", "3.10", 0)]);
    let ticks = SweepSpec { switch_interval_ps: vec![], switch_ticks: vec![100], ..both() };
    let plan = planned(ticks).await;
    assert!(plan.cells.iter().all(|cell| cell.strategy == "gil"), "{:?}", plan.cells);
    assert!(plan.skipped[0].reason.contains("it switches by interval"), "{:?}", plan.skipped);
}

/// Of versions after the last era, the row has none, and the GIL beside it is the newest with its rule.
#[tokio::test]
async fn interpreter_without_an_era_has_none_in_its_row() {
    for (identity, version, beside, rules) in [
        ("CPython 3.14.1 held", "3.14.1", "3.13", 1),
        ("CPython 3.15.0 absent", "3.15.0t", "3.13t", 0),
        ("CPython 3.13.5 enabled", "3.13.5t with its GIL", "3.13", 1),
    ] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let python = fake(&directory, &format!("echo '{identity}'; read line"));
        let daemon = Daemon::start(&["--python", python.to_str().expect("plain text")]);
        let spec = SweepSpec {
            strategies: vec!["gil".into(), "cpython".into()],
            switch_interval_ps: vec![5_000_000_000; rules],
            ..SweepSpec::default()
        };
        let request =
            CreateSweepRequest { spec: Some(spec), validate_only: true, ..Default::default() };
        let answer = daemon.sweeps().await.create_sweep(request).await.expect("it is planned");
        let cells = answer.into_inner().sweep.expect("a sweep").cells;
        let [gil, real] = cells.as_slice() else { panic!("two cells: {cells:?}") };
        assert_eq!((gil.era.as_str(), real.era.as_str()), (beside, ""));
        assert_eq!(real.python_version, version);
        assert_eq!(real.promise(), proto::v1::Promise::Lossy);
    }
}

#[tokio::test]
async fn real_interpreter_runs_requests() {
    let Some(python) = interpreter() else { return };
    let daemon = Daemon::start(&["--python", &python]);
    let mut sweeps = daemon.sweeps().await;
    let asked = SweepSpec {
        strategies: vec!["cpython".into()],
        switch_interval_ps: vec![100_000_000],
        io_ns: vec![10_000],
        io_workers: vec![1],
        requests: Some(5),
        attempts: Some(2),
        ..SweepSpec::default()
    };
    let name = create(&mut sweeps, asked).await;
    watch(&mut sweeps, &name, 0).await;
    let get = proto::v1::GetSweepRequest { name };
    let kept = sweeps.get_sweep(get).await.expect("kept").into_inner();
    assert_eq!(kept.measurements.iter().map(|m| m.requests).collect::<Vec<_>>(), [10, 10]);
    assert!(kept.measurements.iter().all(|m| m.latency_ns_p50.is_some_and(|ns| ns >= 10_000)));
    assert!(kept.notes.iter().any(|note| note.contains("beside 1 computing worker")));
}

#[tokio::test]
async fn unnamed_interpreter_is_rejected() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let mut refused = async |pythons: Vec<String>| {
        let spec = Some(SweepSpec { pythons, ..spec("cpython", 1) });
        let request = CreateSweepRequest { spec, ..CreateSweepRequest::default() };
        let status = sweeps.create_sweep(request).await.expect_err("refused");
        assert_eq!(status.code(), Code::InvalidArgument);
        status.message().to_owned()
    };
    let none = refused(vec![]).await;
    assert!(
        none.starts_with("pythons: no interpreter is known") && none.contains("--python PATH"),
        "{none}"
    );
    let other = refused(vec!["/usr/bin/python3".into()]).await;
    assert!(other.starts_with("pythons: `/usr/bin/python3` is not an interpreter"), "{other}");
}

#[tokio::test]
async fn lab_lists_its_interpreters() {
    let Some(python) = interpreter() else { return };
    let daemon = Daemon::start(&["--python", &python]);
    let mut lab = LabServiceClient::new(daemon.channel().await);
    let answer = lab.get_lab(GetLabRequest {}).await.expect("it answers").into_inner();
    assert_eq!(answer.lab.expect("a lab").pythons, [python]);
}

#[tokio::test]
async fn interpreter_calibration_returns_costs() {
    let Some(python) = interpreter() else { return };
    let daemon = Daemon::start(&["--python", &python]);
    let mut lab = LabServiceClient::new(daemon.channel().await);
    let request = CalibratePythonRequest::default();
    let answer = lab.calibrate_python(request).await.expect("it answers").into_inner();
    assert_eq!(answer.python, python);
    let cost = answer.step_cost_ns.expect("measured");
    assert!(cost.low <= cost.median && cost.median <= cost.high && cost.samples >= 5);
    assert!(answer.step_cost_ns_proposed >= 1 && answer.task_steps_proposed >= 1);
    let other = CalibratePythonRequest { python: "/bin/sh".into() };
    let status = lab.calibrate_python(other).await.expect_err("not in the list");
    assert_eq!(status.code(), Code::InvalidArgument);
}

/// Every variable that is set and that interpreters do not see, in the notes of all that runs one.
#[tokio::test]
async fn variables_kept_from_interpreters_are_named() {
    let Some(python) = interpreter() else { return };
    let one = std::path::Path::new("1");
    let set = ["PYTHON_GIL", "PYTHONPATH", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE"];
    let daemon = Daemon::start_with(&["--python", &python], &set.map(|name| (name, one)));
    let mut sweeps = daemon.sweeps().await;
    let mut notes = async |strategy| {
        let name = create(&mut sweeps, spec(strategy, 1)).await;
        watch(&mut sweeps, &name, 0).await;
        let get = proto::v1::GetSweepRequest { name };
        sweeps.get_sweep(get).await.expect("kept").into_inner().notes
    };
    let names = |notes: &[String]| {
        notes.iter().any(|note| {
            note.starts_with("Set here and kept from interpreters")
                && set.iter().all(|name| note.contains(name))
        })
    };
    assert!(names(&notes("cpython").await));
    assert!(!names(&notes("atomic").await));
    let mut lab = LabServiceClient::new(daemon.channel().await);
    let answer = lab.calibrate_python(CalibratePythonRequest::default()).await;
    assert!(names(&answer.expect("it answers").into_inner().notes));
}

#[tokio::test]
async fn calibration_during_a_sweep_is_rejected() {
    let Some(python) = interpreter() else { return };
    let daemon = Daemon::start(&["--python", &python]);
    let mut sweeps = daemon.sweeps().await;
    let _running = start(&mut sweeps, endless()).await;
    let mut lab = LabServiceClient::new(daemon.channel().await);
    let status = lab.calibrate_python(CalibratePythonRequest::default()).await;
    let status = status.expect_err("something is measured");
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(status.message().contains("a sweep is being measured"), "{}", status.message());
}

/// An interpreter that breaks down fails the sweep with its reason; the lab goes on.
#[tokio::test]
async fn interpreter_exit_fails_its_sweep() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let python = fake(&directory, "echo 'CPython 3.11.7 held'; read line; echo sorry >&2; exit 3");
    let daemon = Daemon::start(&["--python", python.to_str().expect("plain text")]);
    let mut sweeps = daemon.sweeps().await;
    let name = create(&mut sweeps, spec("cpython", 1)).await;
    let events = watch(&mut sweeps, &name, 0).await;
    let Some(Happening::Ended(ended)) = &events.last().expect("an event").happening else {
        panic!("the last event is the end");
    };
    assert_eq!(ended.state(), SweepState::Failed);
    assert!(ended.error.contains("sorry"), "{}", ended.error);
    let name = create(&mut sweeps, spec("atomic", 1)).await;
    assert!(!watch(&mut sweeps, &name, 0).await.is_empty());
}

#[test]
fn unusable_interpreter_stops_the_start() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let old = fake(&directory, "echo 'CPython 2.6.9 held'");
    let refused = |path: &str| {
        let output = command(&directory.path().join("gild.sock"), &["--python", path]).output();
        let output = output.expect("it runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let missing = refused("/nowhere/python");
    let wanted = "--python: interpreter /nowhere/python: is not there: no such program; name one";
    assert!(missing.contains(wanted), "{missing}");
    let too_old = refused(old.to_str().expect("plain text"));
    assert!(too_old.contains("version 2.6.9 is too old"), "{too_old}");
}
