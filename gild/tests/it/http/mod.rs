//! The page and its HTTP API over real sockets: routes, sign-in, hostile requests, events.

pub(crate) mod client;
mod events;
mod hostile;
mod routes;
mod sign_in;
