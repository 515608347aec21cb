//! Texts of the tour: six words, and five commands with the reason for each.

use std::fmt::Write as _;

use crate::render::format::page::Width;
use crate::render::format::wrap::wrapped;

/// Columns of a word's name, with the space after it.
const NAME_COLUMNS: usize = 17;
/// Width where stdout is no terminal.
const TEXT_COLUMNS: usize = 80;

/// The words that everything else is said with, each with its meaning.
pub const WORDS: [(&str, &str); 6] = [
    (
        "strategy",
        "How workers that share a counter are kept apart: by a GIL, by a mutex, by an atomic \
         addition, or not at all.",
    ),
    (
        "worker",
        "A thread that takes tasks from one queue. The experiment has two, as a pool of two threads.",
    ),
    (
        "increment",
        "One `num += 1`: load the counter, add one, store the sum. Its window reaches from the load \
         to the store.",
    ),
    (
        "lost update",
        "An increment that leaves no trace: another worker stored inside its window, and it stored \
         over that.",
    ),
    (
        "switch interval",
        "How long a thread waits for the GIL before its holder must let go at the next check: 5 ms, \
         unless sys.setswitchinterval says otherwise.",
    ),
    (
        "schedule",
        "Which worker makes which step, in order. A witness is a schedule that leads to a given final \
         value.",
    ),
];

/// A command of the tour: why it is run, and how it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TourStep {
    /// The reason, in a few sentences.
    pub why: &'static str,
    /// The command.
    pub line: &'static str,
}

/// The commands, in order. The second runs the interpreter of the machine, the third draws what the
/// second measured.
pub const STEPS: [TourStep; 5] = [
    TourStep {
        why: "Where may another thread come in? Each instruction of the increment, as CPython 3.9 and \
              3.12 run it.",
        line: "gilctl strategies --body increment --era 3.9,3.12",
    },
    TourStep {
        why: "The chapter's experiment: 100 attempts, each of 100 times `num += 1` on two workers. The \
              chapter counted 100 % right at 5 ms and 71 to 84 % below a microsecond. `gil 3.9` is the \
              lab's model of its interpreter, `cpython` the python3 of this machine.",
        line: "gilctl sweep --strategy gil,cpython --era 3.9 --switch-interval 5ms,500ns --no-plot",
    },
    TourStep {
        why: "The same as a picture: which share of the attempts is right, with intervals.",
        line: "gilctl plot latest --picture right",
    },
    TourStep {
        why: "How does an update get lost? A schedule of two workers without a lock, of which six \
              increments leave 2.",
        line: "gilctl witness --strategy unlocked --increments 3 --value 2",
    },
    TourStep {
        why: "What keeps updates, and at what price? No lock, an atomic addition and a mutex.",
        line: "gilctl sweep --strategy unlocked,atomic,fair-mutex --tasks 2 --increments 10000 --no-plot",
    },
];

/// The words, each beside its meaning.
pub fn words(width: Width) -> String {
    let most = width.most().min(TEXT_COLUMNS).saturating_sub(NAME_COLUMNS);
    let mut text = String::from("Six words\n\n");
    for (name, meaning) in WORDS {
        for (at, line) in wrapped(meaning, most).into_iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            let _ = writeln!(text, "{name:NAME_COLUMNS$}{line}");
        }
    }
    text
}

/// The lines over what a command prints: its number, the reason, and the command in a line of its own.
pub fn heading(number: usize, why: &str, line: &str, width: Width) -> String {
    let why = format!("{number} of {}. {why}", STEPS.len());
    format!("\n{}\n\n{line}\n\n", paragraph(&why, width))
}

/// Sentences as lines that are not wider than the page.
pub fn paragraph(text: &str, width: Width) -> String {
    wrapped(text, width.most().min(TEXT_COLUMNS)).join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::format::wrap::columns_of;

    #[test]
    fn no_text_is_wider_than_its_page() {
        for most in [40, 80, 200] {
            let width = Width::Most(most);
            let steps = STEPS.map(|step| paragraph(step.why, width));
            let all = [words(width), steps.join("\n")].join("\n");
            assert!(all.lines().all(|line| columns_of(line) <= most), "{most}: {all}");
        }
    }
}
