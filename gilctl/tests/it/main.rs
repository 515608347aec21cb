//! What gilctl prints for what a daemon may say, how it refuses what nobody can mean, and how it gets on
//! with the real lab.

mod acting;
mod bodies;
mod calibration;
mod command_line;
mod credentials;
mod daemon;
mod end_to_end;
mod explained;
mod explorations;
mod explored;
mod explorer;
mod fixture;
mod interpreters;
mod laboratory;
mod listings;
mod noise;
mod pictures;
mod printing;
mod requests;
mod table;
