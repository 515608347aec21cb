//! A grid of characters with finer dots: Braille in Unicode, full stops in ASCII.

use crate::render::picture::text::page::Charset;

/// Dots of a character, across and down.
const ACROSS: usize = 2;
const DOWN: usize = 4;
/// The bit of each dot in a Braille pattern, by row and column.
const BITS: [[u32; ACROSS]; DOWN] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
/// The Braille pattern without dots.
const BRAILLE: u32 = 0x2800;
/// What stands where several series have their letter.
pub(super) const SEVERAL: char = '*';

/// A character of the grid.
#[derive(Debug, Clone, Copy, Default)]
struct GridPlace {
    dots: u32,
    behind: Option<char>,
    front: Option<char>,
}

/// The grid. Coordinates are shares of its width and height, from the lower left.
#[derive(Debug)]
pub(super) struct Canvas {
    columns: usize,
    rows: usize,
    charset: Charset,
    places: Vec<GridPlace>,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to last")]
pub(super) fn nearest(share: f64, last: usize) -> usize {
    (share.clamp(0.0, 1.0) * last as f64).round() as usize
}

impl Canvas {
    /// An empty grid.
    pub(super) fn new(columns: usize, rows: usize, charset: Charset) -> Self {
        Self { columns, rows, charset, places: vec![GridPlace::default(); columns * rows] }
    }

    /// The column of a share of the width.
    pub(super) fn column(&self, x: f64) -> usize {
        nearest(x, self.columns - 1)
    }

    /// The row of a share of the height, from above.
    pub(super) fn row(&self, y: f64) -> usize {
        nearest(1.0 - y, self.rows - 1)
    }

    fn dot_at(&mut self, across: usize, down: usize) {
        let place = &mut self.places[down / DOWN * self.columns + across / ACROSS];
        place.dots |= BITS[down % DOWN][across % ACROSS];
    }

    /// A straight line of dots.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64)) {
        let fine = |(x, y): (f64, f64)| {
            let across = nearest(x, self.columns * ACROSS - 1);
            (across, nearest(1.0 - y, self.rows * DOWN - 1))
        };
        let ((x1, y1), (x2, y2)) = (fine(from), fine(to));
        let steps = x1.abs_diff(x2).max(y1.abs_diff(y2)).max(1);
        for step in 0..=steps {
            let between = |from: usize, to: usize| {
                if to >= from {
                    from + (to - from) * step / steps
                } else {
                    from - (from - to) * step / steps
                }
            };
            self.dot_at(between(x1, x2), between(y1, y2));
        }
    }

    /// A letter in front of all dots; another's becomes [`SEVERAL`].
    pub(super) fn letter(&mut self, x: f64, y: f64, letter: char) {
        let at = self.row(y) * self.columns + self.column(x);
        let front = &mut self.places[at].front;
        *front = Some(match *front {
            Some(other) if other != letter => SEVERAL,
            _ => letter,
        });
    }

    /// A letter where there is none yet.
    pub(super) fn letter_if_free(&mut self, x: f64, y: f64, letter: char) {
        let at = self.row(y) * self.columns + self.column(x);
        self.places[at].front.get_or_insert(letter);
    }

    /// A line of characters behind everything: down at `x`.
    pub(super) fn down(&mut self, x: f64, character: char) {
        let column = self.column(x);
        for row in 0..self.rows {
            self.places[row * self.columns + column].behind.get_or_insert(character);
        }
    }

    /// The same across at `y`.
    pub(super) fn across(&mut self, y: f64, character: char) {
        let row = self.row(y);
        for column in 0..self.columns {
            self.places[row * self.columns + column].behind.get_or_insert(character);
        }
    }

    /// Whether several letters share a place.
    pub(super) fn has_several(&self) -> bool {
        self.places.iter().any(|place| place.front == Some(SEVERAL))
    }

    /// The lines, from above.
    pub(super) fn lines(&self) -> Vec<String> {
        let shown = |place: &GridPlace| match (place.front, place.dots, place.behind) {
            (Some(front), ..) => front,
            (None, 0, behind) => behind.unwrap_or(' '),
            (None, dots, _) => match self.charset {
                Charset::Unicode => char::from_u32(BRAILLE + dots).unwrap_or('.'),
                Charset::Ascii => '.',
            },
        };
        self.places.chunks(self.columns).map(|row| row.iter().map(shown).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_finer_than_characters() {
        let mut canvas = Canvas::new(3, 2, Charset::Unicode);
        canvas.line((0.0, 0.0), (1.0, 1.0));
        assert_eq!(canvas.lines(), [" ⡠⠊", "⡔⠁ "]);
        let mut canvas = Canvas::new(3, 2, Charset::Ascii);
        canvas.line((0.0, 0.0), (1.0, 1.0));
        assert_eq!(canvas.lines().concat().matches('.').count(), 4);
    }

    #[test]
    fn letters_that_share_a_place_say_so() {
        let mut canvas = Canvas::new(3, 1, Charset::Ascii);
        canvas.letter(0.0, 0.5, 'a');
        canvas.letter(0.0, 0.5, 'b');
        canvas.letter(1.0, 0.5, 'b');
        canvas.letter_if_free(1.0, 0.5, 'c');
        canvas.across(0.5, '-');
        assert_eq!(canvas.lines(), ["*-b"]);
        assert!(canvas.has_several());
    }
}
