//! The Python client, under an interpreter that has grpcio: the one that `GRPC_PYTHON` names,
//! else `python3`.

use std::process::{Command, Output, Stdio};

use gild::limits::MESSAGE_BYTES_MAX;

use super::{TOKEN, check_refused, check_sweep, daemon, root, run, socket_of};
use crate::outside_program::required;

/// Names an interpreter that can import what the client does.
const INTERPRETER: &str = "GRPC_PYTHON";

/// A call over a Unix socket without the option that the client sets.
const CALL_WITHOUT_OPTION: &str = "
import sys, grpc
call = grpc.insecure_channel(sys.argv[1]).unary_unary('/gild.v1.LabService/GetLab')
try:
    call(b'', timeout=600)
except grpc.RpcError as error:
    sys.exit(error.code().name)
";

/// Eight sweeps of as many cells as a sweep may have, compared in one message and in parts. The long
/// body makes the answer too large whatever the figures, which have more digits on a busy machine.
const LARGE_ANSWERS: &str = "
import sys, client, grpc
# Comparing takes a busy machine longer than the client's default.
client.Service.call.__defaults__ = (600,)
with client.connect(sys.argv[1]) as channel:
    pool = client.DescriptorPool(client.ProtoReflectionDescriptorDatabase(channel))
    sweeps = client.Service(channel, pool, 'gild.v1.SweepService')
    spec = {'strategies': ['gil'], 'switch_ticks': [10], 'tasks': range(1, 1025), 'task_steps': [0],
            'attempts': 1, 'steps': ['L' + '.' * 29 + 'S']}
    names = [sweeps.call('CreateSweep', spec=spec).sweep.name for _ in range(8)]
    for name in names:
        for _ in sweeps.call('WatchSweep', name=name):
            pass
    try:
        sweeps.call('CompareSweeps', names=names)
    except grpc.RpcError as error:
        print('in one message:', error.code().name)
    request = {'names': names}
    print(*(part.ByteSize() for part in sweeps.call('CompareSweepsInParts', request=request)))
    pairs = sweeps.in_parts('CompareSweeps', names=names).cells
    cells = sweeps.in_parts('GetSweep', name=names[0]).sweep.cells
    print(len(pairs), 'cells,', len(cells), 'in a sweep')
    print(sum(1 for _ in sweeps.pages('ListSweeps', 'sweeps', page_size=3)), 'sweeps')
";

/// Such an interpreter; without one the test is skipped.
pub(super) fn python() -> Option<Command> {
    let named = std::env::var(INTERPRETER).ok().filter(|named| !named.is_empty());
    let python = named.unwrap_or_else(|| "python3".into());
    let mut import = Command::new(&python);
    import.args(["-c", "import grpc, grpc_reflection"]).stderr(Stdio::null());
    let found = import.status().is_ok_and(|status| status.success());
    let missing = format!(
        "grpcio and grpcio-reflection are not installed for {python}; name an interpreter that \
         has them as {INTERPRETER}"
    );
    required(found.then(|| Command::new(&python)), &missing)
}

/// The client under that interpreter.
fn client() -> Option<Command> {
    let mut client = python()?;
    client.arg(root().join("gilctl/examples/client.py"));
    Some(client)
}

/// Checks that the client has also run the sweep again, listed both and compared them.
#[track_caller]
fn check_comparison(output: &Output) {
    let printed = String::from_utf8_lossy(&output.stdout);
    let created: Vec<_> = printed.lines().filter_map(|it| it.strip_prefix("created ")).collect();
    let [_, newest] = created[..] else { panic!("not two sweeps in {printed}") };
    let listed = format!("2 sweeps, the newest {newest}");
    for wanted in [&*listed, "atomic: ", " times as fast, OUTCOME_", "3 pairs of cells: "] {
        assert!(printed.contains(wanted), "{wanted:?} is not in {printed}");
    }
}

#[test]
fn python_client_runs_and_compares_sweeps_over_unix_socket() {
    let Some(client) = client() else { return };
    let daemon = daemon();
    let output = run(client, &socket_of(&daemon), None);
    check_sweep(&output);
    check_comparison(&output);
}

/// gRPC's own limit is four megabytes a message, and the client sets none.
#[test]
fn python_client_gets_answers_beyond_the_default_limit_in_parts() {
    let Some(mut python) = python() else { return };
    python.args(["-c", LARGE_ANSWERS]).env("PYTHONPATH", root().join("gilctl/examples"));
    let daemon = daemon();
    let output = run(python, &socket_of(&daemon), None);
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{printed}{errors}");
    let lines: Vec<_> = printed.lines().collect();
    let [whole, parts, cells, listed] = lines[..] else { panic!("{printed}") };
    assert_eq!(whole, "in one message: RESOURCE_EXHAUSTED");
    let parts: Vec<usize> = parts.split(' ').map(|it| it.parse().expect("bytes")).collect();
    assert!(parts.iter().sum::<usize>() > 4 << 20, "{parts:?}");
    assert!(parts.iter().all(|&bytes| bytes <= MESSAGE_BYTES_MAX), "{parts:?}");
    assert_eq!((cells, listed), ("7168 cells, 1024 in a sweep", "8 sweeps"));
}

#[test]
fn python_client_runs_sweep_over_port_with_token() {
    let Some(permitted) = client() else { return };
    let daemon = daemon();
    let port = daemon.tcp.as_deref().expect("it listens");
    check_sweep(&run(permitted, port, Some(TOKEN)));
    if let Some(stranger) = client() {
        check_refused(&run(stranger, port, None));
    }
}

/// Once gRPC's C core sends a valid authority by itself, `docs/clients.md` and the log's hint have
/// lost their reason.
#[test]
fn python_without_default_authority_ends_with_internal_and_a_hint_in_the_log() {
    let Some(mut python) = python() else { return };
    python.args(["-c", CALL_WITHOUT_OPTION]);
    let daemon = daemon();
    let output = run(python, &socket_of(&daemon), None);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), errors.trim()), (Some(1), "INTERNAL"));
    daemon.wait_for_log(&["\"audit\"", "refused", "uid", "grpc.default_authority=localhost"]);
}
