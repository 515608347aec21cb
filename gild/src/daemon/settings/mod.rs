//! Settings and their sources: flag, environment, config file, default, in this order of
//! precedence. Applies no setting.
//!
//! gilctl reads its own file with the same parts: [`mod@file`], [`layers`] and [`validate`].

pub mod file;
pub mod layers;
pub mod load;
pub mod origin;
pub mod toml;
pub mod validate;
