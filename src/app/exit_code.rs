//! The exit codes that scripts rely on.

pub const DONE: u8 = 0;
pub const INTERNAL: u8 = 1;
pub const USAGE: u8 = 2;
pub const REFUSED: u8 = 3;
pub const SERVICE: u8 = 4;
pub const NETWORK: u8 = 5;
pub const OVER_BUDGET: u8 = 6;
pub const UNKNOWN: u8 = 7;
pub const INTERRUPTED: u8 = 130;

/// All of them with what they mean, for help and manual.
pub const ROWS: [(u8, &str); 9] = [
    (DONE, "done"),
    (INTERNAL, "editree's own failure: disk, store, or a bug"),
    (USAGE, "usage or bad input: options, config, a file that is no picture, no key"),
    (REFUSED, "refused by the service: validation, policy, account, key"),
    (SERVICE, "the service failed"),
    (
        NETWORK,
        "no network: not sent, `editree wait --send ID` sends it; or paid and waiting for its result: `editree wait --all` asks again",
    ),
    (OVER_BUDGET, "over the budget of the config file; nothing was sent"),
    (
        UNKNOWN,
        "the outcome is not known (\"maybe paid\"): do not send again, `editree wait --all` finds out",
    ),
    (INTERRUPTED, "interrupted, or a question was answered by no"),
];
