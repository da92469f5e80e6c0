//! Tests of `store` through its public items.
