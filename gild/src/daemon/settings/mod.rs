//! Settings and their sources: flag, environment, config file, default, in this order of
//! precedence. Applies no setting.

pub mod file;
pub(crate) mod layers;
pub mod load;
pub mod origin;
pub mod toml;
pub(crate) mod validate;
