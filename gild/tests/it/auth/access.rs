//! Access to jobs: an owner acts on its own, an admin on all, and the audit log says who was one.

use prost::Message as _;
use prost_types::{FileDescriptorSet, MethodDescriptorProto};
use proto::v1::exploration_service_client::ExplorationServiceClient;
use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CancelSweepRequest, CreateExplorationRequest, CreateSweepRequest, DeleteSweepRequest,
    GetLabRequest, GetSweepRequest, ListExplorationsRequest, ListSweepsRequest,
    PruneHistoryRequest, ResumeSweepRequest, SweepState, WatchExplorationRequest,
};
use tonic::Code;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

use crate::auth::fixtures::{Files, LOOPBACK, with_token};
use crate::daemon::{Daemon, connect, create, endless, spec, started, watch};
use crate::services::explorations::race;

const ANNA: &str = "anna-0123456789abcdef0123456789abcdef";
const BORIS: &str = "boris-0123456789abcdef0123456789abcdef";
const CHIEF: &str = "chief-0123456789abcdef0123456789abcdef";

struct Lab {
    daemon: Daemon,
    sweeps: SweepServiceClient<Channel>,
}

impl Lab {
    async fn start(files: &Files) -> Self {
        Self::start_with(files, &[]).await
    }

    async fn start_with(files: &Files, flags: &[&str]) -> Self {
        let lines = format!("anna {ANNA}\nboris {BORIS}\nchief {CHIEF} admin\n");
        let tokens = files.write("three", &lines, 0o600);
        let daemon = Daemon::start(&[&LOOPBACK[..], &["--token-file", &tokens], flags].concat());
        let channel = connect(daemon.tcp.clone().expect("an address")).await;
        Self { daemon, sweeps: SweepServiceClient::new(channel) }
    }

    async fn create(&mut self, token: &str, spec: proto::v1::SweepSpec) -> String {
        let request = CreateSweepRequest { spec: Some(spec), ..CreateSweepRequest::default() };
        let answer = self.sweeps.create_sweep(with_token(request, token)).await;
        answer.expect("it is planned").into_inner().sweep.expect("a sweep").name
    }

    async fn ended(&mut self, token: &str) -> String {
        let name = self.create(token, spec("atomic", 2)).await;
        let mut own = self.daemon.sweeps().await;
        watch(&mut own, &name, 0).await;
        name
    }

    /// The name of an exploration that has ended.
    async fn explored(&mut self, token: &str) -> String {
        let channel = connect(self.daemon.tcp.clone().expect("an address")).await;
        let mut explorations = ExplorationServiceClient::new(channel);
        let request =
            CreateExplorationRequest { spec: Some(race()), ..CreateExplorationRequest::default() };
        let answer = explorations.create_exploration(with_token(request, token)).await;
        let name = answer.expect("it is planned").into_inner().exploration.expect("one").name;
        let request =
            WatchExplorationRequest { name: name.clone(), after_sequence: 0, in_parts: false };
        let watched = explorations.watch_exploration(with_token(request, token)).await;
        let mut events = watched.expect("it is the caller's own").into_inner();
        while events.message().await.expect("an event").is_some() {}
        name
    }

    /// How many sweeps and explorations are listed.
    async fn listed(&mut self, token: &str) -> [usize; 2] {
        let sweeps = self.sweeps.list_sweeps(with_token(ListSweepsRequest::default(), token)).await;
        let channel = connect(self.daemon.tcp.clone().expect("an address")).await;
        let request = with_token(ListExplorationsRequest::default(), token);
        let explored = ExplorationServiceClient::new(channel).list_explorations(request).await;
        let explorations = explored.expect("a list").into_inner().explorations;
        [sweeps.expect("a list").into_inner().sweeps.len(), explorations.len()]
    }

    /// The codes of every way to change a sweep.
    async fn change(&mut self, token: &str, name: &str) -> [Code; 3] {
        let name = || name.to_owned();
        let cancel = with_token(CancelSweepRequest { name: name() }, token);
        let resume = with_token(ResumeSweepRequest { name: name() }, token);
        let delete = with_token(DeleteSweepRequest { name: name() }, token);
        [
            self.sweeps.cancel_sweep(cancel).await.err(),
            self.sweeps.resume_sweep(resume).await.err(),
            self.sweeps.delete_sweep(delete).await.err(),
        ]
        .map(|failed| failed.map_or(Code::Ok, |status| status.code()))
    }

    async fn prune(&mut self, token: &str) -> Vec<String> {
        let request =
            PruneHistoryRequest { keep_newest: Some(0), ..PruneHistoryRequest::default() };
        let answer = self.sweeps.prune_history(with_token(request, token)).await;
        answer.expect("it is allowed").into_inner().names
    }
}

