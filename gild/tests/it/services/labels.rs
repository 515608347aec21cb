//! Labels that are replaced after a sweep was created: in any state, as often as asked, durably.

use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{GetSweepRequest, LabelSweepRequest, ListSweepsRequest, SweepSpec};
use tonic::Code;
use tonic::transport::Channel;

use crate::auth::fixtures::LOOPBACK;
use crate::daemon::{Daemon, create, endless, spec, started, watch};
use crate::http::client::{JSON, ask, get};

type Sweeps = SweepServiceClient<Channel>;

fn texts(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|&label| label.to_owned()).collect()
}

async fn label(sweeps: &mut Sweeps, name: &str, labels: &[&str]) -> Result<Vec<String>, Code> {
    let request = LabelSweepRequest { name: name.to_owned(), labels: texts(labels) };
    let answer = sweeps.label_sweep(request).await.map_err(|status| status.code())?;
    let sweep = answer.into_inner().sweep.expect("a sweep");
    Ok(sweep.spec.expect("its request").labels)
}

/// The labels of a sweep, which a list and the whole sweep say alike.
async fn labels(sweeps: &mut Sweeps, name: &str) -> Vec<String> {
    let request = GetSweepRequest { name: name.to_owned() };
    let whole = sweeps.get_sweep(request).await.expect("it is there").into_inner().sweep;
    let whole = whole.expect("a sweep").spec.expect("its request").labels;
    let listed = sweeps.list_sweeps(ListSweepsRequest::default()).await.expect("a list");
    let listed = listed.into_inner().sweeps.into_iter().find(|sweep| sweep.name == name);
    assert_eq!(listed.expect("listed").spec.expect("its request").labels, whole);
    whole
}

#[tokio::test]
async fn labels_are_replaced_in_any_state_and_survive_a_kill() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let running = create(&mut sweeps, SweepSpec { labels: texts(&["old"]), ..endless() }).await;
    let _events = started(&mut sweeps, &running).await;
    for _ in 0..2 {
        assert_eq!(label(&mut sweeps, &running, &["new", "v 2"]).await, Ok(texts(&["new", "v 2"])));
    }
    assert_eq!(labels(&mut sweeps, &running).await, ["new", "v 2"]);
    let killed = daemon.kill();
    let daemon = Daemon::start_in(killed, &[]);
    let mut sweeps = daemon.sweeps().await;
    assert_eq!(labels(&mut sweeps, &running).await, ["new", "v 2"], "it was interrupted");
    assert_eq!(label(&mut sweeps, &running, &[]).await, Ok(Vec::new()));
    let ended = create(&mut sweeps, spec("atomic", 2)).await;
    watch(&mut sweeps, &ended, 0).await;
    assert_eq!(label(&mut sweeps, &ended, &["late"]).await, Ok(texts(&["late"])));
    assert_eq!(labels(&mut sweeps, &ended).await, ["late"]);
    daemon.wait_for_log(&["audit", "LabelSweep", "Ok"]);
}

#[tokio::test]
async fn refused_labels_leave_those_that_there_are() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let name =
        create(&mut sweeps, SweepSpec { labels: texts(&["kept"]), ..spec("atomic", 2) }).await;
    let long = "x".repeat(33);
    for wrong in [&["-no"][..], &["a", ""], &[&long], &["a"; 9]] {
        assert_eq!(label(&mut sweeps, &name, wrong).await, Err(Code::InvalidArgument), "{wrong:?}");
    }
    assert_eq!(labels(&mut sweeps, &name).await, ["kept"]);
    let absent = "sweeps/00000000000000000000000000";
    assert_eq!(label(&mut sweeps, absent, &["a"]).await, Err(Code::NotFound));
}

#[tokio::test]
async fn labels_are_replaced_over_http() {
    let daemon = Daemon::start(&[&LOOPBACK[..], &["--insecure-loopback"]].concat());
    let body =
        r#"{"flags":{"strategy":["atomic"],"workers":["2"],"attempts":"3","label":["old"]}}"#;
    let created = ask(&daemon, "POST /api/v1/sweeps", &[JSON], body).json();
    let path = format!("/api/v1/sweeps/{}", created["sweep"]["id"].as_str().expect("an id"));
    let ask_to_change = |body: &str| ask(&daemon, &format!("PATCH {path}"), &[JSON], body);
    let document = ask_to_change(r#"{"labels":["v 2","new"]}"#);
    assert_eq!(document.status, 200, "{document:?}");
    assert_eq!(document.json()["sweep"]["labels"], serde_json::json!(["v 2", "new"]));
    for wrong in [r#"{"labels":["-no"]}"#, r#"{"labels":"new"}"#, "{}", r#"{"label":[]}"#] {
        ask_to_change(wrong).problem(400);
    }
    let shown = get(&daemon, &path).json();
    assert_eq!(shown["sweep"]["labels"], serde_json::json!(["v 2", "new"]), "{shown}");
}
