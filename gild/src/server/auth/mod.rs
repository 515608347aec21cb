//! TODO room.

pub(crate) mod audit;
pub mod certs;
pub mod credentials;
pub(crate) mod layer;
pub(crate) mod rate_limit;
pub mod secret_file;
pub(crate) mod token_bucket;
pub(crate) mod tokens;
