//! Tests of `graphics` through its public items.
