//! Fixtures and fake servers.

pub(crate) mod comparisons;
pub(crate) mod explorations;
pub(crate) mod fake_explorations;
pub(crate) mod fake_history;
pub(crate) mod fake_lab;
pub(crate) mod fake_sweeps;
pub(crate) mod json_text;
pub(crate) mod labs;
pub(crate) mod markup;
pub(crate) mod pages;
pub(crate) mod pictures;
pub(crate) mod raw_server;
pub(crate) mod server;
pub(crate) mod sweeps;
