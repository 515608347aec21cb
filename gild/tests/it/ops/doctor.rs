//! The doctor over real sockets, on whatever machine runs the tests.

use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::{ExamineMachineRequest, Fitness, GetLabRequest};

use crate::daemon::{Daemon, endless, start};

#[tokio::test]
async fn doctor_has_advice_for_every_problem() {
    let daemon = Daemon::start(&[]);
    let mut lab = LabServiceClient::new(daemon.channel().await);
    let answer = lab.examine_machine(ExamineMachineRequest {}).await.expect("it answers");
    let answer = answer.into_inner();
    for one in &answer.examined {
        assert!(!one.name.is_empty() && !one.found.is_empty(), "{one:?}");
        assert_eq!(one.advice.is_empty(), one.fitness() == Fitness::Good, "{one:?}");
    }
    let names: Vec<_> = answer.examined.iter().map(|one| one.name.as_str()).collect();
    for wanted in ["governor", "others", "steal", "clock_read", "cpu_quota", "profile"] {
        assert!(names.contains(&wanted), "{names:?}");
    }
    assert!(!answer.verdict.is_empty() && !answer.verdict.contains("itself was measuring"));
    assert!(answer.machine.is_some_and(|machine| machine.cores >= 1));
}

#[tokio::test]
async fn doctor_during_a_sweep_reports_it() {
    let daemon = Daemon::start(&[]);
    let _running = start(&mut daemon.sweeps().await, endless()).await;
    let mut lab = LabServiceClient::new(daemon.channel().await);
    let answer = lab.examine_machine(ExamineMachineRequest {}).await.expect("it answers");
    let verdict = answer.into_inner().verdict;
    assert!(verdict.ends_with("the lab itself was measuring or searching meanwhile"), "{verdict}");
    let running = lab.get_lab(GetLabRequest {}).await.expect("it answers").into_inner().lab;
    assert!(running.is_some_and(|lab| lab.running.starts_with("sweeps/")), "it goes on");
}
