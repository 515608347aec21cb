//! Counts of final values: the range, and the exact counts of the least values. Bounded.

use std::collections::BTreeMap;

/// Final values of a cell's attempts.
#[derive(Debug, Clone)]
pub struct ValueCounts {
    range: Option<(u64, u64)>,
    /// Values with their counts. A value that was dropped can never be among the least `most`
    /// again.
    least: BTreeMap<u64, u32>,
    most: usize,
}

impl ValueCounts {
    /// No values yet; the `most` least values are counted one by one.
    pub fn new(most: usize) -> Self {
        Self { range: None, least: BTreeMap::new(), most }
    }

    /// Adds a value.
    pub fn add(&mut self, value: u64) {
        let (low, high) = self.range.unwrap_or((value, value));
        self.range = Some((low.min(value), high.max(value)));
        *self.least.entry(value).or_insert(0) += 1;
        if self.least.len() > self.most {
            self.least.pop_last();
        }
    }

    /// The least and the greatest value; 0 without values.
    pub fn range(&self) -> (u64, u64) {
        self.range.unwrap_or_default()
    }

    /// The least values with their counts, in ascending order.
    pub fn least(&self) -> impl Iterator<Item = (u64, u32)> {
        self.least.iter().map(|(&value, &times)| (value, times))
    }

    /// Approximate heap bytes held.
    pub fn bytes_held(&self) -> usize {
        self.least.len() * size_of::<(u64, u32)>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn range_without_values_is_zero() {
        assert_eq!((ValueCounts::new(4).range(), ValueCounts::new(4).least().count()), ((0, 0), 0));
    }

    proptest! {
        /// Compared with sorting all values.
        #[test]
        fn least_values_are_counted_exactly(values in vec(0_u64..20, 1..100), most in 1_usize..8) {
            let mut value_counts = ValueCounts::new(most);
            for &value in &values {
                value_counts.add(value);
            }
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let counted: Vec<_> = sorted
                .chunk_by(|a, b| a == b)
                .map(|same| (same[0], u32::try_from(same.len()).expect("few")))
                .take(most)
                .collect();
            prop_assert_eq!(value_counts.range(), (sorted[0], sorted[sorted.len() - 1]));
            prop_assert_eq!(value_counts.least().collect::<Vec<_>>(), counted);
        }
    }
}
