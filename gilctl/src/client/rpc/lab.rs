//! Calls of the lab service: what a lab can run, how it is doing, and what its machine is fit for.

use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::{
    CalibratePythonRequest, CalibratePythonResponse, CreateSignInCodeRequest,
    CreateSignInCodeResponse, ExamineMachineRequest, ExamineMachineResponse, GetBodyRequest,
    GetBodyResponse, GetLabRequest, GetPictureRequest, Lab as LabStatus, ListStrategiesRequest,
    ListStrategiesResponse, Picture,
};

use tonic::Code;

use crate::client::call::{WORK_TIMEOUT, answer, answer_within};
use crate::client::credentials::Channel;
use crate::client::failures::incomplete;
use crate::client::lab::Lab;
use crate::error::Failure;

impl Lab {
    fn lab_service(&self) -> LabServiceClient<Channel> {
        LabServiceClient::new(self.channel.clone())
    }

    /// The strategies, bodies and eras that the lab can run.
    pub async fn strategies(&self) -> Result<ListStrategiesResponse, Failure> {
        Ok(answer(self.lab_service().list_strategies(ListStrategiesRequest {})).await?)
    }

    /// The instructions of a body in each of these eras.
    pub async fn body(&self, body: String, eras: Vec<String>) -> Result<GetBodyResponse, Failure> {
        Ok(answer(self.lab_service().get_body(GetBodyRequest { body, eras })).await?)
    }

    /// The measured cost of an interpreter's steps; an empty path selects the only interpreter.
    pub async fn calibrate(&self, python: String) -> Result<CalibratePythonResponse, Failure> {
        let request = CalibratePythonRequest { python };
        let call = async move { self.lab_service().calibrate_python(request).await };
        Ok(answer_within(WORK_TIMEOUT, call).await?)
    }

    /// The state of the lab.
    pub async fn status(&self) -> Result<LabStatus, Failure> {
        let answered = answer(self.lab_service().get_lab(GetLabRequest {})).await?;
        answered.lab.ok_or_else(|| incomplete("GetLab", "a lab"))
    }

    /// A picture of stored jobs.
    pub async fn picture(&self, request: GetPictureRequest) -> Result<Picture, Failure> {
        let call = async move { self.lab_service().get_picture(request).await };
        let answered = answer_within(WORK_TIMEOUT, call).await?;
        answered.picture.ok_or_else(|| incomplete("GetPicture", "a picture"))
    }

    /// A code with which a browser signs in to the daemon's page; `None` if the lab has no port.
    pub async fn sign_in_code(&self) -> Result<Option<CreateSignInCodeResponse>, Failure> {
        let request = CreateSignInCodeRequest {};
        match answer(self.lab_service().create_sign_in_code(request)).await {
            Ok(code) => Ok(Some(code)),
            Err(status) if status.code() == Code::FailedPrecondition => Ok(None),
            Err(status) => Err(status.into()),
        }
    }

    /// How fit the lab's machine is for measuring.
    pub async fn examine(&self) -> Result<ExamineMachineResponse, Failure> {
        let request = ExamineMachineRequest {};
        let call = async move { self.lab_service().examine_machine(request).await };
        Ok(answer_within(WORK_TIMEOUT, call).await?)
    }
}
