//! The daemon as a process of its own, over real sockets.

mod daemon;
mod discovery;
mod doors;
mod exploring;
mod hostile;
mod interpreters;
mod killing;
mod lanes;
mod layers;
mod operating;
mod refusals;
mod serving;
mod soaking;
mod stopping;
mod storage;
