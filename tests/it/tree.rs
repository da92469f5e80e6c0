//! Tests of `tree` through its public items.
