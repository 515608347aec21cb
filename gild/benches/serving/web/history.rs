//! A long history: ended sweeps of several strategies, workers and labels, as a lab stores them.

use std::path::Path;

use engine::jobs::event::sink::EventSink;
use engine::jobs::event::sweep::SweepEvent;
use engine::jobs::owner::Owner;
use engine::jobs::state::State;
use engine::plan::spec::{StrategySelector, SweepSpec};
use engine::plan::sweep_plan::Plan;
use engine::python::registry::Interpreters;
use gild::store::Store;
use gild::store::codec;
use gild::store::location::DataDir;
use strategies::catalog::{Name, Plain};

use crate::sample;

/// Threads that store at a time: what comes together is committed together.
const WRITERS: usize = 32;

/// Fills the history of a directory.
pub(crate) fn fill(directory: &Path, sweeps: usize) {
    let place = DataDir::kept(Some(directory.to_owned())).expect("a directory");
    let history = Store::open(place).expect("a history");
    let named = |name| StrategySelector::One(Name::Plain(name));
    let wish = SweepSpec {
        strategies: vec![named(Plain::FairMutex), named(Plain::Atomic), named(Plain::Unlocked)],
        workers: vec![1, 2, 4],
        labels: vec!["v1.2".into(), "laptop".into()],
        ..SweepSpec::default()
    };
    let plan = Plan::new(&wish, &Interpreters::default(), 1).expect("a plan");
    let happenings = sample::happenings(1);
    let store = |number: usize| {
        let (id, owner) = (format!("{number:026}"), Owner::Local);
        let new = codec::new_sweep(id.clone(), owner, "", &wish, &plan, &Interpreters::default());
        history.create(new).expect("stored");
        for one in &happenings {
            history.append(&id, one.clone().into()).expect("stored");
        }
        let verdict = "fair-mutex and atomic kept every increment".to_owned();
        let (state, notes, error) = (State::Succeeded, Vec::new(), String::new());
        let end = SweepEvent::Ended { state, verdict, notes, error };
        history.append(&id, end.into()).expect("stored");
    };
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let store = &store;
            scope.spawn(move || (writer..sweeps).step_by(WRITERS).for_each(store));
        }
    });
    history.checkpoint().expect("written back");
}
