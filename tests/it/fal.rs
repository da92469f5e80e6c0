//! Tests of `fal` through its public items.
