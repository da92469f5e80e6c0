//! What several tests share.

pub mod decode;
pub mod driver;
pub mod key_names;
pub mod spoilt;
pub mod svg;
