//! What gilctl prints for what a daemon may say, how it refuses what nobody can mean, and how it
//! gets on with the real lab.

mod acting;
mod again;
mod bodies;
mod calibration;
mod command_line;
mod commanded;
mod compared;
mod credentials;
mod daemon;
mod end_to_end;
mod examined;
mod explained;
mod explorations;
mod explored;
mod explorer;
mod fixture;
mod interpreters;
mod keeping;
mod laboratory;
mod listings;
mod noise;
mod pictures;
mod printing;
mod requests;
mod resumed;
mod table;
