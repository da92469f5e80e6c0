//! Tests of `simulator` through its public items.