#[tokio::test]
async fn token_changes_only_what_is_its_own() {
    let files = Files::new();
    let mut lab = Lab::start(&files).await;
    let running = lab.create(ANNA, endless()).await;
    assert_eq!(lab.change(BORIS, &running).await, [Code::PermissionDenied; 3]);
    let request = with_token(CancelSweepRequest { name: running.clone() }, BORIS);
    let refused = lab.sweeps.cancel_sweep(request).await.expect_err("it is anna's");
    let said = refused.message();
    assert!(said.contains("belongs to token anna, and you are token boris"), "{said}");
    // It may be read by all, and goes on.
    let request = with_token(GetSweepRequest { name: running.clone() }, BORIS);
    let read = lab.sweeps.get_sweep(request).await.expect("it may be read").into_inner();
    let state = read.sweep.expect("a sweep").state();
    assert!(matches!(state, SweepState::Queued | SweepState::Running), "{state:?}");
    let request = with_token(CancelSweepRequest { name: running }, ANNA);
    lab.sweeps.cancel_sweep(request).await.expect("it is hers");
}

#[tokio::test]
async fn pruning_forgets_only_what_is_the_callers_own() {
    let files = Files::new();
    let mut lab = Lab::start(&files).await;
    let (annas, boriss) = (lab.ended(ANNA).await, lab.ended(BORIS).await);
    assert_eq!(lab.prune(BORIS).await, [boriss]);
    assert_eq!(lab.prune(BORIS).await, Vec::<String>::new());
    let own = PruneHistoryRequest { keep_newest: Some(0), own_only: true, ..Default::default() };
    let pruned = lab.sweeps.prune_history(with_token(own, CHIEF)).await;
    let pruned = pruned.expect("it is allowed").into_inner().names;
    assert_eq!(pruned, Vec::<String>::new(), "an admin may leave what others own");
    assert_eq!(lab.prune(CHIEF).await, [annas]);
}

#[tokio::test]
async fn admin_changes_what_others_own_and_the_log_says_so() {
    let files = Files::new();
    let mut lab = Lab::start(&files).await;
    let ended = lab.ended(ANNA).await;
    let [cancel, resume, delete] = lab.change(CHIEF, &ended).await;
    assert_eq!([cancel, resume], [Code::FailedPrecondition; 2], "it has ended");
    assert_eq!(delete, Code::Ok);
    let line = lab.daemon.wait_for_log(&["audit", "token chief", "DeleteSweep"]);
    assert!(line.contains("Admin"), "{line}");
    let id = ended.rsplit('/').next().expect("an id");
    lab.daemon.wait_for_log(&["audit", "another's job", "token chief", "token anna", id]);
    // The user of the daemon's own socket is an admin too.
    let name = lab.create(ANNA, endless()).await;
    let mut own = lab.daemon.sweeps().await;
    own.cancel_sweep(CancelSweepRequest { name }).await.expect("an admin");
}

#[tokio::test]
async fn configured_owner_is_an_admin() {
    let files = Files::new();
    let tokens = files.write("two", &format!("anna {ANNA}\nboris {BORIS}\n"), 0o600);
    let flags = [&LOOPBACK[..], &["--token-file", &tokens, "--admin", "token boris"]].concat();
    let daemon = Daemon::start(&flags);
    let channel = connect(daemon.tcp.clone().expect("an address")).await;
    let mut lab = Lab { daemon, sweeps: SweepServiceClient::new(channel) };
    let ended = lab.ended(ANNA).await;
    assert_eq!(lab.prune(BORIS).await, [ended]);
}

/// Names of two jobs, as the first field of every request that names any.
#[derive(Clone, PartialEq, prost::Message)]
struct Named {
    #[prost(string, repeated, tag = "1")]
    names: Vec<String>,
}

/// The same within the request of a method that answers in parts.
#[derive(Clone, PartialEq, prost::Message)]
struct NamedInParts {
    #[prost(message, optional, tag = "1")]
    request: Option<Named>,
}

/// A method that names jobs in its request.
struct NamingMethod {
    path: String,
    of_explorations: bool,
    changes: bool,
    in_parts: bool,
}

/// All of them, so that a new one is tested too.
fn naming_methods() -> Vec<NamingMethod> {
    let set = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("a descriptor set");
    let messages: Vec<_> = set.file.iter().flat_map(|file| &file.message_type).collect();
    let names_a_job = |request: &str| {
        let message = messages.iter().find(|it| request.ends_with(&format!(".{}", it.name())));
        let fields = &message.expect("it is described").field;
        fields.iter().any(|field| {
            let names = matches!(field.name(), "name" | "names");
            assert!(!names || field.number() == 1, "{request}");
            names
        })
    };
    let mut found = Vec::new();
    for file in set.file.iter().filter(|file| file.package() == "gild.v1") {
        for service in &file.service {
            // A method that answers in parts has the request of its twin in its own.
            let asks_of = |method: &MethodDescriptorProto| {
                names_a_job(&method.input_type().replace("InPartsRequest", "Request"))
            };
            for method in service.method.iter().filter(|it| asks_of(it)) {
                let whole = method.name().trim_end_matches("InParts");
                found.push(NamingMethod {
                    path: format!("/gild.v1.{}/{}", service.name(), method.name()),
                    of_explorations: whole.ends_with("Exploration"),
                    in_parts: whole != method.name(),
                    changes: ["Cancel", "Resume", "Label", "Delete"]
                        .iter()
                        .any(|verb| method.name().starts_with(verb)),
                });
            }
        }
    }
    found
}

