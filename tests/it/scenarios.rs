//! Tests of `scenarios` through its public items.
