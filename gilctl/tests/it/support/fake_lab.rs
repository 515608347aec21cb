//! Fake lab service: answers everything, or refuses everything.

use proto::v1::lab_service_server::{LabService, LabServiceServer};
use proto::v1::{
    CalibratePythonRequest, CalibratePythonResponse, CreateSignInCodeRequest,
    CreateSignInCodeResponse, ExamineMachineRequest, ExamineMachineResponse, Fitness,
    GetBodyRequest, GetBodyResponse, GetLabRequest, GetLabResponse, GetPictureRequest,
    GetPictureResponse, ListStrategiesRequest, ListStrategiesResponse,
};
use std::sync::{Arc, Mutex};
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::support::labs::{busy, calibrated, called, examined};
use crate::support::pictures::rates;
use crate::support::server::{command, outcome, serve};

/// Answers everything, or refuses everything with one code and one field.
#[derive(Debug, Default, Clone)]
pub(crate) struct FakeLab {
    pub(crate) refuses: Option<(Code, &'static str)>,
    pub(crate) worst: Fitness,
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
}

impl FakeLab {
    fn answer<T>(&self, asked: String, answer: T) -> Result<Response<T>, Status> {
        self.requests.lock().expect("no panic").push(asked);
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
impl LabService for FakeLab {
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

    async fn create_sign_in_code(
        &self,
        _: Request<CreateSignInCodeRequest>,
    ) -> Result<Response<CreateSignInCodeResponse>, Status> {
        let answer = CreateSignInCodeResponse {
            code: "once".into(),
            address: "127.0.0.1:7878".into(),
            ..CreateSignInCodeResponse::default()
        };
        self.answer("code".into(), answer)
    }

    async fn get_picture(
        &self,
        request: Request<GetPictureRequest>,
    ) -> Result<Response<GetPictureResponse>, Status> {
        let asked = format!("{:?}", request.into_inner());
        self.answer(asked, GetPictureResponse { picture: Some(rates()) })
    }
}

/// Runs gilctl against the server: exit code, stdout, stderr, and what the server was asked.
pub(crate) fn run(
    server: &FakeLab,
    arguments: &[&str],
) -> (Option<i32>, String, String, Vec<String>) {
    let router = Server::builder().add_service(LabServiceServer::new(server.clone()));
    let (_runtime, url) = serve(router);
    let (code, out, err) = outcome(&command(&url, arguments).output().expect("gilctl runs"));
    let requests = std::mem::take(&mut *server.requests.lock().expect("no panic"));
    (code, out, err, requests)
}
