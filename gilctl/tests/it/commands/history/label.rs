//! `gilctl label` against a fake server.

use tonic::Code;

use super::{refusing, with};
use crate::support::fake_history::FakeHistory;

#[test]
fn labels_arrive_in_their_order_and_are_said() {
    for (typed, asked, said) in [
        (&["v 2", "new"][..], r#"labels: ["v 2", "new"]"#, "has the labels v 2 · new; next: "),
        (&["v2"], r#"labels: ["v2"]"#, "has the label v2; next: "),
        (&["--none"], "labels: []", "has no label; next: "),
    ] {
        let history = FakeHistory::default();
        let (code, out, err) = with(&history, &[&["label", "latest"], typed].concat());
        assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
        assert!(err.contains(said), "{err}");
        assert!(history.requests().contains(asked), "{}", history.requests());
    }
}

#[test]
fn labels_that_are_not_clear_are_refused_before_a_lab_is_asked() {
    for (typed, said) in [
        (&["label", "latest"][..], "LABEL: no label is named; name all that it shall have"),
        (&["label", "latest", "v2", "--none"], "--none: removes all labels, and `v2` is named"),
    ] {
        let history = FakeHistory::default();
        let (code, _, err) = with(&history, typed);
        assert_eq!((code, history.requests().as_str()), (Some(2), ""), "{err}");
        assert!(err.contains(said), "{err}");
    }
}

#[test]
fn refused_labels_fail() {
    let (code, _, err) = with(&refusing(Code::PermissionDenied), &["label", "latest", "v2"]);
    assert_eq!(code, Some(77), "{err}");
}