/// Calls a method by path with names of jobs, and returns its code.
async fn call(lab: &Lab, method: &NamingMethod, names: &[String], token: &str) -> Code {
    let channel = connect(lab.daemon.tcp.clone().expect("an address")).await;
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.expect("a connection");
    let jobs = Named { names: names.to_vec() };
    let path = method.path.parse().expect("a path");
    let called = if method.in_parts {
        let request = with_token(NamedInParts { request: Some(jobs) }, token);
        client.server_streaming(request, path, ProstCodec::<NamedInParts, ()>::default()).await
    } else {
        let request = with_token(jobs, token);
        client.server_streaming(request, path, ProstCodec::<Named, ()>::default()).await
    };
    let answer = match called {
        Ok(mut stream) => stream.get_mut().message().await.err(),
        Err(status) => Some(status),
    };
    answer.map_or(Code::Ok, |status| status.code())
}

#[tokio::test]
async fn every_method_that_names_a_job_asks_whose_it_is() {
    let methods = naming_methods();
    assert!(methods.iter().filter(|method| method.in_parts).count() >= 4);
    assert!(methods.len() >= 16, "{} methods name jobs", methods.len());
    for (flags, boris_reads) in [(&[][..], true), (&["--private-jobs"][..], false)] {
        let files = Files::new();
        let mut lab = Lab::start_with(&files, flags).await;
        let sweeps = [lab.ended(ANNA).await, lab.ended(ANNA).await];
        let explorations = [lab.explored(ANNA).await, lab.explored(ANNA).await];
        for method in &methods {
            let names = if method.of_explorations { &explorations } else { &sweeps };
            let (path, changes) = (&method.path, method.changes);
            let borises = call(&lab, method, names, BORIS).await;
            let expected = if boris_reads && !changes { Code::Ok } else { Code::PermissionDenied };
            assert_eq!(borises, expected, "{path} by another owner, {flags:?}");
            for token in [ANNA, CHIEF].into_iter().filter(|_| !changes) {
                assert_eq!(call(&lab, method, names, token).await, Code::Ok, "{path}, {flags:?}");
            }
        }
        for (token, listed) in [(ANNA, 2), (CHIEF, 2), (BORIS, if boris_reads { 2 } else { 0 })] {
            assert_eq!(lab.listed(token).await, [listed; 2], "{flags:?}");
        }
    }
}

#[tokio::test]
async fn status_of_a_private_lab_shows_the_callers_jobs_only() {
    let files = Files::new();
    let mut lab = Lab::start_with(&files, &["--private-jobs"]).await;
    let running = lab.create(ANNA, endless()).await;
    let _events = started(&mut lab.daemon.sweeps().await, &running).await;
    for (token, shown) in [(ANNA, true), (CHIEF, true), (BORIS, false)] {
        let channel = connect(lab.daemon.tcp.clone().expect("an address")).await;
        let request = with_token(GetLabRequest {}, token);
        let status = LabServiceClient::new(channel).get_lab(request).await.expect("a lab");
        let status = status.into_inner().lab.expect("a lab");
        assert_eq!(status.running == running, shown, "{status:?}");
        assert_eq!(!status.owners.is_empty(), shown, "{status:?}");
    }
}

#[tokio::test]
async fn unauthenticated_clients_share_one_owner_and_are_never_admins() {
    let daemon = Daemon::start(&[&LOOPBACK[..], &["--insecure-loopback"]].concat());
    let own = create(&mut daemon.sweeps().await, spec("atomic", 2)).await;
    watch(&mut daemon.sweeps().await, &own, 0).await;
    let anyone = async || {
        let channel = connect(daemon.tcp.clone().expect("an address")).await;
        SweepServiceClient::new(channel)
    };
    let open = create(&mut anyone().await, spec("atomic", 2)).await;
    watch(&mut anyone().await, &open, 0).await;
    let delete = async |name: &str| {
        let request = DeleteSweepRequest { name: name.to_owned() };
        anyone().await.delete_sweep(request).await.map_err(|status| status.code()).err()
    };
    assert_eq!(delete(&own).await, Some(Code::PermissionDenied));
    let request = PruneHistoryRequest { keep_newest: Some(1), ..PruneHistoryRequest::default() };
    let pruned = anyone().await.prune_history(request).await.expect("of theirs").into_inner();
    assert_eq!(pruned.names, Vec::<String>::new(), "it counts their own");
    assert_eq!(delete(&open).await, None, "another connection created it");
}
