//! What `grpc.health.v1` answers: whether each service serves, and whether what is measured is to
//! be trusted. Decides neither.

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
use crate::rpc::sweeps::Services;

/// Says of every service that it serves.
pub(crate) async fn reporter() -> HealthReporter {
    let reporter = HealthReporter::new();
    reporter.set_serving::<SweepServiceServer<Services>>().await;
    reporter.set_serving::<LabServiceServer<Services>>().await;
    reporter.set_serving::<ExplorationServiceServer<Services>>().await;
    reporter.set_service_status(MEASURING_SERVICE, ServingStatus::Serving).await;
    reporter
}

/// Keeps [`MEASURING_SERVICE`] as the lab is, degraded or not, until its lanes stop. On a thread of
/// its own, for whoever gives a worker up waits for nobody. For a thread of a runtime.
pub(crate) fn follow(lab: &Lab, reporter: &HealthReporter) -> io::Result<()> {
    let (lab, reporter, runtime) = (lab.clone(), reporter.clone(), Handle::current());
    let tell = move || {
        let mut is_degraded = false;
        while let Some(now) = lab.scheduler().degraded_changes(is_degraded) {
            is_degraded = now;
            let status = if now { ServingStatus::NotServing } else { ServingStatus::Serving };
            runtime.block_on(reporter.set_service_status(MEASURING_SERVICE, status));
        }
    };
    thread::Builder::new().name("health".into()).spawn(tell).map(drop)
}

/// Says of every service that it no longer serves.
pub(crate) async fn report_shutdown(reporter: &HealthReporter) {
    for all in ["", MEASURING_SERVICE] {
        reporter.set_service_status(all, ServingStatus::NotServing).await;
    }
    reporter.set_not_serving::<SweepServiceServer<Services>>().await;
    reporter.set_not_serving::<LabServiceServer<Services>>().await;
    reporter.set_not_serving::<ExplorationServiceServer<Services>>().await;
}
