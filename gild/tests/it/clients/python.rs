//! The Python client, under an interpreter that has grpcio: the one that `GRPC_PYTHON` names,
//! else `python3`.

use std::process::{Command, Stdio};

use super::{TOKEN, check_refused, check_sweep, daemon, root, run, socket_of};
use crate::outside_program::required;

/// Names an interpreter that can import what the client does.
const INTERPRETER: &str = "GRPC_PYTHON";

/// A call over a Unix socket without the option that the client sets.
const CALL_WITHOUT_OPTION: &str = "
import sys, grpc
call = grpc.insecure_channel(sys.argv[1]).unary_unary('/gild.v1.LabService/GetLab')
try:
    call(b'', timeout=30)
except grpc.RpcError as error:
    sys.exit(error.code().name)
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

#[test]
fn python_client_runs_sweep_over_unix_socket() {
    let Some(client) = client() else { return };
    let daemon = daemon();
    check_sweep(&run(client, &socket_of(&daemon), None));
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
