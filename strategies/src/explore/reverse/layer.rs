//! A layer of a reverse chain: rows of cells that are made and thrown away by the thousand. Knows
//! no program.

use crate::model::scheduler::Cell;

/// Rows of cells, of which only those that were touched mean anything.
pub(crate) struct Layer<C> {
    cells: Vec<C>,
    touched: Vec<bool>,
    width: usize,
}

impl<C: Cell> Layer<C> {
    pub(crate) fn new(rows: usize, width: usize) -> Self {
        Self { cells: vec![C::default(); rows * width], touched: vec![false; rows], width }
    }

    /// A row to add to; empty when it is touched for the first time.
    pub(crate) fn touch(&mut self, row: usize, used: usize) -> &mut [C] {
        let cells = &mut self.cells[row * self.width..][..used];
        if !std::mem::replace(&mut self.touched[row], true) {
            cells.fill(C::default());
        }
        cells
    }

    pub(crate) fn row(&self, row: usize, used: usize) -> Option<&[C]> {
        self.touched[row].then(|| &self.cells[row * self.width..][..used])
    }

    pub(crate) fn clear(&mut self) {
        self.touched.fill(false);
    }
}
