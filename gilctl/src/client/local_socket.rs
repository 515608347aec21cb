//! Default local socket: its path, and a check of its owner. Connects nowhere.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::Uid;

use crate::error::Failure;
use crate::exit::Exit;

/// The default socket of the user's own daemon.
pub(super) fn socket() -> Result<PathBuf, Failure> {
    let socket = gild::server::endpoint::default_socket();
    check_owner(&socket, Uid::effective().as_raw())?;
    Ok(socket)
}

/// Refuses a socket in another user's directory: in a world-writable directory any user could
/// listen at the path of the user's own daemon.
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
    fn directory_of_another_user_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let socket = directory.path().join("gild.sock");
        let own = Uid::effective().as_raw();
        assert_eq!(check_owner(&socket, own), Ok(()));
        assert_eq!(check_owner(Path::new("/nowhere/gild/gild.sock"), own), Ok(()));
        assert_eq!(check_owner(Path::new("/gild.sock"), own), Ok(()), "root may do anything");
        if own == 0 {
            // Only root can change the owner.
            nix::unistd::chown(directory.path(), Some(Uid::from_raw(65534)), None).expect("ours");
        }
        let other = own + 1;
        let refused = check_owner(&socket, other).expect_err("another user's");
        assert_eq!(refused.exit(), Exit::Denied);
        let text = format!("{refused:?}");
        assert!(text.contains("belongs to another user") && text.contains("--server"), "{text}");
    }
}
