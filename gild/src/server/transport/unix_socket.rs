//! Unix socket: created with a mode and in a directory that exclude other users, after removing a
//! stale one. Accepts no connection.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::unistd::{Gid, Group, Uid, chown};
use tokio::net::UnixListener;

use crate::server::endpoint::SocketAccess;
use crate::server::error::ServeError;

/// Modes of a socket for its owner only.
const PRIVATE: Modes = Modes { directory: 0o700, socket: 0o600 };
/// Modes of a socket for a group, whose members cannot replace it.
const GROUP: Modes = Modes { directory: 0o750, socket: 0o660 };
/// Wait for the lock while another daemon creates the same socket: tries with a pause each.
const LOCK_PAUSE: Duration = Duration::from_millis(10);
const LOCK_TRIES_MAX: u32 = 200;
/// Mode bits with which other users can write to a directory.
const OTHERS_WRITE: u32 = 0o022;

#[derive(Debug, Clone, Copy)]
struct Modes {
    directory: u32,
    socket: u32,
}

/// Open file of a socket. It keeps the inode number from being reused, so that a socket that replaced
/// it is recognised and kept.
#[derive(Debug)]
pub(crate) struct SocketFile(File);

impl SocketFile {
    fn at(path: &Path) -> io::Result<Self> {
        let held = (OFlag::O_PATH | OFlag::O_NOFOLLOW).bits();
        OpenOptions::new().read(true).custom_flags(held).open(path).map(Self)
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        let (own, found) = (self.0.metadata()?, std::fs::symlink_metadata(path)?);
        Ok((own.dev(), own.ino()) == (found.dev(), found.ino()))
    }

    /// Removes the socket unless another one has replaced it. A socket that stays costs the next start
    /// one connect.
    pub(crate) fn remove(&self, path: &Path) {
        // A daemon that holds the lock removes a stale socket itself.
        let Ok(_lock) = lock(path, 1) else { return };
        if self.is_at(path).unwrap_or(false) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Creates a listening socket at `path`. Removes a stale socket, which refuses to connect.
pub(crate) fn bind(
    path: &Path,
    access: &SocketAccess,
) -> Result<(UnixListener, SocketFile), ServeError> {
    let failed = |source| ServeError::bind(&path.display().to_string(), source);
    let (modes, group) = match access {
        SocketAccess::OwnerOnly => (PRIVATE, None),
        SocketAccess::Group(name) => (GROUP, Some(group_of(name).map_err(failed)?)),
    };
    let directory = directory_of(path);
    prepare(directory, modes, group).map_err(failed)?;
    // The lock keeps two daemons that start at once from removing each other's socket as stale.
    let _lock = lock(path, LOCK_TRIES_MAX).map_err(failed)?;
    remove_stale(path)?;
    // The socket gets its final name after its mode, so that no client connects before.
    let unfinished = unfinished(path);
    // A killed process with the same id may have left one.
    let _ = std::fs::remove_file(&unfinished);
    let listener = UnixListener::bind(&unfinished).map_err(failed)?;
    let finished = finish(&unfinished, path, modes, group);
    if finished.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    finished.map_err(failed)?;
    Ok((listener, SocketFile::at(path).map_err(failed)?))
}

/// Refuses what [`bind`] would refuse at `path`, except a daemon that listens there. Creates nothing.
pub(crate) fn examine(path: &Path, access: &SocketAccess) -> Result<(), ServeError> {
    let failed = |source| ServeError::bind(&path.display().to_string(), source);
    let group = match access {
        SocketAccess::OwnerOnly => None,
        SocketAccess::Group(name) => Some(group_of(name).map_err(failed)?),
    };
    let directory = directory_of(path);
    if directory.exists() {
        check_directory(directory, group).map_err(failed)?;
    } else {
        // It is created at the start, its own directory is not.
        std::fs::metadata(directory_of(directory)).map_err(failed)?;
    }
    check_is_socket(path).map_err(failed)
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if directory != Path::new("") => directory,
        Some(_) | None => Path::new("."),
    }
}

/// Locks the creation and removal of the socket at a path, by a private lock file beside it. The file
/// stays.
fn lock(path: &Path, tries: u32) -> io::Result<Flock<File>> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let flags = OFlag::O_NOFOLLOW.bits();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(PRIVATE.socket).custom_flags(flags);
    let mut file = options.open(&name)?;
    for left in (0..tries).rev() {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(locked) => return Ok(locked),
            Err((unlocked, nix::errno::Errno::EWOULDBLOCK)) => file = unlocked,
            Err((_, error)) => return Err(error.into()),
        }
        if left > 0 {
            std::thread::sleep(LOCK_PAUSE);
        }
    }
    let (name, limit_s) = (PathBuf::from(name), (LOCK_PAUSE * tries).as_secs());
    Err(io::Error::other(format!(
        "{} was locked for {limit_s} s; check whether another daemon is starting there",
        name.display()
    )))
}

