//! Tests of `readme` through its public items.
