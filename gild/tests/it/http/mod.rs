//! The page and its HTTP API over real sockets: routes, sign-in, hostile requests, events.

mod client;
mod events;
mod hostile;
mod routes;
mod sign_in;
