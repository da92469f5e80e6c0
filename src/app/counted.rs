//! A value that counts its changes, so that what was made of it is known to be of it.
//!
//! Counts each time that it could be changed, whether it was or not. Invariant: two looks with the
//! same count have seen the same value.

use std::ops::{Deref, DerefMut};

#[derive(Clone, Debug, Default)]
pub struct Counted<T> {
    value: T,
    changes: u64,
}

impl<T> Counted<T> {
    pub fn new(value: T) -> Self {
        Self { value, changes: 0 }
    }

    pub fn changes(&self) -> u64 {
        self.changes
    }
}

impl<T> Deref for Counted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Counted<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.changes += 1;
        &mut self.value
    }
}

impl<T: PartialEq> PartialEq for Counted<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
