//! `editree config`: where the config file is and whether it can be used, or an example of one.
//!
//! Writes no file: what is printed is redirected by whoever wants it kept.

use super::{CommandError, help, print};
use crate::config::Config;
use crate::config::arguments::Common;

/// `editree config [--example]`.
pub(super) fn config(common: &Common, wants_example: bool) -> Result<u8, CommandError> {
    if wants_example {
        return print(help::EXAMPLE.as_bytes());
    }
    let config = Config::resolve(common)?;
    let file = config.config_file.display();
    let found =
        if config.config_file.exists() { "can be used" } else { "is not there; none is needed" };
    let more =
        "`editree config --example` prints an annotated one, `editree help config` tells more";
    print(format!("{file} {found}\nprofile: {}\n{more}\n", config.profile.name).as_bytes())
}
