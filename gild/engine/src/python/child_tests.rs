use super::*;
use crate::python::interpreter::tests::{Fake, real};
use crate::python::job::{Pause, Request, Rule, Work};
use strategies::program::bodies::BodyName;
use strategies::program::era::RuleKind;

const LONG: Duration = Duration::from_mins(1);
const INCREMENTS: u64 = 100;
const JOB: ExperimentJob = tasks("increment", 1, 1);

const fn tasks(body: &'static str, workers: usize, tasks: u64) -> ExperimentJob {
    let work = Work::Tasks { workers, tasks, increments: INCREMENTS, io: None };
    ExperimentJob { body, rule: Rule::Own, work, cores: Vec::new() }
}

/// A script that greets as the interpreter it takes the place of.
fn fake(script: &str) -> (Fake, Child) {
    let fake = Fake::new(&format!("echo 'CPython 3.11.7 held'; {script}"));
    let interpreter = Interpreter::probe(&fake.path()).expect("it greets");
    let child = Child::start(&interpreter).expect("a shell starts");
    (fake, child)
}

fn run(child: &mut Child, job: &ExperimentJob) -> ExperimentOutcome {
    child.run(job, &Abort::default(), LONG).expect("the interpreter runs the job")
}

/// A child of the interpreter on this machine.
fn real_child() -> Option<Child> {
    real().map(|interpreter| Child::start(&interpreter).expect("it was there"))
}

#[track_caller]
fn fails(script: &str, words: &[&str]) {
    let (_fake, mut child) = fake(script);
    let error = child.run(&JOB, &Abort::default(), LONG).expect_err("it is a fake");
    for word in words {
        assert!(error.to_string().contains(word), "{word:?} is not in {error}");
    }
    assert_eq!(child.run(&JOB, &Abort::default(), LONG), Err(PythonError::Used));
}

#[test]
fn child_with_a_bad_answer_is_ended() {
    fails("read -r job; echo what", &["\"what\" where an outcome was expected"]);
    fails("read -r job; echo MemoryError >&2; exit 3", &["exit status: 3: MemoryError"]);
    fails("read -r job; kill -KILL $$", &["signal: 9"]);
    fails("exit 3", &["exit status: 3"]);
    fails("read -r job; echo '{\"error\":\"RuntimeError: no\"}'", &["3.11.7", "RuntimeError: no"]);
}

#[test]
fn child_beyond_the_limit_is_ended() {
    let (_fake, mut child) = fake("read -r job; read -r never");
    let limit = Duration::from_millis(1);
    let late = child.run(&JOB, &Abort::default(), limit);
    assert_eq!(late, Err(PythonError::TooLong { limit }));
    assert!(child.process.is_none());
}

#[test]
fn aborted_attempt_is_stopped() {
    let (_fake, mut child) = fake("read -r job; read -r never");
    let abort = Abort::default();
    let stopped = std::thread::scope(|scope| {
        scope.spawn(|| abort.raise());
        child.run(&JOB, &abort, LONG)
    });
    assert_eq!(stopped, Err(PythonError::Stopped));
    assert!(child.process.is_none());
}

#[test]
fn changed_version_is_refused() {
    let fake = Fake::new("echo 'CPython 3.11.7 held'");
    let mut interpreter = Interpreter::probe(&fake.path()).expect("it greets");
    interpreter.version.minor = 12;
    let mut child = Child::start(&interpreter).expect("a shell starts");
    let error = child.run(&JOB, &Abort::default(), LONG).expect_err("it has changed");
    assert!(error.to_string().contains("is version 3.11.7 now and was 3.12.7"), "{error}");
}

#[test]
fn experiment_has_all_listed_bodies() {
    let (_, table) = EXPERIMENT.split_once("\nBODIES = {\n").expect("the table");
    let (table, _) = table.split_once("\n}\n").expect("its end");
    let names = table.lines().map(|line| line.split('"').nth(1).expect("a name"));
    assert_eq!(names.collect::<Vec<_>>(), BodyName::ALL.map(BodyName::name));
}

#[test]
fn single_thread_loses_no_update() {
    let Some(mut child) = real_child() else { return };
    for body in BodyName::ALL.map(BodyName::name) {
        let seen = run(&mut child, &tasks(body, 1, 3));
        assert_eq!(seen.total, 3 * INCREMENTS, "{body}");
        assert_eq!((seen.workers.len(), seen.workers[0].increments), (1, 3 * INCREMENTS), "{body}");
        let (first, last) = seen.workers[0].span_ns.expect("it had tasks");
        assert!(first <= last && last <= seen.duration_ns, "{body}: {seen:?}");
    }
}

