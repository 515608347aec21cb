//! The local socket, where nobody named one: where it is, and whether it is the user's own. Connects
//! nowhere.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::Uid;

use crate::error::Failure;
use crate::exit::Exit;

/// Where the user's own daemon listens unless it is told otherwise.
pub(super) fn socket() -> Result<PathBuf, Failure> {
    let socket = gild::server::endpoint::default_socket();
    check_owner(&socket, Uid::effective().as_raw())?;
    Ok(socket)
}

/// Refuses a socket that somebody else made: in a directory that all may write to, anybody can listen
/// where the user's own daemon would.
fn check_owner(socket: &Path, own: u32) -> Result<(), Failure> {
    let Some(Ok(found)) = socket.parent().map(std::fs::metadata) else {
        return Ok(());
    };
    if [own, 0].contains(&found.uid()) {
        return Ok(());
    }
    let directory = socket.parent().unwrap_or(socket).display();
    let message = format!(
        "{directory} belongs to another user (uid {}), so what listens there is not your daemon",
        found.uid()
    );
    let way_out = "set XDG_RUNTIME_DIR, name a daemon with --server, or use --embedded";
    Err(Failure::new(Exit::Denied, message, way_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_directory_is_not_trusted() {
        let directory = tempfile::tempdir().expect("a directory");
        let socket = directory.path().join("gild.sock");
        let own = Uid::effective().as_raw();
        assert_eq!(check_owner(&socket, own), Ok(()));
        assert_eq!(check_owner(Path::new("/nowhere/gild/gild.sock"), own), Ok(()));
        assert_eq!(check_owner(Path::new("/gild.sock"), own), Ok(()), "root may do anything");
        if own == 0 {
            // Only root can give something away.
            nix::unistd::chown(directory.path(), Some(Uid::from_raw(65534)), None).expect("ours");
        }
        let other = own + 1;
        let refused = check_owner(&socket, other).expect_err("somebody else's");
        assert_eq!(refused.exit(), Exit::Denied);
        let told = format!("{refused:?}");
        assert!(told.contains("belongs to another user") && told.contains("--server"), "{told}");
    }
}
