//! Tests of `terminal` through its public items.
