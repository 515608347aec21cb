//! One number of each attempt of a turn, packed for the log. Pure; knows neither turn nor wire.

/// Numbers in order, each stored as its distance from the least of them, seven bits a byte (LEB128).
/// Final values mostly lie close together, and durations have a base in common; numbers that are all the
/// same take nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    least: u64,
    len: usize,
    packed: Box<[u8]>,
}

impl Column {
    /// The numbers.
    pub fn unpack(&self) -> Vec<u64> {
        if self.packed.is_empty() {
            return vec![self.least; self.len];
        }
        let mut bytes = self.packed.iter();
        (0..self.len).map(|_| self.least + distance(&mut bytes)).collect()
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes that it holds besides itself.
    pub fn bytes_held(&self) -> usize {
        self.packed.len()
    }
}

impl FromIterator<u64> for Column {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let numbers: Vec<u64> = numbers.into_iter().collect();
        let least = numbers.iter().copied().min().unwrap_or(0);
        let mut packed = Vec::new();
        if numbers.iter().any(|&number| number != least) {
            for number in &numbers {
                pack(number - least, &mut packed);
            }
        }
        Self { least, len: numbers.len(), packed: packed.into() }
    }
}

const LOW_BITS: u64 = 0x7f;
const MORE_FOLLOWS: u8 = 0x80;

fn pack(mut distance: u64, packed: &mut Vec<u8>) {
    while distance > LOW_BITS {
        packed.push(low_bits(distance) | MORE_FOLLOWS);
        distance >>= 7;
    }
    packed.push(low_bits(distance));
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & LOW_BITS).unwrap_or(0)
}

/// The next number; what was packed never ends within one.
fn distance<'a>(bytes: &mut impl Iterator<Item = &'a u8>) -> u64 {
    let (mut number, mut shift) = (0, 0);
    for &byte in bytes {
        number |= (u64::from(byte) & LOW_BITS) << shift;
        shift += 7;
        if byte & MORE_FOLLOWS == 0 {
            break;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn bytes(numbers: &[u64]) -> usize {
        numbers.iter().copied().collect::<Column>().bytes_held()
    }

    #[test]
    fn numbers_take_what_tells_them_apart() {
        assert_eq!(bytes(&[]), 0);
        assert_eq!(bytes(&[1_000_000; 1000]), 0);
        assert_eq!(bytes(&[1_000_000, 1_000_127]), 2);
        assert_eq!(bytes(&[0, 128]), 3);
        assert_eq!(bytes(&[0, u64::MAX]), 1 + 10);
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(numbers in vec(any::<u64>(), 0..50), shift in 0..64_u32) {
            let numbers: Vec<u64> = numbers.iter().map(|number| number >> shift).collect();
            let column: Column = numbers.iter().copied().collect();
            prop_assert_eq!((column.len(), column.is_empty()), (numbers.len(), numbers.is_empty()));
            prop_assert_eq!(column.unpack(), numbers);
        }
    }
}
