//! Credential flags, as they were typed. Reads no file.

use std::path::PathBuf;

use clap::Args;

/// What opens a daemon's port.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct CredentialFlags {
    /// A file with the token that opens the daemon's port: `TOKEN` or `NAME TOKEN`; the environment
    /// may also hold the token itself, as `GILCTL_TOKEN`
    #[arg(long, global = true, env = "GILCTL_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The authorities that may vouch for an https:// daemon (PEM)
    #[arg(long, global = true, env = "GILCTL_CA", value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// A certificate to show to an https:// daemon (PEM)
    #[arg(long, global = true, env = "GILCTL_CERT", value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// The key of that certificate (PEM)
    #[arg(long, global = true, env = "GILCTL_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
}
