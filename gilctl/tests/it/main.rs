//! What gilctl prints for what a daemon may say, how it refuses what nobody can mean, and how it gets on
//! with the real lab.

mod command_line;
mod daemon;
mod end_to_end;
mod fixture;
mod listings;
mod printing;
mod table;