fn finish(unfinished: &Path, path: &Path, modes: Modes, group: Option<Gid>) -> io::Result<()> {
    chown_to(unfinished, group)?;
    std::fs::set_permissions(unfinished, std::fs::Permissions::from_mode(modes.socket))?;
    std::fs::rename(unfinished, path)
}

/// Path of a socket until it is finished.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    PathBuf::from(name)
}

fn group_of(name: &str) -> io::Result<Gid> {
    match Group::from_name(name)? {
        Some(group) => Ok(group.gid),
        None => Err(io::Error::other(format!(
            "socket-group: group {name} does not exist; `getent group` lists them"
        ))),
    }
}

/// Creates the directory if it does not exist, and checks it.
fn prepare(directory: &Path, modes: Modes, group: Option<Gid>) -> io::Result<()> {
    if !directory.exists() {
        std::fs::DirBuilder::new().mode(modes.directory).create(directory)?;
        // The group changes before the mode, which admits the group of that moment.
        chown_to(directory, group)?;
        let mode = std::fs::Permissions::from_mode(modes.directory);
        std::fs::set_permissions(directory, mode)?;
    }
    check_directory(directory, group)
}

/// Rejects a directory that other users can write, because they could put a socket of their own there.
fn check_directory(directory: &Path, group: Option<Gid>) -> io::Result<()> {
    let metadata = std::fs::metadata(directory)?;
    let shown = directory.display();
    let refuse = |problem: String| {
        let way_out = "choose a socket in a directory of your own with mode 0700";
        Err(io::Error::other(format!("the directory {shown} {problem}; {way_out}")))
    };
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != Uid::effective().as_raw() && owner != 0 {
        return refuse(format!("belongs to another user (uid {owner})"));
    }
    if mode & OTHERS_WRITE != 0 {
        return refuse(format!("can be written by others (mode {mode:04o})"));
    }
    let is_open_to =
        |group: Gid| mode & 0o001 != 0 || (mode & 0o010 != 0 && group.as_raw() == metadata.gid());
    if let Some(group) = group.filter(|group| !is_open_to(*group)) {
        let way_out = format!("chgrp {group} {shown} and chmod 0750 it, or choose another");
        let problem = format!("the directory {shown} is not accessible to the group");
        return Err(io::Error::other(format!("socket-group: {problem}; {way_out}")));
    }
    Ok(())
}

fn chown_to(path: &Path, group: Option<Gid>) -> io::Result<()> {
    match group {
        Some(group) => chown(path, None, Some(group)).map_err(|error| {
            let way_out = "the daemon's user must be a member of the group";
            io::Error::other(format!(
                "socket-group: cannot change the group of {}: {error}; {way_out}",
                path.display()
            ))
        }),
        None => Ok(()),
    }
}

