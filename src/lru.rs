//! A memory with a bound: what was used least goes first.
//!
//! Knows nothing of what it keeps, neither its names nor its weight. Invariant: the newest stays,
//! however heavy it is.

use std::collections::VecDeque;

/// Items in the order of their use, the newest use last.
#[derive(Clone, Debug)]
pub struct Lru<T> {
    items: VecDeque<T>,
}

impl<T> Default for Lru<T> {
    fn default() -> Self {
        Self { items: VecDeque::new() }
    }
}

impl<T> Lru<T> {
    pub fn push(&mut self, item: T) {
        self.items.push_back(item);
    }

    /// The first that is meant, which is used by that.
    pub fn find(&mut self, is_meant: impl Fn(&T) -> bool) -> Option<&mut T> {
        let at = self.items.iter().position(is_meant)?;
        let item = self.items.remove(at)?;
        self.items.push_back(item);
        self.items.back_mut()
    }

    /// Takes out what was used least, until the rest weighs no more than `most`.
    pub fn shrink(&mut self, most: usize, weight: impl Fn(&T) -> usize) -> Vec<T> {
        let mut total: usize = self.items.iter().map(&weight).sum();
        let mut gone = Vec::new();
        while total > most && self.items.len() > 1 {
            let Some(oldest) = self.items.pop_front() else { break };
            total -= weight(&oldest);
            gone.push(oldest);
        }
        gone
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.items.iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.iter_mut()
    }

    pub fn retain(&mut self, is_kept: impl FnMut(&T) -> bool) {
        self.items.retain(is_kept);
    }

    /// Takes out all that are meant.
    pub fn take_if(&mut self, is_meant: impl Fn(&T) -> bool) -> Vec<T> {
        let (gone, kept) = self.items.drain(..).partition::<Vec<T>, _>(is_meant);
        self.items = kept.into();
        gone
    }

    pub fn take(&mut self) -> Vec<T> {
        self.items.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_least_goes_first_and_the_newest_stays() {
        let mut numbers = Lru::default();
        [3, 1, 2].into_iter().for_each(|number| numbers.push(number));
        assert_eq!(numbers.find(|number| *number == 3), Some(&mut 3));
        assert_eq!(numbers.shrink(5, |number| *number), [1]);
        assert_eq!(numbers.take(), [2, 3]);
        numbers.push(9);
        assert!(numbers.shrink(5, |number| *number).is_empty());
        assert_eq!(numbers.find(|number| *number == 1), None);
    }
}
