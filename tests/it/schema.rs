//! Tests of `schema` through its public items.
