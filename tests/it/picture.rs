//! Tests of `picture` through its public items.
