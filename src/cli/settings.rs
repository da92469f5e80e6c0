//! `editree config`: where the config file is and whether it can be used, or an example of one.
//!
//! Writes no file: what is printed is redirected by whoever wants it kept.

use super::{CommandError, code, help, print, say};
use crate::config::Config;
use crate::config::arguments::Common;

/// `editree config [--example]`.
pub(super) fn config(common: &Common, wants_example: bool) -> Result<u8, CommandError> {
    if wants_example {
        return print(help::EXAMPLE.as_bytes());
    }
    let (config, problems) = Config::examine(common);
    let file = config.config_file.display();
    let found = match (config.config_file.exists(), problems.is_empty()) {
        (false, _) => "is not there; none is needed",
        (true, true) => "can be used",
        (true, false) => "is read",
    };
    let more =
        "`editree config --example` prints an annotated one, `editree help config` tells more";
    print(format!("{file} {found}\nprofile: {}\n{more}\n", config.profile.name).as_bytes())?;
    for problem in &problems {
        say(&problem.message);
        problem.hint.iter().for_each(|hint| say(&format!("hint: {hint}")));
    }
    Ok(if problems.is_empty() { code::DONE } else { code::USAGE })
}
