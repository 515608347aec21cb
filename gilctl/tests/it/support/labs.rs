//! Invented labs, machines, calibrations and bodies.

use proto::v1::{
    Attention, CalibratePythonResponse, Estimate, ExamineMachineResponse, Examined, Fitness,
    GetBodyResponse, Instruction, Lab, Listing, OwnerLoad,
};

use Attention::{Silent, Site, Tick};

use crate::support::sweeps::{gil_sweep, machine};

pub(crate) const HOUR_NS: u64 = 3_600_000_000_000;

/// An instruction, its letter, and what the interpreter does after it.
type Line = (&'static str, &'static str, &'static str, Attention);

pub(crate) fn listing(era: &str, can_lose: bool, lines: &[Line]) -> Listing {
    let store = lines.iter().position(|(letter, ..)| *letter == "S").unwrap_or(0);
    let load = lines.iter().position(|(letter, ..)| *letter == "L").unwrap_or(store);
    let instruction = |(at, (letter, opcode, argument, attention)): (usize, &Line)| Instruction {
        opcode: (*opcode).into(),
        argument: (*argument).into(),
        letter: (*letter).into(),
        attention: (*attention).into(),
        in_window: (load..store).contains(&at),
        lets_go: *letter == "I",
    };
    let instructions = lines.iter().enumerate().map(instruction).collect();
    Listing { era: era.into(), instructions, can_lose }
}

pub(crate) fn call(load: Attention, call: Attention, jump: Attention) -> [Line; 5] {
    [
        ("L", "LOAD_GLOBAL", "num", load),
        ("C", "CALL", "one()", call),
        (",", "LOAD_CONST", "1", Silent),
        ("S", "STORE_GLOBAL", "num", load),
        ("J", "JUMP_BACKWARD", "", jump),
    ]
}

/// The body `call` in four eras, the first of them invented.
pub(crate) fn called() -> GetBodyResponse {
    GetBodyResponse {
        source: "num += one()".into(),
        listings: vec![
            listing("2.0", false, &call(Tick, Tick, Site)),
            listing("3.9", true, &call(Site, Site, Site)),
            listing("3.12", true, &call(Tick, Site, Site)),
            listing("3.13t", true, &call(Silent, Silent, Silent)),
        ],
    }
}

pub(crate) fn calibrated() -> CalibratePythonResponse {
    CalibratePythonResponse {
        python: "/usr/bin/python3".into(),
        version: "3.11.7".into(),
        step_cost_ns: Some(Estimate { low: 12.11, median: 12.34, high: 12.91, samples: 30 }),
        task_ns: Some(Estimate { low: 6_480.0, median: 6_612.0, high: 7_020.0, samples: 20 }),
        task_steps: Some(Estimate { low: 521.0, median: 535.2, high: 571.0, samples: 20 }),
        step_cost_ns_proposed: 12,
        task_steps_proposed: 540,
        era: "3.11".into(),
        notes: Vec::new(),
        others: Some(0.01),
        steal: Some(0.0),
    }
}

/// A lab in which every field is set.
pub(crate) fn busy() -> Lab {
    let owner = |owner: &str, waiting| OwnerLoad { owner: owner.into(), waiting };
    Lab {
        version: "0.1.0".into(),
        start_time_ns: HOUR_NS,
        machine: Some(machine()),
        queued_sweeps: 3,
        kept_sweeps: 12,
        running: gil_sweep().name,
        history: "/home/lab/.local/share/gild/lab.db".into(),
        history_bytes: 4_190_000,
        watchers: 2,
        owners: vec![owner("user 1000", 2), owner("token ci", 1)],
        lanes: 1,
        resident_bytes: 21_000_000,
        ..Lab::default()
    }
}

/// A governor of the fitness `worst`, and a good clock source.
pub(crate) fn examined(worst: Fitness) -> ExamineMachineResponse {
    let it = |name: &str, found: &str, fitness: Fitness, advice: &str| Examined {
        name: name.into(),
        found: found.into(),
        fitness: fitness.into(),
        advice: advice.into(),
    };
    ExamineMachineResponse {
        examined: vec![
            it("governor", "powersave", worst, "cpupower frequency-set -g performance"),
            it("clock source", "tsc", Fitness::Good, ""),
        ],
        verdict: "One thing makes figures doubtful.".into(),
        machine: Some(machine()),
    }
}
