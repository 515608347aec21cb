//! Authentication: who sent a request, by user id, token or certificate, and how many requests an
//! owner may send. Opens no listener.

pub(crate) mod audit;
pub mod credentials;
pub(crate) mod layer;
pub(crate) mod peer;
pub(crate) mod rate_limit;
pub mod secret_file;
pub(crate) mod tls;
pub(crate) mod token_bucket;
pub(crate) mod tokens;
