//! Explorations, schedules, explanations.

mod diagram;
mod explanation;
mod exploration;
