//! Health service `grpc.health.v1`: status of each service, and whether measurements can be trusted.
//! Decides neither.

use std::io;
use std::thread;

use proto::v1::exploration_service_server::ExplorationServiceServer;
use proto::v1::lab_service_server::LabServiceServer;
use proto::v1::sweep_service_server::SweepServiceServer;
use tokio::runtime::Handle;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::lab::Lab;
use crate::limits::MEASURING_SERVICE;
use crate::rpc::services::Services;

/// Reports every service as serving.
pub(crate) async fn reporter() -> HealthReporter {
    let reporter = HealthReporter::new();
    reporter.set_serving::<SweepServiceServer<Services>>().await;
    reporter.set_serving::<LabServiceServer<Services>>().await;
    reporter.set_serving::<ExplorationServiceServer<Services>>().await;
    reporter.set_service_status(MEASURING_SERVICE, ServingStatus::Serving).await;
    reporter
}

/// Keeps the status of [`MEASURING_SERVICE`] equal to the lab's, degraded or not, until its lanes stop.
/// Uses a thread of its own, so that abandoning a worker never waits for this report. Must be called
/// inside a tokio runtime.
pub(crate) fn follow(lab: &Lab, reporter: &HealthReporter) -> io::Result<()> {
    let (lab, reporter, runtime) = (lab.clone(), reporter.clone(), Handle::current());
    let report = move || {
        let mut is_degraded = false;
        while let Some(now) = lab.scheduler().degraded_changes(is_degraded) {
            is_degraded = now;
            let status = if now { ServingStatus::NotServing } else { ServingStatus::Serving };
            runtime.block_on(reporter.set_service_status(MEASURING_SERVICE, status));
        }
    };
    thread::Builder::new().name("health".into()).spawn(report).map(drop)
}

/// Reports every service as not serving.
pub(crate) async fn report_shutdown(reporter: &HealthReporter) {
    for all in ["", MEASURING_SERVICE] {
        reporter.set_service_status(all, ServingStatus::NotServing).await;
    }
    reporter.set_not_serving::<SweepServiceServer<Services>>().await;
    reporter.set_not_serving::<LabServiceServer<Services>>().await;
    reporter.set_not_serving::<ExplorationServiceServer<Services>>().await;
}
