//! terminal: to be written.
