//! A bare daemon, which an idle lab is compared with: a tonic server with TLS and one service, an open
//! SQLite database with a write-ahead log, and as many threads as the lab has.
//!
//! ```text
//! bare-daemon DIRECTORY THREADS
//! ```
//!
//! The directory holds `server.pem` and `server-key.pem`, as `gild certs` makes them; the database is
//! made there. Says `listening` once it does.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::{env, fs, thread};

use rusqlite::Connection;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Identity, Server, ServerTlsConfig};

/// As the lab's runtime has.
const RUNTIME_THREADS: usize = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("no directory")?);
    let threads: usize = arguments.next().ok_or("no number")?.to_string_lossy().parse()?;
    let _database = database(&directory)?;
    for _ in 0..threads.saturating_sub(RUNTIME_THREADS + 1) {
        thread::Builder::new().spawn(|| {
            loop {
                thread::park();
            }
        })?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .enable_all()
        .build()?;
    runtime.block_on(serve(&directory))
}

fn database(directory: &Path) -> rusqlite::Result<Connection> {
    let database = Connection::open(directory.join("bare.db"))?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.execute_batch("CREATE TABLE kept (bytes BLOB); INSERT INTO kept VALUES (x'00')")?;
    Ok(database)
}

async fn serve(directory: &Path) -> Result<(), Box<dyn Error>> {
    let read = |name| fs::read(directory.join(name));
    let identity = Identity::from_pem(read("server.pem")?, read("server-key.pem")?);
    let (_reporter, health) = tonic_health::server::health_reporter();
    let incoming = TcpIncoming::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let tls = ServerTlsConfig::new().identity(identity);
    let server = Server::builder().tls_config(tls)?.add_service(health);
    println!("listening");
    Ok(server.serve_with_incoming(incoming).await?)
}