/// Rejects a path at which something else than a socket exists.
fn check_is_socket(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            Err(io::Error::other("a file that is not a socket exists there"))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Removes a socket without a listener.
fn remove_stale(path: &Path) -> Result<(), ServeError> {
    let address = path.display().to_string();
    let failed = |source| ServeError::bind(&address, source);
    check_is_socket(path).map_err(failed)?;
    match UnixStream::connect(path) {
        Err(refused) if refused.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(failed)
        }
        Err(refused) if refused.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(_) | Err(_) => Err(ServeError::InUse { address }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    fn own_group() -> String {
        let group = Group::from_gid(nix::unistd::getgid()).expect("it answers");
        group.expect("it has a name").name
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
    }

    /// A directory of that mode, and the socket in it.
    fn place(mode: u32) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(directory.path(), permissions).expect("it is ours");
        let socket = directory.path().join("gild.sock");
        (directory, socket)
    }

    #[tokio::test]
    async fn group_socket_has_group_and_modes() {
        let (directory, _) = place(0o755);
        let path = directory.path().join("shared/gild.sock");
        let (_listener, file) = bind(&path, &SocketAccess::Group(own_group())).expect("it is ours");
        assert_eq!(mode(&path), 0o660);
        assert_eq!(mode(path.parent().expect("a directory")), 0o750);
        let gid = std::fs::metadata(&path).expect("it is there").gid();
        assert_eq!(gid, nix::unistd::getgid().as_raw());
        let left: Vec<_> = std::fs::read_dir(path.parent().expect("it")).expect("it").collect();
        assert_eq!(left.len(), 2, "nothing is left beside it but its lock");
        assert_eq!(mode(&path.with_extension("sock.lock")), 0o600, "which is not the group's");
        file.remove(&path);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn concurrent_binds_give_one_socket() {
        let (_directory, path) = place(0o700);
        // A stale one, which each of them would remove.
        drop(std::os::unix::net::UnixListener::bind(&path).expect("a place of its own"));
        let (runtime, begin) = (tokio::runtime::Handle::current(), Barrier::new(8));
        let bound: Vec<_> = std::thread::scope(|scope| {
            let start = || {
                let _runtime = runtime.enter();
                begin.wait();
                bind(&path, &SocketAccess::OwnerOnly)
            };
            let starting: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starting.into_iter().map(|one| one.join().expect("no panic")).collect()
        });
        let refused = bound.iter().filter(|one| matches!(one, Err(ServeError::InUse { .. })));
        assert_eq!(refused.count(), 7, "{bound:?}");
        UnixStream::connect(&path).expect("the one listens there");
    }

    #[tokio::test]
    async fn socket_of_another_daemon_is_not_removed() {
        let (_directory, path) = place(0o700);
        let (first, file) = bind(&path, &SocketAccess::OwnerOnly).expect("it is ours");
        drop(first);
        let (_second, _) = bind(&path, &SocketAccess::OwnerOnly).expect("the first one is stale");
        file.remove(&path);
        UnixStream::connect(&path).expect("the second one is still there");
    }

    #[tokio::test]
    async fn directory_writable_by_others_is_rejected() {
        for open in [0o777, 0o1777, 0o770, 0o702] {
            let (_directory, path) = place(open);
            let error =
                bind(&path, &SocketAccess::OwnerOnly).expect_err("others write there").to_string();
            let wanted = format!("can be written by others (mode {open:04o}); choose a socket");
            assert!(error.contains(&wanted), "{error}");
            assert!(!path.exists());
        }
    }

    #[tokio::test]
    async fn unknown_or_excluded_group_is_named() {
        let (_directory, path) = place(0o700);
        let unknown = SocketAccess::Group("no such group".into());
        let error = bind(&path, &unknown).expect_err("unknown").to_string();
        assert!(error.contains("socket-group: group no such group does not exist"), "{error}");
        let foreign = Gid::from_raw(nix::unistd::getgid().as_raw() + 1);
        let error = prepare(path.parent().expect("a directory"), GROUP, Some(foreign));
        let error = error.expect_err("not accessible").to_string();
        assert!(error.contains("is not accessible to the group; chgrp"), "{error}");
    }
}
