//! picture: to be written.
