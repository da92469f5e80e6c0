//! simulator: to be written.
