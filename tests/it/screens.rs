//! Tests of `screens` through its public items.
