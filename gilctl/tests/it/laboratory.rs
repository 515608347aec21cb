//! The client's questions about the lab itself, against one that only acts: it lists, measures or
//! refuses.

use std::sync::{Arc, Mutex};

use proto::v1::lab_service_server::{LabService, LabServiceServer};
use proto::v1::{
    CalibratePythonRequest, CalibratePythonResponse, ExamineMachineRequest, ExamineMachineResponse,
    Fitness, GetBodyRequest, GetBodyResponse, GetLabRequest, GetLabResponse, ListStrategiesRequest,
    ListStrategiesResponse,
};
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::bodies::called;
use crate::calibration::calibrated;
use crate::daemon::{command, serve, told};
use crate::examined::{busy, examined};

/// Answers everything, or refuses everything with one code and one field.
#[derive(Debug, Default, Clone)]
struct Actor {
    refuses: Option<(Code, &'static str)>,
    worst: Fitness,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Actor {
    fn answer<T>(&self, asked: String, answer: T) -> Result<Response<T>, Status> {
        self.heard.lock().expect("no panic").push(asked);
        match self.refuses {
            None => Ok(Response::new(answer)),
            Some((code, "")) => Err(Status::new(code, "python3 has no `time` module")),
            Some((code, field)) => {
                let message = format!("{field}: `x` is unknown; choose another");
                let details = ErrorDetails::with_bad_request_violation(field, message.clone());
                Err(Status::with_error_details(code, message, details))
            }
        }
    }
}

#[tonic::async_trait]
impl LabService for Actor {
    async fn get_lab(&self, _: Request<GetLabRequest>) -> Result<Response<GetLabResponse>, Status> {
        self.answer("lab".into(), GetLabResponse { lab: Some(busy()) })
    }

    async fn list_strategies(
        &self,
        _: Request<ListStrategiesRequest>,
    ) -> Result<Response<ListStrategiesResponse>, Status> {
        self.answer("strategies".into(), ListStrategiesResponse::default())
    }

    async fn get_body(
        &self,
        request: Request<GetBodyRequest>,
    ) -> Result<Response<GetBodyResponse>, Status> {
        let GetBodyRequest { body, eras } = request.into_inner();
        self.answer(format!("{body} of {}", eras.join("+")), called())
    }

    async fn calibrate_python(
        &self,
        request: Request<CalibratePythonRequest>,
    ) -> Result<Response<CalibratePythonResponse>, Status> {
        self.answer(format!("python {}", request.into_inner().python), calibrated())
    }

    async fn examine_machine(
        &self,
        _: Request<ExamineMachineRequest>,
    ) -> Result<Response<ExamineMachineResponse>, Status> {
        self.answer("machine".into(), examined(self.worst))
    }
}

/// Runs gilctl against the actor: exit code, stdout, stderr, and what the actor was asked.
fn run(actor: &Actor, arguments: &[&str]) -> (Option<i32>, String, String, Vec<String>) {
    let router = Server::builder().add_service(LabServiceServer::new(actor.clone()));
    let (_runtime, url) = serve(router);
    let (code, out, err) = told(&command(&url, arguments).output().expect("gilctl runs"));
    let heard = std::mem::take(&mut *actor.heard.lock().expect("no panic"));
    (code, out, err, heard)
}

#[track_caller]
fn refuses(code: Code, field: &'static str, arguments: &[&str], exit: i32, message: &str) {
    let actor = Actor { refuses: Some((code, field)), ..Actor::default() };
    let (code, out, err, _) = run(&actor, arguments);
    assert_eq!((code, out.as_str()), (Some(exit), ""), "{err}");
    assert!(err.ends_with(message), "{err}");
}

#[test]
fn each_body_is_asked_for_with_the_eras_that_were_typed() {
    let listing = ["strategies", "--body", "call,io", "--era", "3.9,3.12", "--output", "ndjson"];
    let (code, out, err, heard) = run(&Actor::default(), &listing);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(heard, ["call of 3.9+3.12", "io of 3.9+3.12"]);
    assert_eq!(out.lines().count(), 8);
    assert!(out.lines().all(|line| line.starts_with(r#"{"kind":"listing","body":""#)), "{out}");
    let (_, _, _, heard) = run(&Actor::default(), &["strategies", "--body", "call"]);
    assert_eq!(heard, ["call of "]);
}

#[test]
fn a_calibration_ends_with_a_command() {
    let (code, out, err, heard) = run(&Actor::default(), &["calibrate", "--python", "/a,b/python"]);
    assert_eq!((code, heard), (Some(0), vec!["python /a,b/python".to_owned()]), "{err}");
    let wanted = "gilctl sweep --strategy gil --era 3.11 --step-cost 12ns --task-steps 540";
    assert_eq!(out.lines().last(), Some(wanted));
    let (_, _, _, heard) = run(&Actor::default(), &["calibrate"]);
    assert_eq!(heard, ["python "]);
}

#[test]
fn a_calibration_has_every_format() {
    for (format, beginning) in [
        ("table", "CPython 3.11.7 at"),
        ("markdown", "CPython 3.11.7 at"),
        ("json", r#"{"python":"/usr/bin/python3","#),
        ("ndjson", r#"{"kind":"calibration","python":"#),
        ("csv", "python,version,step_cost_ns_median,"),
    ] {
        let (code, out, err, _) = run(&Actor::default(), &["calibrate", "--output", format]);
        assert_eq!(code, Some(0), "{err}");
        assert!(out.starts_with(beginning), "{out}");
    }
}

#[test]
fn what_the_lab_refuses_is_usage_under_the_name_of_its_flag() {
    let calibrate: &[&str] = &["calibrate", "--python", "x"];
    let wanted = "gilctl: --python: `x` is unknown; choose another\n";
    refuses(Code::InvalidArgument, "python", calibrate, 2, wanted);
    let wanted = "gilctl: python3 has no `time` module\n";
    refuses(Code::FailedPrecondition, "", calibrate, 2, wanted);
    let listing: &[&str] = &["strategies", "--body", "x"];
    let wanted = "gilctl: --body: `x` is unknown; choose another\n";
    refuses(Code::InvalidArgument, "bodies", listing, 2, wanted);
    let wanted = "gilctl: --era: `x` is unknown; choose another\n";
    refuses(Code::InvalidArgument, "eras", listing, 2, wanted);
}

#[test]
fn an_older_lab_is_told_from_a_broken_one() {
    let wanted = "; are gild and gilctl of one version?\n";
    refuses(Code::Unimplemented, "", &["calibrate"], 1, wanted);
}

#[test]
fn a_bad_finding_is_exit_4_and_a_doubtful_one_is_not() {
    let doctor = |worst| run(&Actor { worst, ..Actor::default() }, &["doctor"]);
    let (code, out, err, heard) = doctor(Fitness::Bad);
    assert_eq!((code, heard), (Some(4), vec!["machine".to_owned()]), "{err}");
    assert!(out.contains("bad") && out.ends_with("One thing makes figures doubtful.\n"), "{out}");
    for fine in [Fitness::Good, Fitness::Unknown, Fitness::Doubtful] {
        assert_eq!(doctor(fine).0, Some(0));
    }
}

#[test]
fn a_doctor_and_a_status_have_every_format() {
    for (format, doctor, status) in [
        ("table", "WHAT  ", "version   0.1.0, up "),
        ("markdown", "| WHAT ", "| WHAT "),
        ("json", r#"{"examined":[{"name":"governor","#, r#"{"version":"0.1.0","#),
        ("ndjson", r#"{"kind":"examined","name":"governor","#, r#"{"kind":"status","version":"#),
        ("csv", "name,found,fitness,advice\n", "version,start_time_ns,machine,"),
    ] {
        for (command, beginning) in [("doctor", doctor), ("status", status)] {
            let (code, out, err, _) = run(&Actor::default(), &[command, "--output", format]);
            assert_eq!(code, Some(0), "{err}");
            assert!(out.starts_with(beginning), "{out}");
        }
    }
    let (_, _, err, _) = run(&Actor::default(), &["status"]);
    assert_eq!(err, "next: gilctl watch 4abcde\n");
}

#[test]
fn a_lab_that_cannot_be_examined_says_so() {
    let wanted = "; are gild and gilctl of one version?\n";
    refuses(Code::Unimplemented, "", &["doctor"], 1, wanted);
    refuses(Code::PermissionDenied, "", &["status"], 77, "for access\n");
}
