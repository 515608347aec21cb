//! Round robin between owners. Pure: knows neither jobs nor threads.
//!
//! The owners form a ring. The oldest item of the first owner is next, and its owner moves to the
//! end of the ring, where new owners are added; an owner without items leaves it. So the items of an
//! owner keep their order of arrival, and at most n items of any other owner come before an owner's
//! n-th item, however many are waiting.

use std::collections::VecDeque;

/// Waiting items, grouped by owner.
#[derive(Debug)]
pub(super) struct RoundRobin<K, T> {
    /// Each owner once, with at least one item.
    owners: VecDeque<(K, VecDeque<T>)>,
}

impl<K, T> Default for RoundRobin<K, T> {
    fn default() -> Self {
        Self { owners: VecDeque::new() }
    }
}

impl<K: PartialEq, T> RoundRobin<K, T> {
    /// Adds an owner's item.
    pub(super) fn push(&mut self, owner: K, item: T) {
        match self.owners.iter_mut().find(|(known, _)| *known == owner) {
            Some((_, items)) => items.push_back(item),
            None => self.owners.push_back((owner, VecDeque::from([item]))),
        }
    }

    /// Takes the next item.
    pub(super) fn pop(&mut self) -> Option<T> {
        let (owner, mut items) = self.owners.pop_front()?;
        let item = items.pop_front();
        if !items.is_empty() {
            self.owners.push_back((owner, items));
        }
        item
    }

    /// Takes an item from anywhere in the queue.
    pub(super) fn remove(&mut self, is_wanted: impl Fn(&T) -> bool) -> Option<T> {
        let (place, at) = self.find(is_wanted)?;
        let item = self.owners[place].1.remove(at);
        self.owners.retain(|(_, items)| !items.is_empty());
        item
    }

    /// How many items are before an item if no other is added; `None` if it is not there.
    pub(super) fn before(&self, is_wanted: impl Fn(&T) -> bool) -> Option<usize> {
        let (place, at) = self.find(is_wanted)?;
        let of_each = self.owners.iter().enumerate().map(|(other, (_, items))| {
            // Owners before it in the ring are served once more.
            let rounds = if other < place { at + 1 } else { at };
            items.len().min(rounds)
        });
        Some(of_each.sum())
    }

    /// How many items wait.
    pub(super) fn len(&self) -> usize {
        self.owners.iter().map(|(_, items)| items.len()).sum()
    }

    /// How many items of an owner wait.
    pub(super) fn len_of(&self, owner: &K) -> usize {
        let found = self.owners.iter().find(|(known, _)| known == owner);
        found.map_or(0, |(_, items)| items.len())
    }

    /// The owners, next one first, and how many items of each wait.
    pub(super) fn owners(&self) -> impl Iterator<Item = (&K, usize)> {
        self.owners.iter().map(|(owner, items)| (owner, items.len()))
    }

    /// The owner's position in the ring, and the item's position among the owner's.
    fn find(&self, is_wanted: impl Fn(&T) -> bool) -> Option<(usize, usize)> {
        self.owners
            .iter()
            .enumerate()
            .find_map(|(place, (_, items))| items.iter().position(&is_wanted).map(|at| (place, at)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An item: its owner, and its number among all that ever came.
    type Item = (u8, usize);

    fn drained(ring: &mut RoundRobin<u8, Item>) -> Vec<Item> {
        std::iter::from_fn(|| ring.pop()).collect()
    }

    /// A ring after these steps: an item of an owner is added, or (`None`) the next one is taken.
    fn ring(steps: &[Option<u8>]) -> RoundRobin<u8, Item> {
        let mut ring = RoundRobin::default();
        for (number, step) in steps.iter().enumerate() {
            match *step {
                Some(owner) => ring.push(owner, (owner, number)),
                None => drop(ring.pop()),
            }
        }
        ring
    }

    #[test]
    fn many_items_of_one_owner_do_not_delay_another_owner() {
        let mut ring = ring(&[[Some(1)].repeat(50), vec![Some(2)]].concat());
        assert_eq!(ring.before(|&(owner, _)| owner == 2), Some(1));
        assert_eq!(drained(&mut ring)[1].0, 2);
    }

    #[test]
    fn owner_that_was_just_served_comes_last() {
        let mut ring = ring(&[Some(1), None, Some(2), Some(1)]);
        assert_eq!(drained(&mut ring), [(2, 2), (1, 3)]);
    }

    #[test]
    fn removed_item_delays_no_other() {
        let mut ring = ring(&[Some(1), Some(2), Some(1)]);
        assert_eq!(ring.remove(|&(_, number)| number == 1), Some((2, 1)));
        assert_eq!(ring.remove(|&(_, number)| number == 1), None);
        assert_eq!((ring.len(), ring.len_of(&1), ring.len_of(&2)), (2, 2, 0));
        assert_eq!(ring.before(|&(_, number)| number == 2), Some(1));
        assert_eq!(ring.owners().collect::<Vec<_>>(), [(&1, 2)]);
    }

    fn steps() -> impl Strategy<Value = Vec<Option<u8>>> {
        proptest::collection::vec(proptest::option::weighted(0.7, 0..5_u8), 0..60)
    }

    proptest! {
        #[test]
        fn position_is_the_number_of_items_served_before(steps in steps()) {
            let mut ring = ring(&steps);
            let all: Vec<Item> = ring.owners.iter().flat_map(|(_, items)| items).copied().collect();
            let positions: Vec<_> =
                all.iter().map(|&item| ring.before(|&other| other == item)).collect();
            let order = drained(&mut ring);
            for (item, position) in all.iter().zip(positions) {
                prop_assert_eq!(position, order.iter().position(|it| it == item));
            }
            prop_assert_eq!(all.len(), order.len());
        }

        #[test]
        fn each_other_owner_is_served_at_most_once_per_own_item(steps in steps()) {
            let order = drained(&mut ring(&steps));
            for (place, &(owner, _)) in order.iter().enumerate() {
                let own = order[..=place].iter().filter(|(one, _)| *one == owner).count();
                for other in (0..5).filter(|&other| other != owner) {
                    let others = order[..place].iter().filter(|(one, _)| *one == other).count();
                    prop_assert!(others <= own, "{} of {} before the {}th of \
                                                 {}", others, other, own, owner);
                }
            }
        }

        /// Also while items are added: a waiting owner is served before any other owner is served
        /// twice.
        #[test]
        fn added_items_do_not_overtake_waiting_owners(steps in steps(), late in proptest::collection::vec(0..5_u8, 1..40)) {
            let mut ring = ring(&steps);
            ring.push(9, (9, usize::MAX));
            let mut served = Vec::new();
            for (number, owner) in late.into_iter().enumerate() {
                ring.push(owner, (owner, 1000 + number));
                let Some((owner, _)) = ring.pop() else { break };
                if owner == 9 {
                    break;
                }
                prop_assert!(!served.contains(&owner), "{} twice before the other once", owner);
                served.push(owner);
            }
        }

        #[test]
        fn items_of_an_owner_keep_their_order(steps in steps()) {
            let order = drained(&mut ring(&steps));
            for owner in 0..5 {
                let own = order.iter().filter(|(one, _)| *one == owner).map(|(_, number)| number);
                prop_assert!(own.is_sorted());
            }
        }
    }
}
