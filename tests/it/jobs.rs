//! Tests of `jobs` through its public items.
