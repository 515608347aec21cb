//! The page and its HTTP API over real sockets: routes, sign-in, hostile requests, events.

pub(crate) mod client;
mod conformance;
mod events;
mod forwarder;
mod hostile;
mod markup;
mod page;
mod readers;
mod routes;
mod sign_in;
