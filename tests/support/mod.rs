//! What several tests share.

pub mod decode;
pub mod driver;
pub mod svg;
