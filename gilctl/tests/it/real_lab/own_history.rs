//! A history that is named while a daemon answers: refused, because the daemon keeps its own.

use std::os::unix::fs::symlink;

use crate::real_lab::beside::{Home, text};
use crate::real_lab::end_to_end::Server;

#[test]
fn named_history_is_refused_where_a_daemon_answers() {
    let (home, server) = (Home::new(), Server::start());
    let socket = server.unix();
    let runtime = home.file("runtime/gild");
    std::fs::create_dir_all(&runtime).expect("a directory");
    let link = format!("{runtime}/gild.sock");
    symlink(socket.trim_start_matches("unix://"), &link).expect("a link");
    let swept = home.run(&["sweep", "--strategy", "atomic", "--attempts", "1", "--quiet"]);
    assert_eq!(swept.status.code(), Some(0), "{}", text(&swept.stderr));
    let empty = home.file("empty");
    for (command, flags) in [
        (&["delete", "latest", "--yes"][..], &["--data-dir", &empty][..]),
        (&["list"], &["--data-dir", &empty]),
        (&["sweep", "--strategy", "atomic"], &["--no-history"]),
    ] {
        let refused = home.run(&[command, flags].concat());
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{command:?}: {said}");
        let wanted = format!("{}: changes nothing here: the daemon at", flags[0]);
        assert!(said.contains(&wanted) && said.contains("--embedded"), "{said}");
        let inside = home.run(&[&["list", "--output", "csv", "--embedded"], flags].concat());
        assert_eq!(text(&inside.stdout).lines().count(), 1, "{}", text(&inside.stderr));
    }
    // The environment names one for the times when no daemon runs; nothing was deleted.
    let listed = home.run(&["list", "--output", "csv"]);
    assert_eq!(text(&listed.stdout).lines().count(), 2, "{}", text(&listed.stderr));
}
