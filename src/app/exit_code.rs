//! The exit codes that scripts rely on.

pub const INTERNAL: u8 = 1;
pub const USAGE: u8 = 2;
pub const REFUSED: u8 = 3;
pub const SERVICE: u8 = 4;
pub const NETWORK: u8 = 5;
pub const OVER_BUDGET: u8 = 6;
pub const UNKNOWN: u8 = 7;
pub const INTERRUPTED: u8 = 130;
