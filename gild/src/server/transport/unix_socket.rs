//! The Unix socket: a directory and a mode that keep others out, and a stale socket out of the way.
//! Accepts nobody.

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

/// A socket that its user has alone, in a directory of theirs.
const ALONE: Modes = Modes { directory: 0o700, socket: 0o600 };
/// One that a group may use; its members cannot put another one in its place.
const SHARED: Modes = Modes { directory: 0o750, socket: 0o660 };
/// How long another daemon may take to make the same socket, in tries with a pause each.
const TURN_PAUSE: Duration = Duration::from_millis(10);
const TURN_TRIES_MAX: u32 = 200;
/// Others may change what is in a directory.
const OTHERS_WRITE: u32 = 0o022;

#[derive(Debug, Clone, Copy)]
struct Modes {
    directory: u32,
    socket: u32,
}

/// A socket's file. Holding it keeps its number from being given to another one, so that a socket
/// that took its place is told from it and left alone.
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

    /// Removes it, if it is still there. Leaving a dead socket behind would only cost the next
    /// start a connect.
    pub(crate) fn remove(&self, path: &Path) {
        // Whoever has the turn makes way for itself.
        let Ok(_turn) = take_turn(path, 1) else { return };
        if self.is_at(path).unwrap_or(false) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// A listening socket at `path`, and its file. A stale one is removed, once a connect was refused.
pub(crate) fn bind(
    path: &Path,
    sharing: &SocketAccess,
) -> Result<(UnixListener, SocketFile), ServeError> {
    let failed = |source| ServeError::bind(&path.display().to_string(), source);
    let (modes, group) = match sharing {
        SocketAccess::OwnerOnly => (ALONE, None),
        SocketAccess::Group(name) => (SHARED, Some(group_of(name).map_err(failed)?)),
    };
    let directory = directory_of(path);
    prepare(directory, modes, group).map_err(failed)?;
    // Of two that start at once, one finds the other's socket and not a stale one.
    let _turn = take_turn(path, TURN_TRIES_MAX).map_err(failed)?;
    make_way(path)?;
    // Nobody connects to it before its mode is right, whatever the umask says.
    let nascent = nascent(path);
    // One that a killed process of this number left behind.
    let _ = std::fs::remove_file(&nascent);
    let listener = UnixListener::bind(&nascent).map_err(failed)?;
    let finished = finish(&nascent, path, modes, group);
    if finished.is_err() {
        // What was begun is of no use to anybody.
        let _ = std::fs::remove_file(&nascent);
    }
    finished.map_err(failed)?;
    Ok((listener, SocketFile::at(path).map_err(failed)?))
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if directory != Path::new("") => directory,
        Some(_) | None => Path::new("."),
    }
}

/// The right to make or remove the socket at a path, until it is dropped: a lock on a file beside it
/// that is its user's alone, and stays.
fn take_turn(path: &Path, tries: u32) -> io::Result<Flock<File>> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let own = OFlag::O_NOFOLLOW.bits();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(ALONE.socket).custom_flags(own);
    let mut wanted = options.open(&name)?;
    for left in (0..tries).rev() {
        match Flock::lock(wanted, FlockArg::LockExclusiveNonblock) {
            Ok(turn) => return Ok(turn),
            Err((file, nix::errno::Errno::EWOULDBLOCK)) => wanted = file,
            Err((_, error)) => return Err(error.into()),
        }
        if left > 0 {
            std::thread::sleep(TURN_PAUSE);
        }
    }
    let (name, limit_s) = (PathBuf::from(name), (TURN_PAUSE * tries).as_secs());
    Err(io::Error::other(format!(
        "{} was locked for {limit_s} s; does another daemon start there?",
        name.display()
    )))
}

fn finish(nascent: &Path, path: &Path, modes: Modes, group: Option<Gid>) -> io::Result<()> {
    chown_to(nascent, group)?;
    std::fs::set_permissions(nascent, std::fs::Permissions::from_mode(modes.socket))?;
    std::fs::rename(nascent, path)
}

/// Where a socket is while it is made.
fn nascent(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    PathBuf::from(name)
}

fn group_of(name: &str) -> io::Result<Gid> {
    match Group::from_name(name)? {
        Some(group) => Ok(group.gid),
        None => Err(io::Error::other(format!(
            "socket-group: there is no group {name}; `getent group` lists them"
        ))),
    }
}

/// Makes the directory if there is none; one that others can write is refused, for they could put a
/// socket of their own there.
fn prepare(directory: &Path, modes: Modes, group: Option<Gid>) -> io::Result<()> {
    if !directory.exists() {
        std::fs::DirBuilder::new().mode(modes.directory).create(directory)?;
        // Whoever shares it makes it theirs first: a mode lets in whoever the group is then.
        chown_to(directory, group)?;
        let mode = std::fs::Permissions::from_mode(modes.directory);
        std::fs::set_permissions(directory, mode)?;
    }
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
        let problem = format!("the directory {shown} keeps the group out");
        return Err(io::Error::other(format!("socket-group: {problem}; {way_out}")));
    }
    Ok(())
}

fn chown_to(path: &Path, group: Option<Gid>) -> io::Result<()> {
    match group {
        Some(group) => chown(path, None, Some(group)).map_err(|error| {
            let way_out = "the daemon's user must be a member of the group";
            io::Error::other(format!(
                "socket-group: cannot give {} away: {error}; {way_out}",
                path.display()
            ))
        }),
        None => Ok(()),
    }
}

/// Removes a socket that nobody listens on.
fn make_way(path: &Path) -> Result<(), ServeError> {
    let address = path.display().to_string();
    let failed = |source| ServeError::bind(&address, source);
    let Ok(found) = std::fs::symlink_metadata(path) else { return Ok(()) };
    if !found.file_type().is_socket() {
        return Err(failed(io::Error::other("there is a file that is no socket")));
    }
    match UnixStream::connect(path) {
        Err(refused) if refused.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(failed)
        }
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
        let nobody = SocketAccess::Group("no such group".into());
        let error = bind(&path, &nobody).expect_err("unknown").to_string();
        assert!(error.contains("socket-group: there is no group no such group"), "{error}");
        let foreign = Gid::from_raw(nix::unistd::getgid().as_raw() + 1);
        let error = prepare(path.parent().expect("a directory"), SHARED, Some(foreign));
        let error = error.expect_err("kept out").to_string();
        assert!(error.contains("keeps the group out; chgrp"), "{error}");
    }
}
