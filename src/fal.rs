//! fal: to be written.