#[test]
fn locked_body_loses_no_update() {
    let Some(mut child) = real_child() else { return };
    let seen = run(&mut child, &tasks("locked", 4, 40));
    assert_eq!(seen.total, 40 * INCREMENTS);
    assert_eq!(seen.workers.len(), 4);
    assert_eq!(seen.workers.iter().map(|worker| worker.increments).sum::<u64>(), seen.total);
}

#[test]
fn increments_are_interrupted_by_pauses() {
    let Some(mut child) = real_child() else { return };
    let io = Some(Pause { every: 7, duration_ns: 1_000_000 });
    let work = Work::Tasks { workers: 1, tasks: 2, increments: 35, io };
    let seen = run(&mut child, &ExperimentJob { work, ..JOB });
    assert_eq!(seen.total, 70);
    // Ten sleeps; the clock may be the system's, which others set.
    assert!(seen.duration_ns >= 9_000_000, "{seen:?}");
}

#[test]
fn every_request_has_a_latency() {
    let Some(mut child) = real_child() else { return };
    for call in [Request::Sleep { ns: 1000 }, Request::Echo, Request::Write] {
        for cpu in [0, 1] {
            let work = Work::Requests { cpu, io: 2, requests: 3, call };
            let seen = run(&mut child, &ExperimentJob { work, ..JOB });
            assert_eq!(seen.latencies_ns.len(), 6, "{call:?}");
            assert_eq!(seen.workers.len(), cpu + 2, "{call:?}");
            let done: u64 = seen.workers[..cpu].iter().map(|worker| worker.increments).sum();
            assert_eq!((seen.total, done > 0), (done, cpu > 0), "{call:?}");
        }
    }
}

#[test]
fn switches_are_counted() {
    let Some(mut child) = real_child() else { return };
    let by_ticks = child.interpreter.version.rule_kind() == RuleKind::Ticks;
    let often = Rule::Interval { picoseconds: 1_000_000_000 };
    let rule = if by_ticks { Rule::Ticks(100) } else { often };
    let mut switches = |threads, milliseconds| {
        let work = Work::Switches { threads, duration: Duration::from_millis(milliseconds) };
        let seen = run(&mut child, &ExperimentJob { rule, work, ..JOB });
        assert_eq!(seen.workers.len(), threads);
        assert!(seen.workers.iter().all(|worker| worker.span_ns.is_some()));
        seen.switches
    };
    let Some(alone) = switches(1, 10) else { return };
    assert_eq!(alone, 0);
    // A busy machine may not get round to the second thread at once.
    assert!((0..8).any(|doublings| switches(2, 50 << doublings) > Some(0)));
}

#[test]
fn error_of_the_experiment_is_reported() {
    let Some(mut child) = real_child() else { return };
    let error = child.run(&tasks("nothing", 1, 1), &Abort::default(), LONG);
    let error = error.expect_err("there is no such body").to_string();
    assert!(error.contains("KeyError"), "{error}");
}

/// An interpreter must notice at once, and by itself, that gild was killed.
#[test]
fn interpreter_ends_with_its_parent_process() {
    let Some(interpreter) = real() else { return };
    let work = Work::Tasks { workers: 1, tasks: 1, increments: 10_000_000_000, io: None };
    let job = ExperimentJob { body: "increment", rule: Rule::Own, work, cores: Vec::new() };
    // A shell in gild's place: it starts the interpreter, asks, and goes.
    let program = format!("{IDENTIFY}\n{EXPERIMENT}");
    let mut child = std::process::Command::new(&interpreter.path)
        .args(["-s", "-S", "-B", "-c", &program])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("piped");
    let stdout = child.stdout.take().expect("piped");
    let line = crate::python::job::encode(&job, Duration::from_mins(10));
    std::io::Write::write_all(&mut stdin, format!("{line}\n").as_bytes()).expect("it listens");
    let busy = || {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
        let user_ticks = stat.rsplit(')').next().and_then(|rest| rest.split(' ').nth(12));
        user_ticks.and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or(0) > 20
    };
    while !busy() {
        std::thread::yield_now();
    }
    // Both end with gild.
    drop((stdin, stdout));
    let status = child.wait().expect("it ends");
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    assert_eq!(signal, Some(nix::libc::SIGIO), "{status}");
}
