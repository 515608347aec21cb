//! The page over HTTP: how fast it opens on a long history, and what open pages cost a sweep.

pub(crate) mod client;
pub(crate) mod cold;
pub(crate) mod crowd;
pub(crate) mod history;
pub(crate) mod open;
