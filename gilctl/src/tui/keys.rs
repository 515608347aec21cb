//! Keys: what the keyboard sends as what it means here.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The job or the line above.
    Up,
    /// The job or the line below.
    Down,
    /// A screen of lines up.
    PageUp,
    /// A screen of lines down.
    PageDown,
    /// The first job or line.
    First,
    /// The last job or line.
    Last,
    /// Open the selected job.
    Open,
    /// The next order of the jobs.
    Sort,
    /// Hold the screen, or let it go on.
    Pause,
    /// Ask whether to cancel the selected job.
    Cancel,
    /// Yes.
    Yes,
    /// No.
    No,
    /// The list of the keys.
    Help,
    /// Back, or leave.
    Back,
    /// Leave.
    Quit,
    /// Stop until the shell continues the process.
    Suspend,
    /// Nothing.
    Other,
}

/// The keys with their meanings, for the help on the screen; a row fits the narrowest one.
pub const HELP: [(&str, &str); 8] = [
    ("arrows, j k", "select a job, or scroll"),
    ("PgUp PgDn", "scroll the job"),
    ("Enter", "open the selected job"),
    ("s", "sort: newest, state, owner"),
    ("p, space", "pause the screen"),
    ("c", "cancel the job, after y"),
    ("q, Esc", "back, or quit"),
    ("Ctrl-C, -Z", "quit; suspend"),
];

/// The meaning of a key; `None` where it was released.
pub fn meaning(key: KeyEvent) -> Option<Key> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return Some(match key.code {
            KeyCode::Char('c') => Key::Quit,
            KeyCode::Char('z') => Key::Suspend,
            _ => Key::Other,
        });
    }
    Some(match key.code {
        KeyCode::Up | KeyCode::Char('k') => Key::Up,
        KeyCode::Down | KeyCode::Char('j') => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home | KeyCode::Char('g') => Key::First,
        KeyCode::End | KeyCode::Char('G') => Key::Last,
        KeyCode::Enter => Key::Open,
        KeyCode::Char('s') => Key::Sort,
        KeyCode::Char('p' | ' ') => Key::Pause,
        KeyCode::Char('c') => Key::Cancel,
        KeyCode::Char('y' | 'Y') => Key::Yes,
        KeyCode::Char('n' | 'N') => Key::No,
        KeyCode::Char('?') => Key::Help,
        KeyCode::Char('q') | KeyCode::Esc => Key::Back,
        _ => Key::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        meaning(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn letters_arrows_and_controls_have_their_meanings() {
        let plain = |code| pressed(code, KeyModifiers::NONE);
        assert_eq!([plain(KeyCode::Up), plain(KeyCode::Char('k'))], [Some(Key::Up); 2]);
        assert_eq!([plain(KeyCode::Esc), plain(KeyCode::Char('q'))], [Some(Key::Back); 2]);
        assert_eq!(plain(KeyCode::Char('c')), Some(Key::Cancel));
        assert_eq!(pressed(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Quit));
        assert_eq!(pressed(KeyCode::Char('z'), KeyModifiers::CONTROL), Some(Key::Suspend));
        assert_eq!(pressed(KeyCode::Char('G'), KeyModifiers::SHIFT), Some(Key::Last));
        assert_eq!(plain(KeyCode::F(5)), Some(Key::Other));
    }

    #[test]
    fn released_key_means_nothing() {
        let mut key = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        key.kind = KeyEventKind::Release;
        assert_eq!(meaning(key), None);
    }
}
