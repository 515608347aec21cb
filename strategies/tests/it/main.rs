//! The strategies as their users see them: on real threads, and under a model checker of memory
//! orderings.

mod agreement;
mod classics;
mod closed_form;
mod exact;
mod exact_tables;
mod limits;
mod long_programs;
mod loom_machine;
mod orderings;
mod programs;
mod promises;
mod reads;
mod real_threads;
mod samples;
mod survey;
