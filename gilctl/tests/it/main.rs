//! What gilctl prints for what a daemon may say, and how it refuses what nobody can mean. No test
//! here needs the real daemon; what does belongs into a module of its own beside these.

mod command_line;
mod daemon;
mod fixture;
mod listings;
mod printing;
mod table;
