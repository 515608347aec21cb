//! Commands about stored sweeps and explorations.

mod compare;
mod delete;
mod list;
mod portable;
mod resume;
mod show;
