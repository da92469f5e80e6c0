//! What a command that means many requests asks before the first of them leaves.
//!
//! By the rule of `app::consent`: on a terminal it is asked, elsewhere `--yes` says so beforehand.
//! Invariant: nothing has been sent when this says no.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use super::session::Session;
use super::{CommandError, say};
use crate::app::money::consent::excess;
use crate::schema::price::Quote;

/// A request in words, and its price.
pub(super) type Request = (String, Quote);

/// Goes on if these may be sent; whether it was asked, with the sum. On the embedded simulator
/// nothing is sent and nobody is asked.
pub(super) fn confirm(
    session: &Session,
    requests: &[Request],
    yes: bool,
) -> Result<bool, CommandError> {
    let quotes: Vec<Quote> = requests.iter().map(|(_, quote)| *quote).collect();
    let is_free = session.model.profile.simulated;
    if yes || is_free || excess(session.model.money.limits, &quotes).is_empty() {
        return Ok(false);
    }
    let price: Quote = quotes.into_iter().sum();
    let total = match requests.len() {
        1 => format!("1 request for {price}"),
        count => format!("{count} requests for {price}"),
    };
    for (number, (words, _)) in (1..).zip(requests) {
        say(&format!("{number}. {words}"));
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        let command_error = CommandError::usage(format!("{total}: cannot ask without a terminal"));
        return Err(command_error.hint("use --yes to send them, --dry-run to only print them"));
    }
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{total}: send them? [y/N] ");
    let _ = stderr.flush();
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(true),
        _ => Err(CommandError::new(super::code::INTERRUPTED, "nothing was sent")),
    }
}
