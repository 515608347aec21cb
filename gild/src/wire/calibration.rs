//! Calibration of an interpreter's steps on the wire.

use proto::v1;

use engine::plan::subject::era_of;
use engine::python::calibrate::{Calibration, Estimate};
use engine::python::interpreter::Interpreter;
use engine::report::notes::calibration_notes;

/// A calibration of an interpreter.
pub fn calibration(of: &Interpreter, measured: &Calibration) -> v1::CalibratePythonResponse {
    let Calibration {
        version,
        step_cost_ns,
        task_ns,
        task_steps,
        step_cost_proposed_ns,
        task_steps_proposed,
        interference,
        withheld: _,
    } = *measured;
    v1::CalibratePythonResponse {
        python: of.path.display().to_string(),
        version: version.to_string(),
        step_cost_ns: Some(estimate(step_cost_ns)),
        task_ns: Some(estimate(task_ns)),
        task_steps: Some(estimate(task_steps)),
        step_cost_ns_proposed: step_cost_proposed_ns,
        task_steps_proposed,
        era: era_of(version).map(|era| era.to_string()).unwrap_or_default(),
        notes: calibration_notes(measured),
        others: interference.map(|noise| noise.others()),
        steal: interference.map(|noise| noise.steal()),
    }
}

fn estimate(Estimate { low, median, high, samples }: Estimate) -> v1::Estimate {
    v1::Estimate { low, median, high, samples }
}
