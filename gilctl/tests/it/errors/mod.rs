//! Every error as a user reads it: what was typed, the limit in the unit that was typed, and the way
//! out; no names of the wire, and no texts of libraries.

mod lab;
mod lines;
mod operator;
mod transport;

use gilctl::error::Failure;

/// What an error shows only if it passes on the inside.
const INSIDES: [&str; 14] = [
    "::",
    "sweeps/",
    "explorations/",
    "transport error",
    "protocol error",
    "http2 error",
    "status:",
    "Unknown",
    "Some(",
    "Err(",
    " { ",
    "additions",
    "sys.path",
    "18446744073709551615",
];
/// Words in lower case with an underscore that are no field of the wire.
const OWN_WORDS: [&str; 0] = [];

/// The text of a failure.
pub(crate) fn text(failure: &Failure) -> String {
    match failure {
        Failure::Message(message) => message.to_string(),
        Failure::BrokenPipe => String::new(),
    }
}

/// Checks a message that a user reads.
#[track_caller]
pub(crate) fn check(said: &str) {
    for inside in INSIDES {
        // What the system says of a child that ended.
        let said = said.replace("exit status: ", "").replace("signal: ", "");
        assert!(!said.contains(inside), "{inside:?} is the inside: {said}");
    }
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words: Vec<&str> = said.split(|letter| !is_part(letter)).collect();
    for word in &words {
        let is_field = word.contains('_') && !word.contains(|letter: char| letter.is_uppercase());
        assert!(!is_field || OWN_WORDS.contains(word), "{word} is a name of the wire: {said}");
        let is_scaled = word.len() > 15 && word.bytes().all(|byte| byte.is_ascii_digit());
        assert!(!is_scaled, "no person types {word}: {said}");
    }
    check_articles(said);
    let (_, way_out) = said.split_once("; ").unwrap_or_else(|| panic!("no way out: {said}"));
    assert!(way_out.len() > 3, "no way out: {said}");
}

/// `an` stands before vowels only, and `a` before none; initials and `u` are read either way.
#[track_caller]
fn check_articles(said: &str) {
    let words: Vec<&str> = said.split_whitespace().collect();
    for pair in words.windows(2) {
        let Some(first) = pair[1].trim_matches(['`', '"', '(']).chars().next() else { continue };
        if first.is_uppercase() || !first.is_alphabetic() || ['u', 'h', 'o'].contains(&first) {
            continue;
        }
        let is_vowel = ['a', 'e', 'i'].contains(&first);
        match pair[0].trim_matches(['`', '"', '(']) {
            "a" => assert!(!is_vowel, "a {}: {said}", pair[1]),
            "an" => assert!(is_vowel, "an {}: {said}", pair[1]),
            _ => {}
        }
    }
}

#[test]
fn check_rejects_every_inside_that_is_listed() {
    let rejected = |said: &str| std::panic::catch_unwind(|| check(said)).is_err();
    assert!(!rejected("--inside: 2 s is outside the limits; choose a value from 0 to 1 s"));
    for said in INSIDES.map(|inside| format!("it has {inside}; leave it out")) {
        assert!(rejected(&said), "{said}");
    }
    for said in [
        "--reads: 50 needs duration_ns; say for how long",
        "an cas-loop increment has no inside; leave it out",
        "a atomic increment has no inside; leave it out",
        "it would take 4611686018427387903 steps; ask for less",
        "the daemon cannot be reached",
    ] {
        assert!(rejected(said), "{said}");
    }
}
