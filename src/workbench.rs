//! workbench: to be written.
