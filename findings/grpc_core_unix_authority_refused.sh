#!/usr/bin/env bash
# Guess:     a gRPC client that reaches a server over TCP also reaches it over a Unix socket; the
#            address of a socket is not part of what is asked.
# Behaviour: gRPC's C core (seen through Python) sends the percent-encoded path of the socket as
#            :authority since 1.57; before, it sent "localhost". The h2 crate refuses a `%` there,
#            so a tonic server resets each call, and the client reports INTERNAL with "Received
#            RST_STREAM with error code 1". The channel option grpc.default_authority=localhost
#            cures it. grpc-js is served without an option.
# Version:   grpcio 1.85.3 and 1.56.2 (PyPI), @grpc/grpc-js 1.14.7 (npm), tonic 0.14.9 with
#            h2 0.4.20 (cargo).
# Source:    h2 src/server.rs ("malformed headers: malformed authority"); hyperium/h2 pull request
#            487 (open); grpc/grpc issue 38142 (closed) and pull request 33571 (the change).
# Date:      2026-11-28
. "$(dirname "$0")/lib.sh"

pip_install new grpcio==1.85.3
pip_install old grpcio==1.56.2
npm_install @grpc/grpc-js@1.14.7

mkdir -p "$work/server/src"
cat >"$work/server/Cargo.toml" <<'TOML'
[package]
name = "server"
version = "0.0.0"
edition = "2021"
[dependencies]
h2 = "=0.4.20"
tokio = { version = "1", features = ["rt", "net"] }
tokio-stream = { version = "0.1", features = ["net"] }
tonic = { version = "=0.14.9", default-features = false, features = ["server", "router"] }
tonic-health = { version = "=0.14.9", default-features = false }
[profile.dev]
debug = false
TOML
# tonic's own health service on a Unix socket and on a TCP port, which is printed.
cat >"$work/server/src/main.rs" <<'RUST'
use tokio_stream::wrappers::{TcpListenerStream, UnixListenerStream};
use tonic::transport::Server;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (_reporter, health) = tonic_health::server::health_reporter();
        let path = std::env::args().nth(1).unwrap();
        let unix = tokio::net::UnixListener::bind(path).unwrap();
        let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", tcp.local_addr().unwrap().port());
        let over_unix = Server::builder().add_service(health.clone());
        tokio::spawn(over_unix.serve_with_incoming(UnixListenerStream::new(unix)));
        let over_tcp = Server::builder().add_service(health);
        over_tcp.serve_with_incoming(TcpListenerStream::new(tcp)).await.unwrap();
    });
}
RUST
cat >"$work/check.py" <<'PYTHON'
import sys
import grpc
target, options = sys.argv[1], [tuple(option.split("=")) for option in sys.argv[2:]]
with grpc.insecure_channel(target, options=options) as channel:
    check = channel.unary_unary("/grpc.health.v1.Health/Check", lambda m: m, lambda m: m)
    try:
        print("served" if check(b"", timeout=20) == b"\x08\x01" else "another answer")
    except grpc.RpcError as error:
        print(error.code().name, error.details())
PYTHON
cat >"$work/check.js" <<'JS'
const grpc = require('@grpc/grpc-js');
const client = new grpc.Client(process.argv[2], grpc.credentials.createInsecure());
const as_is = (message) => message;
client.makeUnaryRequest('/grpc.health.v1.Health/Check', as_is, as_is, Buffer.alloc(0),
  { deadline: Date.now() + 20000 }, (error, answer) => {
    const answered = () => (answer.equals(Buffer.from([8, 1])) ? 'served' : 'another answer');
    console.log(error ? grpc.status[error.code] : answered());
    client.close();
  });
JS
cargo_build "$work/server"
socket="$work/health.sock"
"$work/target/debug/server" "$socket" >"$work/port" &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
for _ in $(seq 100); do
    [ ! -s "$work/port" ] || break
    sleep 0.1
done

new() { "$work/new/bin/python" "$work/check.py" "$@"; }
old() { "$work/old/bin/python" "$work/check.py" "$@"; }
observed "grpcio 1.85.3, TCP" "served" "$(new "127.0.0.1:$(cat "$work/port")")"
refused=$(new "unix:$socket")
observed "grpcio 1.85.3, Unix socket" "INTERNAL" "${refused%% *}"
echo "its details: ${refused#* }"
observed "grpcio 1.85.3, Unix socket, default_authority" "served" \
    "$(new "unix:$socket" grpc.default_authority=localhost)"
observed "grpcio 1.56.2, Unix socket" "served" "$(old "unix:$socket")"
observed "grpc-js 1.14.7, Unix socket" "served" "$(node "$work/check.js" "unix:$socket")"
verdict
