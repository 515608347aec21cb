//! An administrator's afternoon: two users and an admin by token over TLS, a backup while a sweep
//! runs, its restoration elsewhere, and the upgrade of a history of 2c8d602. Everything is there
//! afterwards, and each reaches only what is theirs.

use std::path::Path;
use std::sync::Arc;

use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CancelSweepRequest, CreateSweepRequest, DeleteSweepRequest, ListSweepsRequest,
    PruneHistoryRequest, Sweep, SweepEvent, SweepSpec, SweepState, WatchSweepRequest,
};
use tempfile::TempDir;
use tonic::Code;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use super::backup::{RECORDED, data_dir, run};
use crate::auth::fixtures::{Files, LOOPBACK, certificates, with_token};
use crate::daemon::{Daemon, PATIENCE, endless, spec};

const ANNA: &str = "anna-0123456789abcdef0123456789abcdef";
const BORIS: &str = "boris-0123456789abcdef0123456789abcdef";
const ADMIN: &str = "admin-0123456789abcdef0123456789abcdef";

/// A lab behind TLS and tokens.
struct Site {
    daemon: Daemon,
    sweeps: SweepServiceClient<Channel>,
}

impl Site {
    /// A daemon over the history of a directory.
    async fn start(files: &Files, directory: Arc<TempDir>) -> Self {
        let lines = format!("anna {ANNA}\nboris {BORIS}\nchief {ADMIN} admin\n");
        let tokens = files.write("tokens", &lines, 0o600);
        let (certificate, key) = (files.shown("server.pem"), files.shown("server-key.pem"));
        let tls = ["--tls-cert", &certificate, "--tls-key", &key, "--token-file", &tokens];
        let flags = [&LOOPBACK[..], &tls, &["--private-jobs"]].concat();
        let daemon = Daemon::start_in(directory, &flags);
        let authority = Certificate::from_pem(files.pem("ca.pem"));
        let tls = ClientTlsConfig::new().ca_certificate(authority).domain_name("localhost");
        let endpoint = Endpoint::from_shared(format!("https://{}", daemon.port()));
        let endpoint = endpoint.expect("an address").timeout(PATIENCE);
        let channel = endpoint.tls_config(tls).expect("good files").connect().await;
        Self { daemon, sweeps: SweepServiceClient::new(channel.expect("it listens")) }
    }

    async fn create(&mut self, token: &str, spec: SweepSpec) -> String {
        let request = CreateSweepRequest { spec: Some(spec), ..CreateSweepRequest::default() };
        let created = self.sweeps.create_sweep(with_token(request, token)).await;
        created.expect("it is planned").into_inner().sweep.expect("a sweep").name
    }

    async fn list(&mut self, token: &str) -> Vec<Sweep> {
        let request = with_token(ListSweepsRequest::default(), token);
        self.sweeps.list_sweeps(request).await.expect("a list").into_inner().sweeps
    }

    async fn names(&mut self, token: &str) -> Vec<String> {
        self.list(token).await.into_iter().map(|sweep| sweep.name).collect()
    }

    /// The first events of a sweep, or all of them.
    async fn events(&mut self, token: &str, name: &str, most: usize) -> Vec<SweepEvent> {
        let request = WatchSweepRequest { name: name.into(), after_sequence: 0 };
        let stream = self.sweeps.watch_sweep(with_token(request, token)).await;
        let mut stream = stream.expect("it may be read").into_inner();
        let mut events = Vec::new();
        while events.len() < most {
            let Some(answer) = stream.message().await.expect("no error") else { break };
            events.push(answer.event.expect("an event"));
        }
        events
    }

    async fn delete(&mut self, token: &str, name: &str) -> Code {
        let request = with_token(DeleteSweepRequest { name: name.into() }, token);
        self.sweeps.delete_sweep(request).await.map_or_else(|status| status.code(), |_| Code::Ok)
    }

    async fn cancel(&mut self, token: &str, name: &str) -> Code {
        let request = with_token(CancelSweepRequest { name: name.into() }, token);
        self.sweeps.cancel_sweep(request).await.map_or_else(|status| status.code(), |_| Code::Ok)
    }
}

fn directory() -> Arc<TempDir> {
    Arc::new(tempfile::tempdir().expect("a directory"))
}

/// Saves the history of `from` and puts it into `to`.
fn move_history(from: &Path, to: &Path, file: &Path) {
    for (command, place) in [("backup", from), ("restore", to)] {
        let (code, out, err) = run(&[command], file, place);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{command}: {out}");
    }
}

#[tokio::test]
async fn afternoon_of_an_administrator_loses_nothing_and_opens_nothing() {
    let files = Files::new();
    certificates(&files);
    let mut site = Site::start(&files, directory()).await;
    let annas = site.create(ANNA, spec("atomic", 20)).await;
    let events = site.events(ANNA, &annas, usize::MAX).await;
    let running = site.create(BORIS, endless()).await;
    site.events(BORIS, &running, 1).await;

    // Each reaches what is theirs, while a sweep runs.
    assert_eq!(site.names(ANNA).await, std::slice::from_ref(&annas));
    assert_eq!(site.names(BORIS).await, std::slice::from_ref(&running));
    assert_eq!(site.names(ADMIN).await, [running.clone(), annas.clone()]);
    assert_eq!(site.delete(BORIS, &annas).await, Code::PermissionDenied);
    assert_eq!(site.cancel(ANNA, &running).await, Code::PermissionDenied);

    // The backup is taken beside it, and restored elsewhere while the first lab goes on.
    let elsewhere = directory();
    let from = data_dir(site.daemon.directory().path());
    move_history(&from, &data_dir(elsewhere.path()), &files.path("backup.db"));
    let mut restored = Site::start(&files, elsewhere).await;
    assert_eq!(restored.names(ADMIN).await, [running.clone(), annas.clone()]);
    assert_eq!(restored.events(ANNA, &annas, usize::MAX).await, events);
    let stopped = restored.list(BORIS).await;
    assert_eq!((stopped.len(), stopped[0].state()), (1, SweepState::Interrupted));
    assert_eq!(restored.delete(ANNA, &running).await, Code::PermissionDenied);
    assert_eq!(restored.delete(BORIS, &running).await, Code::Ok);
    assert_eq!(site.cancel(ADMIN, &running).await, Code::Ok, "the first lab still runs it");

    // A history of 2c8d602 is upgraded: all is there for the admin, nothing for the users.
    let old = files.path("old");
    std::fs::create_dir(&old).expect("ours");
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join(RECORDED);
    std::fs::copy(recorded, old.join("lab.db")).expect("a copy");
    let upgraded = directory();
    move_history(&old, &data_dir(upgraded.path()), &files.path("old.db"));
    let mut upgraded = Site::start(&files, upgraded).await;
    let all = upgraded.list(ADMIN).await;
    assert!(all.len() >= 5, "{}", all.len());
    for sweep in &all {
        assert!(!upgraded.events(ADMIN, &sweep.name, usize::MAX).await.is_empty(), "{sweep:?}");
    }
    let request = PruneHistoryRequest { keep_newest: Some(0), ..PruneHistoryRequest::default() };
    for token in [ANNA, BORIS] {
        assert_eq!(upgraded.names(token).await, Vec::<String>::new());
        let pruned = upgraded.sweeps.prune_history(with_token(request, token)).await;
        assert_eq!(pruned.expect("of one's own").into_inner().names, Vec::<String>::new());
    }
    assert_eq!(upgraded.list(ADMIN).await, all);
}
