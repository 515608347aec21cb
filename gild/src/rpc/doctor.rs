//! The gRPC method that reports whether this machine is fit to measure: observes it for a while and
//! calls the doctor. Running jobs are not disturbed.

use std::path::Path;
use std::time::Duration;

use proto::v1;
use strategies::machine::native::timestamp_ns;
use tonic::Status;

use crate::lab::Lab;
use crate::limits::EXAMINATION_TIME;
use crate::rpc::services::Services;
use crate::version;
use crate::wire::sweep::response;
use engine::sys::affinity;
use engine::sys::doctor::examine;
use engine::sys::doctor::facts::{Facts, Observed};
use engine::sys::doctor::finding::{Examined, Fitness, Lab as LabLoad};
use engine::sys::host::Host;
use engine::sys::interference::UsageSnapshot;

impl Services {
    /// See the service.
    pub(crate) async fn examine(
        &self,
        request: v1::ExamineMachineRequest,
    ) -> Result<v1::ExamineMachineResponse, Status> {
        let v1::ExamineMachineRequest {} = request;
        let (before, worked) = (usage(&self.lab), works(&self.lab));
        tokio::time::sleep(EXAMINATION_TIME).await;
        let lab = self.lab.clone();
        let examined = tokio::task::spawn_blocking(move || {
            let works = worked || works(&lab);
            let now = if works { LabLoad::Working } else { LabLoad::Idle };
            let noise = usage(&lab).interference_since(&before);
            let observed = Observed {
                noise,
                allowed: affinity::allowed(),
                clock_read_ns: timestamp_ns(),
                profile: version::PROFILE,
            };
            (examine::examine(&Facts::read(Path::new("/"), observed), now), now)
        });
        let (examined, lab) =
            examined.await.map_err(|panic| Status::internal(panic.to_string()))?;
        let verdict = examine::verdict(&examined, lab);
        Ok(v1::ExamineMachineResponse {
            examined: examined.into_iter().map(wire).collect(),
            verdict,
            machine: Some(response::host(&Host::detect())),
        })
    }
}

/// Whether a job runs, here or in the process that has the history open to write.
fn works(lab: &Lab) -> bool {
    lab.running().is_some() || works_elsewhere(lab)
}

fn works_elsewhere(lab: &Lab) -> bool {
    let elsewhere = lab.elsewhere().ok().flatten();
    elsewhere.is_some_and(|jobs| jobs.running.is_some())
}

/// The CPU use of other processes. A running interpreter and another lab's workers would count as
/// some of them, so the share is unknown where one may be running.
fn usage(lab: &Lab) -> UsageSnapshot {
    let may_run = works_elsewhere(lab)
        || lab.running().is_some() && lab.interpreters().paths().next().is_some();
    UsageSnapshot::now((!may_run).then_some(Duration::ZERO))
}

fn wire(examined: Examined) -> v1::Examined {
    let Examined { name, found, fitness, advice } = examined;
    let fitness = match fitness {
        Fitness::Good => v1::Fitness::Good,
        Fitness::Unknown => v1::Fitness::Unknown,
        Fitness::Doubtful => v1::Fitness::Doubtful,
        Fitness::Bad => v1::Fitness::Bad,
    };
    v1::Examined { name: name.into(), found, fitness: fitness.into(), advice }
}
