//! The binary: arguments in, exit code out. Everything else is in the library.
//!
//! Prints one error chain to stderr and leaves with the code that the failure carries.

fn main() {}
